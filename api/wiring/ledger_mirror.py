"""The ledger's mirror in a node: followed and compared in the background, if one is joined."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.home import Home
from api.periodic import Periodic
from api.services import LedgerFaces
from api.settings import Settings
from api.wiring.intake import identity_of
from api.wiring.ledger_chain import LedgerSide, ledger_connected
from chain.evidence_folder import EvidenceFolder
from trace_node.clock import Clock
from trace_node.ports.orders import OrderFigures
from trace_node.services.ledger_health import LedgerHealth
from trace_node.services.ledger_queries import LedgerQueries
from trace_node.services.mirror import Mirror
from trace_node.services.reconcile import Reconcile
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore, open_store

COMPARE_LOOK_S = 2  # how soon it is seen that a comparison is due


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMirroring:
    """The mirror of a running node.

    Attributes:
        faces: What the HTTP layer shows of it.
        tasks: What keeps it level and compares it.
    """

    faces: LedgerFaces
    tasks: Sequence[Periodic]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVerbs:
    """What is done with a mirror that has its ledger.

    Attributes:
        mirror: Follows, and builds anew.
        reconcile: Compares.
    """

    mirror: Mirror
    reconcile: Reconcile


class LateLedger:
    """A ledger whose chain may answer later than the node starts: connected when it is needed.

    Args:
        settings: The node's settings.
        home: Its files.
        url: Endpoint.
        mirror: The mirror in the database.
        clock: Time.
    """

    def __init__(
        self, settings: Settings, home: Home, *, url: str, mirror: SqlLedgerMirror, clock: Clock
    ) -> None:
        self._settings, self._home, self._url = settings, home, url
        self._mirror, self._clock = mirror, clock
        self._lock, self._stack = threading.Lock(), ExitStack()
        self._found: LedgerVerbs | None = None
        self._compared: datetime | None = None

    def follow(self) -> None:
        """Bring the mirror level with the chain, once a ledger is joined."""
        if self.joined():
            self._verbs().mirror.follow()

    def compare(self) -> None:
        """Reconcile the mirror with the contracts, when that is due and something is final."""
        if not self.joined() or not self._due():
            return
        self._verbs().reconcile.run()
        self._compared = self._clock.now()

    def _due(self) -> bool:
        """Whether the interval has passed since this node compared, and a block is settled."""
        interval = timedelta(seconds=self._settings.reconcile_interval)
        if self._compared is not None and self._clock.now() - self._compared < interval:
            return False
        self._verbs()
        with self._mirror.view() as view:
            return view.head().settled is not None

    def joined(self) -> bool:
        """Whether a ledger is recorded; it may be joined while the node runs."""
        return self._home.ledger.exists()

    def close(self) -> None:
        """Let the connection go."""
        self._stack.close()

    def _verbs(self) -> LedgerVerbs:
        with self._lock:
            if self._found is None:
                side = self._stack.enter_context(
                    ledger_connected(self._settings, self._home, url=self._url)
                )
                verbs = verbs_of(side, self._home, mirror=self._mirror, clock=self._clock)
                verbs.mirror.join()
                self._found = verbs
            return self._found


def verbs_of(side: LedgerSide, home: Home, *, mirror: SqlLedgerMirror, clock: Clock) -> LedgerVerbs:
    """The verbs over one connection and one database."""
    evidence = EvidenceFolder(home.evidence)
    return LedgerVerbs(
        mirror=Mirror(
            mirror=mirror,
            follower=side.follower,
            reader=side.reader,
            evidence=evidence,
            clock=clock,
        ),
        reconcile=Reconcile(
            mirror=mirror, audits=mirror, reader=side.reader, evidence=evidence, clock=clock
        ),
    )


def mirroring(
    settings: Settings,
    home: Home,
    stack: ExitStack,
    *,
    store: SqlStore,
    url: str,
    clock: Clock,
) -> LedgerMirroring:
    """What mirrors the recorded ledger in a node; it waits while none is recorded."""
    mirror = SqlLedgerMirror(store.database)
    late = LateLedger(settings, home, url=url, mirror=mirror, clock=clock)
    stack.callback(late.close)
    follow = Periodic(name="ledger", verb=late.follow, interval=settings.ledger_interval)
    compare = Periodic(name="ledger-reconcile", verb=late.compare, interval=COMPARE_LOOK_S)
    faces = LedgerFaces(
        queries=LedgerQueries(mirror=mirror),
        health=health_of(settings, mirror, clock=clock),
        joined=late.joined,
        orders_stopped=mirror.orders_stopped,
        order_figures=store.order_book().figures,
        note=lambda: follow.note or compare.note,
    )
    return LedgerMirroring(faces=faces, tasks=(follow, compare))


def health_of(settings: Settings, mirror: SqlLedgerMirror, *, clock: Clock) -> LedgerHealth:
    """How the mirror is, by the node's settings."""
    return LedgerHealth(mirror=mirror, clock=clock, allowed=timedelta(seconds=settings.ledger_lag))


@contextmanager
def stored_mirror(settings: Settings) -> Iterator[SqlLedgerMirror]:
    """The mirror in the node's database, whether the node runs or not.

    Raises:
        StoreMissingError: There is no database yet.
    """
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        yield SqlLedgerMirror(store.database)
    finally:
        store.close()


def stored_order_figures(settings: Settings) -> OrderFigures:
    """How many orders the node's database keeps, whether the node runs or not.

    Raises:
        StoreMissingError: There is no database yet.
    """
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        return store.order_book().figures()
    finally:
        store.close()
