"""An endpoint, the file of what was sent there, and a sender for each key."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from api.home import Home
from chain.client import EvmClient
from chain.config import ChainConfig
from chain.outbox_store import SqliteOutboxStore
from chain.sender import TransactionSender
from chain.signer_key import AnchorKey
from chain.signer_lock import SignerLock
from trace_node.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """A connection over which keys of one home send.

    Attributes:
        home: Files of the node.
        client: The endpoint.
        outbox: What was sent there.
        clock: Time.
    """

    home: Home
    client: EvmClient
    outbox: SqliteOutboxStore
    clock: Clock

    def sender(self, key: AnchorKey) -> TransactionSender:
        """The one writer of a key."""
        lock = SignerLock(self.home.folder / f"signer-{key.address.hex()}.lock")
        return TransactionSender(
            client=self.client, key=key, store=self.outbox, lock=lock, clock=self.clock
        )


@contextmanager
def linked(home: Home, config: ChainConfig, *, clock: Clock) -> Iterator[ChainLink]:
    """Connect to an endpoint while the block lasts.

    Raises:
        ChainConfigError: It is another chain than the one expected.
        UnavailableError: It does not answer.
    """
    with ExitStack() as stack:
        client = EvmClient.connect(config)
        stack.callback(client.close)
        outbox = SqliteOutboxStore(
            home.outbox, chain_id=client.chain_id, genesis_hash=client.genesis_hash
        )
        stack.callback(outbox.close)
        yield ChainLink(home=home, client=client, outbox=outbox, clock=clock)
