"""``trace-node up``: run the node until it is told to stop."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, load
from api.cli.serving import listening, stop_on_sigterm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from api.metrics import RequestFigures
    from api.pact.desk import PactDesk
    from api.running import Announcement
    from api.settings import Settings

STOP_SECONDS = 10
MOST_CONNECTIONS = 512  # more are answered 503; files and the chain need descriptors too


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port; 0 for any.")] = None,
    home: HomeOption = None,
) -> None:
    """Run the node: embedded chain, ingest, sealing, anchoring and HTTP, until stopped."""
    from api import access_log
    from api.app import create_app
    from api.interpreter import tune_for_serving
    from api.metrics import RequestFigures
    from api.running import only_one
    from api.wiring.node import running_node
    from trace_node.clock import SystemClock

    access_log.configure()
    settings, files = load(home)
    settings = settings.model_copy(
        update={k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    )
    with (
        stop_on_sigterm(),
        only_one(files) as announcement,
        running_node(settings, files, clock=SystemClock()) as node,
    ):
        figures = RequestFigures()
        app = create_app(node.services, figures=figures)
        tune_for_serving()
        with _exchange(settings, node.pact, figures):
            _serve(app, settings, announcement, chain_url=node.chain.url)


@contextmanager
def _exchange(
    settings: "Settings", desk: "PactDesk | None", figures: "RequestFigures"
) -> "Iterator[None]":
    """The listener of the PACT exchange, where one is set up."""
    from api.pact.app import create_pact_app
    from api.pact.server import serving_pact

    if desk is None:
        yield
        return
    app = create_pact_app(desk, figures=figures)
    with (
        listening(settings.pact_host, settings.pact_port) as (listener, _url),
        serving_pact(app, listener, certificate=settings.pact_certificate, key=settings.pact_key),
    ):
        yield


def _serve(
    app: "ASGIApp", settings: "Settings", announcement: "Announcement", *, chain_url: str
) -> None:
    import os

    import uvicorn

    from api.http_protocol import BoundedHead
    from api.running import Running

    with listening(settings.host, settings.port) as (listener, url):
        announcement.write(Running(pid=os.getpid(), url=url, chain_url=chain_url))
        config = uvicorn.Config(
            app,
            http=BoundedHead,
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
            log_config=None,
            access_log=False,
            backlog=1024,
            proxy_headers=False,  # a caller does not choose the address that is logged
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])  # on uvloop, which serve() alone is not
