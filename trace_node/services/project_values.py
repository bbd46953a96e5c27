"""One range of the log on its way into the projections: readings, events, values, what is wrong."""

from collections.abc import Callable

from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError
from trace_node.ids import DeviceId, LeafIndex, RegisterId
from trace_node.metering.device_chain import FindingDraft
from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.event import parse_event
from trace_node.metering.scaled import from_scaled
from trace_node.metering.series import RESTART_EVENTS, Item, Sample, restart_of
from trace_node.metering.validation import QualityFlag, RangeRule, Validity
from trace_node.period import from_ms
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import Point, StoredEvent
from trace_node.ports.reading_row import ReadingRow
from trace_node.record.fields import Code
from trace_node.services.enrolled import Enrolled

OUT_OF_RANGE = Code("out_of_range")
BAD_RESTART = Code("restart_unusable")

FindPoint = Callable[[str, str, str], Point]
"""The point of a device, meter register and unit."""


class ValuePass:
    """Sorts the records of a range by what becomes of them.

    Args:
        enrolled: The descriptions of meters.
        find_point: Gives the point of a name.
        now_ms: The node's clock, milliseconds since the epoch.

    Attributes:
        readings: Readings to be stored.
        events: Events to be stored.
        items: Samples and restarts by point id.
        points: The points of ``items``, each with the description its series is computed by.
        out_of_range: By point id, since which entry its readings are out of range; None when not.
        drafts: What is wrong with values.
    """

    def __init__(self, *, enrolled: Enrolled, find_point: FindPoint, now_ms: int) -> None:
        self._enrolled = enrolled
        self._find_point = find_point
        self._now_ms = now_ms
        self._rules: dict[int, RangeRule] = {}
        self.readings: list[ReadingRow] = []
        self.events: list[StoredEvent] = []
        self.items: dict[int, list[Item]] = {}
        self.points: dict[int, tuple[Point, MeterRegister]] = {}
        self.out_of_range: dict[int, int | None] = {}
        self.drafts: list[FindingDraft] = []

    def take(self, entry: StoredEntry) -> ChainedRecord:
        """Take in the next chained record."""
        record = read_chained(entry.body)
        if record.event is None:
            self._take_reading(entry, record)
        else:
            self._take_event(entry, record)
        return record

    def _take_reading(self, entry: StoredEntry, record: ChainedRecord) -> None:
        name, unit = record.meter_register or "", record.unit or ""
        point = self._find_point(record.device, name, unit)
        described = self._enrolled.meter_register(record.device, name, at_ms=record.collected_at_ms)
        validity = self._validity(record, described)
        self.readings.append(
            ReadingRow(
                entry.index,
                point.point_id,
                entry.stream_id or 0,
                record.seq,
                record.observed_at_ms,
                record.collected_at_ms,
                record.value_scaled,
                record.scale,
                record.reason,
                " ".join(sorted(flag.value for flag in validity.flags)) if validity.flags else "",
                int(validity.is_valid),
                record.origin,
                record.clock,
            )
        )
        if described is None:
            return
        self._watch_range(entry, record, point, described, validity)
        if validity.value is not None:
            sample = Sample(
                at_ms=record.observed_at_ms, value=validity.value, digest=entry.leaf_hash
            )
            self._add_item(point, described, sample)

    def _validity(self, record: ChainedRecord, described: MeterRegister | None) -> Validity:
        if described is None:  # ingest would have refused it: the registration was taken back
            return Validity(flags=frozenset({QualityFlag.UNIT_MISMATCH}), value=None)
        rule = self._rules.get(id(described))
        if rule is None:
            rule = self._rules[id(described)] = RangeRule(described)
        return rule.validate(record)

    def _watch_range(
        self,
        entry: StoredEntry,
        record: ChainedRecord,
        point: Point,
        described: MeterRegister,
        validity: Validity,
    ) -> None:
        """Find the first of the readings that leave the range, not each of them."""
        since = self.out_of_range.get(point.point_id, point.out_since)
        is_out = QualityFlag.OUT_OF_RANGE in validity.flags
        if is_out and since is None:
            self.out_of_range[point.point_id] = entry.index
            value = from_scaled(record.value_scaled or 0, scale=record.scale)
            detail: JsonObject = {
                "maximum": f"{described.maximum:f}",
                "meter_register": described.name,
                "minimum": f"{described.minimum:f}",
                "value": f"{value:f}",
            }
            self.drafts.append(_draft(OUT_OF_RANGE, entry, record, detail))
        elif validity.is_valid and since is not None:
            self.out_of_range[point.point_id] = None

    def _take_event(self, entry: StoredEntry, record: ChainedRecord) -> None:
        self.events.append(event_of(entry.index, record))
        if record.event not in RESTART_EVENTS or record.meter_register is None:
            return
        described = self._enrolled.meter_register(
            record.device, record.meter_register, at_ms=record.collected_at_ms
        )
        if described is None:
            return
        try:
            item = restart_of(
                parse_event(entry.body), digest=entry.leaf_hash, meter_register=described
            )
        except InputError as error:
            detail: JsonObject = {"code": error.reason, "field": error.field}
            self.drafts.append(_draft(BAD_RESTART, entry, record, detail))
            return
        point = self._find_point(record.device, described.name, described.unit)
        self._add_item(point, described, item)

    def _add_item(self, point: Point, described: MeterRegister, item: Item) -> None:
        self.items.setdefault(point.point_id, []).append(item)
        if point.point_id in self.points:
            return
        # One description for the whole series: the present one, unless it is of another unit.
        name = described.name
        newest = self._enrolled.meter_register(point.device, name, at_ms=self._now_ms)
        is_same = newest is not None and (newest.unit, newest.scale) == (
            *(described.unit, described.scale),
        )
        self.points[point.point_id] = (point, newest if newest and is_same else described)


def event_of(index: int, record: ChainedRecord) -> StoredEvent:
    """What is stored of the event at a leaf index."""
    name = record.meter_register
    return StoredEvent(
        index=index,
        device=DeviceId(record.device),
        meter_register=None if name is None else RegisterId(name),
        event=record.event or "",
        observed_at=from_ms(record.observed_at_ms),
    )


def _draft(
    code: Code, entry: StoredEntry, record: ChainedRecord, detail: JsonObject
) -> FindingDraft:
    return FindingDraft(
        finding=code,
        device=DeviceId(record.device),
        boot=record.boot,
        seq_from=record.seq,
        seq_to=record.seq,
        subjects=(LeafIndex(entry.index),),
        detail=detail,
    )
