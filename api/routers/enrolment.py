"""Registrations of keys and meters: the authority's signature is the credential."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from api.body import read_bounded
from api.deps import LanguageDep, ServicesDep, require_log
from api.envelope import Envelope, success
from trace_node.canonical_json import MAX_RECORD_BYTES

router = APIRouter(tags=["ingest"])


class Enrolled(BaseModel):
    """A registration that is committed.

    Attributes:
        index: Its leaf index.
    """

    model_config = ConfigDict(extra="forbid")

    index: int


@router.post(
    "/ingest/v1/{log}/registrations",
    status_code=201,
    summary="Register a key or a meter",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def enrol(
    log: str, request: Request, services: ServicesDep, language: LanguageDep
) -> Envelope[Enrolled]:
    """Take a key or device registration, signed by an authority of the trust root."""
    require_log(services, log)
    raw = await read_bounded(request, MAX_RECORD_BYTES)
    index = await run_in_threadpool(services.enrol, raw)
    return success(Enrolled(index=index), language=language)
