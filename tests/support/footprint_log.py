"""A synthetic coal mine in a log: readings, stage emissions and batches through the real intake."""

from dataclasses import dataclass, field
from decimal import Decimal

from support.builders import Run, key
from support.footprints import COAL, ITEM, MINE, MONTH, event, leg, out
from support.plant import Plant, statement_log

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.stage_emission import EmissionLine, StageEmission, UsedFactor
from trace_node.accounting.footprint.words import Allocation, EventKind, Origin, Stage
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Content
from trace_node.services.log_statement import signed_statement

D = Decimal
GRID = packaged_factors().row("cn.grid.avg.national.2023")  # 0.5306 kgCO2/kWh
WINDS = ("1000.00", "501000.00")  # kWh: the main fan used 500 MWh
WASHES = ("501000.00", "601000.00")  # kWh: the washer 100 MWh


def metered(source: str, kwh: str, links: tuple[EvidenceLink, ...]) -> EmissionLine:
    """Purchased electricity as a register counted it."""
    mass = D(kwh) * GRID.value / 1000
    return EmissionLine(
        source=source,
        gas="CO2",
        origin=Origin.FOSSIL,
        mass=mass.quantize(D("1e-9")),
        u=D("0.5"),
        activity=D(kwh),
        unit="kWh",
        factor=UsedFactor(row=GRID.id, digest=GRID.digest),
        links=links,
    )


def methane(mass: str, links: tuple[EvidenceLink, ...]) -> EmissionLine:
    """Fugitive methane, obtained as a mass."""
    return EmissionLine(
        source="mine-air",
        gas="CH4",
        origin=Origin.FOSSIL,
        mass=D(mass),
        u=D("2"),
        activity=None,
        unit=None,
        factor=None,
        links=links,
    )


def stage_emission(unit: str, stage: Stage, *lines: EmissionLine) -> StageEmission:
    """Emission of a unit of the mine in the month."""
    return StageEmission(
        organisation=MINE,
        unit=unit,
        stage=stage,
        period=MONTH,
        item=ITEM,
        lines=lines,
        ratings=None,
    )


def chain() -> list[BatchEvent]:
    """Mined, washed, carried, handed over and burnt."""
    return [
        event(
            "cut",
            EventKind.EXTRACT,
            outputs=[out("raw", 10_000)],
            stage=Stage.MINING,
            throughput=100_000,
            unit="shaft",
        ),
        event(
            "wash",
            EventKind.FEED,
            {"raw": 10_000},
            [
                out("clean", 6_000, ncv=D(25)),
                out("middlings", 2_000, ncv=D("12.5")),
                out("stone", 2_000, reject=True),
            ],
            stage=Stage.WASHING,
            throughput=20_000,
            unit="washer",
            allocation=Allocation.ENERGY,
        ),
        event(
            "train",
            EventKind.LOAD,
            {"clean": 6_000},
            [out("on-rail", 5_940, ncv=D(25))],
            legs=(leg(500, "0.008", empty="0.5"),),
        ),
        event("boiler", EventKind.BURN, {"on-rail": 2_970}, fuel=COAL),
    ]


@dataclass
class Colliery:
    """The mine and its log; ``fill`` logs all of it."""

    here: Plant
    leaves: dict[str, int] = field(default_factory=dict)
    run: Run = field(default_factory=Run)

    def log(self, content: Content, *, signer: str = "node") -> LoggedStatement:
        """Sign and log."""
        raw = signed_statement(content, signer=key(signer), clock=self.here.clock)
        return statement_log(self.here).take(raw)

    def leaf(self, index: int) -> EvidenceLink:
        """A leaf of the log as a link."""
        with self.here.store.view() as view:
            (digest,) = view.entries.leaf_hashes(index, index + 1)
        return EvidenceLink(index=index, digest=digest)

    def readings(self, *values: str) -> tuple[EvidenceLink, ...]:
        """Log readings of the meter."""
        run = self.run
        ack = self.here.deliver(run.deliver([run.reading(each) for each in values]))
        return tuple(self.leaf(ack.first_index + number) for number in range(len(values)))

    def fill(self) -> None:
        """Readings, emission of both stages, all events."""
        air, wash = self.readings(*WINDS), self.readings(*WASHES)
        self.leaves["reading"] = air[0].index
        shaft = stage_emission(
            "shaft", Stage.MINING, metered("fan", "500000.00", air), methane("100", air)
        )
        washer = stage_emission("washer", Stage.WASHING, metered("washer", "100000.00", wash))
        for each in (shaft, washer):
            self.leaves[each.unit] = self.log(each).index
        for each in chain():
            self.leaves[each.event] = self.log(each).index
