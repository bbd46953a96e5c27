"""The database as the services see it: a unit of work and the repositories inside it.

One use case is one unit of work is one transaction. It commits when its block ends and rolls back
when the block raises; nothing else commits. Every method may raise an error of ``store``:
``UnavailableError`` when the database does not answer, ``IntegrityError`` when it is damaged.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from trace_node.ids import KeyId
from trace_node.ports.accounting import AccountedFigures
from trace_node.ports.anchoring import AnchorRequests, LogHistory
from trace_node.ports.board import Alerts, UsagePlans
from trace_node.ports.entries import (
    EntryValues,
    KnownRecord,
    LoggedDelivery,
    LogIdentity,
    StoredCheckpoint,
    StoredEntry,
    StoredTile,
    StreamHead,
    TreeState,
)
from trace_node.ports.evidence import Evidence
from trace_node.ports.footprints import Footprints
from trace_node.ports.log_reader import LogReader
from trace_node.ports.market import Disclosures, ImportedFiles, Openings
from trace_node.ports.orders import OrderBook
from trace_node.ports.pact import PactEvents, Partners, PublishedFootprints
from trace_node.ports.projections import Projections
from trace_node.ports.registry import Enrolments
from trace_node.ports.statements import Statements
from trace_node.tlog.anchor import Anchor


class Entries(Protocol):
    """The entries of the log and the state of the tree over them."""

    def state(self) -> TreeState:
        """Size, root and compact range of everything committed."""

    def locked_state(self) -> TreeState:
        """The same, holding back every other writer of the log until this unit of work ends."""

    def append(self, rows: Sequence[EntryValues]) -> None:
        """Add entries; their indexes go on from the present size without gap."""

    def advance(self, *, before: TreeState, after: TreeState) -> None:
        """Replace the state of the tree, if it still is ``before``.

        Raises:
            StateError: It is not: another process wrote to the log; nothing may be committed.
        """

    def read(self, first: int, end: int) -> Sequence[StoredEntry]:
        """The entries from ``first`` up to, not including, ``end``; the caller bounds them."""

    def bodies(self, first: int, end: int) -> Sequence[bytes]:
        """The bodies of the same range."""

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """The stored leaf hashes of the same range."""

    def known(self, stream_id: int, seqs: Sequence[int]) -> Sequence[KnownRecord]:
        """The logged records of a stream with one of the numbers ``seqs``, in any order.

        What is read grows with ``seqs`` alone, however far apart they are.
        """


class Streams(Protocol):
    """The (device, boot) streams and how far each has come."""

    def find(self, *, device: str, boot: bytes) -> StreamHead | None:
        """The stream; None when no record of it is logged."""

    def get(self, stream_id: int) -> StreamHead:
        """The stream with that number.

        Raises:
            NotFoundError: There is none.
        """

    def open(self, *, device: str, boot: bytes, collector: KeyId) -> StreamHead:
        """Create the stream, without a record yet."""

    def move(self, heads: Sequence[StreamHead]) -> None:
        """Set the head of each stream."""


class Deliveries(Protocol):
    """Contexts and deliveries in the log."""

    def context_index(self, digest: bytes) -> int | None:
        """Leaf index of the context with that record digest; None when it is not logged."""

    def add_context(self, *, digest: bytes, index: int) -> None:
        """Remember where a context was logged."""

    def by_digest(self, digest: bytes) -> LoggedDelivery | None:
        """The delivery with that record digest; None when it is not logged."""

    def bringing(self, index: int) -> LoggedDelivery | None:
        """The delivery that brought the entry at ``index``; None when no delivery did."""

    def add(self, deliveries: Sequence[LoggedDelivery]) -> None:
        """Remember deliveries that were logged."""

    def read(self, first: int, end: int) -> Sequence[LoggedDelivery]:
        """The deliveries whose own leaf index lies from ``first`` up to, not including, ``end``."""


class Checkpoints(Protocol):
    """Signed checkpoints and the hash tiles published with them."""

    def newest(self) -> StoredCheckpoint | None:
        """The one of the largest size; None before the first."""

    def of_size(self, size: int) -> StoredCheckpoint | None:
        """The one of that size; None when there is none."""

    def covering(self, index: int) -> StoredCheckpoint | None:
        """The smallest one that covers the entry at ``index``; None when none does yet."""

    def read(
        self, *, above: int, limit: int, until: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        """Up to ``limit`` checkpoints larger than ``above``, in order; none over ``until``."""

    def add(self, checkpoint: StoredCheckpoint) -> None:
        """Store a checkpoint together with the request to anchor it."""

    def set_note(self, *, size: int, note: bytes) -> None:
        """Replace the note of a checkpoint by the same note with more cosignatures.

        Raises:
            StateError: The body of the note differs, or there is no such checkpoint.
        """

    def tile(self, level: int, index: int) -> StoredTile | None:
        """A hash tile as far as it is published; None when nothing of it is."""

    def tiles(self, level: int, first: int, end: int) -> Sequence[StoredTile]:
        """The published tiles of a level from ``first`` up to, not including, ``end``."""

    def put_tiles(self, tiles: Sequence[StoredTile]) -> None:
        """Publish tiles; a growing one replaces its shorter self."""

    def anchors(self, first: int, end: int) -> Sequence[Anchor]:
        """Anchors, mined or final, of sizes from ``first`` up to, not including, ``end``.

        Smallest head first.
        """

    def anchor_covering(self, size: int) -> Anchor | None:
        """The smallest mined or final anchor whose head is at least ``size``; None without."""

    def unfit_requests(self, *, limit: int) -> Sequence[int]:
        """Sizes whose checkpoint, request to anchor it and anchor do not fit each other."""


class UnitOfWork(Protocol):
    """The repositories inside one transaction."""

    @property
    def entries(self) -> Entries:
        """Entries and the tree."""

    @property
    def streams(self) -> Streams:
        """Device streams."""

    @property
    def deliveries(self) -> Deliveries:
        """Contexts and deliveries."""

    @property
    def checkpoints(self) -> Checkpoints:
        """Checkpoints and hash tiles."""

    @property
    def enrolments(self) -> Enrolments:
        """Keys and meters."""

    @property
    def evidence(self) -> Evidence:
        """Conflicts and findings."""

    @property
    def projections(self) -> Projections:
        """What is derived from the entries."""

    @property
    def statements(self) -> Statements:
        """Statements in the log."""

    @property
    def footprints(self) -> Footprints:
        """Batches and what made and used them."""

    @property
    def accounting(self) -> AccountedFigures:
        """Computed emissions in the log."""

    @property
    def alerts(self) -> Alerts:
        """Alerts and their delivery."""

    @property
    def plans(self) -> UsagePlans:
        """Plans for the use of allowances."""

    @property
    def imported_files(self) -> ImportedFiles:
        """Imported registry statements."""

    @property
    def openings(self) -> Openings:
        """Openings of commitments."""

    @property
    def disclosures(self) -> Disclosures:
        """What was published."""

    @property
    def published(self) -> PublishedFootprints:
        """Published product footprints."""

    @property
    def partners(self) -> Partners:
        """Partners of the PACT exchange."""

    @property
    def pact_events(self) -> PactEvents:
        """Events of the PACT exchange."""


class Store(Protocol):
    """A database that holds one log."""

    @property
    def identity(self) -> LogIdentity:
        """Which log it holds."""

    def unit_of_work(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that commits when the block ends and rolls back when it raises.

        Units of work of one thread must not be nested.
        """

    def view(self) -> AbstractContextManager[UnitOfWork]:
        """A read-only transaction that sees one snapshot; writing in it fails."""

    def reader(self) -> LogReader:
        """The log as its readers see it; safe to share between threads."""

    def anchor_requests(self) -> AnchorRequests:
        """The rows that wait to be anchored; safe to share between threads."""

    def history(self) -> LogHistory:
        """The log as anchoring sees it; safe to share between threads."""

    def order_book(self) -> OrderBook:
        """The orders that were handed to this node; safe to share between threads."""

    def damage(self) -> Sequence[str] | None:
        """What the database's own check of its pages and indexes reports; empty when sound.

        None where the engine has no such check.
        """

    def close(self) -> None:
        """Close all connections."""
