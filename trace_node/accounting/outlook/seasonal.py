"""A seasonal method: ratio to trend (季节指数趋势法).

Whole years of months, the last ones without a gap, at most five. A straight line is laid through
their yearly means by least squares; the index of a calendar month is the mean of its values over
the line, all twelve scaled to a mean of 1; a month ahead is line times index.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node.accounting.arithmetic import to_decimal
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, run_before

SEASONAL: Final = "seasonal"
LEAST_YEARS: Final = 2
MOST_YEARS: Final = 5
_MIDDLE: Final = Fraction(MONTHS_OF_A_YEAR - 1, 2)


def by_season(history: Series, ahead: Sequence[int]) -> dict[int, Decimal]:
    """Values of months ahead by trend and season.

    Args:
        history: What is known, months before the first one ahead.
        ahead: Months ahead, in order and without a gap.

    Raises:
        OutlookError: Fewer than 24 months without a gap lie right before, or the line falls to 0.
    """
    years = min(run_before(history, ahead[0]) // MONTHS_OF_A_YEAR, MOST_YEARS)
    if years < LEAST_YEARS:
        raise OutlookError(
            "{field}: the seasonal method needs {least} months without a gap right before",
            field="history",
            least=LEAST_YEARS * MONTHS_OF_A_YEAR,
            remedy="account for them, or use the growth-rate method",
            code="outlook.seasonal",
        )
    first = ahead[0] - years * MONTHS_OF_A_YEAR
    values = [Fraction(history[month]) for month in range(first, ahead[0])]
    level, slope = _line(values, years)
    trend = [level + slope * at for at in range(ahead[-1] - first + 1)]
    if min(trend) <= 0:
        raise OutlookError(
            "{field}: the trend of the months before falls to 0 and below",
            field="history",
            remedy="use the growth-rate method",
            code="outlook.trend",
        )
    index = _index(values, trend)
    return {
        month: to_decimal(trend[month - first] * index[(month - first) % MONTHS_OF_A_YEAR])
        for month in ahead
    }


def _line(values: Sequence[Fraction], years: int) -> tuple[Fraction, Fraction]:
    """Level at the first month and slope for each month, through the means of the years."""
    means = [
        _mean(values[at : at + MONTHS_OF_A_YEAR]) for at in range(0, len(values), MONTHS_OF_A_YEAR)
    ]
    places = [year * MONTHS_OF_A_YEAR + _MIDDLE for year in range(years)]
    place, mean = _mean(places), _mean(means)
    apart = [each - place for each in places]
    rise = sum((x * (y - mean) for x, y in zip(apart, means, strict=True)), Fraction(0))
    slope = rise / sum((x * x for x in apart), Fraction(0))
    return mean - slope * place, slope


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _index(values: Sequence[Fraction], trend: Sequence[Fraction]) -> list[Fraction]:
    """Index of each calendar month, the first one's first, with a mean of 1."""
    ratios = [value / line for value, line in zip(values, trend, strict=False)]
    means = [_mean(ratios[at::MONTHS_OF_A_YEAR]) for at in range(MONTHS_OF_A_YEAR)]
    scale = _mean(means)
    return [mean / scale for mean in means] if scale else means
