"""The listener of the exchange, in a thread beside the node's own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from api.http_protocol import BoundedHead
from trace_node.errors import ConfigError

MOST_CONNECTIONS: Final = 128
STOP_SECONDS: Final = 5


@contextmanager
def serving_pact(
    app: ASGIApp, listener: socket.socket, *, certificate: Path | None, key: Path | None
) -> Iterator[None]:
    """Serve the exchange on a bound socket while the block lasts.

    Args:
        app: The application.
        listener: The socket.
        certificate: PEM file with the certificate and its chain; None where a proxy ends TLS.
        key: PEM file with its private key.

    Raises:
        ConfigError: Certificate and key cannot be used.
    """
    config = uvicorn.Config(
        app,
        http=BoundedHead,
        ws="none",
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # who speaks for whom is decided by the application
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=None if certificate is None else str(certificate),
        ssl_keyfile=None if key is None else str(key),
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            "{field}: certificate and key cannot be used: {detail}",
            field="pact_certificate",
            detail=error.strerror or str(error),
            remedy="name PEM files that belong together and that this user may read",
        ) from error
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="pact", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS * 2)
