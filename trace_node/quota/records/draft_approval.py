"""A person takes a draft rule or method into use: ``draft-approval@1``."""

from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.quota.records.rule_change import DRAFT_RULE, ID_PATTERN
from trace_node.record.fields import read_bytes, read_integer, read_name, read_text
from trace_node.record.statement_fields import MAX_YEAR, MIN_YEAR, read_line
from trace_node.record.writing import write_bytes

DRAFT_APPROVAL: Final = "draft-approval@1"
MAX_PERSON: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftApproval:
    """Leave to settle by a draft (草案采用批准): who gave it, for which year, on what evidence.

    Attributes:
        draft: Id of the rule, or ``id@version`` of the method.
        digest: 32-byte digest of exactly that row of the library.
        year: Obligation year it may be used for.
        approved_by: The person.
        organisation: For whom the person decides.
        evidence: 32-byte SM3 of the document behind the decision.
        reason: Why, in a sentence.
    """

    TYPE: ClassVar[str] = DRAFT_APPROVAL
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"approved_by", "digest", "draft", "evidence", "organisation", "reason", "year"}
    )

    draft: str
    digest: bytes
    year: int
    approved_by: str
    organisation: OrganisationId
    evidence: bytes
    reason: str

    @property
    def topic(self) -> str:
        """Draft and year."""
        return f"{self.draft} {self.year}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "DraftApproval":
        """Read its members."""
        return cls(
            draft=read_text(fields, "draft", ID_PATTERN, DRAFT_RULE),
            digest=read_bytes(fields, "digest"),
            year=read_integer(fields, "year", minimum=MIN_YEAR, maximum=MAX_YEAR),
            approved_by=read_line(fields, "approved_by", most=MAX_PERSON),
            organisation=OrganisationId(read_name(fields, "organisation")),
            evidence=read_bytes(fields, "evidence"),
            reason=read_line(fields, "reason"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "approved_by": self.approved_by,
            "digest": write_bytes(self.digest),
            "draft": self.draft,
            "evidence": write_bytes(self.evidence),
            "organisation": self.organisation,
            "reason": self.reason,
            "year": self.year,
        }
