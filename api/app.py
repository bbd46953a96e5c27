"""The HTTP application: routes, middleware, and the one place where errors become answers."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from api.envelope import failure
from api.i18n import choose
from api.metrics import RequestFigures
from api.middleware import RequestRecord
from api.return_codes import answer_to
from api.routers import enrolment, evidence, health, ingest, queries
from api.services import Services
from trace_node import __version__
from trace_node.errors import InputError, NotFoundError, TraceNodeError

logger = logging.getLogger(__name__)


def create_app(services: Services) -> FastAPI:
    """Make the application over ``services``."""
    app = FastAPIOffline(
        title="Trace Node",
        version=__version__,
        description="A carbon number that anyone can check without trusting whoever reports it.",
    )
    figures = RequestFigures()
    app.state.services = services
    app.state.figures = figures
    for router in (
        ingest.router,
        enrolment.router,
        evidence.log_router,
        evidence.router,
        queries.router,
        health.router,
    ):
        app.include_router(router)
    app.add_exception_handler(TraceNodeError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.add_middleware(RequestRecord, figures=figures)
    return app


def _respond(request: Request, error: TraceNodeError, *, status: int | None = None) -> JSONResponse:
    language = choose(request.headers.get("accept-language"))
    request_id = getattr(request.state, "request_id", "")
    answer, envelope = failure(error, language=language, request_id=request_id)
    response = JSONResponse(envelope.model_dump(), status_code=status or int(answer.status))
    if envelope.data and envelope.data.retry_after is not None:
        response.headers["Retry-After"] = str(envelope.data.retry_after)
    if answer.status == 401:  # noqa: PLR2004  # RFC 9110 15.5.2 asks for the header with this one
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _answer_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TraceNodeError):
        raise error
    if answer_to(error).status >= 500:  # noqa: PLR2004
        logger.error("request failed", extra={"reason": error.reason, "detail": error.message})
    return _respond(request, error)


async def _answer_validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return _respond(
        request,
        InputError(
            "{field}: {detail}",
            field=field,
            code="input.field",
            detail=first["msg"],
            remedy="see /docs for the fields of this request",
        ),
    )


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == 404:  # noqa: PLR2004
        return _respond(
            request,
            NotFoundError(
                "there is nothing at {path}", field="path", code="not_found.path", path=path
            ),
        )
    refused = InputError(
        "{method} {path}: {detail}",
        field="method",
        code="input.http",
        method=request.method,
        path=path,
        detail=str(error.detail),
    )
    return _respond(request, refused, status=error.status_code)


async def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    return _respond(
        request,
        TraceNodeError(
            "an error of the software, not of the request; it was recorded",
            code="unexpected",
            remedy="give the operator the request id",
        ),
    )
