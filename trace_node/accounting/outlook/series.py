"""Monthly values, and months as numbers that can be counted on and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import total
from trace_node.period import SHANGHAI, Period, PeriodKind, period_of

MONTHS_OF_A_YEAR: Final = 12

Series = Mapping[int, Decimal]
"""Values by month; a month that is not there has no value, which is not 0."""


def number_of(month: Period) -> int:
    """Number of a month: 12 a year, the January of year 0 being 0."""
    return month.start.year * MONTHS_OF_A_YEAR + month.start.month - 1


def month_of(number: int) -> Period:
    """The month of a number."""
    year, month = divmod(number, MONTHS_OF_A_YEAR)
    return period_of(datetime(year, month + 1, 1, tzinfo=SHANGHAI), PeriodKind.MONTH)


def before(series: Series, month: int) -> dict[int, Decimal]:
    """What was known before a month."""
    return {each: value for each, value in series.items() if each < month}


def run_before(series: Series, month: int) -> int:
    """How many months without a gap lie right before a month."""
    count = 0
    while month - 1 - count in series:
        count += 1
    return count


def sum_of(series: Series, months: Iterable[int]) -> Decimal:
    """The sum over some months that are there."""
    return total(series[month] for month in months)
