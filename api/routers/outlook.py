"""Comparisons, checks, stages, forecasts and boards of this node's emission."""

from decimal import Decimal
from typing import TypeVar

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.inventory_view_json import change_json, check_json, intensity_rows
from api.outlook_json import (
    board_json,
    emitter_json,
    forecast_json,
    stage_json,
    year_figure_json,
)
from api.schemas import inventory_measures as measures
from api.schemas import inventory_questions as asked
from api.schemas import outlook as wire
from api.schemas import trend as trends
from api.schemas.base import WireModel
from api.services import Services
from api.trend_json import trend_json
from trace_node import canonical_json
from trace_node.accounting.inventory.compare import compare
from trace_node.accounting.methods.words import Purpose
from trace_node.canonical_json import JsonObject
from trace_node.services.emission_board import BoardRequest, emission_board
from trace_node.services.emission_forecast import ForecastRequest, forecast_emission
from trace_node.services.emission_trend import KINDS, TrendRequest, emission_trend
from trace_node.services.emitters import emitter_years, threshold_of, year_figures
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.inventory_measures import (
    check_activities,
    check_levels,
    intensities_of,
)
from trace_node.services.outlook_words import read_month, read_year
from trace_node.services.span_activity import SpanActivities
from trace_node.services.stage_analysis import stage_analysis

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
Model = TypeVar("Model", bound=WireModel)


@router.post("/InventoryCompare", summary="Inventories of two spans side by side")
def show_changes(
    query: asked.InventoryCompareQuery,
    services: ServicesDep,
    _caller: ScopedDep,
    language: LanguageDep,
) -> Envelope[measures.Changes]:
    """Each purpose for itself; a span with gaps is not whole, and says so."""
    store = services.market.store
    before, after = (
        inventory_of(_request(services, query.boundary, span, query.unit), store=store)
        for span in (query.before, query.after)
    )
    answer: JsonObject = {
        "changes": [change_json(each) for each in compare(before, after)],
        "gaps_after": len(after.gaps),
        "gaps_before": len(before.gaps),
    }
    return success(_read(measures.Changes, answer), language=language)


@router.post("/EmissionIntensity", summary="Figures by output, output value or energy")
def show_intensities(
    query: asked.IntensityQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[measures.Intensities]:
    """Figures of a span for each unit of activities of the boundary; none where a part lacks."""
    store, request = (
        services.market.store,
        _request(services, query.boundary, query.period, query.unit),
    )
    activities = SpanActivities(store, request, now=services.clock.now())
    found = intensities_of(inventory_of(request, store=store), query.per, activities)
    return success(
        _read(measures.Intensities, {"intensities": intensity_rows(found)}), language=language
    )


@router.post("/InventoryCheck", summary="Sources of one quantity against each other")
def show_checks(
    query: asked.CrossCheckQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[measures.Checks]:
    """A meter and a bill, or a record and the shorter ones in it; what lacks is not compared."""
    store, request = (
        services.market.store,
        _request(services, query.boundary, query.period, query.unit),
    )
    if query.activities:
        rows = check_activities(
            request,
            query.activities,
            store=store,
            now=services.clock.now(),
            tolerance=Decimal(query.tolerance),
        )
    else:
        rows = check_levels(request, store=store)
    return success(
        _read(measures.Checks, {"checks": [check_json(each) for each in rows]}), language=language
    )


@router.post("/StageAnalysis", summary="Emission of every stage of a boundary")
def show_stages(
    query: asked.StageQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[measures.Stages]:
    """Value, share, and change on the span before and on the same span a year before."""
    request = _request(services, query.boundary, query.period, query.unit)
    found = stage_analysis(request, store=services.market.store)
    return success(
        _read(measures.Stages, {"stages": [stage_json(each) for each in found]}), language=language
    )


@router.post("/EmissionForecast", summary="Emission of months ahead")
def show_forecast(
    query: asked.ForecastQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.Forecast]:
    """By growth rate and by season, each with the error it had before, beside the targets."""
    request = ForecastRequest(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        unit=query.unit,
        first=read_month(query.first),
        count=query.months,
        purpose=Purpose(query.purpose),
        gwp_set=query.gwp_set,
        energy=query.energy,
    )
    found = forecast_emission(request, store=services.market.store, now=services.clock.now())
    return success(_read(wire.Forecast, forecast_json(found)), language=language)


@router.post("/EmissionTrend", summary="Emission over time, by itself or by an output")
def show_trend(
    query: trends.TrendQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[trends.Trend]:
    """The figure and each source category, where they go, and periods that fall out."""
    request = TrendRequest(
        inventory=_request(services, query.boundary, query.period, query.unit),
        per=query.per,
        by=KINDS[query.by],
        purpose=Purpose(query.purpose),
        references={each.line: each.row for each in query.references},
    )
    found = emission_trend(request, store=services.market.store, now=services.clock.now())
    return success(_read(trends.Trend, trend_json(found)), language=language)


@router.post("/EmissionBoard", summary="Board of emission of a year in four colours")
def show_emission_board(
    query: asked.EmissionBoardQuery,
    services: ServicesDep,
    _caller: ScopedDep,
    language: LanguageDep,
) -> Envelope[wire.EmissionBoard]:
    """Own history, plan, sector benchmark and advanced value; which one decided is shown."""
    request = BoardRequest(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        year=read_year(query.year),
        purpose=None if query.purpose is None else Purpose(query.purpose),
        gwp_set=query.gwp_set,
    )
    found = emission_board(request, store=services.market.store, now=services.clock.now())
    return success(_read(wire.EmissionBoard, board_json(found)), language=language)


@router.post("/EmitterStatus", summary="Key or general emitter by year")
def show_emitter(
    query: asked.EmitterQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[measures.Emitter]:
    """What the lists on record say, and the figures of a year beside the threshold."""
    store, organisation = services.market.store, services.settings.organisation
    row = threshold_of(organisation, store=store)
    figures = year_figures(organisation, query.boundary, read_year(query.year), store=store)
    answer: JsonObject = {
        "figures": [year_figure_json(each) for each in figures],
        "source": row.source,
        "threshold": f"{row.value:f} {row.unit}",
        "years": [emitter_json(each) for each in emitter_years(organisation, store=store)],
    }
    return success(_read(measures.Emitter, answer), language=language)


def _request(services: Services, boundary: str, span: str, unit: str | None) -> InventoryRequest:
    return InventoryRequest(
        organisation=services.settings.organisation,
        boundary=boundary,
        span=Span.parse(span),
        unit=unit,
    )


def _read(model: type[Model], answer: JsonObject) -> Model:
    return model.model_validate_json(canonical_json.encode(answer))
