"""Emission of this node's organisation up to now."""

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.live_json import live_json
from api.schemas import live_emission as wire
from trace_node import canonical_json
from trace_node.ids import OrganisationId
from trace_node.services.inventory import Span
from trace_node.services.live_figures import LiveRequest, live_figures

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/LiveEmissionQuery", summary="Emission of a span of time up to now")
def show_live_emission(
    query: wire.LiveEmissionQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.LiveEmission]:
    """Figures by purpose and masses by source; what is not final on record is provisional.

    Nothing is logged. A piece that cannot be computed is a gap with the code of the reason.
    """
    request = LiveRequest(
        organisation=OrganisationId(services.settings.organisation),
        boundary=query.boundary,
        unit=query.unit,
        span=Span.parse(query.period),
    )
    found = live_figures(request, store=services.market.store, clock=services.clock)
    read = wire.LiveEmission.model_validate_json(canonical_json.encode(live_json(found)))
    return success(read, language=language)
