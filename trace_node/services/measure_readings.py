"""The readings of stacks, out of the log and out of the leaves of a bundle: the same samples."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from trace_node.accounting.assessment.flue import registers_of
from trace_node.accounting.records.planned import PlannedCems
from trace_node.accounting.records.stack_inputs import StackInput
from trace_node.canonical_json import decode_object
from trace_node.metering.meter import Meter, MeterRegister, meter_at
from trace_node.metering.records.device_registration import DEVICE_REGISTRATION, DeviceRegistration
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import READING, Reading
from trace_node.metering.scaled import to_scaled
from trace_node.metering.series import Sample
from trace_node.period import Period, PeriodKind, to_ms
from trace_node.ports.log_reader import LogReader
from trace_node.services.measure_stacks import register_for
from trace_node.tlog.hasher import TreeHasher

_INSTANT: Final = timedelta(milliseconds=1)
_MOST_A_DAY: Final = 90_000  # one a second, and some


class ReadingsOfLog:
    """The readings that the log holds.

    Args:
        reader: The log.
        period: The period that is measured.
        now: The node's clock: the description of a meter that holds at the end of the period, or
            now where it still runs, counts; of a meter that was registered later, that of now.
    """

    def __init__(self, reader: LogReader, period: Period, *, now: datetime) -> None:
        self._reader = reader
        self._instants = (min(now, period.end - _INSTANT), now)

    def described(self, device: str) -> tuple[Meter, int] | None:
        """The description of a device that counts for the period, and its leaf."""
        known = self._reader.enrolled_meters(device=device)
        meters = tuple(each.meter for each in known)
        found = (meter_at(meters, at=instant) for instant in self._instants)
        meter = next((each for each in found if each is not None), None)
        return next(((meter, each.index) for each in reversed(known) if each.meter == meter), None)

    def samples(
        self, each: StackInput, meter_register: MeterRegister, period: Period
    ) -> Iterator[Sample]:
        """Day by day, so that a month of seconds is not in memory twice."""
        for point_id in self._points(each, meter_register):
            for day in period.parts(PeriodKind.DAY):
                yield from self._reader.samples(
                    point_id,
                    begin=day.start,
                    end=day.end,
                    scale=meter_register.scale,
                    limit=_MOST_A_DAY,
                )

    def leaves(self, cems: PlannedCems, period: Period) -> Iterator[int]:
        """Leaves of every valid reading of all stacks in a period.

        Raises:
            BoundaryError: A meter register cannot be used.
        """
        for _stack, each in registers_of(cems):
            register, _leaf = register_for(each, self)
            for point_id in self._points(each, register):
                for day in period.parts(PeriodKind.DAY):
                    found = self._reader.readings(
                        point_id, begin=day.start, end=day.end, limit=_MOST_A_DAY
                    )
                    yield from (
                        one.index for one in found if one.is_valid and one.value is not None
                    )

    def _points(self, each: StackInput, meter_register: MeterRegister) -> list[int]:
        assert each.device is not None  # noqa: S101 (asked of those that are read)
        return [
            one.point_id
            for one in self._reader.points(device=each.device)
            if (one.meter_register, one.unit) == (meter_register.name, meter_register.unit)
        ]


class ReadingsOfLeaves:
    """The readings that a bundle holds; what it left out is missed by the digest of the record.

    Args:
        bodies: The leaves of the bundle.
        described: Which of them describe meters for the record.
        devices: Devices of the stacks.
        hasher: Hash of the log.
    """

    def __init__(
        self,
        bodies: Mapping[int, bytes],
        described: Iterable[int],
        *,
        devices: frozenset[str],
        hasher: TreeHasher,
    ) -> None:
        self._meters: dict[str, tuple[Meter, int]] = {}
        self._readings: dict[tuple[str, str, str], list[tuple[Reading, bytes]]] = defaultdict(list)
        named = set(described)
        for index, body in sorted(bodies.items()):
            kind = str(decode_object(body).get("type"))
            if kind == READING:
                record = parse_record(body)
                if isinstance(record, Reading) and record.device in devices:
                    key = (record.device, record.meter_register, record.unit)
                    self._readings[key].append((record, hasher.leaf(body)))
            elif index in named and kind == DEVICE_REGISTRATION:
                self._describe(index, body)

    def described(self, device: str) -> tuple[Meter, int] | None:
        """The description of a device that the record names, and its leaf."""
        return self._meters.get(device)

    def samples(
        self, each: StackInput, meter_register: MeterRegister, period: Period
    ) -> Iterator[Sample]:
        """In order of time, and of one instant in the order of the log."""
        key = (each.device or "", meter_register.name, meter_register.unit)
        found = [one for one in self._readings[key] if period.contains(one[0].observed_at)]
        for record, digest in sorted(found, key=lambda one: one[0].observed_at):
            if record.value is not None:
                value = to_scaled(record.value, scale=meter_register.scale)
                yield Sample(at_ms=to_ms(record.observed_at), value=value, digest=digest)

    def _describe(self, index: int, body: bytes) -> None:
        record = parse_record(body)
        if isinstance(record, DeviceRegistration):
            self._meters[record.meter.device] = (record.meter, index)
