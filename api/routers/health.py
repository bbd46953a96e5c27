"""Whether the process lives, whether it can take readings, and its figures."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ServicesDep
from api.metrics import exposition
from trace_node.errors import TraceNodeError
from trace_node.services.ledger_health import HealthReport
from trace_node.services.ledger_queries import not_joined, standing

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """Answer of the liveness probe."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether readings can be taken.

    Attributes:
        status: ``ready``; ``degraded`` when readings are taken but not anchored; ``unready``.
        size: Entries committed; None when the database does not answer.
        detail: What is wrong; empty when nothing is.
    """

    model_config = ConfigDict(extra="forbid")

    status: Literal["ready", "degraded", "unready"]
    size: int | None = None
    detail: str = ""


@router.get("/healthz", summary="Whether the process lives")
async def healthz() -> Health:
    """Answers while the process lives."""
    return Health()


@router.get(
    "/readyz", summary="Whether readings can be taken", responses={503: {"model": Readiness}}
)
def readyz(services: ServicesDep, response: Response) -> Readiness:
    """Speaks of ingest alone: a chain that is down degrades a node, it does not stop it."""
    try:
        size = services.reader.state().size
    except TraceNodeError as error:
        response.status_code = 503
        return Readiness(status="unready", detail=error.message)
    if note := services.intake_note():
        response.status_code = 503
        return Readiness(status="unready", size=size, detail=note)
    if note := services.chain_note():
        return Readiness(status="degraded", size=size, detail=note)
    return Readiness(status="ready", size=size)


class LedgerReadiness(BaseModel):
    """Whether the ledger's mirror can be relied on.

    Attributes:
        status: ``ready``, or ``unready`` while it is behind for too long, or orders are stopped.
        detail: What is wrong; empty when nothing is.
        standing: How far it has come; what the legal record is.
        behind_seconds: How long ago it was level with the chain; None when it never was.
        stopped: Why orders are stopped; empty while they are not. What exactly differs is in the
            evidence and in ``trace-node ledger status``: anybody may read this.
    """

    model_config = ConfigDict(extra="forbid")

    status: Literal["ready", "unready"]
    detail: str = ""
    standing: Mapping[str, object] = Field(default_factory=dict)
    behind_seconds: int | None = None
    stopped: str = ""


@router.get(
    "/readyz/ledger",
    summary="Whether the ledger's mirror can be relied on",
    responses={404: {}, 503: {"model": LedgerReadiness}},
)
def readyz_ledger(services: ServicesDep, response: Response) -> LedgerReadiness:
    """Speaks of the mirror alone: readings are taken whatever becomes of it."""
    if services.ledger is None or not services.ledger.joined():
        raise not_joined()
    try:
        health = services.ledger.health.look()
    except TraceNodeError as error:
        response.status_code = 503
        return LedgerReadiness(status="unready", detail=error.message)
    if not health.ready:
        response.status_code = 503
    behind = health.behind
    return LedgerReadiness(
        status="ready" if health.ready else "unready",
        detail=_detail(health),
        standing=standing(health.head),
        behind_seconds=None if behind is None else int(behind.total_seconds()),
        stopped=health.stop.cause.value if health.stop else "",
    )


def _detail(health: HealthReport) -> str:
    if health.stop is not None:
        return "orders are stopped: " + health.stop.cause.value
    return "the mirror is behind the chain for too long" if health.overdue else ""


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
def metrics(request: Request, services: ServicesDep) -> Response:
    """Figures in the Prometheus text format."""
    body, media_type = exposition(services, request.app.state.figures)
    return Response(body, headers={"Content-Type": media_type})
