"""From a million increments to a year's inventory by source, and a year's figure computed again."""

import random
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import Bench, Figure
from support.accounts import accounts, log_boundary, project, request
from support.builders import Run, counter, device_registration, meter
from support.plant import Plant, plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.clock import FixedClock
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.prove_emission import Figures

SOURCES = 40
EVERY = timedelta(minutes=21)  # 25,029 values a year and source
BEGIN = datetime(2025, 12, 31, 16, tzinfo=UTC)
AFTER = datetime(2027, 1, 2, tzinfo=UTC)
CEILING_S = 10
HEAD = """
organisation = "plant-a"
name = "plant"
version = 1
valid_from = 2026-01-01
confirmed_by = "bench"
confirmed_on = 2026-01-05
entity = { name = "bench", credit_code = "0", address = "-", representative = "-" }
places = [{ id = "works", kind = "site", title = "-", controlled = true, reason = "-" }]
"""
SOURCE = """
[[units]]
id = "u{n}"
title = "-"
place = "works"
[[industries]]
unit = "u{n}"
method = "cn.purchased_energy@1"
words = {{ grid_series = "cn.grid.average", grid_region = "CN", grid_year = "2023" }}
not_occurring = {{ heat = "-", steam = "-", hot_water = "-" }}
[[sources]]
id = "s{n}"
unit = "u{n}"
method = "cn.purchased_energy@1"
category = "electricity"
title = "-"
iso14064 = 2
[[meters]]
name = "m{n}"
source = "s{n}"
device = "meter-{n}"
meter_register = "energy"
[[feeds]]
source = "s{n}"
symbol = "EL_bought"
point = "m{n}"
[[feeds]]
source = "s{n}"
symbol = "EL_sold"
zero = "-"
unit = "MWh"
[[feeds]]
source = "s{n}"
symbol = "EL_nonfossil"
zero = "-"
unit = "MWh"
"""


def run(bench: Bench) -> list[Figure]:
    """Account for the year of every source, make the inventory, and compute one figure again."""
    values = bench.amount(365 * 24 * 60 // 21 + 2, 20)
    clock = FixedClock(AFTER)
    with (
        TemporaryDirectory(prefix="accounting") as folder,
        new_store(USUAL, Path(folder)) as store,
        plant(store, clock=clock) as here,
    ):
        _fill(here, values)
        period = "2026" if values > 20_000 else "2026-01-01T00"
        began = time.perf_counter()
        service = accounts(here)
        done = [service.account(request(period, unit=f"u{n}"))[0] for n in range(SOURCES)]
        span = InventoryRequest(organisation="plant-a", boundary="plant", span=Span.parse(period))
        found = inventory_of(span, store=store)
        inventory_s = time.perf_counter() - began
        assert len(found.masses("source")) == SOURCES
        assert not found.gaps
        figures = Figures(store=store, factors=packaged_factors(), methods=packaged_methods())
        again = []
        for one in random.Random(1).sample(done, max(1, bench.times)):
            began = time.perf_counter()
            figures.recompute(one.index)
            again.append(time.perf_counter() - began)
    note = f"{SOURCES * (values - 1):,} increments of {SOURCES} sources, {period}"
    return [
        Figure(
            name="increments to a year's inventory by source",
            unit="s",
            runs=[inventory_s],
            at_most=CEILING_S,
            note=note,
        ),
        Figure(
            name="recompute of a year's figure",
            unit="s",
            runs=again,
            at_most=CEILING_S,
            note=f"{len(done[0].emission.leaves)} leaves",
        ),
    ]


def _fill(here: Plant, values: int) -> None:
    """Every meter from the first of January on, its counter going up by about 1 kWh a value."""
    register = counter(interval_s=int(EVERY.total_seconds()), max_rate=Decimal(1))
    for n in range(SOURCES):
        described = meter(f"meter-{n}", meter_registers=[register])
        here.enrolment.enrol(device_registration(described))
    parts = "".join(SOURCE.format(n=n) for n in range(SOURCES))
    log_boundary(here, HEAD + parts)
    for n in range(SOURCES):
        run = Run()
        for first in range(0, values, 1000):
            readings = [
                run.reading(f"{Decimal(at):.2f}", device=f"meter-{n}", at=BEGIN + at * EVERY)
                for at in range(first, min(first + 1000, values))
            ]
            here.deliver(run.deliver(readings))
        project(here)
