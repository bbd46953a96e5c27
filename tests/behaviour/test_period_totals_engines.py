"""Totals by period: what is stored, what is carried on and what is worked out agree."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.builders import NOW, Run, counter, device_registration, key, meter
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node.errors import InputError, NotFoundError
from trace_node.metering.period_total import GAP, PeriodTotal
from trace_node.metering.rollup import roll_up
from trace_node.metering.series import Restart, Sample
from trace_node.period import PeriodError, PeriodKind, period_of, to_ms
from trace_node.services.period_totals import TotalsRequest, period_totals
from trace_node.services.point_series import PointSeries
from trace_node.services.project import Projector
from trace_node.services.project_series import kinds_of

BEGIN = datetime(2026, 11, 18, 15, 57, 30, tzinfo=UTC)  # half past 23:57 in China
MINUTE = timedelta(minutes=1)
DEVICE, ENERGY = "meter-1", "energy"


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def here(engine: str, tmp_path: Path) -> Iterator[Plant]:
    with new_store(engine, tmp_path) as store, plant(store) as here:
        yield here


def project(here: Plant) -> None:
    projector = Projector(
        store=here.store, writer=here.writer, signer=key("node"), clock=here.clock
    )
    while projector.project_once():
        pass


def ask(here: Plant, kind: PeriodKind, begin: datetime, end: datetime) -> list[PeriodTotal]:
    request = TotalsRequest(
        device=DEVICE, meter_register=ENERGY, kind=kind, begin=begin, end=end, now=NOW
    )
    return list(period_totals(request, reader=here.store.reader()).totals)


def deliver(here: Plant, run: Run, values: dict[datetime, str]) -> None:
    here.deliver(run.deliver([run.reading(value, at=at) for at, value in values.items()]))


def rising(count: int, *, start: datetime = BEGIN, first: int = 1000) -> dict[datetime, str]:
    """A counter that rises by an uneven number of cents each minute."""
    dice, shown, values = random.Random(count), first, {}
    for at in range(count):
        values[start + at * MINUTE] = f"{Decimal(shown).scaleb(-2):f}"
        shown += dice.randrange(0, 300)
    return values


def reference(values: dict[datetime, str], kind: PeriodKind) -> dict[datetime, PeriodTotal]:
    """The totals of the whole series, worked out in one go."""
    samples = [
        Sample(at_ms=to_ms(at), value=int(Decimal(text).scaleb(2)), digest=bytes(32))
        for at, text in values.items()
    ]
    totals = roll_up(samples, counter(), kinds=[kind])
    return {total.period.start: total for total in totals}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_kind_agrees_with_the_whole_series(here: Plant) -> None:
    values = rising(620)  # more than between two stored states, and over midnight
    deliver(here, Run(), values)
    project(here)
    for kind in PeriodKind:
        shown = dict(list(values.items())[:60]) if kind is PeriodKind.SECOND else values
        last = max(shown) - MINUTE if kind is PeriodKind.SECOND else max(shown)
        found = ask(here, kind, BEGIN, last)
        expected = reference(shown, kind)
        assert found[0].period == period_of(BEGIN, kind)
        assert found[-1].period == period_of(last - timedelta(milliseconds=1), kind)
        for total in found:
            if total.period.start in expected:
                assert total == expected[total.period.start]
            else:
                assert (total.samples, total.flags, total.total) == (0, {GAP}, None)


def test_both_ways_are_taken(here: Plant) -> None:
    run = Run()
    deliver(here, run, rising(30))
    project(here)
    stored = kinds_of(counter())
    assert PeriodKind.SECOND not in stored
    assert PeriodKind.HOUR in stored
    reader = here.store.reader()
    (point,) = reader.points()
    begin, end = BEGIN - timedelta(days=1), BEGIN + timedelta(days=1)
    assert reader.totals(point.point_id, PeriodKind.MINUTE, begin=begin, end=end, limit=99)
    assert not reader.totals(point.point_id, PeriodKind.SECOND, begin=begin, end=end, limit=99)


def test_any_window_gives_the_same_total(here: Plant) -> None:
    values = rising(400)
    deliver(here, Run(), values)
    project(here)
    whole = ask(here, PeriodKind.SECOND, BEGIN, BEGIN + 60 * MINUTE)
    for start in (0, 1, 59, 1234, 3599):
        at = whole[start].period.start
        (alone,) = ask(here, PeriodKind.SECOND, at, at + timedelta(seconds=1))
        assert alone == whole[start]


def test_late_readings_change_the_totals_at_once(here: Plant) -> None:
    values = rising(700)
    late = {at: values.pop(at) for at in list(values)[100:160]}
    run = Run()
    deliver(here, run, values)
    project(here)
    hour = period_of(min(late), PeriodKind.HOUR)
    (before,) = ask(here, PeriodKind.HOUR, hour.start, hour.end)
    assert GAP in before.flags
    deliver(here, run, late)
    project(here)
    (after,) = ask(here, PeriodKind.HOUR, hour.start, hour.end)
    assert after == reference(values | late, PeriodKind.HOUR)[hour.start]
    assert GAP not in after.flags


def test_a_replaced_meter_is_accounted_for(here: Plant) -> None:
    run = Run()
    values = {BEGIN + at * MINUTE: f"{at}.00" for at in range(10)}
    deliver(here, run, values)
    changed = BEGIN + 9 * MINUTE + timedelta(seconds=30)
    here.deliver(
        run.deliver(
            [
                run.event(
                    "replacement",
                    at=changed,
                    meter_register=ENERGY,
                    detail={"end": "9.40", "start": "500.00"},
                )
            ]
        )
    )
    more = {BEGIN + at * MINUTE: f"{500 + at}.00" for at in range(10, 130)}
    deliver(here, run, more)
    project(here)
    samples = [
        Sample(at_ms=to_ms(at), value=int(Decimal(text).scaleb(2)), digest=bytes(32))
        for at, text in (values | more).items()
    ]
    event = Restart(at_ms=to_ms(changed), end=940, start=50_000, digest=bytes(32))
    for kind in (PeriodKind.SECOND, PeriodKind.HOUR):
        expected = {
            total.period.start: total
            for total in roll_up([*samples, event], counter(), kinds=[kind])
        }
        for total in ask(here, kind, changed - MINUTE, changed + MINUTE):
            assert total == expected[total.period.start]
            assert total.total is not None


def test_a_restart_whose_values_cannot_be_used_is_left_out(here: Plant) -> None:
    run = Run()
    deliver(here, run, {BEGIN: "5.00", BEGIN + MINUTE: "6.00"})
    here.deliver(
        run.deliver([run.event("reset", at=BEGIN + MINUTE, meter_register=ENERGY, detail={})])
    )
    deliver(here, run, {BEGIN + 2 * MINUTE: "7.00", BEGIN + 3 * MINUTE: "8.00"})
    project(here)
    totals = ask(here, PeriodKind.SECOND, BEGIN + MINUTE, BEGIN + 2 * MINUTE)
    assert sum(total.total or 0 for total in totals) == Decimal("1.00")


def test_invalid_readings_do_not_count(here: Plant) -> None:
    run = Run()
    values = {BEGIN + at * MINUTE: f"{at}.00" for at in range(5)}
    values[BEGIN + 5 * MINUTE] = "999999.99"  # over the maximum
    values[BEGIN + 6 * MINUTE] = "6.00"
    deliver(here, run, values)
    here.deliver(run.deliver([run.reading(None, at=BEGIN + 7 * MINUTE)]))
    project(here)
    totals = ask(here, PeriodKind.SECOND, BEGIN + 4 * MINUTE, BEGIN + 6 * MINUTE)
    assert {total.maximum for total in totals} == {None, Decimal("4.00")}
    assert sum(total.total or 0 for total in totals) == Decimal("2.00")


def test_pieces_do_not_show(here: Plant) -> None:
    values = rising(50)
    run = Run()
    deliver(here, run, values)
    deliver(here, run, {max(values): "0.00"})  # contradicts the last value
    project(here)
    reader = here.store.reader()
    (point,) = reader.points()
    end = max(values) + MINUTE
    whole = list(PointSeries(point, counter(), reader=reader).around(BEGIN, end))
    assert len(whole) == 50
    assert whole[-1].value is None
    for piece in (3, 7, 50, 51, 52):
        series = PointSeries(point, counter(), reader=reader, piece=piece)
        assert list(series.around(BEGIN, end)) == whole
    with pytest.raises(InputError, match="more than 1 readings lie at one instant"):
        list(PointSeries(point, counter(), reader=reader, piece=1).around(BEGIN, end))


def test_more_decimals_than_described_are_refused(here: Plant) -> None:
    deliver(here, Run(), {BEGIN: "5.00"})
    project(here)
    reader = here.store.reader()
    (point,) = reader.points()
    begin, end = BEGIN - MINUTE, BEGIN + MINUTE
    (finer,) = reader.samples(point.point_id, begin=begin, end=end, scale=4, limit=9)
    assert finer.value == 50_000
    with pytest.raises(InputError) as refused:
        reader.samples(point.point_id, begin=begin, end=end, scale=1, limit=9)
    assert refused.value.reason == "log.scale"


def test_a_new_description_is_used_for_the_whole_series(here: Plant) -> None:
    run = Run()
    deliver(here, run, rising(600))
    project(here)
    slower = meter(meter_registers=[counter(interval_s=120)], valid_from=NOW - timedelta(seconds=1))
    here.enrolment.enrol(device_registration(slower))
    (total,) = ask(here, PeriodKind.HOUR, BEGIN + 100 * MINUTE, BEGIN + 101 * MINUTE)
    assert total.coverage is not None
    assert total.coverage.expected == 30


def test_a_meter_without_readings_has_gaps(here: Plant) -> None:
    totals = ask(here, PeriodKind.DAY, BEGIN, BEGIN + timedelta(days=2))
    assert [total.flags for total in totals] == [{GAP}] * 3
    assert [total.is_complete for total in totals] == [False] * 3


@pytest.mark.parametrize(
    ("kind", "begin", "end", "reason"),
    [
        (PeriodKind.DAY, BEGIN, BEGIN, "totals.range"),
        (PeriodKind.DAY, BEGIN, BEGIN - MINUTE, "totals.range"),
        (PeriodKind.SECOND, BEGIN, BEGIN + timedelta(seconds=10_001), "totals.periods"),
        (PeriodKind.YEAR, BEGIN, datetime(9999, 12, 31, tzinfo=UTC), "period.year"),
    ],
)
def test_ranges_that_are_refused(
    here: Plant, kind: PeriodKind, begin: datetime, end: datetime, reason: str
) -> None:
    with pytest.raises((InputError, PeriodError)) as refused:
        ask(here, kind, begin, end)
    assert refused.value.reason == reason
    assert refused.value.remedy


def test_an_unknown_meter(here: Plant) -> None:
    for device, name in (("meter-9", ENERGY), (DEVICE, "water")):
        request = TotalsRequest(
            device=device,
            meter_register=name,
            kind=PeriodKind.DAY,
            begin=BEGIN,
            end=NOW,
            now=NOW,
        )
        with pytest.raises(NotFoundError) as refused:
            period_totals(request, reader=here.store.reader())
        assert refused.value.reason == "totals.unknown_meter_register"
