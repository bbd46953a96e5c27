"""The application of the exchange: its paths, and what stands around them."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from api.metrics import RequestFigures
from api.middleware import RequestRecord
from api.pact.answers import answer_error, answer_http, answer_unexpected
from api.pact.auth import TOKEN_PATH, discovery, token
from api.pact.desk import PactDesk
from api.pact.events import take_event
from api.pact.footprints import get_footprint, list_footprints
from api.pact.https_only import HttpsOnly
from trace_node.accounting.pact.draft import DOWNSTREAM, GATE
from trace_node.accounting.pact.footprint import EXTENSION_SCHEMA
from trace_node.errors import TraceNodeError

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Way from a footprint to its proof, and its stages of the life cycle",
    "type": "object",
    "properties": {
        "proof": {
            "type": "object",
            "required": ["origin", "leafDigest"],
            "properties": {
                "origin": {**_TEXT, "description": "Origin of the log that holds the footprint"},
                "leafDigest": {**_TEXT, "pattern": "^sm3:[0-9a-f]{64}$"},
                "bundle": {**_TEXT, "format": "uri", "description": "Proof bundle, to be verified"},
            },
        },
        "stages": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["stage", "side"],
                "properties": {
                    "stage": _TEXT,
                    "side": {"enum": [GATE, DOWNSTREAM]},
                    "kgCO2e": {
                        **_TEXT,
                        "description": "Per declared unit; gate adds up to the PCF; absent: a gap",
                    },
                    "u": {**_TEXT, "description": "Standard uncertainty, in the same unit"},
                    "complete": {"type": "boolean"},
                },
            },
        },
    },
}


async def extension_schema(_request: Request) -> Response:
    """The schema of the extension that leads to the proof."""
    return JSONResponse(dict(SCHEMA), media_type="application/schema+json")


ROUTES: Final = (
    Route("/.well-known/openid-configuration", discovery, methods=["GET"]),
    Route(TOKEN_PATH, token, methods=["POST"]),
    Route("/3/footprints", list_footprints, methods=["GET"]),
    Route("/3/footprints/{id}", get_footprint, methods=["GET"]),
    Route("/3/events", take_event, methods=["POST"]),
    Route(EXTENSION_SCHEMA, extension_schema, methods=["GET"]),
)


def create_pact_app(desk: PactDesk, *, figures: RequestFigures) -> ASGIApp:
    """Make the application over ``desk``; it is at the path of its public address."""
    path = urlsplit(desk.base).path
    routes: list[BaseRoute] = [Mount(path, routes=list(ROUTES))] if path else list(ROUTES)
    app = Starlette(
        routes=routes,
        exception_handlers={
            TraceNodeError: answer_error,
            HTTPException: answer_http,
            Exception: answer_unexpected,
        },
    )
    app.router.redirect_slashes = False  # one path, one spelling
    app.state.desk = desk
    return RequestRecord(HttpsOnly(app, proxies=desk.proxies), figures=figures)
