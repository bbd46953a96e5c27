"""The log for those who prove, show or check it; see ``trace_node.ports.log_reader.LogReader``."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from trace_node.errors import InputError, NotFoundError
from trace_node.ids import KeyId
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.series import Sample
from trace_node.period import PeriodKind
from trace_node.ports.anchoring import AnchorProgress, AnchorState
from trace_node.ports.entries import (
    Conflict,
    LoggedDelivery,
    LogIdentity,
    PendingFinding,
    StoredCheckpoint,
    StoredEntry,
    TreeState,
)
from trace_node.ports.log_reader import Knowledge, Provenance
from trace_node.ports.projections import Lag, Point, StoredEvent, StoredReading
from trace_node.ports.registry import EnrolledKey, EnrolledMeter, key_at
from trace_node.ports.series import SeriesState
from trace_node.store.anchor_rows import largest_requests
from trace_node.store.columns import DIGEST_BYTES
from trace_node.store.database import Database
from trace_node.store.knowledge import knowledge_of
from trace_node.store.samples import last_sample_at, read_samples
from trace_node.store.subtrees import TileSubtrees
from trace_node.store.tables import PROJECTION_CURSORS
from trace_node.store.unit_of_work import reading
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.hasher import by_name
from trace_node.tlog.tiles import TILE_WIDTH, TileId, encode_entries

MOST_ENTRIES = 4096
MOST_HASHES = 65_536
_FINAL = (AnchorState.FINAL,)
_MINED = (*_FINAL, AnchorState.MINED)
_SUBMITTED = (*_MINED, AnchorState.SUBMITTED, AnchorState.RESUBMITTED)
_REORGED = (AnchorState.REORGED, AnchorState.RESUBMITTED)


class SqlLogReader:
    """Every method is a read-only transaction of its own."""

    def __init__(self, database: Database, *, identity: LogIdentity) -> None:
        self.identity = identity
        self._database = database
        self._subtrees = TileSubtrees(database, hasher=by_name(identity.hash_name))

    def state(self) -> TreeState:
        """The committed tree."""
        with reading(self._database) as work:
            return work.entries.state()

    def entry(self, index: int) -> StoredEntry:
        """One entry."""
        found = self.entries(index, index + 1)
        if not found:
            raise NotFoundError(
                "the log has no entry {index}",
                index=index,
                remedy="the newest checkpoint says how many it has",
                code="log.no_entry",
            )
        return found[0]

    def entries(self, first: int, end: int) -> Sequence[StoredEntry]:
        """Entries from ``first`` up to, not including, ``end``; at most 4096."""
        _require_range(first, end, bound=MOST_ENTRIES)
        with reading(self._database) as work:
            return work.entries.read(first, end)

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """Leaf hashes of the same kind of range; at most 65,536."""
        _require_range(first, end, bound=MOST_HASHES)
        with reading(self._database) as work:
            return work.entries.leaf_hashes(first, end)

    def record(self, *, device: str, boot: bytes, seq: int) -> StoredEntry:
        """The record of a device chain."""
        with reading(self._database) as work:
            stream = work.streams.find(device=device, boot=boot)
            known = work.entries.known(stream.stream_id, [seq]) if stream else ()
            if not known:
                raise NotFoundError(
                    "no record {seq} of this run of {device} is logged",
                    seq=seq,
                    device=device,
                    remedy="check device, run and number",
                    code="log.no_record",
                )
            return work.entries.read(known[0].index, known[0].index + 1)[0]

    def tile(self, level: int, index: int, *, width: int = TILE_WIDTH) -> bytes:
        """The first ``width`` hashes of a published hash tile."""
        return self.read_tile(TileId(level=level, index=index, width=width))

    def read_tile(self, tile: TileId) -> bytes:
        """A published tile of hashes or bundle of entries, exactly as wide as asked for."""
        with reading(self._database) as work:
            stored = work.checkpoints.tile(tile.level, tile.index)
            if stored is None or stored.width < tile.width:
                raise NotFoundError(
                    "{field}: not covered by a checkpoint yet",
                    field=tile.path,
                    remedy="ask for what the newest checkpoint covers",
                    code="log.no_tile",
                )
            if not tile.entries:
                return stored.hashes[: tile.width * DIGEST_BYTES]
            first = tile.index * TILE_WIDTH
            return encode_entries(work.entries.bodies(first, first + tile.width))

    def subtrees(self) -> TileSubtrees:
        """Hashes of complete subtrees from published tiles: proofs up to the newest checkpoint."""
        return self._subtrees

    def checkpoint(self) -> StoredCheckpoint | None:
        """The newest checkpoint; None before the first."""
        with reading(self._database) as work:
            return work.checkpoints.newest()

    def checkpoint_of(self, size: int) -> StoredCheckpoint | None:
        """The checkpoint of that size; None when there is none."""
        with reading(self._database) as work:
            return work.checkpoints.of_size(size)

    def checkpoint_covering(self, index: int) -> StoredCheckpoint | None:
        """The smallest checkpoint that covers the entry; None when none does yet."""
        with reading(self._database) as work:
            return work.checkpoints.covering(index)

    def delivery_of(self, index: int) -> Provenance | None:
        """The delivery that brought the entry; None when no delivery did."""
        with reading(self._database) as work:
            delivery = work.deliveries.bringing(index)
        if delivery is None:
            return None
        position = 0
        for span in delivery.spans:
            if span.fresh and span.first_index <= index < span.first_index + span.count:
                return Provenance(delivery=delivery, position=position + index - span.first_index)
            position += span.count
        return None

    def delivered_hashes(self, delivery: LoggedDelivery) -> Sequence[bytes]:
        """Leaf hashes of all records of a delivery, in its own order."""
        with reading(self._database) as work:
            return [
                leaf_hash
                for span in delivery.spans
                for leaf_hash in work.entries.leaf_hashes(
                    span.first_index, span.first_index + span.count
                )
            ]

    def enrolled_key(self, key_id: KeyId, *, usage: str, at: datetime) -> EnrolledKey | None:
        """The registration by which a key may sign for ``usage`` at ``at``; None if it may not."""
        with reading(self._database) as work:
            keys = work.enrolments.keys(key_id=key_id)
        return key_at(keys, key_id=key_id, usage=usage, at=at)

    def enrolled_keys(self) -> Sequence[EnrolledKey]:
        """All key registrations, in log order."""
        with reading(self._database) as work:
            return work.enrolments.keys()

    def enrolled_meters(self, *, device: str | None = None) -> Sequence[EnrolledMeter]:
        """Device registrations in log order: all, or those of one device."""
        with reading(self._database) as work:
            return work.enrolments.meters(device=device)

    def anchor_covering(self, size: int) -> Anchor | None:
        """The smallest mined or final anchor whose head is at least ``size``; None without."""
        with reading(self._database) as work:
            return work.checkpoints.anchor_covering(size)

    def progress(self) -> AnchorProgress:
        """How far the log has come; ``durable`` counts what was archived for a checkpoint."""
        with reading(self._database) as work:
            newest = work.checkpoints.newest()
            checkpointed = 0 if newest is None else newest.size
            reached = largest_requests(work.connection)
            received = work.entries.state().size
        submitted, mined, final, reorged = (
            max(reached[state] for state in states)
            for states in (_SUBMITTED, _MINED, _FINAL, _REORGED)
        )
        return AnchorProgress(
            received=received,
            durable=checkpointed,
            checkpointed=checkpointed,
            submitted=submitted,
            mined=mined,
            final=final,
            reorged_from=reorged if reorged > mined else 0,
        )

    def knowledge(self, indexes: Sequence[int]) -> Sequence[Knowledge]:
        """When each entry could be known; at most 4096 indexes, answered in their order."""
        _require_range(0, len(indexes), bound=MOST_ENTRIES)
        with reading(self._database) as work:
            return knowledge_of(work, indexes)

    def points(self, *, device: str | None = None) -> Sequence[Point]:
        """The points that have readings; of one device if named."""
        with reading(self._database) as work:
            return work.projections.points(device=device)

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        """Up to ``limit`` readings of a point observed in [begin, end), by (observed_at, index)."""
        with reading(self._database) as work:
            return work.projections.readings(point_id, begin=begin, end=end, limit=limit)

    def samples(
        self, point_id: int, *, begin: datetime, end: datetime, scale: int, limit: int
    ) -> Sequence[Sample]:
        """The valid values of a point observed in [begin, end), as calculations take them."""
        with reading(self._database) as work:
            return read_samples(
                work.connection, point_id, begin=begin, end=end, scale=scale, limit=limit
            )

    def last_sample_at(self, point_id: int, *, before: datetime) -> datetime | None:
        """When the last valid value of a point before an instant was observed; None without."""
        with reading(self._database) as work:
            return last_sample_at(work.connection, point_id, before=before)

    def events(self, device: str, *, begin: datetime, end: datetime) -> Sequence[StoredEvent]:
        """Events of a device observed in [begin, end), by (observed_at, index)."""
        with reading(self._database) as work:
            return work.projections.events(device, begin=begin, end=end)

    def totals(
        self, point_id: int, kind: PeriodKind, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[PeriodTotal]:
        """Stored totals of finished periods that begin in [begin, end), by their starts."""
        with reading(self._database) as work:
            return work.projections.totals(point_id, kind, begin=begin, end=end, limit=limit)

    def series_state(self, point_id: int) -> SeriesState | None:
        """The newest stored state of a point's roll-up; None before the first."""
        with reading(self._database) as work:
            return work.projections.series_state(point_id)

    def findings(self, *, device: str | None = None, limit: int = 100) -> Sequence[PendingFinding]:
        """The newest findings, newest first."""
        with reading(self._database) as work:
            return work.evidence.findings(device=device, limit=limit)

    def conflicts(self, *, limit: int = 100) -> Sequence[Conflict]:
        """The newest conflicts, newest first."""
        with reading(self._database) as work:
            return work.evidence.conflicts(limit=limit)

    def lags(self) -> Sequence[Lag]:
        """How far each projection is behind."""
        with reading(self._database) as work:
            size = work.entries.state().size
            rows = work.connection.execute(select(PROJECTION_CURSORS).order_by("name"))
            return [Lag(name=row.name, next_index=row.next_index, size=size) for row in rows]


def _require_range(first: int, end: int, *, bound: int) -> None:
    if not 0 <= first <= end or end - first > bound:
        raise InputError(
            "{field}: from {first} to {end} is not a range of at most {bound}",
            field="range",
            first=first,
            end=end,
            bound=bound,
            remedy="ask for less at a time",
            code="log.range",
        )
