"""The frame of the exchange interface: POST, JSON, bounded, under ``/api/v1`` (KSSJ/YY25-2023 9.2).

Every interface is a route ``POST /api/v1/{InterfaceName}`` that takes one JSON object.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message
from typing_extensions import override

from api.body import read_bounded
from trace_node.errors import InputError

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

            return await handle(Request(request.scope, replay))

        return checked


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
