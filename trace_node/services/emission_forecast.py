"""Forecasts of a boundary's emission, from its own months or from its use of energy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.forecast import Forecast, best_of, forecasts
from trace_node.accounting.outlook.series import (
    MONTHS_OF_A_YEAR,
    Series,
    month_of,
    number_of,
    sum_of,
)
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
        energy: Activity of the boundary whose growth is foretold in place of the emission's, which
            then follows it at the emission for each unit of the months before; None for none.
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
        forecasts: What each method says, with its back-test.
        best: The one with the smallest error before; None where no method can say.
        per_energy: Tonnes for each unit of the energy; None where no energy was named.
    """

    series: EmissionSeries
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
    history: Series = series.values
    per_energy = None
    if request.energy is not None:
        history, per_energy = _by_energy(request.energy, known, series, store=store, now=now)
    first = number_of(request.first)
    found = forecasts(history, range(first, first + request.count))
    return EmissionForecast(
        series=series, forecasts=found, best=best_of(found), per_energy=per_energy
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


def _by_energy(
    name: str, request: InventoryRequest, series: EmissionSeries, *, store: Store, now: datetime
) -> tuple[Mapping[int, Decimal], Decimal]:
    """Energy of each month as the emission it stands for, and tonnes for each unit of it."""
    activities = SpanActivities(store, request, now=now)
    energy: dict[int, Decimal] = {}
    for month in _months_between(series, request.span):
        value = activities.of(name, month_of(month)).number
        if value is not None:
            energy[month] = value
    both: Sequence[int] = sorted(energy.keys() & series.values.keys())[-MONTHS_OF_A_YEAR:]
    if not both or sum_of(energy, both) <= 0:
        raise OutlookError(
            "{field}: {name} has no month in common with the emission",
            field="energy",
            name=name,
            remedy="name an energy use of the boundary that is measured month by month",
            code="outlook.energy",
        )
    with precise():
        share = sum_of(series.values, both) / sum_of(energy, both)
        return {month: value * share for month, value in energy.items()}, share


def _months_between(series: EmissionSeries, span: Span) -> Sequence[int]:
    """From the first month with a figure to the end of a span, those without one too."""
    end = number_of(period_of(span.end, PeriodKind.MONTH))
    return range(min(series.values), end) if series.values else ()


def first_unknown(series: EmissionSeries, now: datetime) -> Period:
    """The month after the last that is known; the running one where none is."""
    if series.values:
        return month_of(max(series.values)).next()
    return period_of(now, PeriodKind.MONTH)
