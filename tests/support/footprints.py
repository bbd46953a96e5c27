"""Batches for tests of footprints: events of a synthetic coal mine with few words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.allocation import allocate
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.batch_parts import BatchInput, BatchOutput, Fuel, Leg
from trace_node.accounting.footprint.collect import Collector
from trace_node.accounting.footprint.figures import Potentials, StageFigure
from trace_node.accounting.footprint.footprint import GWP_SET, Footprint, summed
from trace_node.accounting.footprint.genealogy import Genealogy, LoggedEvent, LoggedSupply
from trace_node.accounting.footprint.stage_emission import EmissionLine, StageEmission
from trace_node.accounting.footprint.supplier import SupplierFootprint
from trace_node.accounting.footprint.words import Allocation, EventKind, Origin, Stage
from trace_node.crypto.sm3 import sm3
from trace_node.ids import OrganisationId
from trace_node.period import Period, parse_period
from trace_node.record.fields import Code

D = Decimal
MINE = OrganisationId("plant-a")
MONTH = parse_period("2026-10")
AT = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
ITEM = "own-1:0610.mining.methane.flow.001"


def link(index: int) -> EvidenceLink:
    """A leaf, with a digest made of its index."""
    return EvidenceLink(index=index, digest=sm3(b"leaf %d" % index))


def out(name: str, mass: object, **more: Any) -> BatchOutput:
    """An output; ``event`` sets its share."""
    values: dict[str, Any] = {"ncv": None, "price": None, "reject": False, "share": D(1)}
    return BatchOutput(
        batch=name, product=Code(more.pop("product", "coal")), mass=D(str(mass)), **values | more
    )


def leg(km: object = 400, factor: str = "0.008", *, empty: str = "0", u: str = "0") -> Leg:
    """A leg by rail."""
    return Leg(
        mode=Code("rail"),
        km=D(str(km)),
        factor=D(factor),
        u=D(u),
        gwp_set="AR6",
        evidence=sm3(b"railway report"),
        empty=D(empty),
    )


COAL = Fuel(ncv=D("22.5"), carbon=D("0.02541"), oxidation=D("0.99"), u=D("0.01"), evidence=None)


def event(
    name: str,
    kind: EventKind,
    inputs: Mapping[str, object] | None = None,
    outputs: Sequence[BatchOutput] = (),
    *,
    stage: Stage | None = None,
    throughput: object = None,
    allocation: Allocation = Allocation.MASS,
    **more: Any,
) -> BatchEvent:
    """An event with the shares of its allocation."""
    shares = allocate([each.as_product for each in outputs], allocation) if outputs else ()
    made = tuple(
        BatchOutput(**{**{k: getattr(o, k) for k in o.__slots__}, "share": share})
        for o, share in zip(outputs, shares, strict=True)
    )
    values: dict[str, Any] = {
        "organisation": MINE,
        "item": ITEM,
        "unit": more.pop("unit", f"unit-{stage.value}" if stage else "yard"),
        "period": MONTH if stage else None,
        "happened_at": AT,
        "tolerance": D(0),
        "legs": (),
        "fuel": None,
        "links": (),
        "hand_over": None,
    }
    return BatchEvent(
        event=name,
        kind=kind,
        stage=stage,
        throughput=None if throughput is None else D(str(throughput)),
        inputs=tuple(BatchInput(batch=b, mass=D(str(m))) for b, m in (inputs or {}).items()),
        outputs=made,
        allocation=allocation,
        **values | more,
    )


def emission(
    unit: str, stage: Stage, gases: Mapping[str, object], *, u: str = "0", index: int = 1
) -> StageEmission:
    """Emission of a unit in the month, by gas in tonnes."""
    lines = tuple(
        EmissionLine(
            source=f"source-{gas.lower()}",
            gas=gas,
            origin=Origin.FOSSIL,
            mass=D(str(mass)),
            u=D(u),
            activity=None,
            unit=None,
            factor=None,
            links=(link(index),),
        )
        for gas, mass in gases.items()
    )
    return StageEmission(
        organisation=MINE,
        unit=unit,
        stage=stage,
        period=MONTH,
        item=ITEM,
        lines=lines,
        ratings=None,
    )


def supplied(name: str, mass: object, value: str | None = None, **more: Any) -> SupplierFootprint:
    """A bought batch; a gap without a value."""
    told = value is not None
    values: dict[str, Any] = {
        "ncv": None,
        "item": ITEM,
        "supplier": "某选煤厂",
        "source": "pact" if told else "none",
        "document": sm3(b"document") if told else None,
        "value": D(value) if value is not None else None,
        "u": D("1") if told else None,
        "gwp_set": "AR6" if told else None,
        "primary_share": D("0.5") if told else None,
        "ratings": None,
    }
    return SupplierFootprint(
        organisation=MINE, batch=name, product=Code("coal"), mass=D(str(mass)), **values | more
    )


@dataclass
class Figures:
    """Figures of stages in memory, by unit and stage."""

    known: dict[tuple[str, Stage], StageFigure] = field(default_factory=dict)

    def figure(
        self, *, organisation: str, unit: str, stage: Stage, period: Period
    ) -> StageFigure | None:
        """What is known of it."""
        found = self.known.get((unit, stage))
        fits = found and (found.emission.organisation, found.emission.period) == (
            organisation,
            period,
        )
        return found if fits else None

    def add(self, emission: StageEmission, index: int) -> None:
        """Take a figure in."""
        self.known[emission.unit, emission.stage] = StageFigure(link=link(index), emission=emission)


def genealogy(
    events: Iterable[BatchEvent], supplies: Iterable[SupplierFootprint] = ()
) -> Genealogy:
    """The genealogy of events, each at a leaf of its own."""
    return Genealogy(
        [LoggedEvent(link=link(100 + n), event=each) for n, each in enumerate(events)],
        [LoggedSupply(link=link(10_000 + n), supplied=each) for n, each in enumerate(supplies)],
    )


def footprint(name: str, lineage: Genealogy, figures: Figures) -> Footprint:
    """The footprint of a batch."""
    potentials = Potentials(packaged_factors(), GWP_SET)
    collector = Collector(genealogy=lineage, figures=figures, potentials=potentials)
    collected = collector.collect(name)
    return summed(lineage.batch(name), collected, gwp_set=GWP_SET)
