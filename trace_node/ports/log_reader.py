"""The log as those see it who prove, show or check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from trace_node.ids import KeyId
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.series import Sample
from trace_node.period import PeriodKind
from trace_node.ports.anchoring import AnchorProgress
from trace_node.ports.entries import (
    Conflict,
    LoggedDelivery,
    LogIdentity,
    PendingFinding,
    StoredCheckpoint,
    StoredEntry,
    TreeState,
)
from trace_node.ports.projections import Lag, Point, StoredEvent, StoredReading
from trace_node.ports.registry import EnrolledKey, EnrolledMeter
from trace_node.ports.series import SeriesState
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.proof import NodeReader
from trace_node.tlog.tiles import TileId


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Which delivery brought an entry.

    Attributes:
        delivery: The delivery.
        position: Place of the entry in it, from 0.
    """

    delivery: LoggedDelivery
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """When the outside could know of an entry at the latest, step by step (知悉时间).

    Attributes:
        index: Leaf index.
        observed_at: Instant the value holds for; None for an entry that is no reading.
        collected_at: Collector clock; None for an entry that is no reading.
        received_at: Node clock; None for an entry that no delivery brought.
        checkpoint_size: Size of the first checkpoint that covers it; None before one does.
        sealed_at: Node clock at that checkpoint.
        anchor: The first anchor that covers it; None before one is mined. Its block time is the
            only one of these that the node does not set itself.
        anchored_at: Node clock when it saw that anchor in a block.
    """

    index: int
    observed_at: datetime | None
    collected_at: datetime | None
    received_at: datetime | None
    checkpoint_size: int | None
    sealed_at: datetime | None
    anchor: Anchor | None
    anchored_at: datetime | None


class LogReader(Protocol):
    """Reads the log; every method is a snapshot of its own and safe to call from any thread."""

    @property
    def identity(self) -> LogIdentity:
        """Which log it is."""

    def state(self) -> TreeState:
        """The committed tree."""

    def entry(self, index: int) -> StoredEntry:
        """One entry.

        Raises:
            NotFoundError: The log does not reach so far.
        """

    def entries(self, first: int, end: int) -> Sequence[StoredEntry]:
        """Entries from ``first`` up to, not including, ``end``; at most 4096."""

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """Leaf hashes of the same kind of range; at most 65,536."""

    def record(self, *, device: str, boot: bytes, seq: int) -> StoredEntry:
        """The record of a device chain.

        Raises:
            NotFoundError: It is not logged.
        """

    def tile(self, level: int, index: int, *, width: int = 256) -> bytes:
        """The first ``width`` hashes of a published hash tile.

        Raises:
            NotFoundError: The newest checkpoint does not cover so many of its hashes.
        """

    def read_tile(self, tile: TileId) -> bytes:
        """A published tile of hashes or bundle of entries, exactly as wide as asked for.

        Raises:
            NotFoundError: The newest checkpoint does not cover it.
        """

    def subtrees(self) -> NodeReader:
        """Hashes of complete subtrees from published tiles: proofs up to the newest checkpoint."""

    def checkpoint(self) -> StoredCheckpoint | None:
        """The newest checkpoint; None before the first."""

    def checkpoint_of(self, size: int) -> StoredCheckpoint | None:
        """The checkpoint of that size; None when there is none."""

    def checkpoint_covering(self, index: int) -> StoredCheckpoint | None:
        """The smallest checkpoint that covers the entry; None when none does yet."""

    def delivery_of(self, index: int) -> Provenance | None:
        """The delivery that brought the entry; None when no delivery did."""

    def delivered_hashes(self, delivery: LoggedDelivery) -> Sequence[bytes]:
        """Leaf hashes of all records of a delivery, in its own order."""

    def enrolled_key(self, key_id: KeyId, *, usage: str, at: datetime) -> EnrolledKey | None:
        """The registration by which a key may sign for ``usage`` at ``at``; None if it may not."""

    def enrolled_keys(self) -> Sequence[EnrolledKey]:
        """All key registrations, in log order."""

    def enrolled_meters(self, *, device: str | None = None) -> Sequence[EnrolledMeter]:
        """Device registrations in log order: all, or those of one device."""

    def anchor_covering(self, size: int) -> Anchor | None:
        """The smallest mined or final anchor whose head is at least ``size``; None when none is."""

    def progress(self) -> AnchorProgress:
        """How far the log has come."""

    def knowledge(self, indexes: Sequence[int]) -> Sequence[Knowledge]:
        """When each entry could be known; at most 4096 indexes, answered in their order."""

    def points(self, *, device: str | None = None) -> Sequence[Point]:
        """The points that have readings; of one device if named."""

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        """Up to ``limit`` readings of a point observed in [begin, end), by (observed_at, index)."""

    def samples(
        self, point_id: int, *, begin: datetime, end: datetime, scale: int, limit: int
    ) -> Sequence[Sample]:
        """The valid values of a point observed in [begin, end), as calculations take them.

        Args:
            point_id: Which point.
            begin: First instant.
            end: First instant after the last.
            scale: Number of decimals of the values.
            limit: How many at most, 1 or more; the earliest come first.

        Raises:
            InputError: A value has more decimals; code ``log.scale``.
        """

    def last_sample_at(self, point_id: int, *, before: datetime) -> datetime | None:
        """When the last valid value of a point before an instant was observed; None without."""

    def events(self, device: str, *, begin: datetime, end: datetime) -> Sequence[StoredEvent]:
        """Events of a device observed in [begin, end), by (observed_at, index)."""

    def totals(
        self, point_id: int, kind: PeriodKind, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[PeriodTotal]:
        """Stored totals of finished periods that begin in [begin, end), by their starts."""

    def series_state(self, point_id: int) -> SeriesState | None:
        """The newest stored state of a point's roll-up; None before the first."""

    def findings(self, *, device: str | None = None, limit: int = 100) -> Sequence[PendingFinding]:
        """The newest findings, newest first."""

    def conflicts(self, *, limit: int = 100) -> Sequence[Conflict]:
        """The newest conflicts, newest first."""

    def lags(self) -> Sequence[Lag]:
        """How far each projection is behind."""
