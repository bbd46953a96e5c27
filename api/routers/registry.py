"""Registry files in, comparisons and openings out: for those who hold a token."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from api.body import read_bounded
from api.deps import CallerDep, LanguageDep, ServicesDep, caller_with
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.schemas import market
from api.schemas.market_rows import file_row, hex_of, report_of
from api.tokens import Caller, Role
from trace_node.quota.commitment import MAX_OPENING_BYTES
from trace_node.services.openings import keep_opening, read_opening
from trace_node.services.registry_compare import compare_registry
from trace_node.services.registry_files import import_file
from trace_node.services.workbook import MAX_FILE_BYTES

intake = APIRouter(prefix="/registry/v1", tags=["registry"])
router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
Keeper = Annotated[Caller, Depends(caller_with(Role.OPERATOR, Role.ENTERPRISE, Role.REGULATOR))]
_BINARY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@intake.post(
    "/files", status_code=201, summary="Import a registry statement", openapi_extra=_BINARY
)
async def take_file(
    form: Literal["csv", "xlsx"],
    request: Request,
    services: ServicesDep,
    _caller: Keeper,
    language: LanguageDep,
) -> Envelope[market.RegistryFile]:
    """Keep a statement of the allowance or the CCER registry, whole or not at all."""
    raw = await read_bounded(request, MAX_FILE_BYTES)
    imported = await run_in_threadpool(
        import_file, raw, file_form=form, store=services.market.store, clock=services.clock
    )
    return success(file_row(imported.file, fresh=imported.fresh), language=language)


@intake.post(
    "/openings", status_code=201, summary="Keep the opening of a commitment", openapi_extra=_BINARY
)
async def take_opening(
    request: Request,
    services: ServicesDep,
    _caller: Keeper,
    language: LanguageDep,
    party: Annotated[list[str], Query(min_length=1, max_length=8)],
) -> Envelope[market.KeptOpening]:
    """Keep price and counterparties of a trade for its parties and the regulator."""
    raw = await read_bounded(request, MAX_OPENING_BYTES)
    kept = await run_in_threadpool(
        keep_opening,
        raw,
        parties=party,
        store=services.market.store,
        holdings=services.market.holdings,
        clock=services.clock,
    )
    answer = market.KeptOpening(commitment=hex_of(kept.commitment), parties=kept.parties)
    return success(answer, language=language)


@router.post("/RegistryFiles", summary="Registry statements that were imported")
def registry_files(
    query: market.FilesQuery, services: ServicesDep, _caller: Keeper, language: LanguageDep
) -> Envelope[market.RegistryFiles]:
    """The files imported last."""
    with services.market.store.view() as view:
        found = view.imported_files.listed(limit=query.limit)
    rows = tuple(file_row(file) for file in found)
    return success(market.RegistryFiles(files=rows), language=language)


@router.post("/RegistryComparison", summary="The ledger against the registries, lot by lot")
def registry_comparison(
    query: market.ComparisonQuery, services: ServicesDep, _caller: Keeper, language: LanguageDep
) -> Envelope[market.ComparisonReport]:
    """Matches, numbers to enter, differences with drafts of corrections, unconfirmed orders."""
    report = compare_registry(
        registry=query.registry,
        store=services.market.store,
        holdings=services.market.holdings,
        clock=services.clock,
        cancellation=query.cancellation,
        deadline=query.deadline,
    )
    return success(report_of(report), language=language)


@router.post("/Opening", summary="Price and counterparties behind a commitment")
def opening(
    query: market.OpeningQuery, services: ServicesDep, caller: CallerDep, language: LanguageDep
) -> Envelope[market.OpeningAnswer]:
    """In clear for the parties of the trade and the regulator, for nobody else."""
    found = read_opening(
        bytes.fromhex(query.commitment[2:]),
        organisation=caller.organisation if caller.role is Role.ENTERPRISE else None,
        is_regulator=caller.role is Role.REGULATOR,
        store=services.market.store,
    )
    answer = market.OpeningAnswer(
        commitment=query.commitment, order_id=hex_of(found.order_id), content={**found.content}
    )
    return success(answer, language=language)
