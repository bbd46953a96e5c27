"""Everything towards the chain: the keys, the contract and the services over them."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from api.home import Home
from api.settings import Settings
from api.wiring.chain_link import ChainLink, linked
from api.wiring.late_registry import LateRegistry
from api.wiring.trust_file import stored_trust_root
from chain.addresses import log_id_of
from chain.config import ChainConfig
from chain.deploy import Deployment, check_deployment, ensure_deployed, read_deployment
from chain.evidence_folder import EvidenceFolder
from chain.log_owner import LogOwner
from chain.registry import ChainAnchorRegistry, RegistryContract
from chain.signer_key import load_key, stated_address
from trace_node.clock import Clock
from trace_node.errors import ConfigError, UnavailableError
from trace_node.ids import Origin
from trace_node.ports.chain import AnchorRegistry
from trace_node.ports.store import Store
from trace_node.services.anchor import AnchorService
from trace_node.services.start_check import StartCheck

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSide:
    """A node's connection to its chain.

    Attributes:
        url: Endpoint, which may hold credentials.
        engine: Profile of the endpoint.
        deployment: Where the contract is.
        log_id: 32-byte id of the log on the chain.
        registry: The contract as services use it.
    """

    url: str
    engine: str
    deployment: Deployment
    log_id: bytes
    registry: AnchorRegistry

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
    origin = Origin(settings.log_origin)
    signer = load_key(home.anchor_key, passphrase)
    with linked(home, expected_chain(settings, home, url), clock=clock) as link:
        if deploy and not home.deployment.exists():
            deployer = link.sender(load_key(home.owner_key, passphrase))
            ensure_deployed(link.client, deployer, home.deployment)
        deployment, contract = deployed_contract(link)
        log_id = log_id_at(home, origin)
        if deploy and contract.log_info(log_id) is None:
            owner = link.sender(load_key(home.owner_key, passphrase))
            LogOwner(contract, owner).open_log(origin, signer=signer.address)
        yield ChainSide(
            url=url,
            engine=settings.chain_engine,
            deployment=deployment,
            log_id=log_id,
            registry=ChainAnchorRegistry(contract, link.sender(signer)),
        )


@contextmanager
def connected_in_time(
    settings: Settings, home: Home, *, url: str, clock: Clock
) -> Iterator[ChainSide]:
    """Connect as ``connected`` does; a chain that was used before may answer later.

    Readings are taken meanwhile, and nothing is signed (see ``Sealing``).

    Raises:
        ConfigError: See ``connected``.
        UnavailableError: The endpoint does not answer, and the log was never opened on it.
    """
    with ExitStack() as stack:

        def connect(*, deploy: bool) -> ChainSide:
            return stack.enter_context(
                connected(settings, home, url=url, clock=clock, deploy=deploy)
            )

        try:
            side = connect(deploy=True)
        except UnavailableError as error:
            if stored_trust_root(home) is None:
                raise
            logger.warning("chain unreachable", extra={"detail": error.message})
            side = ChainSide(
                url=url,
                engine=settings.chain_engine,
                deployment=read_deployment(home.deployment),
                log_id=log_id_at(home, Origin(settings.log_origin)),
                registry=LateRegistry(lambda: connect(deploy=False).registry),
            )
        yield side


def deployed_contract(link: ChainLink) -> tuple[Deployment, RegistryContract]:
    """The recorded contract, which is still the one on the chain.

    Raises:
        ConfigError: None is recorded, or the chain holds another one.
        UnavailableError: The endpoint does not answer.
    """
    if not link.home.deployment.exists():
        raise _not_deployed(link.home)
    deployment = read_deployment(link.home.deployment)
    check_deployment(link.client, deployment)
    return deployment, RegistryContract(link.client, deployment.contract)


def expected_chain(settings: Settings, home: Home, url: str) -> ChainConfig:
    """The endpoint, and which chain it must turn out to be once a contract was deployed there."""
    if not home.deployment.exists():
        return ChainConfig(url=url, engine=settings.chain_engine)
    recorded = read_deployment(home.deployment)
    if recorded.engine != settings.chain_engine:
        raise ConfigError(
            "setting {field}: is {engine}, the contract was deployed with {recorded}, which every"
            " proof names",
            field="chain_engine",
            engine=settings.chain_engine,
            recorded=recorded.engine,
            remedy="set TN_CHAIN_ENGINE={recorded}",
            code="config.chain_engine",
        )
    return ChainConfig(
        url=url,
        engine=settings.chain_engine,
        chain_id=recorded.chain_id,
        genesis_hash=recorded.genesis_hash,
    )


def log_id_at(home: Home, origin: Origin) -> bytes:
    """The id of the log: that of the owner whose key is here, and of the trust root.

    Raises:
        ConfigError: They differ, or neither is here.
    """
    stored = stored_trust_root(home)
    trusted = None if stored is None else stored.root.log_id
    if home.owner_key.exists():
        found = log_id_of(owner=stated_address(home.owner_key), origin=origin)
        if trusted in {None, found}:
            return found
        raise ConfigError(
            "{path}: another owner, or another origin, than the trust root names",
            field="log_id",
            path=str(home.owner_key),
            remedy="put the owner's key back, or move it away: the node anchors without it",
            code="config.log_id",
        )
    if trusted is None:
        raise ConfigError(
            "{path}: the owner's key is needed to open the log",
            field="owner_key",
            path=str(home.owner_key),
            remedy="bring the key here until the node has started once",
            code="config.owner_key",
        )
    return trusted


def _not_deployed(home: Home) -> ConfigError:
    return ConfigError(
        "{path}: no contract was deployed yet",
        field="deployment",
        path=str(home.deployment),
        remedy="deploy it with trace-node chain deploy, or start the node once; restore the file"
        " from the backup if it was lost",
        code="config.not_deployed",
    )
