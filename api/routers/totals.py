"""Totals of a meter register by second, minute, quarter of an hour, hour, day, month and year."""

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.readings_page import pending_entries
from api.schemas.rows import total_row
from api.schemas.totals import PeriodTotals, PeriodTotalsQuery
from trace_node.services.period_totals import TotalsRequest, period_totals

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/PeriodTotals", summary="Totals of one meter register by period")
def find_totals(
    query: PeriodTotalsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[PeriodTotals]:
    """Increment, least and greatest value, coverage and flags of each period of a range.

    Boundaries are those of the civil time of China (+08:00). A period in which nothing was measured
    has its row too.
    """
    request = TotalsRequest(
        device=query.device,
        meter_register=query.meter_register,
        kind=query.period,
        begin=query.begin,
        end=query.end,
        now=services.clock.now(),
    )
    pending = pending_entries(services.reader)
    found = period_totals(request, reader=services.reader)
    unit = found.meter_register.unit
    answer = PeriodTotals(
        device=query.device,
        meter_register=query.meter_register,
        multiplier=f"{found.meter_register.multiplier:f}",
        totals=tuple(total_row(total, unit=unit) for total in found.totals),
        pending_entries=pending,
    )
    return success(answer, language=language)
