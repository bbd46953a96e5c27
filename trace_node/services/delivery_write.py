"""A checked delivery enters the log: known records are found again, new ones get their places.

Order in the log: the context if it is new, the new records, the delivery, the received record. A
delivery that brings nothing new is acknowledged and not logged.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.crypto.signer import Signer
from trace_node.ids import LeafIndex
from trace_node.metering.records.context import CONTEXT
from trace_node.metering.records.delivery import DELIVERY
from trace_node.metering.records.received import RECEIVED, Received, build_received
from trace_node.ports.entries import EntryValues, LoggedDelivery, Span
from trace_node.services.conflict_evidence import Clash, keep_clashes, keep_missing_head
from trace_node.services.delivery_check import CheckedDelivery, require_not_revoked
from trace_node.services.delivery_places import Places, find_places
from trace_node.services.ingest_errors import LogStoppedError, RecordConflictError
from trace_node.services.log_tail import Batch, Stream
from trace_node.tlog.hasher import SM3

_SALT_BYTES = 16
_OWN_ENTRIES = 3  # context, delivery, received record


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What a collector is told about a delivery that is on disk (接收回执).

    Attributes:
        delivery: Record digest of the delivery.
        spans: Where its records are in the log, in its own order.
        delivery_index: Leaf index of the delivery; None if all its records were known before, for
            then it is not logged.
        received_index: Leaf index of the received record; None likewise.
    """

    delivery: bytes
    spans: tuple[Span, ...]
    delivery_index: int | None
    received_index: int | None

    @property
    def next_index(self) -> int:
        """Index behind all its records and the node's own leaf about it."""
        records = max(span.first_index + span.count for span in self.spans)
        return max(records, -1 if self.received_index is None else self.received_index + 1)

    @property
    def first_index(self) -> int:
        """Leaf index of its first record."""
        return self.spans[0].first_index

    @property
    def count(self) -> int:
        """Number of its records."""
        return sum(span.count for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryJob:
    """Writes one delivery.

    Attributes:
        checked: The delivery.
        signer: The node's key, which signs the received record and findings.
    """

    checked: CheckedDelivery
    signer: Signer

    @property
    def weight(self) -> int:
        """Its records and the entries around them."""
        return len(self.checked.wire.records) + _OWN_ENTRIES

    def write(self, batch: Batch) -> Acknowledgement:
        """Stage the delivery.

        Raises:
            CollectorKeyError: A stream belongs to another collector, or the key was revoked since
                it was checked.
            DeliveryError: The same record comes twice in it.
            RecordConflictError: It contradicts the log or itself; the evidence is kept.
            LogStoppedError: Its context names a head of this log that the log lacks.
        """
        logged = batch.delivery(self.checked.digest)
        if logged is not None:
            return _acknowledge(logged)
        collector = self.checked.delivery.collector
        require_not_revoked(collector, revoked=batch.is_revoked(collector))
        if self.checked.lost_head is not None:
            keep_missing_head(batch, self.checked)
            raise self._rolled_back()
        places, clashes = find_places(self.checked, batch)
        if clashes:
            keep_clashes(batch, self.checked, clashes, signer=self.signer)
            raise self._conflict(clashes)
        if len(places) < len(self.checked.wire.records):
            return _acknowledge(self._log(batch, places))
        indexes = [places[position] for position in range(len(places))]
        return Acknowledgement(
            delivery=self.checked.digest,
            spans=_spans(indexes, fresh=range(0)),
            delivery_index=None,
            received_index=None,
        )

    def _log(self, batch: Batch, places: Places) -> LoggedDelivery:
        checked, wire = self.checked, self.checked.wire
        context_index = batch.context_index(checked.delivery.context)
        if context_index is None:
            digest = checked.delivery.context
            context_index = batch.append(kind=CONTEXT, body=wire.context, leaf_hash=digest)
            batch.add_context(digest=digest, index=context_index)
        first = batch.size
        spans = self._log_some(batch, places) if places else self._log_all(batch)
        fresh = batch.size - first
        index = batch.append(kind=DELIVERY, body=wire.delivery, leaf_hash=checked.digest)
        received = self._received(first=first, count=fresh)
        logged = LoggedDelivery(
            index=index,
            digest=checked.digest,
            collector=checked.delivery.collector,
            context_index=context_index,
            root=checked.delivery.root,
            spans=spans,
            received_index=batch.append(kind=RECEIVED, body=received, leaf_hash=SM3.leaf(received)),
            received_at=checked.received_at,
        )
        batch.add_delivery(logged)
        return logged

    def _log_all(self, batch: Batch) -> tuple[Span, ...]:
        """Stage all records: the usual case, and the hot path."""
        checked, first = self.checked, batch.size
        columns, bodies = checked.columns, checked.wire.records
        streams = self._streams(batch)
        numbers = {device: stream.stream_id for device, stream in streams.items()}
        indexes = range(first, first + len(bodies))
        stream_ids = map(numbers.__getitem__, columns.devices)
        hashes = checked.leaf_hashes
        batch.extend(
            list(zip(indexes, columns.types, bodies, hashes, stream_ids, columns.seqs, strict=True))
        )
        self._move(batch, streams, indexes)
        return (Span(first_index=first, count=len(bodies), fresh=True),)

    def _log_some(self, batch: Batch, places: Places) -> tuple[Span, ...]:
        """Stage the records that are new."""
        checked, first, index = self.checked, batch.size, batch.size
        columns = checked.columns
        streams = self._streams(batch)
        rows: list[EntryValues] = []
        indexes: list[int] = []
        for position, kind in enumerate(columns.types):
            place = places.get(position)
            if place is None:
                body, digest = checked.wire.records[position], checked.leaf_hashes[position]
                stream_id = streams[columns.devices[position]].stream_id
                rows.append((index, kind, body, digest, stream_id, columns.seqs[position]))
                place, index = index, index + 1
            indexes.append(place)
        batch.extend(rows)
        self._move(batch, streams, indexes)
        return _spans(indexes, fresh=range(first, index))

    def _streams(self, batch: Batch) -> dict[str, Stream]:
        """The stream of each device of the delivery, opened if it is new."""
        boot, collector = self.checked.context.boot, self.checked.context.collector
        return {
            device: batch.stream(device, boot) or batch.open_stream(device, boot, collector)
            for device in dict.fromkeys(self.checked.columns.devices)
        }

    def _move(self, batch: Batch, streams: dict[str, Stream], indexes: Sequence[int]) -> None:
        """Move each stream to its record with the largest number; one that was known leaves it."""
        seqs = self.checked.columns.seqs
        for device, position in self.checked.columns.newest().items():
            batch.move(streams[device], seq=seqs[position], index=indexes[position])

    def _received(self, *, first: int, count: int) -> bytes:
        received = Received(
            salt=secrets.token_bytes(_SALT_BYTES),
            delivery=self.checked.digest,
            first_index=LeafIndex(first),
            count=count,
            received_at=self.checked.received_at,
            signed_by=self.signer.public.key_id,
        )
        return build_received(received, signer=self.signer)

    def _conflict(self, clashes: Sequence[Clash]) -> RecordConflictError:
        columns, position = self.checked.columns, clashes[0].position
        return RecordConflictError(
            "{field}: another record {seq} of this run of {device} is known; {count} records"
            " contradict the log, all of them are kept as evidence",
            field="seq",
            seq=columns.seqs[position],
            device=columns.devices[position],
            count=len(clashes),
            remedy="find out what numbered records twice; take a new boot id and deliver anew",
        )

    def _rolled_back(self) -> LogStoppedError:
        return LogStoppedError(
            "{field}: a collector saw this log anchored at {size} leaves with another history",
            field="head",
            size=self.checked.lost_head,
            remedy="restore the log from backup and archive up to the head on the chain",
            code="ingest.head",
        )


def _acknowledge(logged: LoggedDelivery) -> Acknowledgement:
    return Acknowledgement(
        delivery=logged.digest,
        spans=logged.spans,
        delivery_index=logged.index,
        received_index=logged.received_index,
    )


def _spans(indexes: Sequence[int], *, fresh: range) -> tuple[Span, ...]:
    """Runs of neighbouring indexes that are all new or all known."""
    spans: list[Span] = []
    start = 0
    for place in range(1, len(indexes) + 1):
        goes_on = (
            place < len(indexes)
            and indexes[place] == indexes[place - 1] + 1
            and (indexes[place] in fresh) == (indexes[start] in fresh)
        )
        if not goes_on:
            is_fresh = indexes[start] in fresh
            spans.append(Span(first_index=indexes[start], count=place - start, fresh=is_fresh))
            start = place
    return tuple(spans)
