"""One transaction on the mirror: what the following, rebuilding and comparing of it need."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from trace_node.ports.ledger import BlockMark, LedgerIdentity
from trace_node.ports.ledger_mirror_head import MirrorHead, Reconciled, Stop, StopCause
from trace_node.quota.ledger.effect import Posting
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.rows import Key, Row, Table
from trace_node.quota.ledger.worksheet import Image, Written


@dataclass(frozen=True, slots=True)
class MirroredBlock:
    """A block that holds events.

    Attributes:
        number: Height.
        block_hash: 32 bytes.
        time: Seconds since the epoch.
        history: 32-byte digest over all events up to and with this block.
    """

    number: int
    block_hash: bytes
    time: int
    history: bytes

    @property
    def mark(self) -> BlockMark:
        """The block without what it did."""
        return BlockMark(number=self.number, block_hash=self.block_hash, time=self.time)


@dataclass(frozen=True, slots=True)
class AppliedEvent:
    """An event with what it did.

    Attributes:
        event: The event.
        content: Its bytes, as ``event_json`` makes them.
        postings: Tonnes in and out of cells; they add up to 0.
    """

    event: PlacedEvent
    content: bytes
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one step adds: blocks and events in order, rows as they are now, images to undo it."""

    blocks: Sequence[MirroredBlock]
    events: Sequence[AppliedEvent]
    rows: Sequence[Written]
    images: Sequence[Image]


class MirrorWork(Protocol):
    """A transaction on the mirror."""

    def head(self) -> MirrorHead:
        """How far the mirror has come, holding back every other writer until the block ends.

        Raises:
            NotFoundError: No ledger was joined yet; code ``not_found.ledger``.
        """

    def set_head(self, *, before: MirrorHead, after: MirrorHead) -> None:
        """Replace the head, if it still is ``before``; its revision is counted up.

        Raises:
            UnavailableError: It is not: another process moved the mirror; nothing may be
                committed, and trying again helps. Code ``ledger.moved``.
        """

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """The rows under these keys, as far as there are."""

    def block(self, number: int) -> MirroredBlock | None:
        """The block at that height, if it holds events."""

    def undo_above(self, height: int) -> Mapping[Book, int]:
        """Take back all events of blocks above ``height``; gives how many events of each remain.

        Raises:
            IntegrityError: The images of some of them are gone already.
        """

    def apply(self, applied: Applied) -> None:
        """Add events with all they do."""

    def prune(self, final: int) -> None:
        """Forget the images of blocks at or below ``final``."""

    def newest_block(self, *, up_to: int | None = None) -> MirroredBlock | None:
        """The newest block with events, at or below ``up_to`` if named."""

    def stops(self) -> Sequence[Stop]:
        """Why orders are stopped, gravest first."""

    def stop(self, stop: Stop) -> None:
        """Stop orders; a stop for the same cause is replaced."""

    def lift(self, cause: StopCause) -> None:
        """Take one cause back."""

    def empty(self, *, cursor: bytes) -> None:
        """Empty all tables but the identity and the stops, and begin again at ``cursor``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconsistency:
    """A balance that is not the sum of its postings."""

    key: Key
    balance: int
    postings: int


class MirrorAudit(Protocol):
    """The mirror as it was at one final block, row by row."""

    def rows(self, table: Table, *, size: int) -> Iterator[Sequence[tuple[Any, Any]]]:
        """All rows in ascending order of their keys, in pages of at most ``size``."""

    def event_counts(self) -> Mapping[Book, int]:
        """How many events of each contract were applied."""

    def unposted(self) -> Sequence[Inconsistency]:
        """Balances that are not the sum of their postings; should be none."""


class MirrorAudits(Protocol):
    """Where audits are taken from."""

    def identity(self) -> LedgerIdentity | None:
        """The ledger the mirror belongs to."""

    def audit(self, at: int) -> AbstractContextManager[MirrorAudit]:
        """The mirror as it was at block ``at``, while the block lasts.

        ``at`` is the newest block applied, or one whose successors can still be taken back.
        """

    def digest(self) -> str:
        """A digest over every row of every table in order, but for how it came about.

        Two mirrors of one chain at one height have the same one, however each was led there.
        """


__all__ = [
    "Applied",
    "AppliedEvent",
    "Inconsistency",
    "MirrorAudit",
    "MirrorAudits",
    "MirrorHead",
    "MirrorWork",
    "MirroredBlock",
    "Reconciled",
    "Stop",
    "StopCause",
]
