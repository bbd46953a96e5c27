"""Totals of periods, worked out by hand.

Shows S2-8.2.1-2 (the day's increment with its minimum and maximum; months and years follow from it) and
S2-8.2.1-3 (seconds, minutes and hours the same way).
"""

from datetime import datetime
from decimal import Decimal

import pytest
from support import metering_samples as samples

from trace_node.metering.errors import SeriesError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.period_total import Coverage, PeriodTotal, coverage_of
from trace_node.metering.rollup import RollUp, roll_up
from trace_node.metering.series import Item, Restart, Sample
from trace_node.period import PeriodKind, parse_period, to_ms

HOUR, DAY, MONTH, YEAR = PeriodKind.HOUR, PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.YEAR
QUARTER = samples.meter_register(interval_s=900, max_rate=None)
GAUGE = samples.meter_register(
    kind="gauge", capacity=None, max_rate=None, interval_s=900, minimum=Decimal("-100.00")
)


def at(text: str) -> int:
    """Milliseconds of a civil time of 21 November 2026, or of a full date and time."""
    full = text if "T" in text else f"2026-11-21T{text}"
    return to_ms(datetime.fromisoformat(full + "+08:00"))


def sample(text: str, value: int | None) -> Sample:
    return Sample(at_ms=at(text), value=value, digest=b"d")


def series(*pairs: tuple[str, int | None]) -> list[Item]:
    return [sample(text, value) for text, value in pairs]


def quarters(first: str, values: list[int]) -> list[Item]:
    start = at(first)
    return [
        Sample(at_ms=start + 900_000 * step, value=value, digest=b"d")
        for step, value in enumerate(values)
    ]


def totals(
    items: list[Item], *kinds: PeriodKind, meter_register: MeterRegister = QUARTER
) -> dict[str, PeriodTotal]:
    found = roll_up(items, meter_register, kinds=kinds)
    assert len({item.period for item in found}) == len(found)
    return {item.period.name: item for item in found}


def test_readings_on_the_boundaries_need_no_interpolation() -> None:
    found = totals(quarters("10:00:00", [100, 110, 125, 145, 170, 170, 171]), HOUR)
    first = found["2026-11-21T10"]
    assert first.total == Decimal("0.70")
    assert (first.minimum, first.maximum) == (Decimal("1.00"), Decimal("1.45"))
    assert (first.least_step, first.greatest_step) == (Decimal("0.10"), Decimal("0.25"))
    assert (first.sample_sum, first.samples) == (Decimal("4.80"), 4)
    assert first.coverage == Coverage(valid=4, expected=4, required=3, by=None)
    assert first.is_valid is True
    assert first.flags == frozenset()
    assert first.is_complete
    assert first.rule == "rollup@1"
    second = found["2026-11-21T11"]
    assert (second.total, second.is_complete) == (Decimal("0.01"), False)


def test_a_boundary_between_two_readings_is_interpolated_and_shared() -> None:
    found = totals(series(("10:50:00", 1000), ("11:05:00", 1100), ("11:20:00", 1150)), HOUR)
    # 10 of 15 minutes before the boundary: 66.67 of 100 units, rounded to 67.
    assert found["2026-11-21T10"].total is None
    assert found["2026-11-21T10"].flags == {"gap", "interpolated"}
    assert found["2026-11-21T11"].total == Decimal("0.83")
    assert found["2026-11-21T11"].flags == {"interpolated"}


def test_hours_sum_to_the_day_to_the_last_digit() -> None:
    start = at("2026-11-20T23:53:00")
    items: list[Item] = [
        Sample(at_ms=start + 420_000 * step, value=7 * step * step % 1013 + 1000 * step, digest=b"")
        for step in range(250)
    ]
    register = samples.meter_register(interval_s=420, max_rate=None)
    found = totals(items, HOUR, DAY, meter_register=register)
    day = found["2026-11-21"]
    hours = [item for name, item in found.items() if name.startswith("2026-11-21T")]
    assert len(hours) == 24
    assert day.total == sum(item.total for item in hours)
    assert day.coverage == Coverage(valid=24, expected=24, required=20, by=HOUR)


def test_neighbours_more_than_two_intervals_apart_settle_no_boundary() -> None:
    close = series(("09:00:00", 0), ("09:45:00", 60), ("10:15:00", 120), ("11:00:00", 200))
    found = totals(close, HOUR)
    assert found["2026-11-21T09"].total == Decimal("0.90")
    wide = series(("09:00:00", 0), ("09:44:59", 60), ("10:15:00", 120), ("11:00:00", 200))
    found = totals(wide, HOUR, DAY)
    assert found["2026-11-21T09"].total is None
    assert found["2026-11-21T09"].flags == {"gap"}
    assert found["2026-11-21T10"].total is None
    assert found["2026-11-21T10"].flags == {"gap"}


def test_a_gap_inside_a_period_is_measured_at_its_ends() -> None:
    items = series(("2026-11-21T00:00:00", 0), ("08:00:00", 100), ("2026-11-22T00:00:00", 250))
    found = totals(items, HOUR, DAY)
    assert found["2026-11-21"].total == Decimal("2.50")
    assert found["2026-11-21"].is_valid is False
    assert found["2026-11-21"].coverage.valid == 0
    # Nothing is said of the hours without a reading.
    assert {name for name in found if "T" in name} == {
        "2026-11-21T00",
        "2026-11-21T08",
        "2026-11-22T00",
    }


def test_an_increment_that_is_not_certain_opens_every_period_it_touches() -> None:
    items = quarters("10:00:00", [100, 110, 120, 130, 140, 20, 30, 40, 50])
    register = samples.meter_register(interval_s=900, max_rate=Decimal("0.01"))
    found = totals(items, HOUR, DAY, meter_register=register)
    assert found["2026-11-21T10"].total == Decimal("0.40")
    assert found["2026-11-21T11"].total is None
    assert found["2026-11-21T11"].flags == {"reset_suspect"}
    assert found["2026-11-21T12"].total == Decimal("0.00")
    assert found["2026-11-21T12"].flags == frozenset()
    assert found["2026-11-21"].total is None
    assert "reset_suspect" in found["2026-11-21"].flags


def test_a_drop_exactly_at_a_boundary_stays_out_of_the_next_period() -> None:
    items = quarters("10:00:00", [100, 110, 120, 130, 0, 10, 20, 30, 40])
    found = totals(items, HOUR, meter_register=samples.meter_register(interval_s=900))
    assert found["2026-11-21T10"].total is None
    assert found["2026-11-21T11"].total == Decimal("0.40")
    assert found["2026-11-21T11"].flags == frozenset()


def test_a_counter_that_goes_round_is_counted_through() -> None:
    top = 80_000_000
    items = quarters("10:00:00", [top - 30, top - 10, 5, 15, 40])
    found = totals(items, HOUR)
    assert found["2026-11-21T10"].total == Decimal("0.70")
    assert found["2026-11-21T10"].flags == {"rollover"}
    assert found["2026-11-21T10"].maximum == Decimal("799999.90")


def test_a_replaced_meter_is_counted_through() -> None:
    swap = Restart(at_ms=at("10:20:00"), end=130, start=5000, digest=b"e")
    items = [*quarters("10:00:00", [100, 120]), swap, *quarters("10:30:00", [5010, 5030, 5045])]
    found = totals(items, HOUR)
    assert found["2026-11-21T10"].total == Decimal("0.75")
    assert found["2026-11-21T10"].flags == {"restart"}
    assert found["2026-11-21T10"].samples == 4


@pytest.mark.parametrize(("end", "start"), [(None, 5000), (130, None), (None, None)])
def test_a_restart_nobody_read_leaves_the_total_open(end: int | None, start: int | None) -> None:
    swap = Restart(at_ms=at("10:20:00"), end=end, start=start, digest=b"e")
    items = [*quarters("10:00:00", [100, 120]), swap, *quarters("10:30:00", [5010, 5030, 5045])]
    found = totals(items + quarters("11:15:00", [5050, 5060, 5070, 5080]), HOUR)
    assert found["2026-11-21T10"].total is None
    assert "restart_unknown" in found["2026-11-21T10"].flags
    assert found["2026-11-21T11"].total == Decimal("0.35")


def test_readings_that_contradict_each_other_have_no_part_in_the_total() -> None:
    items = series(
        ("10:00:00", 100), ("10:15:00", 110), ("10:30:00", 120), ("10:30:00", 999_999)
    ) + series(("10:45:00", 130), ("11:00:00", 140))
    found = totals(items, HOUR)
    assert found["2026-11-21T10"].total == Decimal("0.40")
    assert found["2026-11-21T10"].flags == {"conflict"}
    assert found["2026-11-21T10"].samples == 3


def test_a_gauge_has_extremes_and_a_mean_but_no_total() -> None:
    found = totals(quarters("10:00:00", [-50, 120, 30, 0, 70]), HOUR, meter_register=GAUGE)
    hour = found["2026-11-21T10"]
    assert hour.total is None
    assert (hour.minimum, hour.maximum) == (Decimal("-0.50"), Decimal("1.20"))
    assert (hour.sample_sum, hour.samples) == (Decimal("1.00"), 4)
    assert (hour.least_step, hour.greatest_step) == (None, None)
    assert hour.flags == frozenset()
    assert hour.is_valid is True


def test_seconds_and_minutes_are_computed_the_same_way() -> None:
    register = samples.meter_register(interval_s=1, max_rate=None)
    start = at("10:00:00")
    items: list[Item] = [
        Sample(at_ms=start + 1000 * step, value=step * step, digest=b"") for step in range(181)
    ]
    found = totals(items, *PeriodKind, meter_register=register)
    assert found["2026-11-21T10:00:59"].total == Decimal(60**2 - 59**2) / 100
    assert found["2026-11-21T10:01"].total == Decimal(120**2 - 60**2) / 100
    assert found["2026-11-21T10:01"].coverage == Coverage(
        valid=60, expected=60, required=45, by=None
    )
    minutes = [found[f"2026-11-21T10:{minute:02}"] for minute in range(3)]
    assert sum(item.total for item in minutes) == found["2026-11-21T10"].total


def test_seconds_are_interpolated_from_slower_readings_but_not_judged() -> None:
    items = series(("10:00:00", 0), ("10:00:02", 5), ("10:00:04", 7))
    register = samples.meter_register(interval_s=2, max_rate=None)
    found = totals(items, PeriodKind.SECOND, meter_register=register)
    seconds = [found[f"2026-11-21T10:00:0{second}"] for second in range(4)]
    assert [item.total for item in seconds] == [
        Decimal(text) for text in ("0.02", "0.03", "0.01", "0.01")
    ]
    assert all(item.coverage is None and item.is_valid is None for item in seconds)
    assert [item.samples for item in seconds] == [1, 0, 1, 0]


@pytest.mark.parametrize(("dropped", "valid"), [(15, True), (16, False)])
def test_an_hour_needs_three_quarters_of_its_samples(dropped: int, valid: bool) -> None:
    register = samples.meter_register(interval_s=60, max_rate=None)
    start = at("10:00:00")
    items: list[Item] = [
        Sample(at_ms=start + 60_000 * minute, value=minute, digest=b"")
        for minute in range(62)
        if not 1 <= minute <= dropped
    ]
    hour = totals(items, HOUR, meter_register=register)["2026-11-21T10"]
    assert hour.coverage == Coverage(valid=60 - dropped, expected=60, required=45, by=None)
    assert hour.is_valid is valid
    assert hour.total == Decimal("0.60")


@pytest.mark.parametrize(("hours", "valid"), [(20, True), (19, False)])
def test_a_day_needs_twenty_valid_hours(hours: int, valid: bool) -> None:
    items = quarters("2026-11-21T00:00:00", list(range(4 * hours)))
    items += quarters("2026-11-22T00:00:00", [4 * hours, 4 * hours + 1])
    day = totals(items, DAY)["2026-11-21"]
    assert day.coverage == Coverage(valid=hours, expected=24, required=20, by=HOUR)
    assert day.is_valid is valid
    assert day.is_complete


@pytest.mark.parametrize(
    ("month", "days", "required"),
    [("2026-11", 30, 25), ("2026-02", 28, 23), ("2024-02", 29, 23), ("2026-12", 31, 25)],
)
def test_a_month_needs_its_valid_days(month: str, days: int, required: int) -> None:
    begin = to_ms(parse_period(month).start)
    for valid, enough in ((required - 1, False), (required, True)):
        coverage = coverage_of(
            kind=MONTH, begin_ms=begin, slots=0, parts=valid, meter_register=QUARTER
        )
        assert coverage == Coverage(valid=valid, expected=days, required=required, by=DAY)
        assert coverage.is_enough is enough


def test_a_year_needs_twelve_valid_months() -> None:
    begin = to_ms(parse_period("2026").start)
    coverage = coverage_of(kind=YEAR, begin_ms=begin, slots=0, parts=11, meter_register=QUARTER)
    assert coverage == Coverage(valid=11, expected=12, required=12, by=MONTH)
    assert not coverage.is_enough


def test_what_is_read_daily_is_judged_by_its_own_samples() -> None:
    daily = samples.meter_register(interval_s=86_400, max_rate=None)
    start = at("2026-11-01T00:00:00")
    items: list[Item] = [
        Sample(at_ms=start + 86_400_000 * day, value=day * 100, digest=b"") for day in range(31)
    ]
    found = totals(items, HOUR, DAY, MONTH, meter_register=daily)
    assert found["2026-11-21"].coverage == Coverage(valid=1, expected=1, required=1, by=None)
    assert found["2026-11"].coverage == Coverage(valid=30, expected=30, required=25, by=DAY)
    assert found["2026-11"].total == Decimal("30.00")
    assert found["2026-11-21T05"].coverage is None


def test_samples_that_crowd_into_one_interval_count_once() -> None:
    items = series(
        *((f"10:{minute:02}:00", minute) for minute in range(15)),
        ("11:00:00", 60),
    )
    hour = totals(items, HOUR)["2026-11-21T10"]
    assert hour.samples == 15
    assert hour.coverage == Coverage(valid=1, expected=4, required=3, by=None)


def test_items_must_come_in_order() -> None:
    running = RollUp(QUARTER)
    running.add(sample("10:15:00", 1))
    with pytest.raises(SeriesError) as caught:
        running.add(sample("10:00:00", 1))
    assert caught.value.reason == "series.order"


def test_nothing_is_said_of_an_empty_series() -> None:
    assert roll_up([], QUARTER) == []
    assert RollUp(QUARTER).provisional() == []


def test_only_the_wanted_kinds_are_given() -> None:
    found = roll_up(quarters("10:00:00", list(range(20))), QUARTER, kinds=[DAY])
    assert {item.period.kind for item in found} == {DAY}
    assert found[0].coverage.valid == 4
