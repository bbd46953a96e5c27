"""How well a method would have foretold months that are known by now (回测).

From each of the last months as an origin the months after it are foretold from what was known
before it, and set against what came. Standard 001, 4.4 (2) asks for a forecast error of at most 5 %
and does not define it; the reading is the product's: the sum of the absolute differences over the
sum of what came. Beside it stands the share of foretold months in which emission rose, fell or
stayed against the same month of the year before as it was foretold; within 2 % it stayed. How sure
a trend of the years is, is another question: ``seasonal_trend``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, before, month_of

TREND_TARGET: Final = Decimal("0.95")
ERROR_TARGET: Final = Decimal("0.05")
STEADY: Final = Decimal("0.02")
MOST_ORIGINS: Final = 12

Foretell = Callable[[Series, Sequence[int]], Mapping[int, Decimal]]
"""A method: from what is known to values of months ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """A month that was foretold and has come.

    Attributes:
        origin: The first month ahead when it was foretold.
        month: The month.
        forecast: What was foretold.
        actual: What came.
        is_right: Whether the direction was foretold; None without the month a year before.
    """

    origin: str
    month: str
    forecast: Decimal
    actual: Decimal
    is_right: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """How well a method did (回测结果).

    Attributes:
        foretold: Every month of every origin.
        error: Forecast error, a fraction; None where what came is 0 together.
        trend: Share of months whose direction was foretold; None where no direction is known.
        spread: Root of the mean square of the relative differences; None where what came is 0.
    """

    foretold: tuple[Foretold, ...]
    error: Decimal | None
    trend: Decimal | None
    spread: Decimal | None

    @property
    def error_met(self) -> bool | None:
        """Whether the forecast error keeps to its target; None where there is none."""
        return None if self.error is None else self.error <= ERROR_TARGET

    @property
    def trend_met(self) -> bool | None:
        """Whether so many directions were foretold as is aimed at; None where none is known."""
        return None if self.trend is None else self.trend >= TREND_TARGET


def back_test(history: Series, foretell: Foretell, *, horizon: int) -> BackTest | None:
    """Try a method on the past.

    Args:
        history: What is known.
        foretell: The method.
        horizon: Months that are foretold from each origin, 1 to 12.

    Returns:
        None where there is no month that it could have foretold.
    """
    found: list[Foretold] = []
    for origin in sorted(history)[-MOST_ORIGINS:]:
        ahead = [each for each in range(origin, origin + horizon) if each in history]
        whole = list(range(origin, ahead[-1] + 1))
        try:
            values = foretell(before(history, origin), whole)
        except OutlookError:  # too little was known then: no origin
            continue
        found += [_foretold(history, origin, month, values[month]) for month in ahead]
    return _together(found) if found else None


def _foretold(history: Series, origin: int, month: int, value: Decimal) -> Foretold:
    actual, earlier = history[month], history.get(month - MONTHS_OF_A_YEAR)
    return Foretold(
        origin=month_of(origin).name,
        month=month_of(month).name,
        forecast=value,
        actual=actual,
        is_right=None if earlier is None else _way(value, earlier) == _way(actual, earlier),
    )


def _way(value: Decimal, earlier: Decimal) -> int:
    with precise():
        change = value - earlier
        if abs(change) <= STEADY * abs(earlier):
            return 0
    return 1 if change > 0 else -1


def _together(found: Sequence[Foretold]) -> BackTest:
    came = total(abs(each.actual) for each in found)
    judged = [each.is_right for each in found if each.is_right is not None]
    apart = [(each.forecast - each.actual, each.actual) for each in found if each.actual != 0]
    with precise():
        missed = total(abs(each.forecast - each.actual) for each in found)
        squares = total((difference / actual) ** 2 for difference, actual in apart)
        return BackTest(
            foretold=tuple(found),
            error=missed / came if came else None,
            trend=Decimal(sum(judged)) / len(judged) if judged else None,
            spread=(squares / len(apart)).sqrt() if apart else None,
        )
