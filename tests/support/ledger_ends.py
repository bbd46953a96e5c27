"""The product's end of a ledger that a test has on an engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from support.ledger import Ledger
from support.ledger_engines import TimedEngine

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.provider import BoundedProvider
from trace_node.quota.ledger.kinds import Book


@contextmanager
def product_client(engine: TimedEngine) -> Iterator[EvmClient]:
    """A client of the engine: over HTTP, or of the chain in this process."""
    provider = engine.web3.provider
    url = getattr(provider, "endpoint_uri", "http://in-process.invalid")
    config = ChainConfig(url=str(url), engine=engine.name, timeout_s=60)
    inner = None if engine.name == "anvil" else provider
    client = EvmClient(config, BoundedProvider(config, engine=inner))
    try:
        yield client
    finally:
        client.close()


def addresses_of(ledger: Ledger) -> dict[Book, bytes]:
    """Where the five contracts are."""
    return {
        book: bytes.fromhex(contract.address[2:])
        for book, contract in zip(Book, ledger.contracts, strict=True)
    }
