"""Forecasts of a boundary's emission, from its own months or from its use of energy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.back_test import Foretell
from trace_node.accounting.outlook.by_energy import by_energy, tonnes_per_energy
from trace_node.accounting.outlook.forecast import METHODS, Forecast, best_of, forecasts
from trace_node.accounting.outlook.seasonal_trend import (
    SeasonalTrend,
    TrendTest,
    seasonal_trend,
    try_trend,
)
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, before, month_of, number_of
from trace_node.period import Period, PeriodKind, period_of
from trace_node.ports.store import Store
from trace_node.services.emission_series import EmissionSeries, emission_series
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.span_activity import SpanActivities

YEARS_BACK: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRequest:
    """What is to be foretold.

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        unit: Of one accounting unit; None for all.
        first: The first month ahead.
        count: Months ahead, 1 to 12.
        purpose: Which figure.
        gwp_set: Its GWP set; None where there is one only.
        energy: Activity of the boundary that is foretold in place of the emission, which then
            follows it at the emission for each unit of the months before; None for none.
    """

    organisation: str
    boundary: str
    unit: str | None = None
    first: Period
    count: int = MONTHS_OF_A_YEAR
    purpose: Purpose = Purpose.ENTERPRISE
    gwp_set: str | None = None
    energy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionForecast:
    """What the methods say (排放预测).

    Attributes:
        series: What is known.
        trend: Whether the months before rise or fall; None where no two years have a month in
            common.
        trend_test: How often a trend that was stated before was borne out.
        forecasts: What each method says, with its back-test.
        best: The one with the smallest error before; None where no method can say.
        per_energy: Tonnes for each unit of the energy; None where no energy was named.
    """

    series: EmissionSeries
    trend: SeasonalTrend | None
    trend_test: TrendTest
    forecasts: tuple[Forecast, ...]
    best: Forecast | None
    per_energy: Decimal | None


def forecast_emission(request: ForecastRequest, *, store: Store, now: datetime) -> EmissionForecast:
    """Foretell the months from ``first`` on, with the error each method had before.

    Raises:
        BoundaryNotFoundError: There is no such boundary or activity.
        InputError: There is no such figure.
        OutlookError: Other than 1 to 12 months, or the energy has no months in common.
    """
    known = _known(request)
    series = emission_series(
        known, purpose=request.purpose, store=store, now=now, gwp_set=request.gwp_set
    )
    first = number_of(request.first)
    history = before(series.values, first)
    methods: Mapping[str, Foretell] = METHODS
    per_energy = None
    if request.energy is not None:
        name = request.energy
        energy = _energy(name, known, series, store=store, now=now)
        methods = {each: by_energy(energy, one, name=name) for each, one in METHODS.items()}
        per_energy = tonnes_per_energy(history, before(energy, first), name=name)
    found = forecasts(history, range(first, first + request.count), methods)
    return EmissionForecast(
        series=series,
        trend=seasonal_trend(history),
        trend_test=try_trend(history),
        forecasts=found,
        best=best_of(found),
        per_energy=per_energy,
    )


def _known(request: ForecastRequest) -> InventoryRequest:
    last = request.first.previous()
    begin = month_of(number_of(request.first) - YEARS_BACK * MONTHS_OF_A_YEAR)
    return InventoryRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        span=Span(begin=begin.start, end=last.end),
        unit=request.unit,
    )


def _energy(
    name: str, request: InventoryRequest, series: EmissionSeries, *, store: Store, now: datetime
) -> dict[int, Decimal]:
    """Energy of each month that it is known of."""
    activities = SpanActivities(store, request, now=now)
    found = {
        month: activities.of(name, month_of(month)).number
        for month in _months_between(series, request.span)
    }
    return {month: value for month, value in found.items() if value is not None}


def _months_between(series: EmissionSeries, span: Span) -> Sequence[int]:
    """From the first month with a figure to the end of a span, those without one too."""
    end = number_of(period_of(span.end, PeriodKind.MONTH))
    return range(min(series.values), end) if series.values else ()


def first_unknown(series: EmissionSeries, now: datetime) -> Period:
    """The month after the last that is known; the running one where none is."""
    if series.values:
        return month_of(max(series.values)).next()
    return period_of(now, PeriodKind.MONTH)
