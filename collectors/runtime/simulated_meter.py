"""A meter of the simulated plant: its registers at the plant's time, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from collectors.codecs.registers import encode
from collectors.runtime.config import ClockFormat, DeviceConfig, FieldConfig, MeterClock
from collectors.runtime.plant import FINE, Counter, Noise, Profile, level, placed
from collectors.runtime.simulator_server import ILLEGAL_ADDRESS, Reply
from collectors.source import RegisterTable
from trace_node.clock import Clock

BUSY: Final = 6
_MINUTES: Final = {"hour": 60, "minute": 1}


class FaultKind(StrEnum):
    """What can be wrong with a meter."""

    DEAD = "dead"
    LATE = "late"
    BUSY = "busy"
    STUCK = "stuck"
    ROLL_OVER = "roll_over"
    RESET = "reset"
    CLOCK_STEP = "clock_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one meter, on purpose.

    Attributes:
        device: The meter.
        kind: ``dead`` does not answer; ``late`` answers after ``amount`` ms; ``busy`` answers with
            exception 6; ``stuck`` shows the values of ``from_ms``; ``roll_over`` lets its counters
            pass their capacity at ``from_ms``; ``reset`` lets them begin at 0 then;
            ``clock_step`` sets its clock by ``amount`` seconds.
        from_ms: Begin on the plant's clock, milliseconds since the epoch.
        until_ms: End of it; counters that rolled over or were reset stay so.
        amount: See ``kind``.
    """

    device: str
    kind: FaultKind
    from_ms: int
    until_ms: int
    amount: int = 0


class Signal(Protocol):
    """What one field shows over time."""

    def value(self, at_ms: int) -> int:
        """Its value in units of its last decimal; a counter's is not yet cut at its capacity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSignal:
    """A counter that began at ``initial``."""

    counter: Counter
    initial: int

    def value(self, at_ms: int) -> int:
        """See ``Signal``."""
        return self.initial + self.counter.amount(at_ms) // FINE


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSignal:
    """The slope of a counter, by the hour or the minute.

    Attributes:
        counter: The counter.
        per: ``hour`` or ``minute``.
        shift: Decimals of the rate minus decimals of the counter.
    """

    counter: Counter
    per: str
    shift: int

    def value(self, at_ms: int) -> int:
        """See ``Signal``."""
        rate = self.counter.per_minute(at_ms) * _MINUTES[self.per]
        factor: int = 10 ** abs(self.shift)
        return rate * factor // FINE if self.shift >= 0 else rate // (factor * FINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSignal:
    """A gauge that follows the load in part."""

    noise: Noise
    profile: Profile
    nominal: int
    depends: int
    spread: int
    first_hour: int

    def value(self, at_ms: int) -> int:
        """See ``Signal``."""
        return level(
            self.noise,
            self.profile,
            nominal=self.nominal,
            depends=self.depends,
            spread=self.spread,
            first_hour=self.first_hour,
            at_ms=at_ms,
        )


class PlantClock:
    """The plant's time, which may run faster than ours.

    Args:
        start_ms: Its time when it begins, milliseconds since the epoch.
        speed: How many of its seconds pass in one of ours, 1 or more.
        clock: Our clock.
    """

    def __init__(self, *, start_ms: int, speed: int, clock: Clock) -> None:
        self._start_ms = start_ms
        self._speed = speed
        self._clock = clock
        self._started_ns = clock.monotonic()

    def now_ms(self) -> int:
        """The plant's time, milliseconds since the epoch."""
        passed_ns = self._clock.monotonic() - self._started_ns
        return self._start_ms + passed_ns * self._speed // 1_000_000


class SimulatedMeter:
    """One meter.

    Args:
        config: Where its registers stand.
        signals: What each field shows; a field without one shows 0.
        faults: What is wrong with it.
        clock: The plant's time.
    """

    def __init__(
        self,
        config: DeviceConfig,
        *,
        signals: Mapping[str, Signal],
        faults: Sequence[Fault],
        clock: PlantClock,
    ) -> None:
        self.config = config
        self._signals = signals
        self._faults = faults
        self._clock = clock
        self._bounds = _bounds(config)

    def read(self, table: RegisterTable, address: int, count: int) -> Reply:
        """Answer a read request as a real meter would."""
        now_ms = self._clock.now_ms()
        active = [fault for fault in self._faults if fault.from_ms <= now_ms < fault.until_ms]
        kinds = {fault.kind: fault for fault in active}
        if FaultKind.DEAD in kinds:
            return Reply(silent=True)
        if FaultKind.BUSY in kinds:
            return Reply(exception=BUSY)
        first, end = self._bounds.get(table, (0, 0))
        if address < first or address + count > end:
            return Reply(exception=ILLEGAL_ADDRESS)
        image = self._image(table, address, address + count, at_ms=now_ms)
        words = tuple(image.get(place, 0) for place in range(address, address + count))
        late = kinds.get(FaultKind.LATE)
        return Reply(words=words, delay_s=late.amount / 1000 if late else 0)

    def _image(self, table: RegisterTable, first: int, end: int, *, at_ms: int) -> dict[int, int]:
        """The addresses from ``first`` to before ``end`` that hold something."""
        image: dict[int, int] = {}
        for field in self.config.fields:
            if (
                field.table is table
                and field.address < end
                and first < field.address + field.length
            ):
                wire = encode(self.value(field, at_ms=at_ms), field.form)
                _place(image, field.address, wire)
        clock = self.config.clock
        if clock is not None and clock.table is table:
            _place(image, clock.address, clock_words(clock, self._shown_ms(at_ms)))
        return image

    def value(self, field: FieldConfig, *, at_ms: int) -> Decimal:
        """What a field shows at an instant of the plant."""
        scale = field.meter_register.scale
        signal = self._signals.get(field.name)
        if signal is None:
            return placed(0, scale)
        for fault in self._of(FaultKind.STUCK):
            if fault.from_ms <= at_ms < fault.until_ms:
                at_ms = fault.from_ms
        number = signal.value(at_ms)
        register = field.meter_register
        if register.kind == "counter" and register.capacity is not None:
            capacity = int(register.capacity.scaleb(scale))
            number = (number + self._shift(signal, at_ms, capacity)) % capacity
        return placed(number, scale)

    def _shift(self, signal: Signal, at_ms: int, capacity: int) -> int:
        """What faults of the past have done to a counter: each made it 0 at its begin.

        A roll-over is prepared from the start, so that the counter runs up to its capacity.
        """
        shift = 0
        for fault in self._of(FaultKind.ROLL_OVER):
            shift = capacity - signal.value(fault.from_ms) % capacity
        for fault in self._of(FaultKind.RESET):
            if fault.from_ms <= at_ms:
                shift = -signal.value(fault.from_ms)
        return shift

    def _shown_ms(self, at_ms: int) -> int:
        """The meter's own clock."""
        for fault in self._of(FaultKind.CLOCK_STEP):
            if fault.from_ms <= at_ms < fault.until_ms:
                at_ms += fault.amount * 1_000
        return at_ms

    def _of(self, kind: FaultKind) -> list[Fault]:
        return [fault for fault in self._faults if fault.kind is kind]


class MeterBank:
    """The simulated meters of one endpoint; an unknown unit is silent, as on a real line.

    Args:
        meters: The meters.
    """

    def __init__(self, meters: Sequence[SimulatedMeter]) -> None:
        self._units: dict[int, list[SimulatedMeter]] = {}
        for meter in meters:
            self._units.setdefault(meter.config.unit, []).append(meter)

    def read(self, unit: int, table: RegisterTable, address: int, count: int) -> Reply:
        """Answer for the meter of this unit; two devices of one unit share its address space."""
        replies = [meter.read(table, address, count) for meter in self._units.get(unit, [])]
        answered = [reply for reply in replies if not reply.exception]
        if answered or replies:
            return (answered or replies)[0]
        return Reply(silent=True)


def _bounds(config: DeviceConfig) -> dict[RegisterTable, tuple[int, int]]:
    """First address and the one after the last, of each table the meter has."""
    spans = [(field.table, field.address, field.length) for field in config.fields]
    if config.clock:
        spans.append((config.clock.table, config.clock.address, config.clock.length))
    bounds: dict[RegisterTable, tuple[int, int]] = {}
    for table, address, length in spans:
        first, end = bounds.get(table, (address, address + length))
        bounds[table] = (min(first, address), max(end, address + length))
    return bounds


def clock_words(clock: MeterClock, at_ms: int) -> bytes:
    """The bytes of a meter's clock."""
    number = at_ms // 1_000 if clock.clock_format is ClockFormat.UNIX_S else at_ms
    return number.to_bytes(2 * clock.length, "big")


def _place(image: dict[int, int], address: int, wire: bytes) -> None:
    """Put the words of a value into the image; parts of one word lie over each other."""
    for place in range(0, len(wire), 2):
        word = int.from_bytes(wire[place : place + 2], "big")
        image[address + place // 2] = image.get(address + place // 2, 0) | word
