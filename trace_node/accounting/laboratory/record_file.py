"""A laboratory's report as a file (TOML): the members of the record, what is empty left out."""

from datetime import date
from typing import Any, Final

from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.ids import OrganisationId
from trace_node.record.fields import require_keys
from trace_node.record.writing import write_bytes
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 2_000
_EMPTY: Final[JsonObject] = {"batch": None, "certificates": []}
_EMPTY_VALUE: Final[JsonObject] = {"basis": None, "repeats": []}


def read_record_file(
    raw: bytes, *, file: str, organisation: OrganisationId, evidence: bytes
) -> LaboratoryRecord:
    """Read a report.

    Args:
        raw: The file.
        file: Its name in errors.
        organisation: Whose fuel or material it is.
        evidence: 32-byte SM3 of the report itself.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        RecordError: A member breaks its rule, is missing or unknown.
        LaboratoryError: A percent stands for a fraction.
    """
    top = _plain(read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES))
    assert isinstance(top, dict)  # noqa: S101 (TOML is a table)
    values = top.get("values")
    if isinstance(values, list):
        top["values"] = [
            {**_EMPTY_VALUE, **each} if isinstance(each, dict) else each for each in values
        ]
    own: JsonObject = {"evidence": write_bytes(evidence), "organisation": organisation}
    require_keys({**_EMPTY, **top}, LaboratoryRecord.KEYS - own.keys())
    return LaboratoryRecord.from_fields({**_EMPTY, **top, **own})


def _plain(value: Any) -> JsonValue:  # noqa: ANN401 (whatever TOML holds)
    """Days as texts, tables and lists as they are."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
