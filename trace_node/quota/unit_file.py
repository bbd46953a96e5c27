"""The file that describes an entity's generating units (TOML)."""

import tomllib
from collections.abc import Mapping

from trace_node.errors import TooLargeError
from trace_node.quota.errors import QuotaInputError

MAX_BYTES = 262_144
Units = list[tuple[str, Mapping[str, str]]]


def read_units(raw: bytes) -> Units:
    """Name and inputs of each ``[[unit]]`` table.

    Values are texts in quotes, so that no digit is lost to a binary number.

    Raises:
        TooLargeError: The file is longer than 256 KiB; it was not parsed.
        QuotaInputError: It is not TOML, or a table is not one of texts with a name.
    """
    if len(raw) > MAX_BYTES:
        raise TooLargeError(
            "{field} has {size} bytes, more than {bound}",
            field="file",
            size=len(raw),
            bound=MAX_BYTES,
        )
    try:
        top = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise QuotaInputError(
            "{field} is not TOML: {detail}",
            field="file",
            detail=str(error),
            remedy="correct it at the place named",
            code="quota.input.toml",
        ) from error
    tables = top.pop("unit", [])
    if top:
        raise _refusal(next(iter(top)), "is not a key of this file")
    if not isinstance(tables, list):
        raise _refusal("unit", "must be an array of tables")
    return [_unit(table, place) for place, table in enumerate(tables)]


def _unit(table: object, place: int) -> tuple[str, Mapping[str, str]]:
    where = f"unit[{place}]"
    if not isinstance(table, dict):
        raise _refusal(where, "must be a table")
    for key, value in table.items():
        if not isinstance(value, str):
            raise _refusal(f"{where}.{key}", "must be a text in quotes")
    values = {str(key): str(value) for key, value in table.items()}
    name = values.pop("name", "")
    if not name:
        raise _refusal(f"{where}.name", "is missing")
    return name, values


def _refusal(field: str, why: str) -> QuotaInputError:
    return QuotaInputError(
        "{field} " + why,
        field=field,
        remedy='write [[unit]] tables of texts, such as heat = "500000"',
    )
