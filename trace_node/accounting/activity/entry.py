"""Activity data typed in from a document, as a leaf: ``activity-entry@1``."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Provenance,
    obtained,
)
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_decimal,
    read_integer,
    read_name,
    read_object,
    read_optional,
    read_unit,
    require_keys,
)
from trace_node.record.statement_fields import read_line, read_period
from trace_node.record.writing import write_bytes, write_decimal
from trace_node.units import Quantity, unit

ACTIVITY_ENTRY: Final = "activity-entry@1"
_STANDINGS: Final = frozenset({Standing.FINAL, Standing.PROVISIONAL})
_MAX_PERSON: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityEntry:
    """One figure from a document (人工填报).

    Attributes:
        organisation: Whose activity it is.
        activity: Name of the activity data in the boundary.
        source: Emission source it belongs to.
        period: Period of civil time it is of.
        quantity: The figure as the document states it.
        unit: Its unit.
        standing: Final or provisional.
        document: Kind and number of the document.
        evidence: 32-byte SM3 of the document; there is no entry without.
        entered_by: The person.
        replaces: Leaf of the entry that this one corrects; None of a first one.
    """

    TYPE: ClassVar[str] = ACTIVITY_ENTRY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("activity", "document", "entered_by", "evidence", "organisation", "period"),
            *("quantity", "replaces", "source", "standing", "unit"),
        }
    )

    organisation: OrganisationId
    activity: str
    source: str
    period: Period
    quantity: Decimal
    unit: str
    standing: Standing
    document: str
    evidence: bytes
    entered_by: str
    replaces: EvidenceLink | None

    @property
    def topic(self) -> str:
        """Organisation, activity and period."""
        return f"{self.organisation} {self.activity} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "ActivityEntry":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            activity=read_name(fields, "activity"),
            source=read_name(fields, "source"),
            period=read_period(fields, "period"),
            quantity=read_decimal(fields, "quantity"),
            unit=read_unit(fields, "unit"),
            standing=Standing(read_choice(fields, "standing", _STANDINGS)),
            document=read_line(fields, "document"),
            evidence=read_bytes(fields, "evidence"),
            entered_by=read_line(fields, "entered_by", most=_MAX_PERSON),
            replaces=read_optional(fields, "replaces", _read_link),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "activity": self.activity,
            "document": self.document,
            "entered_by": self.entered_by,
            "evidence": write_bytes(self.evidence),
            "organisation": self.organisation,
            "period": self.period.name,
            "quantity": write_decimal(self.quantity, field="quantity"),
            "replaces": _write_link(self.replaces),
            "source": self.source,
            "standing": self.standing.value,
            "unit": self.unit,
        }

    def data(self, leaf: EvidenceLink) -> ActivityData:
        """The activity data that it states, resting on its own leaf."""
        data = obtained(
            Quantity(self.quantity, unit(self.unit)),
            name=self.activity,
            source=self.source,
            provenance=Provenance.DOCUMENT,
            reference=self.document,
            period=self.period,
            links=(leaf,),
            standing=self.standing,
        )
        return replace(data, findings=tuple(self._findings()))

    def _findings(self) -> Iterator[NonConformity]:
        """Less than nothing was never used: it is told wherever the figure is."""
        if self.quantity < 0:
            yield NonConformity(
                code="activity.negative",
                template="{name} is negative: {value} {unit}",
                params={"name": self.activity, "value": self.quantity, "unit": self.unit},
            )


def _read_link(fields: JsonObject, key: str) -> EvidenceLink:
    link = read_object(fields, key)
    require_keys(link, frozenset({"digest", "index"}))
    return EvidenceLink(
        index=read_integer(link, "index", minimum=0), digest=read_bytes(link, "digest")
    )


def _write_link(link: EvidenceLink | None) -> JsonObject | None:
    return None if link is None else {"digest": write_bytes(link.digest), "index": link.index}
