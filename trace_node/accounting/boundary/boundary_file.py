"""A boundary as people write it: a TOML file with the members of the record."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.record.fields import require_keys
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 262_144
MAX_LINE_BYTES: Final = 2_000
# What may be left out, by the list it is a member of; "" is the file itself.
_DEFAULTS: Final = MappingProxyType[str, Mapping[str, JsonValue]](
    {
        "": {
            **dict.fromkeys(("valid_to", "demonstration")),
            "meters": [],
            "laboratory": [],
            "entries": [],
            "rules": [],
            "feeds": [],
        },
        "entity": {"contacts": [], "proofs": []},
        "industries": {"words": {}, "not_occurring": {}},
        "sources": {"words": {}},
        "meters": {"integrate": None},
        "laboratory": {"basis": None, "weights": None, "due_days": 0},
        "rules": {"factor": None, "unit": None, "shares": {}},
        "entries": {"basis": None, "choice": "measured"},
        "feeds": {"point": None, "zero": None, "unit": None, "of": None},
    }
)


def read_boundary_file(raw: bytes, *, file: str) -> Boundary:
    """Read a boundary file.

    Args:
        raw: The file.
        file: Its name in errors.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML, or a member breaks its rule.
        BoundaryError: Its parts contradict each other.
        ActivityError: Its rules go round in a circle, or shares do not sum to 1.
    """
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    fields = _object(top, "")
    require_keys({**fields, "type": BOUNDARY}, Boundary.KEYS | {"type"})
    return Boundary.from_fields(fields)


def _object(table: Mapping[str, Any], place: str) -> JsonObject:
    written: JsonObject = {**_DEFAULTS.get(place, {})}
    written.update({key: _value(value, key) for key, value in table.items()})
    return written


def _value(value: Any, place: str) -> JsonValue:  # noqa: ANN401 (whatever TOML holds)
    if isinstance(value, dict):
        return _object(value, place)
    if isinstance(value, list):
        return [_value(item, place) for item in value]
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, str | bool | int):
        return value
    raise BoundaryError(
        "{field}: {kind} has no place in a boundary",
        field=place,
        kind=type(value).__name__,
        remedy="write decimals in quotes, and days without a time",
        code="boundary.value",
    )
