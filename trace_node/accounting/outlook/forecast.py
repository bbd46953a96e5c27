"""Months ahead by each method, each with the error it had before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.outlook.back_test import BackTest, Foretell, back_test
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.growth import GROWTH, by_growth
from trace_node.accounting.outlook.seasonal import SEASONAL, by_season
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, before, month_of

METHODS: Final = MappingProxyType[str, Foretell]({GROWTH: by_growth, SEASONAL: by_season})
COVERAGE: Final = 2  # as k of an expanded uncertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthAhead:
    """A month that was not stated yet (预测值).

    Attributes:
        month: The month.
        value: What is foretold.
        low: Value less twice the spread of the back-test, at least 0; None without a back-test.
        high: Value and twice the spread; None without a back-test.
    """

    month: str
    value: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What one method says (预测).

    Attributes:
        method: ``growth`` or ``seasonal``.
        months: The months ahead; empty where the method cannot say.
        total: Their sum; None where the method cannot say.
        back_test: How well it did before; None where nothing could be tried.
        refusal: Why it cannot say; None where it can.
    """

    method: str
    months: tuple[MonthAhead, ...]
    total: Decimal | None
    back_test: BackTest | None
    refusal: OutlookError | None


def forecasts(
    history: Series, ahead: Sequence[int], methods: Mapping[str, Foretell] = METHODS
) -> tuple[Forecast, ...]:
    """What each method says of months ahead.

    Args:
        history: What is known; months from the first one ahead on are not looked at.
        ahead: 1 to 12 months, in order and without a gap.
        methods: The methods by their names.

    Raises:
        OutlookError: There are other months ahead.
    """
    if (
        not ahead
        or list(ahead) != list(range(ahead[0], ahead[0] + len(ahead)))
        or (len(ahead) > MONTHS_OF_A_YEAR)
    ):
        raise OutlookError(
            "{field}: a forecast is for 1 to 12 months ahead, one after the other",
            field="months",
            remedy="ask for fewer months",
            code="outlook.months",
        )
    known = before(history, ahead[0])
    return tuple(_forecast(name, foretell, known, ahead) for name, foretell in methods.items())


def best_of(found: Sequence[Forecast]) -> Forecast | None:
    """The one with the smallest error before; of those never tried the first; None of none."""
    able = [each for each in found if each.refusal is None]
    tried = [each for each in able if each.back_test and each.back_test.error is not None]
    if tried:
        return min(tried, key=_error)
    return able[0] if able else None


def _error(each: Forecast) -> Decimal:
    assert each.back_test is not None  # noqa: S101 (only those that were tried)
    assert each.back_test.error is not None  # noqa: S101
    return each.back_test.error


def _forecast(name: str, foretell: Foretell, known: Series, ahead: Sequence[int]) -> Forecast:
    try:
        values = foretell(known, ahead)
    except OutlookError as refusal:
        return Forecast(method=name, months=(), total=None, back_test=None, refusal=refusal)
    tried = back_test(known, foretell, horizon=len(ahead))
    spread = None if tried is None else tried.spread
    return Forecast(
        method=name,
        months=_months(values, spread),
        total=total(values.values()),
        back_test=tried,
        refusal=None,
    )


def _months(values: Mapping[int, Decimal], spread: Decimal | None) -> tuple[MonthAhead, ...]:
    with precise():
        return tuple(
            MonthAhead(
                month=month_of(month).name,
                value=value,
                low=None if spread is None else max(value * (1 - COVERAGE * spread), Decimal(0)),
                high=None if spread is None else value * (1 + COVERAGE * spread),
            )
            for month, value in values.items()
        )
