"""Everything towards the chain: the engine, the keys, the contract and the services over them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from api.home import Home
from api.running import read_running
from api.settings import Settings
from chain.addresses import log_id_of
from chain.client import EvmClient
from chain.config import ChainConfig
from chain.deploy import Deployment, check_deployment, ensure_deployed, read_deployment
from chain.embedded.child import EmbeddedChild
from chain.evidence_folder import EvidenceFolder
from chain.log_owner import LogOwner
from chain.outbox_store import SqliteOutboxStore
from chain.registry import ChainAnchorRegistry, RegistryContract
from chain.sender import TransactionSender
from chain.signer_key import AnchorKey, load_key, stated_address
from chain.signer_lock import SignerLock
from trace_node.clock import Clock
from trace_node.ids import Origin
from trace_node.ports.store import Store
from trace_node.services.anchor import AnchorService
from trace_node.services.start_check import StartCheck

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSide:
    """A node's connection to its chain.

    Attributes:
        url: Endpoint.
        engine: Profile of the endpoint.
        deployment: Where the contract is.
        log_id: 32-byte id of the log on the chain.
        registry: The contract as services use it.
    """

    url: str
    engine: str
    deployment: Deployment
    log_id: bytes
    registry: ChainAnchorRegistry

    def start_check(self, store: Store, home: Home) -> StartCheck:
        """The comparison of the local head with the chain's."""
        return StartCheck(
            log_id=self.log_id,
            history=store.history(),
            registry=self.registry,
            evidence=EvidenceFolder(home.evidence),
        )

    def anchoring(self, store: Store, check: StartCheck) -> AnchorService:
        """The verb that anchors checkpoints."""
        return AnchorService(requests=store.anchor_requests(), registry=self.registry, check=check)


@contextmanager
def endpoint(settings: Settings, home: Home) -> Iterator[str]:
    """The endpoint's URL; the embedded chain runs as a child process while the block lasts."""
    if settings.chain_url:
        yield settings.chain_url
        return
    senders = [stated_address(path) for path in (home.owner_key, home.anchor_key)]
    with EmbeddedChild(home.chain_file, senders=senders, port=settings.chain_port) as child:
        yield child.url


@contextmanager
def reachable(settings: Settings, home: Home) -> Iterator[str]:
    """The endpoint's URL, whether the node runs or not: a running one serves its embedded chain."""
    running = read_running(home)
    if running is None or settings.chain_url:
        with endpoint(settings, home) as url:
            yield url
        return
    yield running.chain_url


@contextmanager
def connected(
    settings: Settings, home: Home, *, url: str, clock: Clock, deploy: bool
) -> Iterator[ChainSide]:
    """Connect to the chain at ``url``.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint.
        clock: Time.
        deploy: Deploy the contract and open the log where that was not done yet.

    Raises:
        ConfigError: Another chain than the recorded one, or no recorded deployment.
        UnavailableError: The endpoint does not answer.
    """
    passphrase = settings.secret()
    config = ChainConfig(url=url, engine=settings.chain_engine)
    client = EvmClient.connect(config)
    with ExitStack() as stack:
        outbox = SqliteOutboxStore(
            home.outbox, chain_id=client.chain_id, genesis_hash=client.genesis_hash
        )
        stack.callback(outbox.close)

        def sender(key: AnchorKey) -> TransactionSender:
            lock = SignerLock(home.folder / f"signer-{key.address.hex()}.lock")
            return TransactionSender(client=client, key=key, store=outbox, lock=lock, clock=clock)

        signer = load_key(home.anchor_key, passphrase)
        owner = sender(load_key(home.owner_key, passphrase))
        origin = Origin(settings.log_origin)
        if deploy:
            deployment = ensure_deployed(client, owner, home.deployment)
            contract = RegistryContract(client, deployment.contract)
            log_id = LogOwner(contract, owner).open_log(origin, signer=signer.address)
        else:
            deployment = read_deployment(home.deployment)
            check_deployment(client, deployment)
            contract = RegistryContract(client, deployment.contract)
            log_id = log_id_of(owner=owner.address, origin=origin)
        yield ChainSide(
            url=url,
            engine=settings.chain_engine,
            deployment=deployment,
            log_id=log_id,
            registry=ChainAnchorRegistry(contract, sender(signer)),
        )
