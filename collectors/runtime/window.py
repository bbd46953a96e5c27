"""Read a meter that hands out stored rows one by one: each row once, none left out.

The meter shows one row at a time, with its number, and moves on when it is told that the row was
read. It is told so only after the row is on the disk here. Telling it twice does no harm: the
address that is read for it depends on whether the row's number is even or odd, so the meter knows
which row is meant. A lost answer therefore neither skips nor repeats a row.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from collectors.errors import DrainError, ReadError
from collectors.runtime.drafts import Draft
from collectors.runtime.line import PolledDevice
from collectors.runtime.recorder import Recorder
from collectors.runtime.schedule import next_tick
from collectors.source import BlockRequest, ReadingSource
from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock

TRIES: Final = 5
PAUSE_S: Final = 1
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


class RowReader:
    """Reads the rows of one meter.

    Args:
        device: The meter; it has a window and a single request.
        source: Its line.
        recorder: Keeps the rows.
        row: Number of the last row on the disk; None before the first.
        clock: Tells when the next tick is.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        device: PolledDevice,
        *,
        source: ReadingSource,
        recorder: Recorder,
        row: int | None,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._device = device
        self._source = source
        self._recorder = recorder
        self._row = row
        self._clock = clock
        self._sleep = sleep

    @property
    def row(self) -> int | None:
        """Number of the last row on the disk."""
        return self._row

    async def run(self) -> None:
        """At each tick of the meter read what it has stored, until cancelled.

        Raises:
            DrainError: The meter shows a row that was recorded before.
        """
        config = self._device.config
        try:
            while True:
                tick = next_tick(
                    interval_ms=config.interval_ms, offset_ms=config.offset_ms, clock=self._clock
                )
                await self._sleep((tick.due_ns - self._clock.monotonic()) / 1_000_000_000)
                try:
                    await self.drain()
                except ReadError as error:
                    self._recorder.put([self._device.failed(config.fields, error.why, error=error)])
        finally:
            await self._source.close()

    async def drain(self) -> None:
        """Read until the last row of the meter is on the disk.

        Raises:
            ReadError: The meter did not answer five times in a row.
            DrainError: The meter shows a row that was recorded before.
        """
        while True:
            row, last = await self._read_row()
            if row >= last:
                return
            await self._try(partial(self._step, row))

    async def _read_row(self) -> tuple[int, int]:
        """Record the row the meter shows, unless it is recorded; give its number and the last."""
        device, block = self._device, self._device.decoders[0]
        exchange = await self._try(lambda: device.ask(block))
        rows = block.rows(exchange.payload)
        if rows is None:
            raise DrainError("{field}: shows no rows", field=device.config.name)
        row, last = rows
        if row == self._row:
            return row, last
        if self._row is not None and row < self._row:
            raise DrainError(
                "{field}: the meter shows row {row}, but row {recorded} was recorded already",
                field=device.config.name,
                row=row,
                recorded=self._row,
                remedy="let the meter begin at row {recorded}, or name a new spool",
            )
        drafts: list[Draft] = [device.readings(block, exchange)]
        due = 0 if self._row is None else self._row + 1
        if row > due:
            detail: JsonObject = {"from_row": due, "reason": "rows_lost", "to_row": row - 1}
            drafts.insert(0, device.event("collection_gap", detail))
        await self._recorder.put_durably(drafts, rows={device.config.name: row})
        self._row = row
        return row, last

    async def _step(self, row: int) -> None:
        """Tell the meter that ``row`` is on the disk."""
        window = self._device.config.window
        if window is None:
            raise DrainError("{field}: has no window", field=self._device.config.name)
        await self._source.read(
            BlockRequest(
                unit=self._device.config.unit,
                table=window.table,
                address=window.step + row % 2,
                count=1,
            )
        )

    async def _try(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask up to five times.

        Raises:
            ReadError: The last failure.
        """
        for attempt in range(1, TRIES):
            try:
                return await ask()
            except ReadError as error:
                logger.warning("row_read_failed reason=%s attempt=%s", error.why, attempt)
                await self._sleep(PAUSE_S)
        return await ask()
