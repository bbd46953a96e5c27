"""The data of each emission source, sorted and chosen."""

from dataclasses import replace

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.routers.reports import desk_of
from api.schemas import source_data as wire
from trace_node import canonical_json
from trace_node.services.source_data import SourceQuery, source_json

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/SourceData", summary="Data of each emission source, sorted and chosen")
def data_of_sources(
    query: wire.SourceDataQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[wire.SourceDataAnswer]:
    """Masses by gas and period with the activity data behind them; as a workbook if accepted."""
    asked = SourceQuery(
        organisation=services.settings.organisation,
        boundary=query.boundary,
        period=query.period,
        source=query.source,
        unit=query.unit,
        scope=query.scope,
        category=query.category,
        gas=query.gas,
        sort=query.sort,
        descending=query.descending,
    )
    found = desk_of(services).sources(asked)
    shown = replace(found, rows=found.rows[: query.limit])
    answer = {**source_json(shown), "left_out": len(found.rows) - len(shown.rows)}
    read = wire.SourceDataAnswer.model_validate_json(canonical_json.encode(answer))
    return success(read, language=language)
