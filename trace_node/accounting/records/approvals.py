"""A person takes a draft factor or an unconfirmed term into use."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.accounting.methods.approvals import Approvals
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_bytes, read_name, read_text
from trace_node.record.statement import Content
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

FACTOR_APPROVAL: Final = "factor-approval@1"
TERM_APPROVAL: Final = "term-approval@1"
MAX_PERSON: Final = 80
ROW_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")
METHOD_PATTERN: Final = re.compile(r"[a-z][a-z0-9._-]{0,79}@[1-9][0-9]{0,3}")
STEP_PATTERN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorApproval:
    """Leave to use a draft factor (因子采用批准): who gave it, on what evidence.

    Attributes:
        row: Id of the row.
        digest: 32-byte digest of exactly that row.
        proposed_by: The person who asks for it.
        approved_by: The person who decides; somebody else.
        organisation: For whom the person decides.
        evidence: 32-byte SM3 of the document behind the decision.
        reason: Why, in a sentence.
    """

    TYPE: ClassVar[str] = FACTOR_APPROVAL
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"approved_by", "digest", "evidence", "organisation", "proposed_by", "reason", "row"}
    )

    row: str
    digest: bytes
    proposed_by: str
    approved_by: str
    organisation: OrganisationId
    evidence: bytes
    reason: str

    @property
    def topic(self) -> str:
        """Organisation and row."""
        return f"{self.organisation} {self.row}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "FactorApproval":
        """Read its members."""
        return cls(
            row=read_text(fields, "row", ROW_PATTERN, "the id of a factor"),
            digest=read_bytes(fields, "digest"),
            proposed_by=read_line(fields, "proposed_by", most=MAX_PERSON),
            approved_by=_read_approver(fields),
            organisation=OrganisationId(read_name(fields, "organisation")),
            evidence=read_bytes(fields, "evidence"),
            reason=read_line(fields, "reason"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "approved_by": self.approved_by,
            "digest": write_bytes(self.digest),
            "evidence": write_bytes(self.evidence),
            "organisation": self.organisation,
            "proposed_by": self.proposed_by,
            "reason": self.reason,
            "row": self.row,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TermApproval:
    """Leave to use a term whose text is not confirmed (计算项采用批准).

    Attributes:
        method: ``id@version`` of the method.
        digest: 32-byte digest of exactly that definition.
        step: Id of the step or term.
        proposed_by: The person who asks for it.
        approved_by: The person who decides; somebody else.
        organisation: For whom the person decides.
        evidence: 32-byte SM3 of the document behind the decision.
        reason: Why, in a sentence.
    """

    TYPE: ClassVar[str] = TERM_APPROVAL
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("approved_by", "digest", "evidence", "method", "organisation", "proposed_by"),
            *("reason", "step"),
        }
    )

    method: str
    digest: bytes
    step: str
    proposed_by: str
    approved_by: str
    organisation: OrganisationId
    evidence: bytes
    reason: str

    @property
    def topic(self) -> str:
        """Organisation, method and step."""
        return f"{self.organisation} {self.method} {self.step}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "TermApproval":
        """Read its members."""
        return cls(
            method=read_text(fields, "method", METHOD_PATTERN, "id@version of a method"),
            digest=read_bytes(fields, "digest"),
            step=read_text(fields, "step", STEP_PATTERN, "the id of a step"),
            proposed_by=read_line(fields, "proposed_by", most=MAX_PERSON),
            approved_by=_read_approver(fields),
            organisation=OrganisationId(read_name(fields, "organisation")),
            evidence=read_bytes(fields, "evidence"),
            reason=read_line(fields, "reason"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "approved_by": self.approved_by,
            "digest": write_bytes(self.digest),
            "evidence": write_bytes(self.evidence),
            "method": self.method,
            "organisation": self.organisation,
            "proposed_by": self.proposed_by,
            "reason": self.reason,
            "step": self.step,
        }


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, whatever their case, width and blanks."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _read_approver(fields: JsonObject) -> str:
    approver = read_line(fields, "approved_by", most=MAX_PERSON)
    if same_person(approver, read_line(fields, "proposed_by", most=MAX_PERSON)):
        raise RecordError(
            "{field}: {person} proposes and approves",
            field="approved_by",
            person=approver,
            remedy="let another person approve it",
            code="record.approved_by",
        )
    return approver


def approvals_of(acts: Iterable[tuple[str, Content]], *, organisation: OrganisationId) -> Approvals:
    """What approvals of an organisation lift; other contents and organisations are passed over.

    Args:
        acts: Each logged act: how it is named in results, and its content.
        organisation: Whose approvals count.
    """
    rows: dict[bytes, str] = {}
    terms: dict[tuple[bytes, str], str] = {}
    for name, content in acts:
        if isinstance(content, FactorApproval) and content.organisation == organisation:
            rows[content.digest] = name
        elif isinstance(content, TermApproval) and content.organisation == organisation:
            terms[content.digest, content.step] = name
    return Approvals(rows=rows, terms=terms)
