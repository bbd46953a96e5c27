"""One statement of batches of each type, as docs/spec/footprint-statements.md shows them."""

from dataclasses import replace
from decimal import Decimal

from support.footprint_log import GRID
from support.footprints import (
    COAL,
    ITEM,
    MINE,
    Figures,
    emission,
    event,
    footprint,
    genealogy,
    leg,
    link,
    out,
    supplied,
)
from support.statement_samples import key

from trace_node.accounting.footprint.quality import Ratings
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import EmissionLine, StageEmission, UsedFactor
from trace_node.accounting.footprint.words import Allocation, EventKind, Origin, Stage
from trace_node.ids import OrganisationId
from trace_node.record.statement import Content

D = Decimal
RATINGS = Ratings(technology=D(1), time=D("1.5"), geography=D(2))
FEED = event(
    "wash-2026-10",
    EventKind.FEED,
    {"raw-2026-10": "10000.0"},
    [
        out("clean-2026-10", "6000.0", product="coal.clean", ncv=D("25.1")),
        out("middlings-2026-10", "2000.0", product="coal.middlings", ncv=D("12.5")),
        out("stone-2026-10", "1990.0", product="stone", reject=True),
    ],
    stage=Stage.WASHING,
    throughput="20000.0",
    unit="washer",
    allocation=Allocation.ENERGY,
    tolerance=D("0.002"),
    links=(link(118),),
)
DELIVERED = event(
    "arrival-17",
    EventKind.DELIVER,
    {"clean-2026-10": "6000.0"},
    [out("at-port-17", "5940.0", product="coal.clean", ncv=D("25.1"))],
    legs=(leg("512.5", "0.008", empty="0.5", u="0.001"),),
    unit="railway",
).signed_by_receiver(OrganisationId("port-b"), key("node"))
BURNT = event(
    "boiler-17", EventKind.BURN, {"at-port-17": "5940.0"}, fuel=replace(COAL, evidence=link(140))
)
STAGE = StageEmission(
    organisation=MINE,
    unit="washer",
    stage=Stage.WASHING,
    period=FEED.period,  # type: ignore[arg-type]  # it has a stage
    item=ITEM,
    lines=(
        EmissionLine(
            source="power",
            gas="CO2",
            origin=Origin.FOSSIL,
            mass=D("53.060000000"),
            u=D("0.5"),
            activity=D("100000.00"),
            unit="kWh",
            factor=UsedFactor(row=GRID.id, digest=GRID.digest),
            links=(link(7), link(107)),
        ),
    ),
    ratings=RATINGS,
)


def _footprint() -> FootprintRecord:
    figures = Figures()
    figures.add(emission("unit-mining", Stage.MINING, {"CO2": "2000", "CH4": "100"}, u="10"), 110)
    cut = event(
        "cut-2026-10",
        EventKind.EXTRACT,
        outputs=[out("raw-2026-10", "10000.0", ncv=D(21))],
        stage=Stage.MINING,
        throughput="100000.0",
    )
    return FootprintRecord.of(footprint("raw-2026-10", genealogy([cut]), figures), item=ITEM)


CONTENTS: dict[str, Content] = {
    "batch event": FEED,
    "batch event with hand over": DELIVERED,
    "batch event with fuel": BURNT,
    "stage emission": STAGE,
    "supplier footprint": supplied("bought-3", "1200.0", "82.5", ratings=RATINGS),
    "footprint": _footprint(),
}
