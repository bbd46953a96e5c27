"""A world's log as services read it: the port ``LogReader`` over the entries in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from support.bundles import COLLECTOR, ORGANISATION, START, Made, World

from trace_node.errors import NotFoundError
from trace_node.ids import KeyId, RegisterId
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.digests import record_digest
from trace_node.ports.entries import (
    LoggedDelivery,
    LogIdentity,
    PendingFinding,
    Span,
    StoredCheckpoint,
    StoredEntry,
    TreeState,
)
from trace_node.ports.log_reader import Knowledge, Provenance
from trace_node.ports.projections import Lag, Point, StoredReading
from trace_node.ports.registry import EnrolledKey, EnrolledMeter
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at_ms(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


@dataclass
class WorldReader:
    """Reads a world as it stands when it is asked."""

    world: World
    lag: int = 0

    @property
    def identity(self) -> LogIdentity:
        return LogIdentity(origin=self.world.origin, hash_name="sm3", profile="collectors")

    @cached_property
    def streams(self) -> dict[tuple[str, bytes], int]:
        return {}

    def _chained(self, index: int) -> ChainedRecord | None:
        body = self.world.entries[index]
        if json.loads(body)["type"] not in ("reading@1", "event@1"):
            return None
        return read_chained(body)

    def state(self) -> TreeState:
        return TreeState(size=self.world.tree.size, root=self.world.tree.root(), hashes=())

    def entry(self, index: int) -> StoredEntry:
        if not 0 <= index < len(self.world.entries):
            raise NotFoundError("the log has no entry {index}", index=index, code="log.no_entry")
        body = self.world.entries[index]
        record = self._chained(index)
        stream = None
        if record is not None:
            key = (record.device, record.boot)
            stream = self.streams.setdefault(key, len(self.streams) + 1)
        return StoredEntry(
            index=index,
            kind=json.loads(body)["type"],
            body=body,
            leaf_hash=SM3.leaf(body),
            stream_id=stream,
            seq=None if record is None else record.seq,
        )

    def entries(self, first: int, end: int) -> Sequence[StoredEntry]:
        assert end - first <= 4096
        return [self.entry(index) for index in range(first, min(end, len(self.world.entries)))]

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        assert end - first <= 65_536
        return [SM3.leaf(body) for body in self.world.entries[first:end]]

    def record(self, *, device: str, boot: bytes, seq: int) -> StoredEntry:
        for index in range(len(self.world.entries)):
            record = self._chained(index)
            if record and (record.device, record.boot, record.seq) == (device, boot, seq):
                return self.entry(index)
        raise NotFoundError("no record {seq}", seq=seq, code="log.no_record")

    def subtrees(self) -> MemoryTree:
        return self.world.tree

    def _stored(self, size: int) -> StoredCheckpoint:
        world = self.world
        return StoredCheckpoint(
            size=size,
            root=world.tree.root(size=size),
            note=world.notes[size],
            sealed_at=world.sealed_at[size],
        )

    def checkpoint(self) -> StoredCheckpoint | None:
        return self._stored(max(self.world.notes)) if self.world.notes else None

    def checkpoint_of(self, size: int) -> StoredCheckpoint | None:
        return self._stored(size) if size in self.world.notes else None

    def anchor_covering(self, size: int) -> Anchor | None:
        return next((a for a in self.world.anchors if a.head.size >= size), None)

    def _logged(self, made: Made) -> LoggedDelivery:
        spans: list[Span] = []
        for index in made.indexes:
            fresh = self.world.made_for(index)[0] is made
            last = spans[-1] if spans else None
            if last and last.fresh is fresh and last.first_index + last.count == index:
                spans[-1] = Span(first_index=last.first_index, count=last.count + 1, fresh=fresh)
            else:
                spans.append(Span(first_index=index, count=1, fresh=fresh))
        return LoggedDelivery(
            index=made.index,
            digest=record_digest(made.record),
            collector=KeyId(COLLECTOR.public.key_id),
            context_index=made.context_index,
            root=b"",
            spans=tuple(spans),
            received_index=made.received_index,
            received_at=made.received_at,
        )

    def delivery_of(self, index: int) -> Provenance | None:
        try:
            made, position = self.world.made_for(index)
        except LookupError:
            return None
        return Provenance(delivery=self._logged(made), position=position)

    def delivered_hashes(self, delivery: LoggedDelivery) -> Sequence[bytes]:
        made = next(m for m in self.world.deliveries if m.index == delivery.index)
        return [SM3.leaf(body) for body in made.bodies]

    def enrolled_key(self, key_id: KeyId, *, usage: str, at: datetime) -> EnrolledKey | None:
        if key_id != COLLECTOR.public.key_id or usage != "collector" or at < START - timedelta(1):
            return None
        return EnrolledKey(
            index=self.world.registration_index,
            digest=record_digest(self.world.registration),
            key_id=key_id,
            usage=usage,
            point=COLLECTOR.public.point,
            subject="collector-1",
            organisation=ORGANISATION,
            valid_from=START - timedelta(days=1),
            valid_to=START + timedelta(days=365),
            address=None,
        )

    def enrolled_meters(self, *, device: str | None = None) -> Sequence[EnrolledMeter]:
        return [
            EnrolledMeter(index=index, digest=record_digest(raw), meter=meter)
            for index, raw, meter in self.world.meters.values()
            if device in {None, meter.device}
        ]

    def _readings(self) -> list[tuple[Point, StoredReading]]:
        points: dict[tuple[str, str], Point] = {}
        found = []
        for index in range(len(self.world.entries) - self.lag):
            record = self._chained(index)
            if record is None or record.unit is None or record.meter_register is None:
                continue
            key = (record.device, record.meter_register)
            point = points.setdefault(
                key,
                Point(
                    point_id=len(points) + 1,
                    device=record.device,
                    meter_register=RegisterId(record.meter_register),
                    unit=record.unit,
                ),
            )
            value = None
            if record.value_scaled is not None:
                value = Decimal(record.value_scaled).scaleb(-record.scale)
            reading = StoredReading(
                index=index,
                point_id=point.point_id,
                stream_id=0,
                seq=record.seq,
                observed_at=at_ms(record.observed_at_ms),
                collected_at=at_ms(record.collected_at_ms),
                value=value,
                reason=record.reason,
                flags=(),
                origin=record.origin,
                clock=record.clock,
            )
            found.append((point, reading))
        return found

    def points(self, *, device: str | None = None) -> Sequence[Point]:
        points = {point.point_id: point for point, _ in self._readings()}
        return [point for point in points.values() if device in (None, point.device)]

    def readings(
        self, point_id: int, *, begin: datetime, end: datetime, limit: int
    ) -> Sequence[StoredReading]:
        found = [
            reading
            for point, reading in self._readings()
            if point.point_id == point_id and begin <= reading.observed_at < end
        ]
        return sorted(found, key=lambda reading: (reading.observed_at, reading.index))[:limit]

    def findings(self, *, device: str | None = None, limit: int = 100) -> Sequence[PendingFinding]:
        found = []
        for index in reversed(self.world.findings):
            body = self.world.entries[index]
            fields = json.loads(body)
            if device in (None, fields["device"]):
                pending = PendingFinding(
                    key=str(index),
                    code=fields["finding"],
                    device=fields["device"],
                    body=body,
                    index=index,
                )
                found.append(pending)
        return found[:limit]

    def lags(self) -> Sequence[Lag]:
        size = self.world.tree.size
        return [Lag(name="readings", next_index=size - self.lag, size=size)]

    def knowledge(self, indexes: Sequence[int]) -> Sequence[Knowledge]:
        raise NotImplementedError
