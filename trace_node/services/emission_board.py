"""The board of emission of a year: four colours, by what they were decided (碳能看板)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trace_node.accounting.arithmetic import total
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.forecast import Forecast
from trace_node.accounting.outlook.rating import (
    DEFAULT_ORDER,
    PRODUCT_THRESHOLDS,
    Level,
    Measure,
    Rated,
    Reference,
    Thresholds,
    decide,
    rate,
)
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, month_of
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.emission_forecast import ForecastRequest, forecast_emission
from trace_node.services.emission_levels import (
    LoggedLevels,
    benchmark_of,
    history_of,
    levels_of,
    plan_of,
)
from trace_node.services.emission_series import EmissionSeries, emission_series
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.library import approvals as approvals_in
from trace_node.services.library import factor_library
from trace_node.services.span_activity import SpanActivities


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRequest:
    """Which board.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        year: The year.
        purpose: Which figure; None for the one of the levels on record, else the inventory's.
        gwp_set: Its GWP set; None for the one of the levels, or the only one.
    """

    organisation: str
    boundary: str
    year: Period
    purpose: Purpose | None = None
    gwp_set: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Emission of some months against every reference.

    Attributes:
        months: Names of the months.
        emission: Their emission, in part foretold where the months are ahead.
        rated: Against each reference.
        decided: The one that decides the level; None where none has data.
    """

    months: tuple[str, ...]
    emission: Decimal
    rated: tuple[Rated, ...]
    decided: Rated | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionBoard:
    """The board (四级预警).

    Attributes:
        series: Months that are known.
        levels: The levels on record; None where those of the product are used.
        thresholds: Where colours change.
        order: In which order references decide.
        to_date: The months of the year that are known.
        expected: The whole year with the months ahead as foretold; None where it cannot be.
        forecast: What the months ahead were foretold by; None where nothing is ahead or known.
    """

    series: EmissionSeries
    levels: LoggedLevels | None
    thresholds: Thresholds
    order: tuple[Reference, ...]
    to_date: Rating
    expected: Rating | None
    forecast: Forecast | None

    @property
    def level(self) -> Level | None:
        """The worse of what is known and what is expected; None where nothing can be rated."""
        found = [
            each.decided.level
            for each in (self.to_date, self.expected)
            if each is not None and each.decided is not None and each.decided.level is not None
        ]
        return max(found, key=list(Level).index, default=None)


def emission_board(request: BoardRequest, *, store: Store, now: datetime) -> EmissionBoard:
    """Rate the emission of a year.

    Raises:
        BoundaryNotFoundError: There is no such boundary or output.
        InputError: The records hold no such figure.
    """
    found = levels_of(request.organisation, request.boundary, request.year, store=store)
    series = _series(request, found, store=store, now=now)
    first = january_of(request.year)
    stated = [month for month in range(first, first + MONTHS_OF_A_YEAR) if month in series.values]
    best = _forecast(request, series, stated, store=store, now=now)
    references = _References(request, found, series, store=store, now=now)
    thresholds = found.levels.thresholds if found and found.levels.thresholds else None
    order = found.levels.order if found else DEFAULT_ORDER
    made = _Maker(thresholds=thresholds or PRODUCT_THRESHOLDS, order=order)
    emission = total(series.values[month] for month in stated)
    return EmissionBoard(
        series=series,
        levels=found,
        thresholds=made.thresholds,
        order=order,
        to_date=made.rating(stated, emission, references.to_date(stated)),
        expected=_expected(made, references, emission, first, best),
        forecast=best,
    )


def january_of(year: Period) -> int:
    """Number of the first month of a year."""
    return year.start.year * MONTHS_OF_A_YEAR


def _series(
    request: BoardRequest, found: LoggedLevels | None, *, store: Store, now: datetime
) -> EmissionSeries:
    of_levels = (
        (found.levels.purpose, found.levels.gwp_set) if found else (Purpose.ENTERPRISE, None)
    )
    purpose = request.purpose or of_levels[0]
    is_same = purpose is of_levels[0] and request.gwp_set is None
    return emission_series(
        _known(request),
        purpose=purpose,
        gwp_set=of_levels[1] if is_same else request.gwp_set,
        store=store,
        now=now,
    )


def _known(request: BoardRequest) -> InventoryRequest:
    return InventoryRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        span=Span(begin=request.year.previous().start, end=request.year.end),
    )


def _forecast(
    request: BoardRequest,
    series: EmissionSeries,
    stated: Sequence[int],
    *,
    store: Store,
    now: datetime,
) -> Forecast | None:
    """The months after the last stated one; None where a month is missing before it."""
    first = january_of(request.year)
    if not stated or list(stated) != list(range(first, first + len(stated))):
        return None
    if len(stated) == MONTHS_OF_A_YEAR:
        return None
    purpose, _unit, gwp_set = series.key
    asked = ForecastRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        first=month_of(stated[-1] + 1),
        count=MONTHS_OF_A_YEAR - len(stated),
        purpose=purpose,
        gwp_set=gwp_set,
    )
    return forecast_emission(asked, store=store, now=now).best


def _expected(
    made: "_Maker", references: "_References", emission: Decimal, first: int, best: Forecast | None
) -> Rating | None:
    if best is None or best.total is None:
        return None
    months = range(first, first + MONTHS_OF_A_YEAR)
    return made.rating(months, total([emission, best.total]), references.of_year(months))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    thresholds: Thresholds
    order: tuple[Reference, ...]

    def rating(
        self, months: Sequence[int], emission: Decimal, measures: Sequence[Measure]
    ) -> Rating:
        rated = tuple(rate(emission, each, self.thresholds) for each in measures) if months else ()
        return Rating(
            months=tuple(month_of(each).name for each in months),
            emission=emission,
            rated=rated,
            decided=decide(rated, self.order),
        )


class _References:
    """What emission is measured by: of months that are over all four, of the year two."""

    def __init__(
        self,
        request: BoardRequest,
        found: LoggedLevels | None,
        series: EmissionSeries,
        *,
        store: Store,
        now: datetime,
    ) -> None:
        self._request, self._found, self._series = request, found, series
        self._activities = SpanActivities(store, _known(request), now=now)
        organisation = OrganisationId(request.organisation)
        with store.view() as view:
            self._library = factor_library(view, organisation=organisation)
            self._approvals = approvals_in(view, organisation=organisation)

    def of_year(self, months: Sequence[int]) -> list[Measure]:
        """History and plan; how much will be made is not known."""
        return [
            history_of(self._series.values, months, self._series.leaves),
            plan_of(self._found, months, self._request.year),
        ]

    def to_date(self, months: Sequence[int]) -> list[Measure]:
        """All four."""
        benchmarks = [
            benchmark_of(
                reference,
                self._found,
                months,
                activities=self._activities,
                library=self._library,
                approvals=self._approvals,
            )
            for reference in (Reference.SECTOR, Reference.ADVANCED)
        ]
        return [*self.of_year(months), *benchmarks]
