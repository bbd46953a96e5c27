"""The total of a meter register in a period from a handful of its leaves, and which they are.

A total is C(end) - C(begin) (``metering.rollup``), so it follows from the readings around the two
ends and around every restart, with so many between them that the counter cannot have gone round
unseen. The same function gives the total where the figure is made, where it is recomputed, and
where an outsider checks a bundle. That nothing was left out between them is what the period bundle
shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from trace_node.errors import IntegrityError, StateError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.period_total import PeriodTotal
from trace_node.metering.records.event import Event
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import Reading
from trace_node.metering.rollup import roll_up
from trace_node.metering.scaled import to_scaled
from trace_node.metering.series import RESTART_EVENTS, Item, Sample, restart_of
from trace_node.period import Period, from_ms, to_ms
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point
from trace_node.tlog.hasher import SM3

_INSTANT: Final = timedelta(milliseconds=1)
_AT_ONE_INSTANT: Final = 16
_EVERY: Final = 4_000  # leaves that one emission record may name of one meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """The leaves a total follows from.

    Attributes:
        leaves: Leaf indexes, ascending.
        bodies: The record at each.
    """

    leaves: tuple[int, ...]
    bodies: Mapping[int, bytes]


def total_of_leaves(
    bodies: Iterable[bytes], meter_register: MeterRegister, period: Period, *, device: str
) -> PeriodTotal | None:
    """The total of a period from records alone; None where they say nothing of it.

    Args:
        bodies: Readings and events, in any order.
        meter_register: The description of the meter register.
        period: The period.
        device: Name of the device.

    Raises:
        IntegrityError: A record is of another meter register, or says nothing of a counter.
        InputError: One is no record.
    """
    items = [_item(body, meter_register, device=device) for body in bodies]
    totals = roll_up(items, meter_register, kinds=[period.kind])
    return next((each for each in totals if each.period == period), None)


def witnesses_of(
    total: PeriodTotal, point: Point, meter_register: MeterRegister, *, reader: LogReader
) -> Witnesses:
    """The fewest leaves found that give a total again.

    Raises:
        StateError: Even all readings of the period do not give it, or they are too many to name.
    """
    search = _Search(point, meter_register, total.period, reader=reader)
    for attempt in (search.ends_and_strides, search.all_of_them):
        bodies = {index: reader.entry(index).body for index in sorted(attempt())}
        found = total_of_leaves(bodies.values(), meter_register, total.period, device=point.device)
        if found is not None and found.total == total.total:
            return Witnesses(leaves=tuple(bodies), bodies=bodies)
    raise StateError(
        "the total of {device} {meter_register} in {period} does not follow from its leaves",
        device=point.device,
        meter_register=point.meter_register,
        period=total.period.name,
        remedy="rebuild the projections, and account again",
        code="account.witness",
    )


class _Search:
    """Looks for the leaves of a total."""

    def __init__(
        self, point: Point, meter_register: MeterRegister, period: Period, *, reader: LogReader
    ) -> None:
        self._point, self._meter_register = point, meter_register
        self._begin, self._end, self._reader = period.start, period.end, reader

    def ends_and_strides(self) -> set[int]:
        """Leaves around the ends and restarts, and at strides the counter cannot go round in."""
        found: set[int] = set()
        instants = [self._begin, self._end]
        for event in self._reader.events(self._point.device, begin=self._begin, end=self._end):
            if event.event in RESTART_EVENTS and event.meter_register in {
                None,
                self._meter_register.name,
            }:
                found.add(event.index)
                instants.append(event.observed_at)
        for instant in instants:
            found |= self._around(instant)
        stride = _stride(self._meter_register)
        at = self._begin
        while stride is not None and (at := at + stride) < self._end:
            before = self._reader.last_sample_at(self._point.point_id, before=at)
            if before is not None:
                found |= self._at(before)
        return found

    def all_of_them(self) -> set[int]:
        """All leaves from the last value before the period to the first behind it."""
        found = self.ends_and_strides()
        readings = self._reader.readings(
            self._point.point_id, begin=self._begin, end=self._end, limit=_EVERY
        )
        return found | {each.index for each in readings if each.is_valid and each.value is not None}

    def _around(self, instant: datetime) -> set[int]:
        """The values before and at an instant, and where there is none at it the next one."""
        before = self._reader.last_sample_at(self._point.point_id, before=instant)
        found = set() if before is None else self._at(before)
        behind = self._reader.samples(
            self._point.point_id,
            begin=instant,
            end=from_ms(to_ms(instant) + 400 * 86_400_000),
            scale=self._meter_register.scale,
            limit=1,
        )
        return found | (self._at(from_ms(behind[0].at_ms)) if behind else set())

    def _at(self, instant: datetime) -> set[int]:
        readings = self._reader.readings(
            self._point.point_id, begin=instant, end=instant + _INSTANT, limit=_AT_ONE_INSTANT
        )
        valid = [each for each in readings if each.is_valid and each.value is not None]
        values = {each.value for each in valid}
        return {valid[0].index} if len(values) == 1 else set()


def _stride(meter_register: MeterRegister) -> timedelta | None:
    """Half the time in which the counter can go round once; None where that is not known."""
    capacity, rate = meter_register.capacity, meter_register.max_rate
    if capacity is None or rate is None or rate == 0:
        return None
    seconds = int(capacity / rate / 2)
    return timedelta(seconds=max(seconds, meter_register.interval_s))


def _item(body: bytes, meter_register: MeterRegister, *, device: str) -> Item:
    record = parse_record(body)
    digest = SM3.leaf(body)
    if isinstance(record, Reading) and record.value is not None:
        named = (record.device, record.meter_register, record.unit)
        if named == (device, meter_register.name, meter_register.unit):
            value = to_scaled(record.value, scale=meter_register.scale)
            return Sample(at_ms=to_ms(record.observed_at), value=value, digest=digest)
    if isinstance(record, Event) and record.device == device:
        return restart_of(record, digest=digest, meter_register=meter_register)
    raise IntegrityError(
        "a leaf the figure names is no value of {device} {meter_register}",
        field="leaves",
        device=device,
        meter_register=meter_register.name,
        remedy="the emission record does not fit the log: account again",
        code="account.leaf",
    )
