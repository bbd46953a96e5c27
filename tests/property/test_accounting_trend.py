"""The trend of a series: exact on a line, not bent by one wrong period, the same whatever the unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.trend import trend_of

D = Decimal
NUMBERS = st.decimals(-1000, 1000, places=3)
SERIES = st.lists(NUMBERS, min_size=4, max_size=14)


def numbered(values: list[Decimal]) -> list[tuple[int, Decimal]]:
    return list(enumerate(values))


@given(NUMBERS, NUMBERS, st.integers(8, 20))
def test_a_line_has_its_slope_and_nothing_odd(level: Decimal, step: Decimal, count: int) -> None:
    found = trend_of([(place, level + step * place) for place in range(count)])
    assert found is not None
    assert (found.slope, found.odd, found.count) == (step, (), count)
    expected = Direction.RISING if step > 0 else Direction.FALLING if step else Direction.NOT_SHOWN
    assert found.direction is expected


@given(SERIES, st.integers(1, 9), st.integers(-50, 50))
def test_another_unit_or_zero_changes_nothing_else(
    values: list[Decimal], size: int, shift: int
) -> None:
    one = trend_of(numbered(values))
    other = trend_of(numbered([size * value + shift for value in values]))
    assert one is not None
    assert other is not None
    assert abs(Fraction(other.slope) - size * Fraction(one.slope)) < Fraction(1, 10**40)
    assert other.direction is one.direction


@given(SERIES)
def test_backwards_in_time_it_goes_the_other_way(values: list[Decimal]) -> None:
    one, back = trend_of(numbered(values)), trend_of(numbered(values[::-1]))
    assert one is not None
    assert back is not None
    assert Fraction(back.slope) == -Fraction(one.slope)
    turned = {Direction.RISING: Direction.FALLING, Direction.FALLING: Direction.RISING}
    assert back.direction is turned.get(one.direction, Direction.NOT_SHOWN)


@given(st.integers(0, 11), st.decimals(2, 500, places=1))
def test_one_wrong_month_is_odd_and_does_not_bend_the_line(at: int, off: Decimal) -> None:
    values = [D("0.85") + D("0.001") * (place % 3 - 1) for place in range(12)]
    values[at] += off
    found = trend_of(numbered(values))
    assert found is not None
    assert found.odd == (at,)
    assert abs(found.slope) <= D("0.002")
    assert found.direction is Direction.NOT_SHOWN


def test_gaps_count_as_time() -> None:
    found = trend_of([(0, D(0)), (1, D(1)), (5, D(5)), (9, D(9))])
    assert found is not None
    assert found.slope == 1


def test_too_few_or_twice_make_no_trend() -> None:
    assert trend_of([(0, D(1)), (1, D(2)), (2, D(3))]) is None
    with pytest.raises(OutlookError) as refused:
        trend_of([(0, D(1))] * 4)
    assert refused.value.reason == "outlook.trend"
