"""A factor that an organisation enters itself, in full: ``factor-entry@1``."""

from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.accounting.factors.factor_json import row_from_json
from trace_node.accounting.factors.row import FactorRow, FactorStatus
from trace_node.accounting.records.approvals import ROW_PATTERN
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_decimal,
    read_integer,
    read_name,
    read_object,
    read_optional,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

FACTOR_ENTRY: Final = "factor-entry@1"
MAX_PERSON: Final = 80
MAX_TEXT: Final = 1_000
_TEXTS: Final = ("name_en", "name_zh", "source", "unit")
_OPTIONAL_TEXTS: Final = (
    *("basis", "gwp_set", "note", "region", "second_source", "substance", "supersedes"),
    *("valid_from", "valid_to"),
)
_ROW_KEYS: Final = frozenset(
    {
        *_TEXTS,
        *_OPTIONAL_TEXTS,
        *("applies_to", "confidence", "id", "kind", "scheme", "source_year", "status", "value"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorEntry:
    """A factor of one's own (自有因子): always a draft, so that another person has to approve it.

    Attributes:
        organisation: Whose it is; no other organisation counts with it.
        row: The row.
        entered_by: The person.
        evidence: 32-byte SM3 of the document it was taken from.
        reason: Why the library does not do, in a sentence.
    """

    TYPE: ClassVar[str] = FACTOR_ENTRY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"digest", "entered_by", "evidence", "organisation", "reason", "row"}
    )

    organisation: OrganisationId
    row: FactorRow
    entered_by: str
    evidence: bytes
    reason: str

    @property
    def topic(self) -> str:
        """Organisation and row."""
        return entry_topic(self.organisation, self.row.id)

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "FactorEntry":
        """Read its members; the digest has to be that of the row, and the row a draft."""
        entry = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            row=_read_row(fields),
            entered_by=read_line(fields, "entered_by", most=MAX_PERSON),
            evidence=read_bytes(fields, "evidence"),
            reason=read_line(fields, "reason"),
        )
        if entry.row.digest != read_bytes(fields, "digest"):
            raise RecordError(
                "{field}: is not that of the row",
                field="digest",
                remedy="hash the canonical row again",
                code="record.digest",
            )
        if entry.row.status is not FactorStatus.DRAFT:
            raise RecordError(
                "{field}: {row} is {status}; a factor of one's own begins as a draft",
                field="row",
                row=entry.row.id,
                status=entry.row.status.value,
                remedy='write status = "draft", and let another person approve it',
                code="record.row",
            )
        return entry

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "digest": write_bytes(self.row.digest),
            "entered_by": self.entered_by,
            "evidence": write_bytes(self.evidence),
            "organisation": self.organisation,
            "reason": self.reason,
            "row": self.row.to_json(),
        }


def _read_row(fields: JsonObject) -> FactorRow:
    """The row; a stranger's texts are bounded and its number is one before it is built."""
    form = read_object(fields, "row")
    require_keys(form, _ROW_KEYS)
    for name in ("id", "scheme"):
        read_text(form, name, ROW_PATTERN, "the id of a factor")
    read_decimal(form, "value")
    for name in _TEXTS:
        read_line(form, name, most=MAX_TEXT)
    for name in _OPTIONAL_TEXTS:
        read_optional(form, name, _read_text)
    read_optional(form, "source_year", _read_year)
    uses = form["applies_to"]
    if not isinstance(uses, list) or not all(isinstance(use, str) for use in uses):
        raise RecordError(
            "{field}: must be a list of texts",
            field="applies_to",
            remedy="name the uses it is meant for",
            code="record.applies_to",
        )
    return row_from_json(form)


def _read_text(form: JsonObject, name: str) -> str:
    return read_line(form, name, most=MAX_TEXT)


def _read_year(form: JsonObject, name: str) -> int:
    return read_integer(form, name, minimum=1900, maximum=2200)


def entry_topic(organisation: str, row_id: str) -> str:
    """By which the entry of a row is looked up."""
    return f"{organisation} {row_id}"
