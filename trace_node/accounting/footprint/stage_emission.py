"""The emission of a stage in a period as a leaf: ``stage-emission@1``.

It assigns logged emission to a process unit and a stage of the life cycle: masses per gas, the
leaves they were computed from and the factors that were used.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.batch_event import read_stage
from trace_node.accounting.footprint.batch_parts import read_least, read_link, write_link
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.quality import Ratings
from trace_node.accounting.footprint.words import Origin, Stage
from trace_node.accounting.records.approvals import ROW_PATTERN
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.record.fields import (
    read_bytes,
    read_choice,
    read_name,
    read_object,
    read_optional,
    read_printable,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_items, read_period
from trace_node.record.writing import write_bytes, write_decimal

STAGE_EMISSION: Final = "stage-emission@1"
MOST_LINES: Final = 32
MOST_LINKS: Final = 128
CO2: Final = "CO2"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedFactor:
    """A row of the factor library that a line used.

    Attributes:
        row: Its id.
        digest: 32-byte SM3 of exactly that row.
    """

    row: str
    digest: bytes

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "UsedFactor":
        """Read its members."""
        require_keys(fields, frozenset({"digest", "row"}))
        return cls(
            row=read_text(fields, "row", ROW_PATTERN, "the id of a factor"),
            digest=read_bytes(fields, "digest"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"digest": write_bytes(self.digest), "row": self.row}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionLine:
    """Emission of one gas from one source.

    Attributes:
        source: Emission source.
        gas: The gas, such as ``CH4``.
        origin: Where its carbon comes from: it decides the potential of CH4.
        mass: Tonnes of the gas, 0 or more: a sink is never netted here.
        u: Standard uncertainty in tonnes.
        activity: Activity data behind it; None where the mass itself was obtained.
        unit: Unit of the activity data; None without.
        factor: The factor it was multiplied by; None without.
        links: Leaves that it rests on: at least one.
    """

    source: str
    gas: str
    origin: Origin
    mass: Decimal
    u: Decimal
    activity: Decimal | None
    unit: str | None
    factor: UsedFactor | None
    links: tuple[EvidenceLink, ...]

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "EmissionLine":
        """Read its members."""
        require_keys(
            fields,
            frozenset(
                {"activity", "factor", "gas", "links", "mass", "origin", "source", "u", "unit"}
            ),
        )
        line = cls(
            source=read_name(fields, "source"),
            gas=read_name(fields, "gas"),
            origin=Origin(read_choice(fields, "origin", frozenset(Origin))),
            mass=read_least(fields, "mass"),
            u=read_least(fields, "u"),
            activity=read_optional(fields, "activity", read_least),
            unit=read_optional(fields, "unit", read_printable),
            factor=read_optional(fields, "factor", _read_factor),
            links=read_items(fields, "links", read_link, most=MOST_LINKS),
        )
        if len({line.activity is None, line.unit is None, line.factor is None}) > 1:
            _refuse("factor", "activity, unit and factor come together")
        if (line.gas, line.origin) == (CO2, Origin.BIOGENIC):
            _refuse("origin", "biogenic CO2 is reported apart and enters no footprint")
        if not line.links:
            _refuse("links", "an emission without a leaf leads nowhere")
        return line

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "activity": write_decimal(self.activity, field="activity"),
            "factor": None if self.factor is None else self.factor.to_fields(),
            "gas": self.gas,
            "links": [write_link(each) for each in self.links],
            "mass": write_decimal(self.mass, field="mass"),
            "origin": self.origin.value,
            "source": self.source,
            "u": write_decimal(self.u, field="u"),
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEmission:
    """Emission of a process unit in a stage and period (工序排放).

    Attributes:
        organisation: Whose.
        unit: Process unit.
        stage: Stage of the life cycle.
        period: The period.
        item: Data-item code (数据项编码).
        lines: By source and gas, at least one.
        ratings: How good the data are; None where nobody rated them.
    """

    TYPE: ClassVar[str] = STAGE_EMISSION
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"item", "lines", "organisation", "period", "ratings", "stage", "unit"}
    )

    organisation: OrganisationId
    unit: str
    stage: Stage
    period: Period
    item: str
    lines: tuple[EmissionLine, ...]
    ratings: Ratings | None

    @property
    def topic(self) -> str:
        """Organisation, unit, stage and period: the newest is what counts."""
        return f"{self.organisation} {self.unit} {self.stage.value} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "StageEmission":
        """Read its members."""
        lines = read_items(fields, "lines", EmissionLine.from_fields, most=MOST_LINES)
        if not lines or len({(each.source, each.gas) for each in lines}) < len(lines):
            _refuse("lines", "each source and gas once, and at least one")
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            unit=read_name(fields, "unit"),
            stage=read_stage(fields, "stage"),
            period=read_period(fields, "period"),
            item=read_printable(fields, "item"),
            lines=lines,
            ratings=read_optional(fields, "ratings", Ratings.read),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "item": self.item,
            "lines": [each.to_fields() for each in self.lines],
            "organisation": self.organisation,
            "period": self.period.name,
            "ratings": None if self.ratings is None else self.ratings.to_fields(),
            "stage": self.stage.value,
            "unit": self.unit,
        }


def _read_factor(fields: JsonObject, key: str) -> UsedFactor:
    return UsedFactor.from_fields(read_object(fields, key))


def _refuse(field: str, why: str) -> None:
    raise GenealogyError(
        "{field}: " + why,
        field=field,
        remedy="see docs/spec/footprint-statements.md",
        code=f"footprint.{field}",
    )
