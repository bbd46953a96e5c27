"""Which records of a device belong to a period bundle: a stretch of its chain around the period.

The stretch goes from a reading before the period to a reading after it, for every meter register,
so that a verifier sees that nothing was cut off. Where the log has no such reading (yet), the
stretch ends with the device's records, and the verdict will say that this end is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from trace_node.errors import NotFoundError
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.ports.entries import StoredEntry
from trace_node.ports.log_reader import LogReader
from trace_node.services.period_counts import milliseconds

MAX_BRACKET = 4096  # records looked at beyond each end of the period
MAX_SEARCH = 65_536  # entries searched for the neighbouring boot
MAX_LATE = 10_000  # missing numbers asked for one by one
_CHUNK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecord:
    """A record of the stretch.

    Attributes:
        entry: As it is logged.
        record: As it is read.
    """

    entry: StoredEntry
    record: ChainedRecord


class Segment:
    """The stretch of one device's chain.

    Args:
        device: Name of the device.
        reader: The log.
        limit: Only entries below this index are taken.
    """

    def __init__(self, device: str, *, reader: LogReader, limit: int) -> None:
        self.device = device
        self._reader = reader
        self._limit = limit
        self._records: dict[int, SegmentRecord] = {}

    def add(self, entry: StoredEntry) -> SegmentRecord:
        """Take an entry in."""
        found = SegmentRecord(entry=entry, record=read_chained(entry.body))
        self._records[entry.index] = found
        return found

    def records(self) -> list[SegmentRecord]:
        """The records, leaf index ascending."""
        return [self._records[index] for index in sorted(self._records)]

    def chain(self) -> list[SegmentRecord]:
        """The records in the order of the chain: boots as the log has them, then numbers."""
        boots: dict[bytes, list[SegmentRecord]] = {}
        for item in self.records():
            boots.setdefault(item.record.boot, []).append(item)
        return [
            item
            for boot in boots.values()
            for item in sorted(boot, key=lambda each: each.record.seq)
        ]

    def spans(self) -> dict[bytes, tuple[int, int]]:
        """First and last number by boot."""
        spans: dict[bytes, tuple[int, int]] = {}
        for item in self.chain():
            first, _ = spans.get(item.record.boot, (item.record.seq, 0))
            spans[item.record.boot] = (first, item.record.seq)
        return spans

    def complete(self, *, begin: datetime, end: datetime) -> None:
        """Add late records between those taken in, and the readings around the period.

        Args:
            begin: First instant of the period.
            end: First instant after it.
        """
        if not self._records:
            return
        self._extend_back(milliseconds(begin))
        self._extend_on(milliseconds(end))
        self._add_late()

    def _extend_back(self, begin_ms: int) -> None:
        first = self.chain()[0]
        waiting = self._registers_from(begin_ms)
        for _ in range(MAX_BRACKET):
            if not waiting:
                return
            before = self._predecessor(first)
            if before is None:
                return
            first = self.add(before)
            if first.record.observed_at_ms < begin_ms:
                waiting.discard(first.record.meter_register)
            elif first.record.unit is not None:
                waiting.add(first.record.meter_register)

    def _registers_from(self, begin_ms: int) -> set[str | None]:
        """Meter registers whose first reading here is not before the period."""
        firsts: dict[str | None, int] = {}
        for item in self.chain():
            if item.record.unit is not None:
                firsts.setdefault(item.record.meter_register, item.record.observed_at_ms)
        return {name for name, observed in firsts.items() if observed >= begin_ms}

    def _extend_on(self, end_ms: int) -> None:
        lasts = {
            item.record.meter_register: item.record.observed_at_ms
            for item in self.chain()
            if item.record.unit is not None
        }
        waiting = {name for name, observed in lasts.items() if observed < end_ms}
        last = self.chain()[-1]
        for _ in range(MAX_BRACKET):
            if not waiting:
                return
            after = self._successor(last)
            if after is None:
                return
            last = self.add(after)
            if last.record.observed_at_ms >= end_ms:
                waiting.discard(last.record.meter_register)
            elif last.record.unit is not None:
                waiting.add(last.record.meter_register)

    def _predecessor(self, item: SegmentRecord) -> StoredEntry | None:
        record = item.record
        if record.seq > 0:
            return self._numbered(record.boot, record.seq - 1)
        if record.prev is None:
            return None
        for first, hashes in self._hashes_before(item.entry.index):
            if record.prev in hashes:
                return self._reader.entry(first + hashes.index(record.prev))
        return None

    def _successor(self, item: SegmentRecord) -> StoredEntry | None:
        after = self._numbered(item.record.boot, item.record.seq + 1)
        if after is not None:
            return after
        start = item.entry.index + 1
        end = min(self._limit, start + MAX_SEARCH)
        for entry in chained_entries(self._reader, start, end):
            if entry.index not in self._records:
                record = read_chained(entry.body)
                if record.device == self.device:
                    return entry
        return None

    def _numbered(self, boot: bytes, seq: int) -> StoredEntry | None:
        try:
            entry = self._reader.record(device=self.device, boot=boot, seq=seq)
        except NotFoundError:
            return None
        return entry if entry.index < self._limit else None

    def _hashes_before(self, index: int) -> Iterator[tuple[int, list[bytes]]]:
        end, stop = index, max(0, index - MAX_SEARCH)
        while end > stop:
            first = max(stop, end - _CHUNK)
            yield first, list(self._reader.leaf_hashes(first, end))
            end = first

    def _add_late(self) -> None:
        """Records that were logged out of order: numbers missing here that the log has."""
        asked = 0
        chain = self.chain()
        for before, after in pairwise(chain):
            if before.record.boot != after.record.boot:
                continue
            for seq in range(before.record.seq + 1, after.record.seq):
                asked += 1
                if asked > MAX_LATE:
                    return
                late = self._numbered(before.record.boot, seq)
                if late is not None:
                    self.add(late)


def chained_entries(reader: LogReader, first: int, end: int) -> Iterator[StoredEntry]:
    """The records of device chains from ``first`` up to, not including, ``end``."""
    for start in range(first, end, _CHUNK):
        for entry in reader.entries(start, min(end, start + _CHUNK)):
            if entry.stream_id is not None:
                yield entry


def collect_segments(
    devices: Sequence[str], *, begin: datetime, end: datetime, reader: LogReader
) -> Mapping[str, Segment]:
    """The stretches of some devices around [begin, end), by device.

    Args:
        devices: Names of the devices.
        begin: First instant of the period.
        end: First instant after it.
        reader: The log.
    """
    limit = reader.state().size
    spans = {
        device: span
        for device in devices
        if (span := _span_of(device, begin=begin, end=end, reader=reader)) is not None
    }
    segments = {device: Segment(device, reader=reader, limit=limit) for device in devices}
    if not spans:
        return segments
    streams: dict[int, str] = {}
    first = min(span[0] for span in spans.values())
    last = max(span[1] for span in spans.values())
    for entry in chained_entries(reader, first, last + 1):
        stream = entry.stream_id if entry.stream_id is not None else -1
        if stream not in streams:
            streams[stream] = read_chained(entry.body).device
        span = spans.get(streams[stream])
        if span is not None and span[0] <= entry.index <= span[1]:
            segments[streams[stream]].add(entry)
    for segment in segments.values():
        segment.complete(begin=begin, end=end)
    return segments


def _span_of(
    device: str, *, begin: datetime, end: datetime, reader: LogReader
) -> tuple[int, int] | None:
    """Smallest and largest leaf index of the device's readings observed in the period."""
    indexes: list[int] = []
    for point in reader.points(device=device):
        start = begin
        while found := reader.readings(point.point_id, begin=start, end=end, limit=_CHUNK):
            indexes += (min(item.index for item in found), max(item.index for item in found))
            if len(found) < _CHUNK:
                break
            start = found[-1].observed_at + timedelta(milliseconds=1)
    return (min(indexes), max(indexes)) if indexes else None
