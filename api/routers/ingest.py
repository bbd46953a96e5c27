"""Signed deliveries of collectors: the signature is the credential, so no token is asked for."""

from asyncio import wrap_future
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict

from api.body import read_bounded
from api.deps import LanguageDep, ServicesDep, require_log
from api.envelope import Envelope, success
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.metering.records.wire import MAX_BODY_BYTES, MEDIA_TYPE

router = APIRouter(tags=["ingest"])


class Acknowledged(BaseModel):
    """A delivery that is committed to disk.

    Attributes:
        delivery: Record digest of the delivery, base64url.
        first_index: Leaf index of its first record.
        count: Number of records.
        final: Entries below this size are anchored for good; a collector may forget them.
    """

    model_config = ConfigDict(extra="forbid")

    delivery: str
    first_index: int
    count: int
    final: int


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
    done = await wrap_future(services.deliver(body))
    return success(
        Acknowledged(
            delivery=to_base64url(done.delivery),
            first_index=done.first_index,
            count=done.count,
            final=services.reader.progress().final,
        ),
        language=language,
    )
