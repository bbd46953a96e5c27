"""Signed deliveries of collectors: the signature is the credential, so no token is asked for."""

from asyncio import wrap_future
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from api.body import read_bounded
from api.deps import LanguageDep, ServicesDep, require_log
from api.envelope import Envelope, success
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.metering.records.wire import MAX_BODY_BYTES, MEDIA_TYPE
from trace_node.services.delivery_write import Acknowledgement

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
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def deliver(
    log: str,
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    content_type: Annotated[str, Header(max_length=128)] = "",
) -> Envelope[Acknowledged]:
    """Take a signed delivery of one or more records; answered after it is committed."""
    require_log(services, log)
    if content_type.split(";")[0].strip().lower() != MEDIA_TYPE:
        raise InputError(
            "a delivery has the content type {expected}",
            field="Content-Type",
            code="input.media_type",
            expected=MEDIA_TYPE,
            remedy="send the wire form of docs/spec/records.md",
        )
    body = await read_bounded(request, MAX_BODY_BYTES)
    done = await wrap_future(await run_in_threadpool(services.deliver, body))
    acknowledged = Acknowledged(
        delivery=to_base64url(done.delivery),
        first_index=done.first_index,
        count=done.count,
        next_index=_next_index(done),
        final=services.reader.progress().final,
    )
    return success(acknowledged, language=language)


@router.get("/ingest/v1/{log}/state")
def state(log: str, services: ServicesDep, language: LanguageDep) -> Envelope[LogState]:
    """How far the log is; what is final may be forgotten by collectors."""
    require_log(services, log)
    size = services.reader.progress().final
    newest = services.reader.checkpoint_of(size) if size else None
    final = Head(size=size, root=to_base64url(newest.root)) if newest else None
    return success(LogState(size=services.reader.state().size, final=final), language=language)


def _next_index(done: Acknowledgement) -> int:
    records = max(span.first_index + span.count for span in done.spans)
    return max(records, -1 if done.received_index is None else done.received_index + 1)
