"""What accounting rests on: factors, methods, laboratory records and activity entries."""

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.schemas import entered, entered_rows
from trace_node.ids import OrganisationId
from trace_node.services.entered import activity_entries, laboratory_records
from trace_node.services.library import known_factors, known_method, known_methods

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/Factors", summary="Factors of the library and of this organisation")
def factors(
    query: entered.FactorsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[entered.Factors]:
    """Rows with their sources, status and the approval by which a draft may be used."""
    organisation = OrganisationId(services.settings.organisation)
    with services.market.store.view() as view:
        found = known_factors(view, organisation=organisation)
    chosen = entered_rows.chosen_factors(found, query)
    return success(entered.Factors(factors=chosen), language=language)


@router.post("/Methods", summary="Methods of the library and released ones")
def methods(
    query: entered.MethodsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[entered.Methods]:
    """Every version, or one in full; its signed package is among the Statements."""
    with services.market.store.view() as view:
        whole = query.method is not None
        found = known_methods(view) if query.method is None else [known_method(view, query.method)]
    rows = tuple(entered_rows.method(each, whole=whole) for each in found)
    return success(entered.Methods(methods=rows), language=language)


@router.post("/LaboratoryRecords", summary="Laboratory records of this organisation")
def records_of_laboratories(
    query: entered.EnteredQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[entered.EnteredList]:
    """Reports with what is wrong with their days; samples that were dated anew are flagged."""
    found = laboratory_records(services.market.store, organisation=services.settings.organisation)
    rows = entered_rows.chosen_records(found, query, language=language)
    return success(entered.EnteredList(records=rows), language=language)


@router.post("/ActivityEntries", summary="Activity data entered by people")
def entries_of_people(
    query: entered.EnteredQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[entered.EnteredList]:
    """Figures from documents, each with the digest of its document; corrections are later ones."""
    found = activity_entries(services.market.store, organisation=services.settings.organisation)
    rows = entered_rows.chosen_records(found, query, language=language)
    return success(entered.EnteredList(records=rows), language=language)
