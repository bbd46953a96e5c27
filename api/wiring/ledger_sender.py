"""Sending to a ledger from the command line: an endpoint, a key, and the outbox beside the key."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.ledger_acts import LedgerActs
from chain.ledger_record import LedgerDeployment, check_ledger
from chain.ledger_relay import LedgerRelay
from chain.ledger_standing import standing_of
from chain.outbox_store import SqliteOutboxStore
from chain.sender import TransactionSender
from chain.signer_key import load_key
from chain.signer_lock import SignerLock
from trace_node.clock import Clock
from trace_node.ports.orders import Standing
from trace_node.quota.ledger.kinds import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSender:
    """What one key can do on a ledger.

    Attributes:
        relay: Hands orders to it.
        acts: Acts of the officer that holds the key.
    """

    relay: LedgerRelay
    acts: LedgerActs


@contextmanager
def ledger_sender(
    deployment: LedgerDeployment, *, url: str, key: Path, passphrase: str, clock: Clock
) -> Iterator[LedgerSender]:
    """Connect to a ledger with a key; transactions are kept in ``KEY.outbox.db`` beside it.

    Raises:
        ConfigError: The key cannot be used, or another chain or ledger answers.
        UnavailableError: The endpoint does not answer.
    """
    signer = load_key(key, passphrase)
    with ExitStack() as stack:
        client = EvmClient.connect(_endpoint(deployment, url))
        stack.callback(client.close)
        check_ledger(client, deployment)
        outbox = SqliteOutboxStore(
            key.with_name(key.name + ".outbox.db"),
            chain_id=client.chain_id,
            genesis_hash=client.genesis_hash,
        )
        stack.callback(outbox.close)
        sender = TransactionSender(
            client=client,
            key=signer,
            store=outbox,
            lock=SignerLock(key.with_name(key.name + ".lock")),
            clock=clock,
        )
        contracts = {book: each.address for book, each in deployment.contracts.items()}
        yield LedgerSender(
            relay=LedgerRelay(client, contracts[Book.ORDERS], sender),
            acts=LedgerActs(client, contracts, sender),
        )


def ledger_standing(deployment: LedgerDeployment, *, url: str, order_id: bytes) -> Standing:
    """How the newest block of a ledger sees an order; needs no key.

    Raises:
        ConfigError: Another chain or ledger answers.
        UnavailableError: The endpoint does not answer.
    """
    client = EvmClient.connect(_endpoint(deployment, url))
    try:
        check_ledger(client, deployment)
        return standing_of(client, deployment.contracts[Book.ORDERS].address, order_id)
    finally:
        client.close()


def _endpoint(deployment: LedgerDeployment, url: str) -> ChainConfig:
    return ChainConfig(
        url=url,
        engine=deployment.engine,
        chain_id=deployment.chain_id,
        genesis_hash=deployment.genesis_hash,
    )
