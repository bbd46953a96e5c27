"""The embedded chain as a child process of this one, started again when it ends."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.home import Home
from api.running import read_running
from api.settings import Settings
from chain.embedded.child import EmbeddedChild
from chain.signer_key import stated_address
from trace_node.errors import ConfigError

logger = logging.getLogger(__name__)

Start = Callable[[int], EmbeddedChild]
"""Starts the chain on a port; 0 takes a free one."""


class KeptChain:
    """A child that may die, and is then started again at the same address.

    Args:
        start: Starts it.
        port: Port of the first start; 0 takes a free one, which is kept.

    Raises:
        ChainFileError: It does not start.
    """

    def __init__(self, start: Start, *, port: int) -> None:
        self._start = start
        self._child = start(port)
        self.url = self._child.url

    def keep(self) -> None:
        """Start it again if it has ended; does nothing while it runs.

        Raises:
            ChainFileError: It does not start; call again later.
        """
        status = self._child.process.poll()
        if status is None:
            return
        logger.error("embedded chain ended", extra={"status": status, "url": self.url})
        self._child.stop()
        self._child = self._start(int(self.url.rpartition(":")[2]))
        logger.warning("embedded chain started again", extra={"url": self.url})

    def stop(self) -> None:
        """End it."""
        self._child.stop()


@contextmanager
def kept_chain(settings: Settings, home: Home) -> Iterator[KeptChain]:
    """The embedded chain of ``home`` while the block lasts.

    Raises:
        ConfigError: It does not start, or its file is gone: a new one would be another chain.
    """
    recorded = next((path for path in (home.deployment, home.ledger) if path.exists()), None)
    if recorded and not home.chain_file.exists():
        raise ConfigError(
            "{path}: the file of the embedded chain is gone, and {record} says where its contract"
            " was",
            field="chain_file",
            path=str(home.chain_file),
            record=recorded.name,
            remedy="restore it from the backup; or set TN_CHAIN_URL to the chain that was used",
            code="config.chain_file",
        )
    keys = [path for path in (home.owner_key, home.anchor_key) if path.exists()]
    senders = [stated_address(path) for path in keys]
    chain = KeptChain(
        lambda port: EmbeddedChild(home.chain_file, senders=senders, port=port),
        port=settings.chain_port,
    )
    try:
        yield chain
    finally:
        chain.stop()


@contextmanager
def endpoint(settings: Settings, home: Home) -> Iterator[str]:
    """The endpoint's URL; the embedded chain runs as a child process while the block lasts.

    For commands that end soon: a child that dies is not started again.
    """
    if settings.chain_url:
        yield settings.chain_url
        return
    with kept_chain(settings, home) as chain:
        yield chain.url


@contextmanager
def reachable(settings: Settings, home: Home) -> Iterator[str]:
    """The endpoint's URL, whether the node runs or not: a running one serves its embedded chain."""
    running = None if settings.chain_url else read_running(home)
    if running is None:
        with endpoint(settings, home) as url:
            yield url
        return
    yield running.chain_url
