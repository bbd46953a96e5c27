"""Whatever a request ends with that is no result becomes an envelope here."""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from api.broken_rules import broken_rule
from api.envelope import error_response
from api.refusals import LONGEST_SHOWN, language_for, nothing_at, unexpected, wrong_method
from api.return_codes import answer_to
from trace_node.errors import InputError, TraceNodeError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

logger = logging.getLogger(__name__)
_SEE_DOCS: Final = "see /docs for the fields of this request"
_CODES: Final = {"missing": "input.missing_field", "extra_forbidden": "input.unknown_field"}


def install(app: FastAPI) -> None:
    """Let ``app`` answer every error with an envelope."""
    app.add_exception_handler(TraceNodeError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


def _respond(request: Request, error: TraceNodeError, *, status: int | None = None) -> JSONResponse:
    settings = request.app.state.services.settings
    return error_response(
        error,
        language=language_for(request.headers.get("accept-language"), settings),
        request_id=getattr(request.state, "request_id", ""),
        status=status,
    )


async def _answer_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TraceNodeError):
        raise error
    if answer_to(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", extra={"reason": error.reason, "detail": error.message})
    return _respond(request, error)


async def _answer_validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return _respond(request, _invalid(error))


def _invalid(error: RequestValidationError) -> InputError:
    """The first thing that is wrong with a request, in our words."""
    first = error.errors()[0]
    kind, place = str(first["type"]), [str(part) for part in first["loc"]]
    field = ".".join(place[1:] or place)[:LONGEST_SHOWN]
    if kind == "json_invalid":
        return _not_json(str(first.get("ctx", {}).get("error", "")))
    rule = broken_rule(cast("ErrorDetails", first))
    return InputError(
        rule.template,
        **{**rule.params, "field": field},
        code=_CODES.get(kind, "input.field"),
        remedy=_SEE_DOCS,
    )


def _not_json(detail: str) -> InputError:
    return InputError(
        "{field}: not JSON: {detail}",
        field="body",
        code="input.json",
        detail=detail[:LONGEST_SHOWN],
        remedy=_SEE_DOCS,
    )


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _respond(request, nothing_at(path))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = _respond(request, wrong_method(request.method, path))
        response.headers["Allow"] = (error.headers or {}).get("Allow", "")
        return response
    if error.status_code == HTTPStatus.BAD_REQUEST:  # the framework could not read the body
        return _respond(request, _not_json(str(error.detail)))
    refused = InputError(
        "{method} {path}: {detail}",
        field="request",
        code="input.http",
        method=request.method,
        path=path[:LONGEST_SHOWN],
        detail=str(error.detail),
    )
    return _respond(request, refused, status=error.status_code)


async def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    return _respond(request, unexpected())
