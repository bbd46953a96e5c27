"""Poll the devices of one line on time; what could not be read is recorded as not read.

Ticks are aligned to the wall clock plus an offset per device; waiting and deadlines use the
monotonic clock. The deadline of a tick is the next tick. A device that does not answer is tried a
second time after the others that are due, and then only probed. Nothing is caught up: a tick that
passed is a reading without value and the reason ``missed_tick``.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Protocol

from collectors.runtime.config import LineConfig, Priority
from collectors.runtime.drafts import Draft, to_ms
from collectors.runtime.line import Cycle, PolledDevice
from collectors.runtime.schedule import ClockWatch, Tick, missed_ticks, next_tick
from collectors.source import ReadingSource
from trace_node.clock import Clock

LONGEST_WAIT_NS: Final = 1_000_000_000  # look at the wall clock at least each second
MOST_MISSED: Final = 5  # ticks in a row recorded one by one; a longer gap becomes one event

Sleep = Callable[[float], Awaitable[None]]


class Sink(Protocol):
    """Takes what was read."""

    def put(self, drafts: Sequence[Draft]) -> None:
        """Queue the drafts for the spool; does not wait."""

    def accepts(self, priority: Priority) -> bool:
        """Whether there is room for readings of this priority."""


@dataclass(order=True, slots=True)
class _Due:
    """An entry of the line's agenda."""

    due_ns: int
    number: int
    tick: Tick = field(compare=False)
    device: PolledDevice = field(compare=False)
    cycle: Cycle | None = field(compare=False, default=None)


@dataclass(slots=True)
class _Pause:
    """Ticks left out because the spool had no room."""

    from_ms: int
    to_ms: int
    ticks: int


class LinePoller:
    """Polls the devices of one line.

    Args:
        line: The line.
        devices: Its devices that are polled.
        source: The connection.
        sink: Takes the readings.
        clock: Tells the time.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        line: LineConfig,
        devices: Sequence[PolledDevice],
        *,
        source: ReadingSource,
        sink: Sink,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._line = line
        self._devices = devices
        self._source = source
        self._sink = sink
        self._clock = clock
        self._sleep = sleep
        self._agenda: list[_Due] = []
        self._numbers = count()
        self._pauses: dict[str, _Pause] = {}

    async def run(self) -> None:
        """Poll until cancelled."""
        watch = ClockWatch(self._clock)
        self._plan_all()
        try:
            while self._agenda:
                if watch.step_ms():
                    self._plan_all()
                rest_ns = self._agenda[0].due_ns - self._clock.monotonic()
                if rest_ns > 0:
                    await self._sleep(min(rest_ns, LONGEST_WAIT_NS) / 1_000_000_000)
                else:
                    await self._serve(heapq.heappop(self._agenda))
        finally:
            await self._source.close()

    def _plan_all(self) -> None:
        """Plan the next tick of every device; a second try that was due is given up."""
        agenda, self._agenda = self._agenda, []
        for due in agenda:
            if due.cycle is not None:
                self._sink.put(due.device.abandon(due.cycle))
        for device in self._devices:
            config = device.config
            tick = next_tick(
                interval_ms=config.interval_ms, offset_ms=config.offset_ms, clock=self._clock
            )
            self._push(_Due(tick.due_ns, next(self._numbers), tick, device))

    def _push(self, due: _Due) -> None:
        heapq.heappush(self._agenda, due)

    async def _serve(self, due: _Due) -> None:
        device, now_ns = due.device, self._clock.monotonic()
        if due.cycle is not None:
            await self._work(due, due.cycle)
            return
        interval_ms = device.config.interval_ms
        missed = missed_ticks(due.tick, interval_ms=interval_ms, now_ns=now_ns)
        if missed:
            self._record_missed(device, due.tick, missed)
            due.tick = Tick(
                at_ms=due.tick.at_ms + missed * interval_ms,
                due_ns=due.tick.due_ns + missed * interval_ms * 1_000_000,
            )
        if not self._sink.accepts(device.config.priority):
            self._pause(device, due.tick.at_ms)
            self._plan_after(due)
            return
        self._resume(device)
        if device.health.skips(now_ns):
            self._sink.put([device.failed(device.config.fields, "degraded")])
            self._plan_after(due)
            return
        await self._work(due, device.cycle())

    async def _work(self, due: _Due, cycle: Cycle) -> None:
        """Do the round; put a second try behind everything that is due by now."""
        if await due.device.work(cycle):
            self._sink.put(cycle.drafts)
            self._plan_after(due)
        else:
            now_ns = self._clock.monotonic()
            self._push(_Due(now_ns, next(self._numbers), due.tick, due.device, cycle))
        if self._line.close_after_gather:
            await self._source.close()

    def _plan_after(self, due: _Due) -> None:
        """Plan the tick after ``due``, even if it has passed: then it will be found missed."""
        next_ms = due.tick.at_ms + due.device.config.interval_ms
        rest_ms = next_ms - to_ms(self._clock.now())
        tick = Tick(at_ms=next_ms, due_ns=self._clock.monotonic() + rest_ms * 1_000_000)
        self._push(_Due(tick.due_ns, next(self._numbers), tick, due.device))

    def _record_missed(self, device: PolledDevice, tick: Tick, missed: int) -> None:
        interval_ms = device.config.interval_ms
        if missed > MOST_MISSED:
            last_ms = tick.at_ms + (missed - 1) * interval_ms
            self._sink.put([_gap(device, tick.at_ms, last_ms, missed, "missed_tick")])
            return
        for number in range(missed):
            self._sink.put([device.missed(tick.at_ms + number * interval_ms)])

    def _pause(self, device: PolledDevice, at_ms: int) -> None:
        """Count a tick for which the spool has no room."""
        pause = self._pauses.get(device.config.name)
        if pause is None:
            self._pauses[device.config.name] = _Pause(at_ms, at_ms, 1)
        else:
            pause.to_ms, pause.ticks = at_ms, pause.ticks + 1

    def _resume(self, device: PolledDevice) -> None:
        """Explain the ticks that were left out, now that there is room again."""
        pause = self._pauses.pop(device.config.name, None)
        if pause:
            self._sink.put([_gap(device, pause.from_ms, pause.to_ms, pause.ticks, "spool_full")])


def _gap(device: PolledDevice, from_ms: int, to_ms: int, ticks: int, reason: str) -> Draft:
    return device.event(
        "collection_gap",
        {"from_ms": from_ms, "reason": reason, "ticks": ticks, "to_ms": to_ms},
    )
