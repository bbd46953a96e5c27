"""The growth-rate method (增长率估算法): KSSJ/YY25-2023 7.1.2 b.

The clause names the method and prints no equation. Growth rate = the sum of the months of the
running year over the sum of the same months of the year before, less 1; a month ahead = the same
month of the year before times (1 + growth rate). In January the whole year before is set against
the one before it. The board of allowances reads it alike.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, sum_of

GROWTH: Final = "growth"


def growth_rate(history: Series, month: int) -> Decimal:
    """The growth rate that holds for a month ahead.

    Raises:
        OutlookError: No month is there in both years, or those of the year before are 0 together.
    """
    running = range(month - month % MONTHS_OF_A_YEAR, month)
    window = running or range(month - MONTHS_OF_A_YEAR, month)
    both = [each for each in window if each in history and each - MONTHS_OF_A_YEAR in history]
    then = sum_of(history, [each - MONTHS_OF_A_YEAR for each in both])
    if not both or then <= 0:
        raise OutlookError(
            "{field}: a growth rate needs months that are there in two years running",
            field="history",
            remedy="account for the same months of the year before",
            code="outlook.growth",
        )
    with precise():
        return sum_of(history, both) / then - 1


def by_growth(history: Series, ahead: Sequence[int]) -> dict[int, Decimal]:
    """Values of months ahead by the growth-rate method.

    Args:
        history: What is known, months before the first one ahead.
        ahead: Months ahead, in order and without a gap; at most 12.

    Raises:
        OutlookError: No growth rate can be formed, or a month was not there a year before.
    """
    rate = growth_rate(history, ahead[0])
    found = {}
    for month in ahead:
        earlier = history.get(month - MONTHS_OF_A_YEAR)
        if earlier is None:
            raise OutlookError(
                "{field}: the same month of the year before has no value",
                field="history",
                remedy="account for it, or ask for at most 12 months ahead",
                code="outlook.growth",
            )
        with precise():
            found[month] = earlier * (1 + rate)
    return found
