"""``trace-node up``: run the node until it is told to stop."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, load

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.running import Announcement
    from api.settings import Settings

STOP_SECONDS = 10


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port; 0 for any.")] = None,
    home: HomeOption = None,
) -> None:
    """Run the node: embedded chain, ingest, sealing, anchoring and HTTP, until stopped."""
    from api import access_log
    from api.app import create_app
    from api.running import only_one
    from api.wiring.node import running_node
    from trace_node.clock import SystemClock

    access_log.configure()
    settings, files = load(home)
    settings = settings.model_copy(
        update={k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    )
    with (
        _stop_on_sigterm(),
        only_one(files) as announcement,
        running_node(settings, files, clock=SystemClock()) as node,
    ):
        _serve(create_app(node.services), settings, announcement, chain_url=node.chain.url)


def _serve(
    app: "FastAPI", settings: "Settings", announcement: "Announcement", *, chain_url: str
) -> None:
    import os
    import socket

    import uvicorn

    from api.running import Running
    from trace_node.errors import ConfigError

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                "cannot listen on {host}:{port}: {detail}",
                field="port",
                host=settings.host,
                port=settings.port,
                detail=error.strerror,
                remedy="choose another port with --port",
            ) from error
        port = listener.getsockname()[1]
        shown = f"[{settings.host}]" if family is socket.AF_INET6 else settings.host
        announcement.write(
            Running(pid=os.getpid(), url=f"http://{shown}:{port}", chain_url=chain_url)
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            backlog=1024,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


@contextmanager
def _stop_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the node in order, also while it is starting and HTTP is not served yet."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
