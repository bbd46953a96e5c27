"""Emission to the end of the year by the growth-rate method (增长率估算法, 7.1.2 b)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.canonical_json import JsonObject
from trace_node.formula import exact_sum
from trace_node.quota.board.emission import MONTHS, EmissionYear
from trace_node.quota.board.figure import Figure, Standing, of_sheet, together
from trace_node.quota.board.rules import BoardRules
from trace_node.quota.sheet import Sheet

GROWTH = "cn.board.forecast.growth"
LEVEL = "cn.board.forecast.level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Emission of a whole year, in part stated and in part estimated (预测).

    Attributes:
        total: Stated months and estimated ones together; an estimate.
        months: Emission of each month from 1 to 12, stated or estimated.
        sheets: Calculation of each estimated month.
        growth: Growth rate over the same months of the year before, rounded for show; None where
            none can be formed.
    """

    total: Figure
    months: Mapping[int, Decimal]
    sheets: Mapping[int, Sheet]
    growth: Decimal | None

    def to_json(self) -> JsonObject:
        """What is shown: formula and inputs once, and every month."""
        first = next(iter(self.sheets.values()))
        return {
            "formulas": [
                {"formula": step.formula, "symbol": step.symbol, "unit": step.unit}
                for step in first.steps
            ],
            "growth": None if self.growth is None else format(self.growth, "f"),
            "method": first.method,
            "months": [
                {
                    "estimated": month in self.sheets,
                    "inputs": dict(self.sheets[month].inputs) if month in self.sheets else {},
                    "month": month,
                    "value": format(value, "f"),
                }
                for month, value in sorted(self.months.items())
            ],
            "total": self.total.to_json(),
        }


def forecast(this: EmissionYear, before: EmissionYear, *, rules: BoardRules) -> Forecast | None:
    """Estimate the months of a year that were not stated.

    The growth rate is formed over all months that were stated in both years. Where it cannot be
    formed, or a month ahead was not stated a year before, every month ahead is put at the daily
    mean of those stated: the growth rate is then unknown and taken as 0.

    Args:
        this: The year.
        before: The year before it.
        rules: Holds the methods.

    Returns:
        None where no month was stated, or nothing is left to estimate.
    """
    ahead = [month for month in MONTHS if month not in this.months]
    if this.is_over or not this.months:
        return None
    both = sorted(set(this.months) & set(before.months))
    now, then = this.sum_of(both), before.sum_of(both)
    if then.value > 0 and all(month in before.months for month in ahead):
        sheets = {
            month: rules.run(
                GROWTH,
                {
                    "elapsed": format(now.value, "f"),
                    "elapsed_before": format(then.value, "f"),
                    "month_before": format(before.months[month].value, "f"),
                },
                year=this.year,
            )
            for month in ahead
        }
        growth, used = next(iter(sheets.values())).value("growth"), before
    else:
        sheets, growth, used = _at_level(this, ahead, rules=rules), None, None
    return _together(this, used, sheets, growth)


def _at_level(this: EmissionYear, ahead: list[int], *, rules: BoardRules) -> dict[int, Sheet]:
    stated = sorted(this.months)
    given = {
        "elapsed": format(this.sum_of(stated).value, "f"),
        "elapsed_days": str(sum(days_of(this.year, month) for month in stated)),
    }
    return {
        month: rules.run(
            LEVEL, given | {"month_days": str(days_of(this.year, month))}, year=this.year
        )
        for month in ahead
    }


def _together(
    this: EmissionYear,
    before: EmissionYear | None,
    sheets: Mapping[int, Sheet],
    growth: Decimal | None,
) -> Forecast:
    months = {month: figure.value for month, figure in this.months.items()}
    months |= {month: sheet.result for month, sheet in sheets.items()}
    earlier = () if before is None else before.sum_of(sorted(before.months)).sources
    total = Figure(
        value=exact_sum(months.values()),
        standing=Standing.ESTIMATE,
        sources=together(
            this.sum_of(sorted(this.months)).sources, earlier, of_sheet(next(iter(sheets.values())))
        ),
    )
    return Forecast(total=total, months=months, sheets=sheets, growth=growth)


def days_of(year: int, month: int) -> int:
    """Number of days of a month."""
    return monthrange(year, month)[1]
