"""The demo cement line: combustion, process and electricity from belt scales, laboratory and meter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import accounts
from support.accounts import request as of_unit
from support.builders import ORGANISATION
from support.cement_line import CLINKER, COAL, KILN_POWER, MILL_POWER, CementLine
from support.plant import Plant, plant
from support.stores import new_store

from api.cli.trend_text import print_trend
from api.schemas.trend import Trend
from api.trend_json import trend_json
from trace_node import canonical_json
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.standing import Standing
from trace_node.clock import FixedClock
from trace_node.errors import InputError, TraceNodeError
from trace_node.period import PeriodKind, parse_period
from trace_node.services.account import Accounted
from trace_node.services.emission_trend import EmissionTrend, TrendRequest, emission_trend
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.outlook_words import read_kind, read_references

HOUR = timedelta(hours=1)
DAY = parse_period("2026-10-05")
OF = Decimal("0.99")
OCTOBER = parse_period("2026-10").start
DAYS = 12
CARBON = [
    Decimal("0.75") if day == 7 else Decimal("0.600") + day * Decimal("0.002")
    for day in range(DAYS)
]
EF = "cn.ets.cement.2024.ef.portland"


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


@dataclass(frozen=True)
class World:
    here: Plant
    line: CementLine

    def trend(self, **changes: object) -> EmissionTrend:
        request = InventoryRequest(
            organisation=ORGANISATION, boundary="plant", span=Span.parse("2026-10"), unit="clinker"
        )
        wanted = TrendRequest(
            inventory=request, **({"purpose": Purpose.ETS, "by": PeriodKind.DAY} | changes)
        )
        return emission_trend(wanted, store=self.here.store, now=self.here.clock.now())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Twelve days: the coal has a little more carbon each day, and on the eighth far too much."""
    with (
        new_store("sqlite", tmp_path_factory.mktemp("log")) as store,
        plant(store) as here,
    ):
        line = CementLine(here, interval=24 * HOUR)
        line.read([OCTOBER + day * 24 * HOUR for day in range(DAYS + 1)])
        service = accounts(here)
        for day, carbon in enumerate(CARBON):
            name = f"2026-10-{day + 1:02}"
            line.analyse(name, f"{carbon}")
            service.account(of_unit(name, unit="clinker"))
        yield World(here=here, line=line)


def test_emission_of_a_tonne_of_clinker_over_time_beside_its_benchmark(world: World) -> None:
    """[S3-4.3] [S3-8.1]: fuel rises with the carbon of the coal, process is that of the guideline."""
    found = world.trend(per="clinker", references={"calcination": EF, "total": EF})
    lines = {each.name: each for each in found.lines}
    assert list(lines) == ["total", "calcination", "combustion"]
    process, fuel, whole = lines["calcination"], lines["combustion"], lines["total"]
    assert process.unit == "tCO2/t"
    assert set(process.values.values()) == {Decimal("0.535")}
    assert process.reference is not None
    assert (process.reference.ratio, process.reference.is_draft) == (1, True)
    assert (process.trend and process.trend.direction) is Direction.NOT_SHOWN
    for day, carbon in enumerate(CARBON):
        begin = OCTOBER + day * 24 * HOUR
        span = (begin, begin + 24 * HOUR)
        used = world.line.used(COAL, *span) / world.line.used(CLINKER, *span)
        assert near(fuel.values[f"2026-10-{day + 1:02}"], used * carbon * OF * 44 / 12)
    assert fuel.odd == ("2026-10-08",)
    assert (fuel.trend and fuel.trend.direction) is Direction.RISING
    assert whole.reference is not None
    assert whole.reference.ratio is not None
    assert near(whole.reference.ratio, whole.over_span / Decimal("0.535"))
    clinker = world.line.used(CLINKER, OCTOBER, OCTOBER + DAYS * 24 * HOUR)
    assert sum(each.value for each in found.outputs.values()) == clinker
    assert found.lacking[0] == "2026-10-13"  # not accounted for: no 0
    assert all(found.leaves.values())


def test_the_emission_itself_is_followed_in_time(world: World) -> None:
    """[S0-8-b1]: each day leads to its record; a month that lacks days is no month."""
    found = world.trend()
    whole = found.lines[0]
    assert (whole.name, whole.unit, len(whole.values), found.outputs) == ("total", "tCO2", 12, {})
    assert whole.over_span == sum(whole.values.values())
    by_month = world.trend(by=PeriodKind.MONTH)
    assert (by_month.lines, by_month.lacking) == ((), ("2026-10",))


def test_people_read_it_in_their_language(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TN_LANG", "zh")
    found = world.trend(per="clinker", references={"calcination": EF})
    print_trend(found)
    said = capsys.readouterr().out
    assert "! 偏离趋势线：2026-10-08" in said
    assert f"与 {EF}（0.535 tCO2/t）相比 +0.00 %：中国核算指南公开转录" in said
    assert "该因子为未经批准的草案" in said
    read = Trend.model_validate_json(canonical_json.encode(trend_json(found)))
    assert [each.name for each in read.lines] == ["total", "calcination", "combustion"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"references": {"total": "cn.grid.avg.national.2023"}, "per": "clinker"},
            "outlook.reference",
        ),
        ({"references": {"total": EF}}, "outlook.reference"),
        ({"references": {"steam": EF}, "per": "clinker"}, "outlook.reference"),
        ({"per": "no.such"}, "boundary.activity"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    world: World, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(TraceNodeError) as refused:
        world.trend(**changes)
    assert refused.value.reason == code


def test_words_of_a_trend_that_are_none_are_refused() -> None:
    assert read_references(["total=a", "combustion=b"]) == {"total": "a", "combustion": "b"}
    for wrong in ("total", "=a", "total="):
        with pytest.raises(InputError) as refused:
            read_references([wrong])
        assert refused.value.reason == "outlook.reference"
    with pytest.raises(InputError) as kind:
        read_kind("hour")
    assert kind.value.reason == "outlook.kind"
