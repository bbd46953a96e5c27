"""Errors as the specification has them: ``{code, message}`` and the status that belongs to it."""

import logging
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trace_node.accounting.pact.errors import EventTypeError
from trace_node.errors import AccessError, BusyError, InputError, NotFoundError, TraceNodeError
from trace_node.services.pact_errors import (
    ClientRefusedError,
    TokenEndedError,
    TokenRefusedError,
)

logger = logging.getLogger(__name__)
STATUSES: Final = MappingProxyType(
    {
        "BadRequest": HTTPStatus.BAD_REQUEST,
        "AccessDenied": HTTPStatus.FORBIDDEN,
        "TokenExpired": HTTPStatus.UNAUTHORIZED,
        "NotFound": HTTPStatus.NOT_FOUND,
        "InternalError": HTTPStatus.INTERNAL_SERVER_ERROR,
        "NotImplemented": HTTPStatus.NOT_IMPLEMENTED,
    }
)
# What an error is answered with; the first class that fits, so the finer kinds stand first.
_CODES: Final[tuple[tuple[type[TraceNodeError], str], ...]] = (
    (TokenEndedError, "TokenExpired"),
    (TokenRefusedError, "BadRequest"),  # the specification: all that is neither of its neighbours
    (AccessError, "AccessDenied"),
    (NotFoundError, "NotFound"),
    (EventTypeError, "NotImplemented"),
    (InputError, "BadRequest"),
    (TraceNodeError, "InternalError"),
)


def pact_error(code: str, message: str) -> JSONResponse:
    """An error response."""
    answer = JSONResponse({"code": code, "message": message}, status_code=STATUSES[code])
    if code == "TokenExpired":
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answer


async def answer_error(_request: Request, error: Exception) -> Response:
    """Answer an error of ours; what lies at the node is recorded, and not told."""
    if not isinstance(error, TraceNodeError):
        raise error
    if isinstance(error, ClientRefusedError):
        return token_refusal("invalid_client", error.message, HTTPStatus.UNAUTHORIZED)
    if isinstance(error, BusyError):
        return _too_often(error)
    code = next(code for kind, code in _CODES if isinstance(error, kind))
    if code == "InternalError":
        logger.error("request failed", extra={"reason": error.reason, "detail": error.message})
        return pact_error(code, "the node cannot answer at the moment")
    answer = pact_error(code, error.message)
    if error.reason in ("input.too_large", "input.slow"):  # the rest is not awaited
        answer.headers["Connection"] = "close"
    return answer


def _too_often(error: BusyError) -> Response:
    """The specification has no code of its own for it; the status tells."""
    headers = {"Retry-After": str(error.retry_after)}
    body = {"code": "BadRequest", "message": error.message}
    return JSONResponse(body, status_code=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


async def answer_http(_request: Request, error: Exception) -> Response:
    """Answer what HTTP itself gives rise to: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return pact_error("NotFound", "there is nothing at this path")
    answer = pact_error("BadRequest", "this method is not answered here")
    answer.headers["Allow"] = (error.headers or {}).get("Allow", "")
    return answer


async def answer_unexpected(_request: Request, error: Exception) -> Response:
    """Answer a fault of the software; it is recorded, and not told."""
    logger.error("unexpected error", exc_info=error)
    return pact_error("InternalError", "an error of the software, not of the request")


def token_refusal(error: str, description: str, status: HTTPStatus) -> JSONResponse:
    """An error response of the token endpoint (RFC 6749, 5.2)."""
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Basic realm="pact"'
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers=headers)
