"""Half-open periods in the civil time of China."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.period import (
    KINDS,
    SHANGHAI,
    Period,
    PeriodError,
    PeriodKind,
    from_ms,
    parse_period,
    period_of,
    periods_between,
    to_ms,
)

INSTANTS = st.datetimes(
    min_value=datetime(1992, 1, 1),  # noqa: DTZ001 (the strategy attaches the zone)
    max_value=datetime(2199, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
EVERY_KIND = st.sampled_from(KINDS)


@pytest.mark.parametrize(
    ("kind", "name", "start", "end"),
    [
        ("second", "2026-11-21T11:17:09", "2026-11-21T11:17:09", "2026-11-21T11:17:10"),
        ("minute", "2026-11-21T11:17", "2026-11-21T11:17:00", "2026-11-21T11:18:00"),
        ("quarter-hour", "2026-11-21T11:15/PT15M", "2026-11-21T11:15:00", "2026-11-21T11:30:00"),
        ("hour", "2026-11-21T11", "2026-11-21T11:00:00", "2026-11-21T12:00:00"),
        ("day", "2026-11-21", "2026-11-21T00:00:00", "2026-11-22T00:00:00"),
        ("month", "2026-11", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("year", "2026", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
    ],
)
def test_the_periods_of_one_instant(kind: str, name: str, start: str, end: str) -> None:
    instant = datetime(2026, 11, 21, 3, 17, 9, 123_000, tzinfo=UTC)
    period = period_of(instant, PeriodKind(kind))
    assert period.name == name
    assert period.start == datetime.fromisoformat(start + "+08:00")
    assert period.end == datetime.fromisoformat(end + "+08:00")
    assert parse_period(name) == period


def test_the_end_belongs_to_the_next_period() -> None:
    day = parse_period("2026-11-21")
    assert day.contains(day.start)
    assert day.contains(day.end - timedelta(microseconds=1))
    assert not day.contains(day.end)
    assert not day.contains(day.start - timedelta(microseconds=1))
    assert period_of(day.end, PeriodKind.DAY) == day.next()
    assert day.next().previous() == day


def test_a_day_of_china_begins_at_sixteen_hours_utc() -> None:
    before = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert period_of(before, PeriodKind.DAY).name == "2026-11-20"
    assert period_of(before + timedelta(seconds=1), PeriodKind.DAY).name == "2026-11-21"


def test_february_has_its_days() -> None:
    for year, days in ((2023, 28), (2024, 29), (2100, 28)):
        assert len(list(parse_period(f"{year}-02").parts(PeriodKind.DAY))) == days


def test_periods_between_begin_with_the_one_of_the_start() -> None:
    start = datetime(2026, 1, 31, 23, tzinfo=SHANGHAI)
    names = [item.name for item in periods_between(start, start + timedelta(hours=2), KINDS[-2])]
    assert names == ["2026-01", "2026-02"]
    assert not list(periods_between(start, start - timedelta(days=60), KINDS[-2]))


@pytest.mark.parametrize(
    "name",
    [
        *("", "26", "2026-13", "2026-00", "2026-1", "2026-11-31", "2026-11-21T24", "2026-11-21 11"),
        *("2026-11-21T11:60", "2026-11-21T11:17/PT15M", "2026-11-21T11/PT15M", "2026-11-21T11:15Z"),
        *("2026-11-21T11:15:60", "\uff12026", "0000", "1969", "9999", "2026-11-21T11:15:07/PT15M"),
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(PeriodError) as caught:
        parse_period(name)
    assert caught.value.reason in {"period.name", "period.year", "period.start"}
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (PeriodKind.DAY, datetime(2026, 11, 21, 1, tzinfo=SHANGHAI)),
        (PeriodKind.DAY, datetime(2026, 11, 21, tzinfo=UTC)),
        (PeriodKind.MONTH, datetime(2026, 11, 2, tzinfo=SHANGHAI)),
        (PeriodKind.YEAR, datetime(2026, 2, 1, tzinfo=SHANGHAI)),
        (PeriodKind.SECOND, datetime(2026, 2, 1, 0, 0, 0, 10, tzinfo=SHANGHAI)),
        (PeriodKind.SECOND, datetime(2026, 2, 1)),  # noqa: DTZ001 (naive on purpose)
    ],
)
def test_a_period_begins_on_its_boundary(kind: PeriodKind, start: datetime) -> None:
    with pytest.raises(PeriodError) as caught:
        Period(kind=kind, start=start)
    assert caught.value.reason == "period.start"


def test_a_naive_time_lies_in_no_period() -> None:
    with pytest.raises(PeriodError) as caught:
        period_of(datetime(2026, 1, 1), PeriodKind.DAY)  # noqa: DTZ001 (naive on purpose)
    assert caught.value.reason == "period.naive"


def test_only_a_shorter_kind_is_a_part() -> None:
    month = parse_period("2026-11")
    with pytest.raises(PeriodError):
        list(month.parts(PeriodKind.YEAR))
    with pytest.raises(PeriodError):
        month.within(PeriodKind.DAY)
    assert month.within(PeriodKind.YEAR).name == "2026"
    assert list(month.parts(PeriodKind.MONTH)) == [month]


@given(INSTANTS, EVERY_KIND)
def test_an_instant_lies_in_exactly_one_period_of_a_kind(
    instant: datetime, kind: PeriodKind
) -> None:
    period = period_of(instant, kind)
    assert period.contains(instant)
    assert not period.next().contains(instant)
    assert not period.previous().contains(instant)
    assert parse_period(period.name) == period
    assert from_ms(to_ms(period.start)) == period.start


@given(INSTANTS, EVERY_KIND, EVERY_KIND)
def test_parts_cover_the_whole_without_overlap(
    instant: datetime, kind: PeriodKind, part: PeriodKind
) -> None:
    if not 0 <= KINDS.index(kind) - KINDS.index(part) <= 2:
        return
    period = period_of(instant, kind)
    parts = list(period.parts(part))
    assert parts[0].start == period.start
    assert parts[-1].end == period.end
    assert all(left.end == right.start for left, right in pairwise(parts))
    assert all(item.within(kind) == period for item in parts[:3] + parts[-3:])


@given(INSTANTS)
def test_the_offset_is_that_of_the_zone_database(instant: datetime) -> None:
    try:
        zone = ZoneInfo("Asia/Shanghai")
    except KeyError:
        pytest.skip("this machine has no time-zone database")
    assert instant.astimezone(zone).utcoffset() == instant.astimezone(SHANGHAI).utcoffset()
