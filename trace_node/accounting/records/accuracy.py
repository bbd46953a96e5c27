"""What is known of the error of a value: ``accuracy@1``."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.accounting.records.emission_parts import read_word
from trace_node.accounting.records.stated_error import Basis, Stated, error_refusal
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import SHANGHAI, Period
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_name,
    read_optional,
)
from trace_node.record.statement_fields import read_day, read_items, read_line
from trace_node.record.writing import write_bytes

ACCURACY: Final = "accuracy@1"
MOST_PARTS: Final = 8
_MAX_PERSON: Final = 80


class SubjectKind(StrEnum):
    """What has the error.

    Attributes:
        METER: A meter register, ``device/register``.
        POINT: Activity data by its name in a boundary: what a person enters, or a rule gives.
        FACTOR: A row of the factor library, by its id.
        CONSTANT: A constant of a method, ``method@version/symbol``, or of a stack, ``stack/area``.
    """

    METER = "meter"
    POINT = "point"
    FACTOR = "factor"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How far a meter, an entry, a factor or a constant may err, and who says so (计量准确度).

    Attributes:
        organisation: For whose figures.
        subject: What kind of thing it is of.
        name: Which one.
        parts: Parts of the error, at least one.
        together: What errs by the same cause, such as one weighbridge behind several invoices:
            type B parts of the same word are fully correlated. None where the subject is alone.
        valid_from: First day in China it holds for.
        valid_to: Last day, such as that of a certificate; None without bound.
        evidence: 32-byte SM3 of the document: nameplate, certificate, report.
        stated_by: The person.
    """

    TYPE: ClassVar[str] = ACCURACY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("evidence", "name", "organisation", "parts", "stated_by", "subject", "together"),
            *("valid_from", "valid_to"),
        }
    )

    organisation: OrganisationId
    subject: SubjectKind
    name: str
    parts: tuple[Stated, ...]
    together: str | None
    valid_from: date
    valid_to: date | None
    evidence: bytes
    stated_by: str

    @property
    def topic(self) -> str:
        """Organisation and subject."""
        return accuracy_topic(self.organisation, self.source)

    @property
    def source(self) -> str:
        """Its name as a source of error, such as ``meter:meter-1/energy``."""
        return f"{self.subject.value}:{self.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "Accuracy":
        """Read its members."""
        parts = read_items(fields, "parts", Stated.read, most=MOST_PARTS)
        _require_parts(parts)
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            subject=SubjectKind(read_choice(fields, "subject", frozenset(SubjectKind))),
            name=read_word(fields, "name"),
            parts=parts,
            together=read_optional(fields, "together", read_name),
            valid_from=read_day(fields, "valid_from"),
            valid_to=read_optional(fields, "valid_to", read_day),
            evidence=read_bytes(fields, "evidence"),
            stated_by=read_line(fields, "stated_by", most=_MAX_PERSON),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "evidence": write_bytes(self.evidence),
            "name": self.name,
            "organisation": self.organisation,
            "parts": [each.write() for each in self.parts],
            "stated_by": self.stated_by,
            "subject": self.subject.value,
            "together": self.together,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
        }

    def holds_for(self, period: Period) -> bool:
        """Whether it holds for all of a period; a certificate that has run out does not."""
        return covers(self.valid_from, self.valid_to, period)


def accuracy_topic(organisation: str, source: str) -> str:
    """The topic under which statements on a source of error are found."""
    return f"{organisation} {source}"


def covers(first: date, last: date | None, period: Period) -> bool:
    """Whether days in China, from the first to the last, hold all of a period."""
    begin = datetime.combine(first, time(), tzinfo=SHANGHAI)
    if last is None:
        return begin <= period.start
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=SHANGHAI)
    return begin <= period.start and period.end <= end


def _require_parts(parts: tuple[Stated, ...]) -> None:
    by_repetition = {each.by for each in parts} & {Basis.REPEATS, Basis.LABORATORY}
    if not parts or len(by_repetition) > 1:
        raise error_refusal(
            "parts",
            "{field}: must hold at least one part, and repetition of one kind only",
            "state repeated readings or parallel determinations, not both",
        )
