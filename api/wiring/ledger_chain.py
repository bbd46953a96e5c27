"""The ledger on its chain: deployed or joined once, then followed and read."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from api.home import Home
from api.settings import Settings
from api.wiring.chain_side import expected_chain
from chain.client import EvmClient
from chain.config import ChainConfig
from chain.ledger_deploy import ensure_ledger_deployed
from chain.ledger_follower import ChainLedgerFollower
from chain.ledger_join import join_ledger
from chain.ledger_reader import ChainLedgerReader
from chain.ledger_record import LedgerDeployment, check_ledger, read_ledger
from chain.outbox_store import SqliteOutboxStore
from chain.sender import TransactionSender
from chain.signer_key import load_key
from chain.signer_lock import SignerLock
from trace_node.clock import Clock
from trace_node.errors import ConfigError
from trace_node.ports.ledger import LedgerFollower, LedgerReader

EMBEDDED = "embedded"
EMBEDDED_SLICE = 16  # calls, about 60 ms of the chain's process: an order waits for no more


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSide:
    """A node's connection to its ledger.

    Attributes:
        deployment: Where the contracts are.
        client: The endpoint.
        follower: Their events, as services use them.
        reader: Their state, as services use it.
    """

    deployment: LedgerDeployment
    client: EvmClient
    follower: LedgerFollower
    reader: LedgerReader


@contextmanager
def ledger_connected(settings: Settings, home: Home, *, url: str) -> Iterator[LedgerSide]:
    """Connect to the recorded ledger, after its contracts were compared with the chain.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint.

    Raises:
        ConfigError: No ledger is recorded, or the chain has others than the recorded contracts.
        UnavailableError: The endpoint does not answer.
    """
    if not home.ledger.exists():
        raise ConfigError(
            "{path}: no ledger was deployed or joined yet",
            field="ledger",
            path=str(home.ledger),
            remedy="join one with trace-node ledger join, or make one with trace-node ledger"
            " deploy; restore the file from the backup if it was lost",
            code="config.no_ledger",
        )
    deployment = read_ledger(home.ledger)
    with ExitStack() as stack:
        client = EvmClient.connect(ledger_endpoint(settings, home, url))
        stack.callback(client.close)
        check_ledger(client, deployment)
        identity = deployment.identity
        yield LedgerSide(
            deployment=deployment,
            client=client,
            follower=ChainLedgerFollower(client, identity),
            reader=ChainLedgerReader(
                client,
                identity.contracts,
                slice_size=EMBEDDED_SLICE if settings.chain_engine == EMBEDDED else 0,
            ),
        )


def ledger_endpoint(settings: Settings, home: Home, url: str) -> ChainConfig:
    """The endpoint, and which chain it must turn out to be.

    Raises:
        ConfigError: The setting names another engine than a record does.
    """
    expected = expected_chain(settings, home, url)
    if not home.ledger.exists():
        return expected
    recorded = read_ledger(home.ledger)
    if recorded.engine != settings.chain_engine:
        raise ConfigError(
            "setting {field}: is {engine}, the ledger was recorded with {recorded}",
            field="chain_engine",
            engine=settings.chain_engine,
            recorded=recorded.engine,
            remedy="set TN_CHAIN_ENGINE={recorded}",
            code="config.chain_engine",
        )
    return replace(expected, chain_id=recorded.chain_id, genesis_hash=recorded.genesis_hash)


def deploy_ledger(
    settings: Settings,
    home: Home,
    *,
    url: str,
    clock: Clock,
    administrators: Sequence[bytes],
    role_delay: int,
) -> LedgerDeployment:
    """Deploy the contracts of a ledger with the owner's key, unless that was done already.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint.
        clock: Time.
        administrators: 20-byte addresses that grant the first offices.
        role_delay: Seconds between the approval of a change of office and its effect.

    Raises:
        ConfigError: See ``ensure_ledger_deployed``.
        UnavailableError: The endpoint does not answer, or the transactions are not final in time.
    """
    key = load_key(home.owner_key, settings.secret())
    with ExitStack() as stack:
        client = EvmClient.connect(ledger_endpoint(settings, home, url))
        stack.callback(client.close)
        outbox = SqliteOutboxStore(
            home.outbox, chain_id=client.chain_id, genesis_hash=client.genesis_hash
        )
        stack.callback(outbox.close)
        lock = SignerLock(home.folder / f"signer-{key.address.hex()}.lock")
        sender = TransactionSender(client=client, key=key, store=outbox, lock=lock, clock=clock)
        return ensure_ledger_deployed(
            client,
            sender,
            home.ledger,
            administrators=administrators,
            role_delay=role_delay,
        )


def join_recorded(settings: Settings, home: Home, *, url: str, address: bytes) -> LedgerDeployment:
    """Record the ledger of an AllowanceRegistry that another deployed.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint.
        address: 20-byte address of the AllowanceRegistry.

    Raises:
        ConfigError: See ``join_ledger``.
        UnavailableError: The endpoint does not answer.
    """
    client = EvmClient.connect(ledger_endpoint(settings, home, url))
    try:
        return join_ledger(client, address, home.ledger)
    finally:
        client.close()
