"""The board against slow references: colours never jump back, the day is found day by day.

The growth-rate method of S0-7.1.2-b1, from statements of emission; the four colours of S0-7.1.2-b2.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from support.boards import rules, year_of

from trace_node.quota.board.claims import Claim, Units, set_aside
from trace_node.quota.board.emission import rise_of
from trace_node.quota.board.exhaustion import exhaustion
from trace_node.quota.board.forecast import forecast
from trace_node.quota.board.level import rate_debt, rate_supply
from trace_node.quota.board.rules import Thresholds

THRESHOLDS = Thresholds.of(rules(), year=2026)
YEARS = st.integers(2000, 2200)
TONNES = st.decimals(0, 10**9, places=3)
WHOLE = st.integers(-(10**6), 10**9)


def day_by_day(year: int, months: dict[int, Decimal], available: Decimal) -> date | None:
    """The same question, one day after the other, in fractions."""
    emitted, day = Fraction(0), date(year, 1, 1)
    while day.year == year:
        following = date(year + day.month // 12, day.month % 12 + 1, 1)
        days = (following - day.replace(day=1)).days
        emitted += Fraction(months[day.month]) / days
        if emitted > Fraction(available):
            return day
        day += timedelta(days=1)
    return None


@given(YEARS, st.lists(TONNES, min_size=12, max_size=12), st.data())
def test_the_day_of_exhaustion_is_the_one_found_day_by_day(
    year: int, tonnes: list[Decimal], data: st.DataObject
) -> None:
    months = dict(enumerate(tonnes, 1))
    most = int(sum(tonnes)) + 2
    available = Decimal(data.draw(st.integers(-2, most)))
    found = exhaustion(year, months, available)
    assert found == day_by_day(year, months, available)
    assert (found is None) == (sum(map(Fraction, tonnes)) <= available)


@given(YEARS, st.integers(1, 12), st.integers(0, 31), st.integers(1, 10**6))
def test_what_is_used_up_at_the_end_of_a_day_lasts_for_that_day(
    year: int, month: int, days: int, rate: int
) -> None:
    """A month of ``rate`` tonnes a day: what is available for so many days is enough for them."""
    length = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    months = dict.fromkeys(range(1, 13), Decimal(0)) | {month: Decimal(rate * length)}
    found = exhaustion(year, months, Decimal(rate * days))
    assert found == (date(year, month, days + 1) if days < length else None)


@given(TONNES, TONNES, WHOLE, WHOLE)
def test_more_need_or_less_supply_never_improves_a_colour(
    need: Decimal, more: Decimal, available: int, less: int
) -> None:
    low, high = sorted((need, more))
    little, much = sorted((Decimal(available), Decimal(less)))
    rated = rate_supply(need=low, available=much, thresholds=THRESHOLDS).level.rank
    assert rated <= rate_supply(need=high, available=much, thresholds=THRESHOLDS).level.rank
    assert rated <= rate_supply(need=low, available=little, thresholds=THRESHOLDS).level.rank


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(-1, 400), st.integers(-1, 400))
def test_a_verified_debt_never_looks_better_as_its_deadline_comes(
    outstanding: int, available: int, days: int, fewer: int
) -> None:
    sooner, later = sorted((days, fewer))

    def rank(left: int, units: int) -> int:
        return rate_debt(
            outstanding=outstanding,
            covered=min(outstanding, units),
            available=units,
            days_left=left,
            thresholds=THRESHOLDS,
        ).level.rank

    assert rank(later, available) <= rank(sooner, available)
    assert rank(sooner, available + 1) <= rank(sooner, available)


@given(
    st.lists(st.tuples(st.integers(2019, 2026), st.integers(0, 50)), max_size=6),
    st.lists(st.tuples(st.integers(0, 80), st.sets(st.integers(2019, 2026))), max_size=4),
)
def test_units_are_set_aside_once_and_oldest_first(
    held: list[tuple[int, int]], debts: list[tuple[int, set[int]]]
) -> None:
    units = [
        Units(class_id=number, vintage=vintage, tonnes=tonnes)
        for number, (vintage, tonnes) in enumerate(held)
    ]
    claims = [
        Claim(
            name=str(number),
            tonnes=tonnes,
            serves=lambda each, served=vintages: each.vintage in served,
        )
        for number, (tonnes, vintages) in enumerate(debts)
    ]
    found = set_aside(units, claims)
    # the same, a tonne at a time
    pool = sorted([(each.vintage, each.class_id) for each in units for _ in range(each.tonnes)])
    for claim, (tonnes, vintages) in zip(claims, debts, strict=True):
        taken: dict[int, int] = {}
        for _ in range(tonnes):
            fitting = next((one for one in pool if one[0] in vintages), None)
            if fitting is None:
                break
            pool.remove(fitting)
            taken[fitting[1]] = taken.get(fitting[1], 0) + 1
        assert found.taken[claim.name] == taken
    assert {each.class_id: each.tonnes for each in found.left if each.tonnes} == {
        number: sum(one[1] == number for one in pool) for _, number in pool
    }


@given(
    st.lists(st.integers(1, 10**6), min_size=12, max_size=12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=11),
)
def test_a_forecast_is_the_year_before_in_proportion(before: list[int], now: list[int]) -> None:
    found = forecast(
        year_of(2026, dict(enumerate(now, 1))),
        year_of(2025, dict(enumerate(before, 1))),
        rules=rules(),
    )
    assert found is not None
    share = Fraction(sum(now), sum(before[: len(now)]))
    exact = sum(now) + share * sum(before[len(now) :])
    assert abs(Fraction(found.total.value) - exact) <= Fraction(12 - len(now), 2000)
    assert [found.months[month] for month in range(1, len(now) + 1)] == now


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=36, max_size=36))
def test_a_rise_is_counted_back_from_the_last_month(line: list[int | None]) -> None:
    years = [
        year_of(
            2024 + place,
            {
                month: value
                for month, value in enumerate(line[12 * place : 12 * place + 12], 1)
                if value is not None
            },
        )
        for place in range(3)
    ]
    last = max((place for place, value in enumerate(line) if value is not None), default=None)
    expected = 0
    while last is not None and last - expected - 1 >= 0:
        later, earlier = line[last - expected], line[last - expected - 1]
        if later is None or earlier is None or earlier >= later:
            break
        expected += 1
    found = rise_of(years)
    assert found.periods == expected
    assert found.last == ("" if last is None else f"{2024 + last // 12}-{last % 12 + 1:02}")
