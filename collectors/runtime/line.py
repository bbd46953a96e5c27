"""Ask one device on its line, and turn answers and failures into readings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from collectors.errors import ReadError
from collectors.runtime.block_decoder import BlockDecoder
from collectors.runtime.clock_state import ClockState
from collectors.runtime.config import DeviceConfig, FieldConfig
from collectors.runtime.drafts import (
    Draft,
    EventDraft,
    Evidence,
    ReadingsDraft,
    Shown,
    from_ms,
    to_ms,
    whole_ms,
)
from collectors.runtime.health import Health
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.plan import plan_blocks
from collectors.source import Exchange, ReadingSource
from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock

# Exceptions by which a gateway says that the meter behind it does not answer.
_ABSENT: Final = frozenset({"exception_10", "exception_11"})


@dataclass(slots=True, kw_only=True)
class Cycle:
    """One round of requests to a device.

    Attributes:
        todo: Requests still to be made.
        drafts: Readings so far.
        retry: Whether the round failed once already.
        answered: Whether the device answered at all.
        why: Reason of the failure that made a second try necessary.
    """

    todo: list[BlockDecoder]
    drafts: list[Draft] = field(default_factory=list)
    retry: bool = False
    answered: bool = False
    why: str = ""


class PolledDevice:
    """A device, its requests and its state.

    Args:
        config: The device.
        source: Its line.
        links: Measures the device and its line.
        clock: Stamps what is not stamped by an answer.
        clock_state: State of that clock.
    """

    def __init__(
        self,
        config: DeviceConfig,
        *,
        source: ReadingSource,
        links: Sequence[LinkMeter],
        clock: Clock,
        clock_state: ClockState,
    ) -> None:
        self.config = config
        self.health = Health()
        self.decoders = [BlockDecoder(block, config) for block in plan_blocks(config)]
        self._source = source
        self._links = links
        self._clock = clock
        self._clock_state = clock_state

    def cycle(self) -> Cycle:
        """A fresh round."""
        return Cycle(todo=list(self.decoders))

    async def work(self, cycle: Cycle) -> bool:
        """Make the requests of ``cycle``; False if it is worth a second try later.

        A device that does not answer ends its round at once, so that it costs its line one
        time-out; an exception answer costs only the fields of its own request.
        """
        while cycle.todo:
            current = cycle.todo[0]
            try:
                exchange = await self.ask(current)
            except ReadError as error:
                alive = error.why.startswith("exception_") and error.why not in _ABSENT
                if alive:
                    cycle.answered = True
                    cycle.drafts.append(self.failed(current.fields, error.why, error=error))
                    cycle.todo.pop(0)
                    continue
                if not cycle.retry and not self.health.degraded and error.why not in _ABSENT:
                    cycle.retry, cycle.why = True, error.why
                    return False
                self._finish_failed(cycle, error)
                return True
            cycle.answered = True
            cycle.drafts.append(self.readings(current, exchange))
            cycle.todo.pop(0)
        self.health.answered()
        return True

    def abandon(self, cycle: Cycle) -> list[Draft]:
        """The readings of a round whose second try is given up."""
        for block in cycle.todo:
            cycle.drafts.append(self.failed(block.fields, cycle.why))
        return cycle.drafts

    async def ask(self, block: BlockDecoder) -> Exchange:
        """Make one request and measure the link.

        Raises:
            ReadError: It failed.
        """
        try:
            exchange = await self._source.read(block.block.request)
        except ReadError as error:
            now_ms = to_ms(self._clock.now())
            for link in self._links:
                link.failed(error.why, now_ms=now_ms)
            raise
        now_ms = to_ms(exchange.at)
        for link in self._links:
            link.answered(round_trip_ns=exchange.round_trip_ns, now_ms=now_ms)
        return exchange

    def readings(self, block: BlockDecoder, exchange: Exchange) -> ReadingsDraft:
        """The readings an answer holds; observed by the meter where it shows its clock."""
        collected_at = whole_ms(exchange.at)
        meter_time = block.meter_time(exchange.payload)
        return ReadingsDraft(
            device=self.config.name,
            origin=self.config.origin,
            shown=block.values(exchange.payload),
            observed_at=meter_time or collected_at,
            observed_by="meter" if meter_time else "collector",
            collected_at=collected_at,
            clock=self._clock_state(),
            evidence=Evidence.of(sent=exchange.sent, received=exchange.received, at=exchange.at),
        )

    def failed(
        self,
        fields: Sequence[FieldConfig],
        reason: str,
        *,
        error: ReadError | None = None,
        observed_at: datetime | None = None,
    ) -> ReadingsDraft:
        """Readings without value; never a zero.

        Args:
            fields: The fields that were to be read.
            reason: Why they were not.
            error: The failed exchange, for the evidence.
            observed_at: Instant they were due; None for now.
        """
        now, clock = whole_ms(self._clock.now()), self._clock_state()
        evidence = (
            Evidence.of(sent=error.sent, received=error.received, at=now)
            if error and error.sent
            else None
        )
        return ReadingsDraft(
            device=self.config.name,
            origin=self.config.origin,
            shown=[Shown(item.name, item.meter_register.unit, None, reason) for item in fields],
            observed_at=observed_at or now,
            observed_by="collector",
            collected_at=now,
            clock=clock,
            evidence=evidence,
        )

    def missed(self, at_ms: int) -> ReadingsDraft:
        """The readings of a tick that passed without a request."""
        return self.failed(self.config.fields, "missed_tick", observed_at=from_ms(at_ms))

    def event(self, event: str, detail: JsonObject) -> EventDraft:
        """Something that happened to the device."""
        return EventDraft(
            device=self.config.name,
            origin=self.config.origin,
            event=event,
            detail=detail,
            at=whole_ms(self._clock.now()),
            clock=self._clock_state(),
        )

    def _finish_failed(self, cycle: Cycle, error: ReadError) -> None:
        first, *others = cycle.todo
        cycle.drafts.append(self.failed(first.fields, error.why, error=error))
        for block in others:
            cycle.drafts.append(self.failed(block.fields, error.why))
        cycle.todo.clear()
        if cycle.answered:
            self.health.answered()
        else:
            self.health.failed(self._clock.monotonic())
