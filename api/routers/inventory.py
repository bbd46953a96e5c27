"""Inventories of this node's organisation."""

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.inventory_view_json import inventory_view_json
from api.schemas import inventory as wire
from trace_node import canonical_json
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.inventory_view import inventory_view
from trace_node.services.uncertainties import of_inventory

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/InventoryQuery", summary="Greenhouse-gas inventory of a span of time")
def show_inventory(
    query: wire.InventoryQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.Inventory]:
    """Masses by scope, category, source, unit and period, figures by purpose, and what lacks.

    Each record it is made of is a leaf, which ``Statements`` of the kind ``emission@1`` shows.
    """
    request = InventoryRequest(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        span=Span.parse(query.period),
        unit=query.unit,
    )
    store = services.market.store
    view = inventory_view(request, store=store)
    found = inventory_view_json(view, of_inventory(view.inventory, store=store))
    read = wire.Inventory.model_validate_json(canonical_json.encode(found))
    return success(read, language=language)
