"""Whether an organisation is a key or a general emitter in a year: ``emitter-status@1``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.accounting.records.year import read_year
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import read_bytes, read_choice, read_name
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

EMITTER_STATUS: Final = "emitter-status@1"
MAX_PERSON: Final = 80


class EmitterClass(StrEnum):
    """Standard 002, 5.1.

    Attributes:
        KEY: On the list of key emission units (重点排放单位): a main object.
        GENERAL: Not on it (非重点排放单位): a general object.
    """

    KEY = "key"
    GENERAL = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmitterStatus:
    """What the list of an authority says of an organisation for one year (排放单位类别).

    Attributes:
        organisation: Of whom.
        period: The year.
        status: Key or general.
        document: The list it is on, or is not on.
        evidence: 32-byte SM3 of the list.
        entered_by: The person who read it.
    """

    TYPE: ClassVar[str] = EMITTER_STATUS
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"document", "entered_by", "evidence", "organisation", "period", "status"}
    )

    organisation: OrganisationId
    period: Period
    status: EmitterClass
    document: str
    evidence: bytes
    entered_by: str

    @property
    def topic(self) -> str:
        """Organisation and year."""
        return f"{self.organisation} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "EmitterStatus":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            period=read_year(fields, "period"),
            status=EmitterClass(read_choice(fields, "status", frozenset(EmitterClass))),
            document=read_line(fields, "document"),
            evidence=read_bytes(fields, "evidence"),
            entered_by=read_line(fields, "entered_by", most=MAX_PERSON),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "document": self.document,
            "entered_by": self.entered_by,
            "evidence": write_bytes(self.evidence),
            "organisation": self.organisation,
            "period": self.period.name,
            "status": self.status.value,
        }
