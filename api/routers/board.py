"""Boards of enterprises: quota against emission, alerts, usage plans."""

from decimal import Decimal
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends

from api.deps import CallerDep, LanguageDep, ServicesDep, require_role
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.schemas import board as wire
from api.schemas import board_events as events
from api.schemas import board_questions as asked
from api.schemas.base import WireModel
from api.services import BoardServices
from api.tokens import Role
from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.errors import AccessError, NotFoundError
from trace_node.period import parse_period
from trace_node.quota.board.advice import Prices
from trace_node.quota.board.plan import Act, PlanLine

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)
Model = TypeVar("Model", bound=WireModel)


async def boards_of(services: ServicesDep) -> BoardServices:
    """The boards of this node.

    Raises:
        NotFoundError: Its log takes opaque entries only.
    """
    if services.board is None:
        raise NotFoundError(
            "this node keeps no boards",
            code="not_found.board",
            remedy="ask a node that serves collectors",
        )
    return services.board


BoardsDep = Annotated[BoardServices, Depends(boards_of)]


@router.post("/QuotaBoardQuery", summary="Quota against emission of one enterprise")
def show_board(
    query: asked.QuotaBoardQuery, boards: BoardsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.QuotaBoard]:
    """Two obligation years side by side; every figure with what it came from and how far it stands.

    An enterprise sees its own board, the regulator all.
    """
    caller.require_organisation(query.organisation)
    prices = Prices(
        allowance=None if query.allowance_price is None else Decimal(query.allowance_price),
        ccer=None if query.ccer_price is None else Decimal(query.ccer_price),
    )
    found = boards.boards.board(query.organisation, prices=prices)
    return success(_read(wire.QuotaBoard, found.to_json()), language=language)


@router.post("/QuotaOverviewQuery", summary="All enterprises: obligations, surrendered, overdue")
def show_overview(
    _query: asked.QuotaOverviewQuery, boards: BoardsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[wire.QuotaOverview]:
    """The regulator's view. A board that cannot be computed is shown with the reason."""
    require_role(caller, Role.REGULATOR, Role.OPERATOR)
    if caller.organisation is not None:
        raise AccessError(
            "this token is for {own}, not for all organisations",
            code="access.scope",
            own=caller.organisation,
            remedy="ask the operator for a token with that scope",
        )
    found = boards.boards.overview()
    return success(_read(wire.QuotaOverview, found.to_json()), language=language)


@router.post("/QuotaAlertQuery", summary="Alerts of boards with every attempt to deliver them")
def show_alerts(
    query: asked.QuotaAlertQuery, boards: BoardsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[events.QuotaAlerts]:
    """The newest alerts; failed deliveries are shown with what went wrong."""
    organisation = query.organisation or caller.organisation
    if organisation is not None:
        caller.require_organisation(organisation)
    found = boards.alerts.newest(
        organisation=organisation, only_open=query.only_open, limit=query.limit
    )
    rows = tuple(_read(events.QuotaAlert, each.to_json()) for each in found)
    return success(events.QuotaAlerts(alerts=rows), language=language)


@router.post("/QuotaAlertAcknowledge", summary="Take notice of an alert")
def acknowledge(
    query: asked.QuotaAlertAcknowledgement,
    boards: BoardsDep,
    caller: CallerDep,
    language: LanguageDep,
) -> Envelope[events.QuotaAlert]:
    """Enter who took notice, once and for good; the alert is delivered no more."""
    require_role(caller, Role.ENTERPRISE, Role.OPERATOR)
    known = boards.alerts.find(query.number)
    caller.require_organisation(known.alert.draft.organisation)
    done = boards.alerts.acknowledge(query.number, by=caller.name, note=query.note)
    return success(_read(events.QuotaAlert, done.to_json()), language=language)


@router.post("/UsagePlanQuery", summary="A usage plan beside what happened")
def show_plan(
    query: asked.UsagePlanQuery, boards: BoardsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[events.ComparedUsagePlan]:
    """Month by month what was planned, and what the mirror of the ledger shows."""
    caller.require_organisation(query.organisation)
    found = boards.plans.compared(query.organisation, query.year, version=query.version)
    return success(_read(events.ComparedUsagePlan, found.to_json()), language=language)


@router.post("/UsagePlanSubmit", summary="A new version of a usage plan")
def submit_plan(
    query: asked.UsagePlanSubmission, boards: BoardsDep, caller: CallerDep, language: LanguageDep
) -> Envelope[events.UsagePlanRow]:
    """Keep a version; those before it stay."""
    require_role(caller, Role.ENTERPRISE, Role.OPERATOR)
    caller.require_organisation(query.organisation)
    lines = [
        PlanLine(month=parse_period(line.month), act=Act(line.act), tonnes=line.tonnes)
        for line in query.lines
    ]
    made = boards.plans.submit(
        query.organisation,
        query.year,
        lines,
        by=caller.name,
        note=query.note,
        after=query.after,
    )
    return success(_read(events.UsagePlanRow, made.to_json()), language=language)


def _read(model: type[Model], content: JsonObject) -> Model:
    """The wire model of what the domain shows; that the two agree is checked on the way."""
    return model.model_validate_json(canonical_json.encode(content))
