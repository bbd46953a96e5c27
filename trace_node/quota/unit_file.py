"""The file that describes an entity's generating units (TOML)."""

from collections.abc import Mapping
from dataclasses import dataclass

from trace_node.quota.errors import QuotaInputError
from trace_node.toml_text import read_toml

MAX_BYTES = 131_072
MAX_LINE_BYTES = 300
MAX_NAME = 80
MAX_LEAF_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFigures:
    """One ``[[unit]]`` table.

    Attributes:
        name: Name of the unit.
        values: Inputs that are typed in, as text.
        leaves: Leaf index of the inputs that are taken from the log.
    """

    name: str
    values: Mapping[str, str]
    leaves: Mapping[str, int]


def read_units(raw: bytes) -> list[UnitFigures]:
    """The ``[[unit]]`` tables of a file.

    Values are texts in quotes, so that no digit is lost to a binary number. The table ``leaves`` of
    a unit names the leaf from which an input is taken.

    Raises:
        TooLargeError: The file is longer than 128 KiB, or a line than 300 bytes; it was not parsed.
        InputError: It is not TOML.
        QuotaInputError: A table is not one of texts with a name.
    """
    top = read_toml(raw, file="file", most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    tables = top.pop("unit", [])
    if top:
        raise _refusal(next(iter(top)), "is not a key of this file")
    if not isinstance(tables, list):
        raise _refusal("unit", "must be an array of tables")
    return [_unit(table, place) for place, table in enumerate(tables)]


def _unit(table: object, place: int) -> UnitFigures:
    where = f"unit[{place}]"
    if not isinstance(table, dict):
        raise _refusal(where, "must be a table")
    leaves = _leaves(table.pop("leaves", {}), where)
    for key, value in table.items():
        if not isinstance(value, str):
            raise _refusal(f"{where}.{key}", "must be a text in quotes")
    values = {str(key): str(value) for key, value in table.items()}
    name = values.pop("name", "")
    if not name:
        raise _refusal(f"{where}.name", "is missing")
    if len(name) > MAX_NAME or not name.isprintable():
        raise _refusal(f"{where}.name", "must be at most 80 printable characters")
    return UnitFigures(name=name, values=values, leaves=leaves)


def _leaves(table: object, where: str) -> Mapping[str, int]:
    if not isinstance(table, dict):
        raise _refusal(f"{where}.leaves", "must be a table")
    leaves: dict[str, int] = {}
    for key, value in table.items():
        text = value if isinstance(value, str) else ""
        if not (text.isascii() and text.isdecimal() and len(text) <= MAX_LEAF_DIGITS):
            raise _refusal(f"{where}.leaves.{key}", "must be a leaf index in quotes")
        leaves[str(key)] = int(text)
    return leaves


def _refusal(field: str, why: str) -> QuotaInputError:
    return QuotaInputError(
        "{field} " + why,
        field=field,
        remedy='write [[unit]] tables of texts, such as heat = "500000"',
    )
