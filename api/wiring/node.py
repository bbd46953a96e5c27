"""A node put together: store, writer, services, chain, background verbs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from api.home import Home
from api.pact.desk import PactDesk
from api.periodic import Periodic
from api.services import Services
from api.settings import Settings
from api.wiring.board import desks_of
from api.wiring.chain_child import kept_chain
from api.wiring.chain_side import ChainSide, connected_in_time
from api.wiring.cosigning import cosign_tasks
from api.wiring.intake import identity_of, make_intake
from api.wiring.ledger_orders import ensure_relay_key
from api.wiring.market_side import market_side
from api.wiring.node_services import Parts, services_of
from api.wiring.pact import pact_side
from api.wiring.projecting import projecting
from api.wiring.record_reader import record_reader
from api.wiring.sealing_tasks import make_sealing, sealing_tasks
from api.wiring.trust import ensure_trust_root
from trace_node.clock import Clock
from trace_node.crypto import keys
from trace_node.errors import UnavailableError
from trace_node.ports.archive import Archive
from trace_node.services.group_commit import GroupCommit
from trace_node.store.archive import open_archive
from trace_node.store.sql_store import SqlStore, create_store
from trace_node.tlog.anchor import AnchoredHead

CHAIN_INTERVAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that takes readings.

    Attributes:
        services: For the HTTP application.
        chain: Its chain.
        pact: The PACT exchange; None where none is set up.
    """

    services: Services
    chain: ChainSide
    pact: PactDesk | None


@contextmanager
def running_node(settings: Settings, home: Home, *, clock: Clock) -> Iterator[Node]:
    """Put a node together and run its background verbs while the block lasts.

    Raises:
        ConfigError: A setting, key or file is wrong.
        StateError: The log is behind its chain or archive, or another history is anchored.
        UnavailableError: Chain, database or archive do not answer at the first start.
    """
    with ExitStack() as stack:
        store, archive = _storage(settings, stack, clock=clock)
        ensure_relay_key(settings, home)
        url, keeping = _endpoint(settings, home, stack)
        chain = stack.enter_context(connected_in_time(settings, home, url=url, clock=clock))
        ensure_trust_root(settings, home, chain, clock=clock)
        check = chain.start_check(store, home)
        writer = GroupCommit(store, capacity=settings.queue_limit)
        stack.callback(writer.close)
        asking = cosign_tasks(settings, home, store=store, clock=clock)
        sealing = make_sealing(
            settings, home, store, archive, check=check, asking=asking, writer=writer, clock=clock
        )
        sealing.compare_at_start()
        node_key = keys.load(home.node_key, settings.secret())
        desks = desks_of(home, store, clock=clock)
        taking = partial(make_intake, settings, home, is_anchored=partial(_was_anchored, chain))
        intake = taking(
            store=store,
            writer=writer,
            node_key=node_key,
            library=desks.library,
            clock=clock,
            read=stack.enter_context(record_reader()),
        )
        market = market_side(settings, home, stack, store=store, desks=desks, url=url, clock=clock)
        pact = pact_side(settings, home, store, clock=clock)
        anchoring = chain.anchoring(store, check)
        tasks = (
            *sealing_tasks(settings, sealing, anchoring, writer=writer, term=intake.term),
            *projecting(intake, store=store, writer=writer, signer=node_key, clock=clock),
            *keeping,
            *asking,
            *market.board_tasks,
            *pact.tasks,
        )
        _run_all((*tasks, *market.ledger_tasks), stack)
        parts = Parts(store=store, writer=writer, intake=intake, market=market, tasks=tasks)
        services = services_of(settings, home, parts, signer=node_key, clock=clock)
        yield Node(services=services, chain=chain, pact=pact.desk)


def _run_all(tasks: Sequence[Periodic], stack: ExitStack) -> None:
    for task in tasks:
        task.start()
        stack.callback(task.stop)


def _endpoint(settings: Settings, home: Home, stack: ExitStack) -> tuple[str, Sequence[Periodic]]:
    """Where the chain is, and the task that keeps an embedded one alive."""
    if settings.chain_url:
        return settings.chain_url, ()
    chain = stack.enter_context(kept_chain(settings, home))
    return chain.url, (Periodic(name="chain", verb=chain.keep, interval=CHAIN_INTERVAL),)


def _storage(settings: Settings, stack: ExitStack, *, clock: Clock) -> tuple[SqlStore, Archive]:
    """Database and archive; a wrong URL is found before anything is sent to a chain."""
    archive = open_archive(settings.archive)
    stack.callback(archive.close)
    store = create_store(settings.database, identity=identity_of(settings), clock=clock)
    stack.callback(store.close)
    return store, archive


def _was_anchored(chain: ChainSide, head: AnchoredHead) -> bool | None:
    """Ask the chain about a head that a collector named and the log lacks."""
    try:
        anchor = chain.registry.anchored_at(chain.log_id, head.size)
    except UnavailableError:
        return None
    return anchor is not None and anchor.head == head
