"""Statements on errors and measurement plans as people write them: TOML, empty members left out."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeVar

from trace_node.accounting.records.accuracy import Accuracy
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import OrganisationId
from trace_node.record.fields import require_keys
from trace_node.record.writing import write_bytes
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 2_000
_Content = TypeVar("_Content", Accuracy, MeasurementPlan)
# What may be left out, by the member it is in; "" is the file itself.
_OF_ACCURACY: Final[Mapping[str, JsonObject]] = MappingProxyType(
    {
        "": {"together": None, "valid_to": None},
        "parts": {
            **dict.fromkeys(("k", "limit", "parameter", "substance", "unit")),
            "repeats": [],
        },
    }
)
_OF_PLAN: Final[Mapping[str, JsonObject]] = MappingProxyType(
    {
        "": {"balance": [], "cems": None, "model": None, "valid_to": None},
        "cems": dict.fromkeys(("biogenic", "no_biogenic")),
        "inputs": dict.fromkeys(("device", "meter_register", "reason", "value")),
    }
)


def read_accuracy_file(
    raw: bytes, *, file: str, organisation: OrganisationId, evidence: bytes
) -> Accuracy:
    """Read what is stated of an error.

    Args:
        raw: The file.
        file: Its name in errors.
        organisation: For whose figures.
        evidence: 32-byte SM3 of the document behind it.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        RecordError: A member breaks its rule, is missing or unknown.
        UncertaintyError: A limit is negative, or a coverage factor is not above 0.
    """
    own: JsonObject = {"evidence": write_bytes(evidence), "organisation": organisation}
    return _read(raw, file, Accuracy, _OF_ACCURACY, own)


def read_plan_file(raw: bytes, *, file: str, organisation: OrganisationId) -> MeasurementPlan:
    """Read a measurement plan.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        RecordError: A member breaks its rule, is missing or unknown.
        FlueGasError: A stack or a quota is none.
    """
    return _read(raw, file, MeasurementPlan, _OF_PLAN, {"organisation": organisation})


def _read(
    raw: bytes,
    file: str,
    kind: type[_Content],
    defaults: Mapping[str, JsonObject],
    own: JsonObject,
) -> _Content:
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    fields = _plain(top, "", defaults)
    assert isinstance(fields, dict)  # noqa: S101 (TOML is a table)
    require_keys(fields, kind.KEYS - own.keys())
    return kind.from_fields({**fields, **own})


def _plain(value: Any, place: str, defaults: Mapping[str, JsonObject]) -> JsonValue:  # noqa: ANN401 (whatever TOML holds)
    """Days as texts, tables with what was left out of them."""
    if isinstance(value, dict):
        given = {str(key): _plain(item, str(key), defaults) for key, item in value.items()}
        return {**defaults.get(place, {}), **given}
    if isinstance(value, list):
        return [_plain(item, place, defaults) for item in value]
    return value.isoformat() if isinstance(value, date) else value
