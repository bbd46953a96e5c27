"""Action Events: CloudEvents in structured form."""

from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.body import read_bounded
from api.pact.auth import caller_of, desk_of
from trace_node.accounting.pact.errors import EventError
from trace_node.accounting.pact.event import parse_event

MEDIA_TYPE: Final = "application/cloudevents+json"
MAX_EVENT_BYTES: Final = 4 * 1024 * 1024


async def take_event(request: Request) -> Response:
    """Take an event of a partner; 200 without a body says that it is kept."""
    partner = await run_in_threadpool(caller_of, request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise EventError(
            "{field}: events come as {wanted}",
            field="Content-Type",
            wanted=MEDIA_TYPE,
            remedy="send the event in structured form with this type",
        )
    raw = await read_bounded(request, MAX_EVENT_BYTES)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise EventError(
            "{field}: is not JSON", field="body", remedy="send one JSON object in UTF-8"
        ) from None
    event = parse_event(value)
    await run_in_threadpool(desk_of(request).exchange.receive, event, partner=partner)
    return Response(status_code=200)
