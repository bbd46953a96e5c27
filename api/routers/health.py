"""Whether the process lives, whether it can take readings, and its figures."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api.deps import ServicesDep
from api.metrics import exposition
from trace_node.errors import TraceNodeError

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


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
def metrics(request: Request, services: ServicesDep) -> Response:
    """Figures in the Prometheus text format."""
    body, media_type = exposition(services, request.app.state.figures)
    return Response(body, headers={"Content-Type": media_type})
