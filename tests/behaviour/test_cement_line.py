"""The demo cement line: combustion, process and electricity from belt scales, laboratory and meter."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import accounts
from support.accounts import request as of_unit
from support.cement_line import CLINKER, COAL, KILN_POWER, MILL_POWER, CementLine
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.standing import Standing
from trace_node.clock import FixedClock
from trace_node.period import PeriodKind, parse_period
from trace_node.services.account import Accounted

HOUR = timedelta(hours=1)
DAY = parse_period("2026-10-05")
OF = Decimal("0.99")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        yield here


def near(found: Decimal, expected: Decimal) -> bool:
    return abs(found / expected - 1) < Decimal("1e-20")


def masses(done: Accounted) -> dict[str, Decimal]:
    return {each.category: each.mass for each in done.emission.items if each.mass}


def test_belt_scales_laboratory_and_meter_give_three_figures_as_time_goes_on(here: Plant) -> None:
    """[S3-4-2]: by the hour with the last valid carbon, and by the day with the carbon of the day."""
    line = CementLine(here, interval=HOUR)
    line.read([DAY.start + hour * HOUR for hour in range(-1, 14)])
    line.analyse("2026-10-03", "0.62")
    service = accounts(here, clock=FixedClock(DAY.start + 13 * HOUR))
    seen = []
    for hour in list(DAY.parts(PeriodKind.HOUR))[10:13]:
        (clinker,) = service.account(of_unit(hour.name, unit="clinker"))
        (works,) = service.account(of_unit(hour.name))
        found, span = masses(clinker), (hour.start, hour.end)
        assert near(found["combustion"], line.used(COAL, *span) * Decimal("0.62") * OF * 44 / 12)
        assert near(found["calcination"], line.used(CLINKER, *span) * Decimal("0.535"))
        kwh = line.used(KILN_POWER, *span) + line.used(MILL_POWER, *span)
        assert near(masses(works)["electricity"], kwh / 1000 * Decimal("0.5306"))
        seen.append(tuple(found.values()))
    assert len(set(seen)) == 3  # every hour has its own
    (running,) = service.account(of_unit(DAY.name, unit="clinker"))
    assert running.emission.standing is Standing.PROVISIONAL  # by the carbon of two days before
    line.read([DAY.start + hour * HOUR for hour in range(14, 26)])
    line.analyse(DAY.name, "0.60")
    (settled,) = accounts(here).account(of_unit(DAY.name, unit="clinker"))
    assert settled.emission.standing is Standing.FINAL
    assert settled.emission.replaces is not None
    coal = line.used(COAL, DAY.start, DAY.end)
    assert near(masses(settled)["combustion"], coal * Decimal("0.60") * OF * 44 / 12)
    item = next(each for each in settled.emission.activity if each.name == "coal.carbon")
    assert item.provenance == "laboratory"
