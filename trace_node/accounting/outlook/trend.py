"""The trend of a series and the periods that fall out of it (趋势与异常), robust and exact.

The slope is that of Theil and Sen, the median of all pairs: one wrong period does not bend it. The
test of Mann and Kendall says whether it is more than chance. A period is odd where it lies further
from the line than three robust standard deviations of the rest, or than three times a 500th of the
median where the rest hardly varies: limits of the product, which no standard decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Final

from trace_node.accounting.arithmetic import to_decimal
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.outlook.errors import OutlookError

LEAST: Final = 4
MOST: Final = 400
_Z: Final = Fraction(196, 100)  # 95 %, both sides
_NORMAL: Final = Fraction(14826, 10000)  # standard deviation of a normal spread, by its MAD
_DEVIATIONS: Final = 3
_FLOOR: Final = Fraction(1, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What a series does.

    Attributes:
        count: Number of values.
        median: Their median.
        slope: Change from one period to the next.
        direction: Whether that is more than chance.
        odd: Places of the values that fall out of the line.
    """

    count: int
    median: Decimal
    slope: Decimal
    direction: Direction
    odd: tuple[int, ...]


def trend_of(values: Sequence[tuple[int, Decimal]]) -> Trend | None:
    """The trend of values; None of fewer than four.

    Args:
        values: Place in time and value, each place once; places without a value are left out.

    Raises:
        OutlookError: A place comes twice, or there are more than 400.
    """
    places = [place for place, _value in values]
    require_few(len(places))
    if len(set(places)) != len(places):
        raise OutlookError(
            "{field}: a period comes twice in a trend",
            field="values",
            remedy="sum what belongs to one period before",
            code="outlook.trend",
        )
    if len(values) < LEAST:
        return None
    series = [(place, Fraction(value)) for place, value in sorted(values)]
    pairs = combinations(series, 2)
    slope = _median([(after - one) / (later - at) for (at, one), (later, after) in pairs])
    level = _median([value - slope * place for place, value in series])
    median = _median([value for _place, value in series])
    return Trend(
        count=len(series),
        median=to_decimal(median),
        slope=to_decimal(slope),
        direction=_direction([value for _place, value in series]),
        odd=_odd([(place, value - slope * place - level) for place, value in series], median),
    )


def require_few(count: int) -> None:
    """Refuse a span of more than 400 periods.

    Raises:
        OutlookError: It has more.
    """
    if count > MOST:
        raise OutlookError(
            "{field}: {count} periods, a trend has at most {most}",
            field="period",
            count=count,
            most=MOST,
            remedy="ask for a shorter span, or by months instead of days",
            code="outlook.trend",
        )


def _odd(rest: Sequence[tuple[int, Fraction]], median: Fraction) -> tuple[int, ...]:
    spread = _NORMAL * _median([abs(each) for _place, each in rest])
    bound = _DEVIATIONS * max(spread, _FLOOR * abs(median))
    return tuple(place for place, each in rest if abs(each) > bound)


def _direction(values: Sequence[Fraction]) -> Direction:
    """By the sign of all pairs; equal values lessen the variance."""
    score = sum((after > one) - (after < one) for one, after in combinations(values, 2))
    ties = Counter(values).values()
    variance = Fraction(_pairs(len(values)) - sum(map(_pairs, ties)), 18)
    if abs(score) <= 1 or (abs(score) - 1) ** 2 <= _Z**2 * variance:
        return Direction.NOT_SHOWN
    return Direction.RISING if score > 0 else Direction.FALLING


def _pairs(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
