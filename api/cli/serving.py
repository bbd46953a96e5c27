"""What every command that serves HTTP needs: a bound socket, and an orderly end."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.options import say
from trace_node.errors import ConfigError


@contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, str]]:
    """Bind a TCP socket while the block lasts; gives it and the base URL it is reached by.

    Args:
        host: Address to listen on, IPv4 or IPv6.
        port: Port; 0 for any.

    Raises:
        ConfigError: The address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches delays off (TCP_NODELAY) only where it is.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # who reads the URL may connect at once, and waits for the server
        except OSError as error:
            raise ConfigError(
                "cannot listen on {host}:{port}: {detail}",
                field="port",
                host=host,
                port=port,
                detail=error.strerror,
                remedy="choose another address or port with --host and --port",
            ) from error
        shown = f"[{host}]" if family is socket.AF_INET6 else host
        yield listener, f"http://{shown}:{listener.getsockname()[1]}"


@contextmanager
def stop_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block in order, also while it is starting and HTTP is not served yet."""
    with sigterm_interrupts():
        try:
            yield
        except KeyboardInterrupt:
            say("stopped", err=True)


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM interrupt the block as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
