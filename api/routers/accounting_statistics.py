"""The register of emission sources, and statistics of accounting."""

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.schemas import accounting_statistics as wire
from api.schemas.inventory import InventoryQuery
from api.services import Services
from api.statistics_json import source_json, statistics_json
from trace_node import canonical_json
from trace_node.services.accounting_statistics import accounting_statistics
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.source_register import source_register

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/SourceRegister", summary="Every emission source with its energy use and its amount")
def show_sources(
    query: InventoryQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.SourceRegister]:
    """Those that no record accounts for are there too, and say so."""
    rows = source_register(_request(query, services), store=services.market.store)
    found = canonical_json.encode({"sources": [source_json(each) for each in rows]})
    return success(wire.SourceRegister.model_validate_json(found), language=language)


@router.post(
    "/AccountingStatistics", summary="Statistics of boundary, methods, reports, footprints"
)
def show_statistics(
    query: InventoryQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.AccountingStatistics]:
    """Counted from the leaves when it is asked for; clean energy and sinks are never netted."""
    found = accounting_statistics(_request(query, services), store=services.market.store)
    answer = canonical_json.encode(statistics_json(found))
    return success(wire.AccountingStatistics.model_validate_json(answer), language=language)


def _request(query: InventoryQuery, services: Services) -> InventoryRequest:
    return InventoryRequest(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        span=Span.parse(query.period),
        unit=query.unit,
    )
