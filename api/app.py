"""The HTTP application: routes, and what stands around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from api import error_answers
from api.delivery_desk import DeliveryDesk
from api.envelope import Envelope, ErrorData
from api.exchange import PREFIX as EXCHANGE
from api.interop import OpaqueEntries
from api.metrics import RequestFigures
from api.middleware import RequestRecord
from api.order_lane import OrderLane
from api.recent import Recent
from api.routers import (
    accounting_statistics,
    board,
    bundles,
    disclosure,
    enrolment,
    entered,
    evidence,
    footprint,
    forms,
    health,
    ingest,
    inventory,
    ledger,
    live_emission,
    outlook,
    queries,
    registry,
    reports,
    source_data,
    statements,
    totals,
)
from api.services import Services
from trace_node import __version__

TAGS = (
    {"name": "exchange", "description": "Queries by POST with a token, for other systems."},
    {"name": "ledger", "description": "Orders, balances and obligations of allowances and CCER."},
    {"name": "ingest", "description": "Signed deliveries of collectors and registrations."},
    {"name": "evidence", "description": "Checkpoints, tiles and proof bundles for verifiers."},
    {"name": "forms", "description": "Excel forms: fetched empty, handed in filled."},
    {"name": "registry", "description": "Statements of the registries and openings, by token."},
    {"name": "disclosure", "description": "What everybody may see of the market, without one."},
    {"name": "operations", "description": "Probes and figures for whoever runs the node."},
)
ROUTERS = (
    queries.router,
    totals.router,
    inventory.router,
    accounting_statistics.router,
    outlook.router,
    live_emission.router,
    reports.router,
    source_data.router,
    forms.router,
    ledger.router,
    board.router,
    footprint.router,
    footprint.public,
    registry.intake,
    registry.router,
    disclosure.router,
    bundles.router,
    ingest.router,
    enrolment.router,
    statements.intake,
    statements.router,
    entered.router,
    evidence.log_router,
    evidence.router,
    health.router,
)


def create_app(services: Services, *, figures: RequestFigures | None = None) -> ASGIApp:
    """Make the application over ``services``, and before it the lane of opaque entries, if any.

    Args:
        services: What it is made over.
        figures: Counts requests; given where another application counts into the same.
    """
    api = create_api(services, figures=figures)
    if services.add_opaque is None:
        return api
    return OpaqueEntries(
        api,
        add_together=services.add_opaque,
        settings=services.settings,
        figures=api.state.figures,
    )


def create_api(services: Services, *, figures: RequestFigures | None = None) -> FastAPI:
    """Make the application without that lane: everything that OpenAPI describes."""
    final_size = Recent(lambda: services.reader.progress().final, clock=services.clock)
    orders = OrderLane()
    desk = DeliveryDesk(services.deliver, final_size=final_size)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """End the threads of the desk and of the lane with the server."""
        yield
        desk.close()
        orders.close()

    app = FastAPIOffline(
        redoc_url=None,
        title="Trace Node",
        version=__version__,
        description="A carbon number that anyone can check without trusting whoever reports it.",
        openapi_tags=list(TAGS),
        lifespan=lifespan,
        redirect_slashes=False,  # one path, one spelling
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": Envelope[ErrorData], "description": "Refused or failed"}},
    )
    figures = figures or RequestFigures()
    app.state.services = services
    app.state.figures = figures
    app.state.desk = desk
    app.state.orders = orders
    for router in ROUTERS:
        app.include_router(router)
    error_answers.install(app)
    app.add_middleware(RequestRecord, figures=figures)
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of an interface of the exchange, elsewhere that of the function."""
    prefix, _, name = route.path.rpartition("/")
    return name if prefix == EXCHANGE else route.name
