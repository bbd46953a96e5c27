"""Statements: facts of emission and of the market put on record, by signature alone."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.body import read_bounded
from api.deps import CallerDep, LanguageDep, ServicesDep, require_log
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute, require_media_type
from api.ledger_services import SEE_ALL
from api.schemas.base import Digest, Index, WireModel
from trace_node.canonical_json import MAX_RECORD_BYTES, decode_object
from trace_node.ids import to_base64url
from trace_node.ports.statements import LoggedStatement
from trace_node.services.statement_job import MAX_TOGETHER
from trace_node.services.statement_types import OF_AN_ORGANISATION, RELEASED

intake = APIRouter(tags=["ingest"])
router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
MOST = 200
LINES: Final = "application/x-ndjson"
MAX_TOGETHER_BYTES: Final = 32 * 1024 * 1024


class Stated(WireModel):
    """A statement that is committed.

    Attributes:
        index: Its leaf index.
        digest: Its record digest.
        kind: Its type.
        topic: What it is about.
    """

    index: Index
    digest: Digest
    kind: str
    topic: str


class StatedTogether(WireModel):
    """Statements that were committed together, in the order they came in."""

    statements: tuple[Stated, ...]


class StatedRecord(Stated):
    """A statement with its record.

    Attributes:
        record: The record, parsed; what is hashed is the entry of the log.
    """

    record: dict[str, object]


class StatementsQuery(WireModel):
    """Which statements.

    Attributes:
        kind: Type of record, such as ``ccer-project@1``.
        topic: What they are about; all if left out.
        after: Behind this leaf.
        limit: At most so many.
    """

    kind: Annotated[str, Field(max_length=64, examples=["ccer-project@1"])]
    topic: Annotated[str, Field(max_length=300)] | None = None
    after: Annotated[int, Field(ge=-1)] = -1
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class StatementList(WireModel):
    """Statements in the order of the log."""

    statements: tuple[StatedRecord, ...]


@intake.post(
    "/ingest/v1/{log}/statements",
    status_code=201,
    summary="Log a signed statement",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def log_statement(
    log: str, request: Request, services: ServicesDep, language: LanguageDep
) -> Envelope[Stated]:
    """Take a statement signed by a node or an authority, or a binding signed by its own key."""
    require_log(services, log)
    raw = await read_bounded(request, MAX_RECORD_BYTES)
    logged = await run_in_threadpool(services.state, raw)
    return success(_stated(logged), language=language)


@intake.post(
    "/ingest/v1/{log}/statements/together",
    status_code=201,
    summary="Log the signed statements of a form in one commit",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {LINES: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def log_together(
    log: str, request: Request, services: ServicesDep, language: LanguageDep
) -> Envelope[StatedTogether]:
    """Take statements, one a line: activity entries and laboratory records, all of them or none."""
    require_log(services, log)
    require_media_type(request, LINES)
    raw = await read_bounded(request, MAX_TOGETHER_BYTES)
    lines = raw.split(b"\n", MAX_TOGETHER + 1) if raw else []  # one more than the bound shows it
    logged = await run_in_threadpool(services.state_together, lines)
    return success(StatedTogether(statements=tuple(map(_stated, logged))), language=language)


@router.post("/Statements", summary="Statements in this log")
def statements(
    query: StatementsQuery, services: ServicesDep, caller: CallerDep, language: LanguageDep
) -> Envelope[StatementList]:
    """What was stated of emission, allocation, rules, CCER projects and organisations.

    What organisations state of themselves, such as boundaries, readings of laboratories and
    emissions, the regulator and the operator see of all; everybody else of the organisation of
    their token, or of this node: so an enterprise finds what a platform published for it.
    """
    sees_all = caller.organisation is None and caller.role in SEE_ALL
    is_own = query.kind in OF_AN_ORGANISATION and not sees_all
    if query.kind not in OF_AN_ORGANISATION | RELEASED:
        caller.require_organisation(services.settings.organisation)
    whose = caller.organisation or services.settings.organisation
    with services.market.store.view() as view:
        found = view.statements.find(
            query.kind,
            topic=query.topic,
            after=query.after,
            limit=query.limit,
            organisation=whose if is_own else None,
        )
        bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in found]
    rows = tuple(
        StatedRecord(**_stated(each).model_dump(), record={**decode_object(body)})
        for each, body in zip(found, bodies, strict=True)
    )
    return success(StatementList(statements=rows), language=language)


def _stated(logged: LoggedStatement) -> Stated:
    return Stated(
        index=logged.index,
        digest=to_base64url(logged.digest),
        kind=logged.kind,
        topic=logged.topic,
    )
