"""Signed deliveries of collectors: the signature is the credential, so no token is asked for."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api.delivery_desk import DeliveryDesk
from api.deps import LanguageDep, ServicesDep, require_log
from api.envelope import Envelope, success
from api.exchange import require_media_type
from trace_node.ids import to_base64url
from trace_node.metering.records.wire import MEDIA_TYPE

router = APIRouter(tags=["ingest"])


class Acknowledged(BaseModel):
    """A delivery that is committed to disk.

    Attributes:
        delivery: Record digest of the delivery, base64url.
        first_index: Leaf index of its first record.
        count: Number of records.
        next_index: All its records and the node's own leaf about it lie below this index.
        final: Entries below this size are anchored for good; a collector may forget them.
    """

    model_config = ConfigDict(extra="forbid")

    delivery: str
    first_index: int
    count: int
    next_index: int
    final: int


class Head(BaseModel):
    """A head of the log that is anchored for good.

    Attributes:
        size: Number of leaves.
        root: Root of that tree, base64url.
    """

    model_config = ConfigDict(extra="forbid")

    size: int
    root: str


class LogState(BaseModel):
    """How far the log is, for collectors.

    Attributes:
        size: Entries committed.
        final: The newest head that is anchored for good; null before the first.
    """

    model_config = ConfigDict(extra="forbid")

    size: int
    final: Head | None


@router.post(
    "/ingest/v1/{log}/deliveries",
    status_code=201,
    response_model=Envelope[Acknowledged],
    summary="Take a signed delivery",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def deliver(
    log: str, request: Request, services: ServicesDep, language: LanguageDep
) -> Response:
    """Take a signed delivery of one or more records; answered after it is committed."""
    require_log(services, log)
    require_media_type(request, MEDIA_TYPE)
    desk: DeliveryDesk = request.app.state.desk
    done = await desk.take(request)
    acknowledged = Acknowledged(
        delivery=to_base64url(done.delivery),
        first_index=done.first_index,
        count=done.count,
        next_index=done.next_index,
        final=await desk.final_size.get(),
    )
    answer = success(acknowledged, language=language).model_dump_json()
    return Response(answer, status_code=201, media_type="application/json")


@router.get("/ingest/v1/{log}/state", summary="How far the log is")
def state(log: str, services: ServicesDep, language: LanguageDep) -> Envelope[LogState]:
    """How far the log is; what is final may be forgotten by collectors."""
    require_log(services, log)
    size = services.reader.progress().final
    newest = services.reader.checkpoint_of(size) if size else None
    final = Head(size=size, root=to_base64url(newest.root)) if newest else None
    return success(LogState(size=services.reader.state().size, final=final), language=language)
