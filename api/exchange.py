"""The frame of the exchange interface: POST, JSON, bounded, under ``/api/v1`` (KSSJ/YY25-2023 9.2).

Every interface is a route ``POST /api/v1/{InterfaceName}`` that takes one JSON object. Who accepts
a workbook gets the data of the answer as one, a sheet for each of its tables.
"""

import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Message
from typing_extensions import override

from api.body import read_bounded
from trace_node.errors import InputError
from trace_node.services.tables import tables_of
from trace_node.services.workbook_tables import MEDIA_TYPE as WORKBOOK
from trace_node.services.workbook_tables import write_tables_xlsx

PREFIX: Final = "/api/v1"
MAX_QUERY_BYTES: Final = 65_536
_JSON: Final = "application/json"
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ExchangeRoute(APIRoute):
    """A route whose body is JSON of at most 64 KiB; both are checked before it is parsed."""

    @override
    def get_route_handler(self) -> _Handler:
        """The handler behind the checks."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            """Check the request, then handle it."""
            require_media_type(request, _JSON)
            body = await read_bounded(request, MAX_QUERY_BYTES)

            async def replay() -> Message:
                """The body that was read, as one message."""
                return {"type": "http.request", "body": body, "more_body": False}

            answer = await handle(Request(request.scope, replay))
            if _accepts(request, WORKBOOK) and _is_table(answer):
                return await run_in_threadpool(_as_workbook, answer)
            return answer

        return checked


def _accepts(request: Request, media_type: str) -> bool:
    """Whether the caller names a media type; who takes anything gets JSON."""
    named = request.headers.get("accept", "").split(",")
    return media_type in {each.partition(";")[0].strip().lower() for each in named}


def _is_table(answer: Response) -> bool:
    """Whether an answer is one of the interfaces, and not a file or a refusal."""
    return (
        answer.status_code == HTTPStatus.OK
        and answer.media_type == _JSON
        and ("content-disposition" not in answer.headers)
    )


def _as_workbook(answer: Response) -> Response:
    body = write_tables_xlsx(tables_of(json.loads(bytes(answer.body))["data"]))
    headers = {"Content-Disposition": 'attachment; filename="table.xlsx"'}
    return Response(body, media_type=WORKBOOK, headers=headers)


def require_media_type(request: Request, expected: str) -> None:
    """Refuse a body of another media type.

    Raises:
        InputError: It is of another, or says nothing.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != expected:
        raise InputError(
            "{field}: must be {expected}",
            field="Content-Type",
            code="input.media_type",
            expected=expected,
            remedy="send the body in that form and name it in the header",
        )
