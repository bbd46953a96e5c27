"""An amount of clean energy that a document shows: ``clean-energy@1``."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_decimal,
    read_name,
    read_printable,
    read_unit,
)
from trace_node.record.statement_fields import read_line, read_period
from trace_node.record.writing import write_bytes, write_decimal
from trace_node.units import unit

CLEAN_ENERGY: Final = "clean-energy@1"
MAX_PERSON: Final = 80
_DIMENSION: Final = "energy"


class CleanKind(StrEnum):
    """What kind of clean energy (清洁能源类别).

    Attributes:
        OWN_POWER: Non-fossil power that the organisation makes and uses.
        BOUGHT_POWER: Non-fossil power bought by direct supply or contract.
        OWN_HEAT: Non-fossil heat that the organisation makes and uses.
        BOUGHT_HEAT: Non-fossil heat that it buys.
        CERTIFICATE: Green certificates (绿证) for power from the grid.
    """

    OWN_POWER = "own_power"
    BOUGHT_POWER = "bought_power"
    OWN_HEAT = "own_heat"
    BOUGHT_HEAT = "bought_heat"
    CERTIFICATE = "certificate"

    @property
    def has_certificate(self) -> bool:
        """Whether others issue its number, so that it is one in all organisations."""
        return self not in {CleanKind.OWN_POWER, CleanKind.OWN_HEAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanEnergyEntry:
    """An amount of clean energy with its certificate (清洁能源记录).

    A number counts once: a later record of the same number takes the place of the one before.

    Attributes:
        organisation: Who used it.
        kind: What kind it is.
        number: Number of the certificate or contract; of own generation a name for this amount.
        period: When it was used.
        quantity: How much, 0 or more.
        unit: A unit of energy.
        source: Emission source or plant it belongs to.
        document: Kind and number of the document.
        evidence: 32-byte SM3 of the document.
        entered_by: The person.
    """

    TYPE: ClassVar[str] = CLEAN_ENERGY
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("document", "entered_by", "evidence", "kind", "number", "organisation", "period"),
            *("quantity", "source", "unit"),
        }
    )

    organisation: OrganisationId
    kind: CleanKind
    number: str
    period: Period
    quantity: Decimal
    unit: str
    source: str
    document: str
    evidence: bytes
    entered_by: str

    @property
    def topic(self) -> str:
        """Organisation and number."""
        return f"{self.organisation} {self.number}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "CleanEnergyEntry":
        """Read its members."""
        entry = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            kind=CleanKind(read_choice(fields, "kind", frozenset(CleanKind))),
            number=read_printable(fields, "number"),
            period=read_period(fields, "period"),
            quantity=read_decimal(fields, "quantity"),
            unit=read_unit(fields, "unit"),
            source=read_name(fields, "source"),
            document=read_line(fields, "document"),
            evidence=read_bytes(fields, "evidence"),
            entered_by=read_line(fields, "entered_by", most=MAX_PERSON),
        )
        if entry.quantity < 0:
            raise _wrong("quantity", "must be 0 or more")
        if unit(entry.unit).dimension != _DIMENSION:
            raise _wrong("unit", "must be a unit of energy, such as MWh or GJ")
        return entry

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "document": self.document,
            "entered_by": self.entered_by,
            "evidence": write_bytes(self.evidence),
            "kind": self.kind.value,
            "number": self.number,
            "organisation": self.organisation,
            "period": self.period.name,
            "quantity": write_decimal(self.quantity, field="quantity"),
            "source": self.source,
            "unit": self.unit,
        }


def _wrong(field: str, rule: str) -> RecordError:
    return RecordError(
        "{field}: " + rule,
        field=field,
        remedy="write what the certificate states",
        code=f"record.{field}",
    )
