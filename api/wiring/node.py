"""A node put together: store, writer, services, chain, background verbs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from api.home import Home
from api.market import Market
from api.periodic import Periodic
from api.services import BoardServices, Services
from api.settings import Settings
from api.tokens import TokenFile
from api.wiring.board import Desks, board_task, desks_of
from api.wiring.chain_child import kept_chain
from api.wiring.chain_side import ChainSide, connected_in_time
from api.wiring.cosigning import cosign_tasks, vouched_by
from api.wiring.intake import Intake, identity_of, make_intake
from api.wiring.keys import read_link_secret
from api.wiring.ledger_mirror import LedgerMirroring, mirroring
from api.wiring.ledger_orders import OrderParts, ensure_relay_key, order_parts
from api.wiring.links import read_links
from api.wiring.sealing import Sealing
from api.wiring.trust import ensure_trust_root
from trace_node.clock import Clock
from trace_node.crypto import keys
from trace_node.crypto.signer import Signer
from trace_node.errors import StateError, UnavailableError
from trace_node.ports.archive import Archive
from trace_node.ports.ledger_holdings import Holdings
from trace_node.ports.store import Store
from trace_node.services.allocation import RuleLibrary
from trace_node.services.anchor import AnchorService
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest_errors import LogStoppedError
from trace_node.services.project import Projector
from trace_node.services.prove import prove_entry
from trace_node.services.prove_period import prove_period
from trace_node.services.seal import Seal
from trace_node.store.archive import open_archive
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore, create_store
from trace_node.tlog.anchor import AnchoredHead
from trace_node.tlog.note_keys import Sm2NoteSigner

PROJECT_INTERVAL = 1
CHAIN_INTERVAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that takes readings.

    Attributes:
        services: For the HTTP application.
        chain: Its chain.
    """

    services: Services
    chain: ChainSide


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
        sealing = Sealing(
            seal=_seal(settings, home, store=store, archive=archive, clock=clock),
            check=check,
            sealed=partial(_wake, asking),
            stopped=lambda: writer.stopped,
        )
        sealing.compare_at_start()
        node_key = keys.load(home.node_key, settings.secret())
        taking = partial(make_intake, settings, home, is_anchored=partial(_was_anchored, chain))
        desks = desks_of(home, store, clock=clock)
        intake = taking(
            store=store, writer=writer, node_key=node_key, library=desks.library, clock=clock
        )
        anchoring = chain.anchoring(store, check)
        ledger = mirroring(settings, home, stack, store=store, url=url, clock=clock)
        orders = order_parts(settings, home, url=url, store=store, stack=stack, clock=clock)
        looking = [] if settings.interop else [board_task(settings, desks, store, clock=clock)]
        tasks = [
            *_sealing_tasks(settings, sealing, anchoring, writer=writer),
            *_projecting(intake, store=store, writer=writer, signer=node_key, clock=clock),
            *keeping,
            *asking,
            *looking,
        ]
        for task in (*tasks, *ledger.tasks, *(orders.tasks if orders else ())):
            task.start()
            stack.callback(task.stop)
        parts = _Parts(
            store=store,
            holdings=SqlLedgerMirror(store.database),
            writer=writer,
            intake=intake,
            tasks=tasks,
            ledger=ledger,
            orders=orders,
            desks=desks,
        )
        yield Node(services=_services(settings, home, parts, clock=clock), chain=chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    store: SqlStore
    holdings: Holdings
    writer: GroupCommit
    intake: Intake
    tasks: Sequence[Periodic]
    ledger: LedgerMirroring
    orders: OrderParts | None
    desks: Desks


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


def _seal(settings: Settings, home: Home, *, store: Store, archive: Archive, clock: Clock) -> Seal:
    log_key = keys.load(home.log_key, settings.secret())
    signer = Sm2NoteSigner(name=settings.log_origin, signer=log_key)
    return Seal(store=store, archive=archive, signers=[signer], clock=clock)


def _sealing_tasks(
    settings: Settings, sealing: Sealing, anchoring: AnchorService, *, writer: GroupCommit
) -> tuple[Periodic, Periodic]:
    """The tasks that may find out that the log must not be written any more."""
    on_end = partial(_stop_writing, writer)
    seal, anchor = settings.seal_interval, settings.anchor_interval
    return (
        Periodic(name="seal", verb=sealing.round, interval=seal, on_end=on_end),
        Periodic(name="anchor", verb=anchoring.anchor_once, interval=anchor, on_end=on_end),
    )


def _stop_writing(writer: GroupCommit, error: StateError) -> None:
    """Take in nothing for a log that another history contradicts."""
    writer.stop(
        LogStoppedError(
            "{why}", why=error.message, remedy="{cure}", cure=error.remedy, code=error.reason
        )
    )


def _services(settings: Settings, home: Home, parts: _Parts, *, clock: Clock) -> Services:
    reader, vouched = parts.store.reader(), vouched_by(home)
    return Services(
        settings=settings,
        clock=clock,
        tokens=TokenFile(home.tokens, clock),
        reader=reader,
        deliver=parts.intake.deliver,
        enrol=parts.intake.enrol,
        state=parts.intake.state,
        add_opaque=parts.intake.add_opaque,
        market=Market(
            store=parts.store,
            holdings=parts.holdings,
            library=RuleLibrary.packaged(),
        ),
        prove=lambda index: prove_entry(index, reader=reader, vouched=vouched),
        prove_period=lambda request: prove_period(request, reader=reader, vouched=vouched),
        trust_root=home.trust_root,
        link_secret=read_link_secret(home),
        queue_depth=lambda: parts.writer.depth,
        links=lambda: read_links([home.collector_status, *settings.collectors]),
        intake_note=lambda: _stopped(parts.writer),
        chain_note=lambda: _notes(parts.tasks),
        wake=lambda: _wake(parts.tasks),
        ledger=parts.ledger.faces,
        orders=parts.orders.desk if parts.orders else None,
        board=_board(parts),
    )


def _board(parts: _Parts) -> BoardServices | None:
    if parts.intake.book is None:
        return None
    desks = parts.desks
    return BoardServices(boards=desks.boards, alerts=desks.alerts, plans=desks.plans)


def _stopped(writer: GroupCommit) -> str:
    return "" if writer.stopped is None else writer.stopped.message


def _was_anchored(chain: ChainSide, head: AnchoredHead) -> bool | None:
    """Ask the chain about a head that a collector named and the log lacks."""
    try:
        anchor = chain.registry.anchored_at(chain.log_id, head.size)
    except UnavailableError:
        return None
    return anchor is not None and anchor.head == head


def _wake(tasks: Sequence[Periodic]) -> None:
    for task in tasks:
        task.wake()


def _notes(tasks: Sequence[Periodic]) -> str:
    return "; ".join(f"{task.name}: {task.note}" for task in tasks if task.note)


def _projecting(
    intake: Intake, *, store: Store, writer: GroupCommit, signer: Signer, clock: Clock
) -> tuple[Periodic, ...]:
    """The task that derives readings, periods and findings; none for opaque entries."""
    if intake.book is None:
        return ()
    projector = Projector(
        store=store,
        writer=writer,
        book=intake.book,
        signer=signer,
        clock=clock,
        precedence=intake.precedence,
    )
    verb, interval = projector.catch_up, PROJECT_INTERVAL
    return (Periodic(name="project", verb=verb, interval=interval, on_stop=projector.close),)
