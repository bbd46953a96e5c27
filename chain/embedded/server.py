"""The process that owns a chain file and answers JSON-RPC on a loopback port."""

import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from chain.embedded.asgi import RpcApplication
from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import UnsafeBindError

MAX_CONNECTIONS: Final = 64
_KEEP_ALIVE_SECONDS: Final = 30
_STOP_SECONDS: Final = 5


def serve(
    path: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    chain_id: int | None = None,
    senders: Iterable[bytes] | None = None,
    ready: Callable[[str, int], None] | None = None,
    until_stdin_closes: bool = False,
    check: bool = True,
    wait_s: float = 0,
) -> None:
    """Own a chain file and serve it until SIGTERM or SIGINT.

    Args:
        path: The chain file; made when it does not exist.
        host: A loopback address.
        port: TCP port; 0 takes a free one.
        chain_id: Expected chain id; see ``EmbeddedChain``.
        senders: 20-byte addresses that may send; ``None`` lets every address send.
        ready: Called with the URL and the chain id when requests are taken.
        until_stdin_closes: Stop as well when the standard input ends, so that a child process does
            not outlive a parent that was killed.
        check: Check every page of the file before it is used.
        wait_s: How long another owner of the file may take to give it up.

    Raises:
        UnsafeBindError: The address is not loopback, or cannot be bound.
        ChainFileOwnedError: Another process owns the file.
        ChainFileError: Not a chain file, or the file of another chain.
        ChainCorruptError: The file is damaged.
    """
    address = _loopback(host)
    with (
        # Before the port, so that it is given up after it: who waits for the file finds both free.
        EmbeddedChain(
            path, chain_id=chain_id, senders=senders, check=check, wait_s=wait_s
        ) as chain,
        _bound(address, port) as listener,
        RpcApplication(chain) as application,
    ):
        server = _http_server(application)
        with _stopped_by_signals(server):
            if until_stdin_closes:
                threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
            if ready is not None:
                ready(_url(listener), chain.chain_id)
            server.run(sockets=[listener])


def _http_server(application: RpcApplication) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
    )


def _loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UnsafeBindError(
            "{field}: {host} is not a loopback address",
            field="host",
            host=repr(host[:80]),
            remedy="use 127.0.0.1 or ::1; for others on the network run Besu or FISCO BCOS",
        )
    return address


@contextmanager
def _bound(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004  IPv6
    try:
        listener = socket.create_server((str(address), port), family=family)
    except OSError as error:
        raise UnsafeBindError(
            "{field}: {host}:{port} cannot be bound: {detail}",
            field="port",
            host=str(address),
            port=port,
            detail=error.strerror,
            remedy="choose a free port, or 0 for any",
            code="chain.embedded.bind.busy",
        ) from error
    with listener:
        yield listener


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    # uvicorn listens to these signals only once it runs, and when it has stopped it raises them
    # again: before and after that the file must still be closed in order.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    # Not sys.stdin: a thread that waits within its lock keeps the interpreter from ending.
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
