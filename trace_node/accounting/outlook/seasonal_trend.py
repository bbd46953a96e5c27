"""The trend of the years on record: seasonal Kendall test (季节性肯德尔检验), in whole numbers.

R. M. Hirsch, J. R. Slack and R. A. Smith, Water Resources Research 18 (1982), 107-121. Each month
of the calendar is compared with itself of every other year: S is the number of pairs that rose less
that of pairs that fell. A season cancels out, since no January is compared with a July. Where
nothing but chance orders the years, S is distributed as the sum over the calendar months of what
counting inversions gives, which is computed here exactly rather than by the normal approximation.

Standard 001, 4.4 (2) asks for a trend accuracy of at least 95 % and does not define it. It is read
as the confidence of the statement: a rise or a fall is stated only where chance alone would show as
much in at most 5 % of plants without a trend; otherwise it is said that none is shown. Pairs that
are equal count as neither, which makes a statement rarer, never more frequent. The test takes the
months as independent of each other; where a works' good and bad spells last for months, chance
shows a trend more often than the confidence says.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Final

from trace_node.accounting.arithmetic import to_decimal
from trace_node.accounting.outlook.back_test import MOST_ORIGINS
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, before, sum_of

CONFIDENCE: Final = Decimal("0.95")
MOST_YEARS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalTrend:
    """The trend of some months (趋势).

    Attributes:
        direction: What is stated.
        confidence: 1 less the share of plants without a trend that chance would show as far apart
            or farther, a fraction.
        slope: Change of a calendar month from one year to the next, tonnes: the median of all pairs
            (seasonal slope of Sen).
        score: S: pairs that rose less pairs that fell.
        pairs: Number of pairs.
        months: Number of months that have a pair.
    """

    direction: Direction
    confidence: Decimal
    slope: Decimal
    score: int
    pairs: int
    months: int

    @property
    def is_stated(self) -> bool:
        """Whether a rise or a fall is stated."""
        return self.direction is not Direction.NOT_SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTest:
    """How often a trend was stated before, and borne out by what came (趋势回测).

    Attributes:
        stated: Number of months before which a trend was stated from what was known then.
        right: Those of them after which the year that followed, as far as it is known, was above
            the same months a year before where a rise was stated, and below where a fall was.
    """

    stated: int
    right: int

    @property
    def accuracy(self) -> Decimal | None:
        """The share that was borne out, a fraction; None where none was stated."""
        return to_decimal(Fraction(self.right, self.stated)) if self.stated else None


def try_trend(history: Series) -> TrendTest:
    """State the trend before each of the last twelve months from what was known, and look."""
    stated = right = 0
    for origin in sorted(history)[-MOST_ORIGINS:]:
        trend = seasonal_trend(before(history, origin))
        year = range(origin, origin + MONTHS_OF_A_YEAR)
        both = [each for each in year if each in history and each - MONTHS_OF_A_YEAR in history]
        if trend is None or not trend.is_stated or not both:
            continue
        then = sum_of(history, [each - MONTHS_OF_A_YEAR for each in both])
        came = sum_of(history, both)
        stated += 1
        right += came > then if trend.direction is Direction.RISING else came < then
    return TrendTest(stated=stated, right=right)


def seasonal_trend(history: Series) -> SeasonalTrend | None:
    """The trend of a history by months; of more than 20 years, that of the last 20.

    Returns:
        None where no calendar month is known in two years.
    """
    if not history:
        return None
    oldest = max(history) - MOST_YEARS * MONTHS_OF_A_YEAR
    seasons: dict[int, list[int]] = defaultdict(list)
    for month in sorted(each for each in history if each > oldest):
        seasons[month % MONTHS_OF_A_YEAR].append(month)
    pairs = [pair for months in seasons.values() for pair in combinations(months, 2)]
    if not pairs:
        return None
    rises = [history[later] - history[earlier] for earlier, later in pairs]
    score = sum((each > 0) - (each < 0) for each in rises)
    counts = tuple(sorted(len(months) for months in seasons.values() if len(months) > 1))
    confidence = to_decimal(1 - _chance(counts, abs(score)))
    return SeasonalTrend(
        direction=_direction(score, confidence),
        confidence=confidence,
        slope=to_decimal(_median(_slopes(history, pairs))),
        score=score,
        pairs=len(pairs),
        months=sum(counts),
    )


def _direction(score: int, confidence: Decimal) -> Direction:
    if confidence < CONFIDENCE:
        return Direction.NOT_SHOWN
    return Direction.RISING if score > 0 else Direction.FALLING


def _slopes(history: Series, pairs: list[tuple[int, int]]) -> list[Fraction]:
    return [
        (Fraction(history[later]) - Fraction(history[earlier]))
        * MONTHS_OF_A_YEAR
        / (later - earlier)
        for earlier, later in pairs
    ]


def _median(values: list[Fraction]) -> Fraction:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


@cache
def _chance(counts: tuple[int, ...], score: int) -> Fraction:
    """How likely S is at least so far from 0 where every order of the years is as likely."""
    ways = {0: 1}
    for count in counts:
        ways = _joined(ways, _orders(count))
    far = sum(number for each, number in ways.items() if abs(each) >= score)
    return Fraction(far, sum(ways.values()))


@cache
def _orders(count: int) -> dict[int, int]:
    """The number of orders of so many values by their S.

    The newest of n values is above 0 to n - 1 of those before it.
    """
    ways = {0: 1}
    for newest in range(1, count):
        step = {2 * above - newest: 1 for above in range(newest + 1)}
        ways = _joined(ways, step)
    return ways


def _joined(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    """The distribution of a sum, as counts."""
    found: dict[int, int] = defaultdict(int)
    for left, many in one.items():
        for right, more in other.items():
            found[left + right] += many * more
    return dict(found)
