"""Build records and bring them to the disk in groups: what was read is a fact once it is there.

Drafts queue in memory for a moment and are written together. If the disk refuses, the batch that
was built is kept as it is and tried again; meanwhile nothing new is polled once the queue is full.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeVar

from collectors.runtime.chain_builder import ChainBuilder
from collectors.runtime.config import Priority
from collectors.runtime.drafts import Draft, whole_ms
from collectors.runtime.spool import Batch, Spool
from trace_node.clock import Clock
from trace_node.errors import TraceNodeError
from trace_node.ids import DeviceId
from trace_node.metering.records.context import SeenHead

MOST_QUEUED: Final = 50_000  # records to be in memory while the disk refuses
MOST_AT_ONCE: Final = 2_000  # records of one transaction, so that nobody waits long for the thread
RETRY_SECONDS: Final = 1
LEVEL_NS: Final = 500_000_000
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


class SpoolThread:
    """The one thread that uses the spool, so that the disk never holds up the polling."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    async def __call__(self, work: Callable[[], _T]) -> _T:
        """Do ``work`` in the thread and give its result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._pool.shutdown()


class Level(IntEnum):
    """How full the spool is."""

    OPEN = 0
    HIGH = 1
    FULL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much the spool may take.

    Attributes:
        most_bytes: Bound of its size.
        high_percent: Share of it at which the alarm is raised and low priorities pause.
        least_free: Bytes that must stay free on its disk.
    """

    most_bytes: int
    high_percent: int
    least_free: int

    def level(self, *, used: int, free: int, now: Level) -> Level:
        """The level at this use; once full, it is so until it falls below the high-water mark."""
        high = self.most_bytes * self.high_percent // 100
        if used >= self.most_bytes or free < self.least_free:
            return Level.FULL
        if used >= high:
            return Level.FULL if now is Level.FULL else Level.HIGH
        return Level.OPEN


@dataclass(frozen=True, slots=True)
class _Put:
    """Drafts that were handed over together, and who waits for them to be on the disk."""

    drafts: Sequence[Draft]
    rows: Mapping[DeviceId, int]
    done: "asyncio.Future[None] | None"

    @property
    def records(self) -> int:
        """Number of records they become."""
        return sum(draft.records for draft in self.drafts)


class Recorder:
    """Takes drafts, builds records, writes them.

    Args:
        spool: The spool.
        thread: Its thread.
        builder: Builds the records.
        bounds: How much the spool may take.
        clock: Tells the time.
        delay: Seconds to wait for more before writing.
        on_level: Told when the level changes; its drafts are recorded even when the spool is full.
    """

    def __init__(
        self,
        spool: Spool,
        *,
        thread: SpoolThread,
        builder: ChainBuilder,
        bounds: Bounds,
        clock: Clock,
        delay: float = 0.05,
        on_level: Callable[[Level, Level], Sequence[Draft]] = lambda _old, _new: (),
    ) -> None:
        self.level = Level.OPEN
        self.fault = ""
        self._spool = spool
        self._thread = thread
        self._builder = builder
        self._bounds = bounds
        self._clock = clock
        self._delay = delay
        self._on_level = on_level
        self._queue: deque[_Put] = deque()
        self._queued = 0
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._next_head: SeenHead | None = None
        self._stopping = False
        self._started_ns = clock.monotonic()
        self._last_ns: dict[DeviceId, int] = {}
        self._level_ns = 0

    def put(self, drafts: Sequence[Draft]) -> None:
        """Queue drafts for the spool; does not wait."""
        self._enqueue(_Put(drafts, {}, None))

    def _enqueue(self, put: _Put) -> None:
        self._queue.append(put)
        self._queued += put.records
        for draft in put.drafts[:1]:  # those of one put are of one device, but for events of all
            self._last_ns[draft.device] = self._clock.monotonic()
        self._wake.set()

    def silent_ns(self, device: DeviceId) -> int:
        """Nanoseconds since something was recorded of the device; since the start if nothing."""
        return self._clock.monotonic() - self._last_ns.get(device, self._started_ns)

    async def put_durably(self, drafts: Sequence[Draft], *, rows: Mapping[DeviceId, int]) -> None:
        """Queue drafts and wait until they are on the disk.

        Args:
            drafts: The drafts.
            rows: Rows of meters that hand out stored rows, kept with the drafts.
        """
        done = asyncio.get_running_loop().create_future()
        self._hurry.set()
        self._enqueue(_Put(drafts, rows, done))
        await done

    def accepts(self, priority: Priority) -> bool:
        """Whether there is room for readings of this priority."""
        if self._queued >= MOST_QUEUED:
            return False
        return self.level is Level.OPEN or (
            self.level is Level.HIGH and priority is not Priority.LOW
        )

    def renew_head(self, head: SeenHead) -> None:
        """Name a newer anchored head in the records that follow."""
        if head != self._builder.head:
            self._next_head = head
            self._wake.set()

    async def run(self) -> None:
        """Write until ``stop`` is called; what is queued by then is written first.

        An error here is not survived: a record that cannot be built would leave a gap in its chain.
        """
        while not self._stopping:
            await self._wake.wait()
            await self._gather_more()
            await self._flush()
        await self._flush()

    def stop(self) -> None:
        """Let ``run`` end once the queue is on the disk, or the disk refuses it."""
        self._stopping = True
        self._wake.set()
        self._hurry.set()

    async def look_at_level(self) -> None:
        """Find out how full the spool is, and act when that has changed."""
        used, free = await self._thread(
            lambda: (self._spool.used_bytes(), self._spool.free_disk_bytes())
        )
        before, self.level = self.level, self._bounds.level(used=used, free=free, now=self.level)
        if self.level is not before:
            logger.warning("spool_level level=%s used=%s free=%s", self.level.name, used, free)
            self.put(self._on_level(before, self.level))

    async def _gather_more(self) -> None:
        """Wait a moment for more drafts, unless somebody waits for the disk."""
        if self._delay and not self._hurry.is_set():
            try:
                await asyncio.wait_for(self._hurry.wait(), self._delay)
            except TimeoutError:
                return

    async def _flush(self) -> None:
        self._wake.clear()
        self._hurry.clear()
        if self._next_head is not None:
            self._builder.renew_context(self._next_head, now=whole_ms(self._clock.now()))
            self._next_head = None
        while self._queue:
            puts = self._take()
            if not await self._write(puts):
                return
            for put in puts:
                if put.done is not None and not put.done.done():
                    put.done.set_result(None)
        if self._clock.monotonic() >= self._level_ns:
            self._level_ns = self._clock.monotonic() + LEVEL_NS
            await self.look_at_level()

    def _take(self) -> list[_Put]:
        """The next puts, together about as many drafts as go into one transaction."""
        puts: list[_Put] = []
        count = 0
        while self._queue and count < MOST_AT_ONCE:
            puts.append(self._queue.popleft())
            count += puts[-1].records
        self._queued -= count
        return puts

    async def _write(self, puts: Sequence[_Put]) -> bool:
        """Build the records, once, and write them until the disk takes them.

        False if there is no time left for that.
        """
        drafts = [draft for put in puts for draft in put.drafts]
        rows = {device: row for put in puts for device, row in put.rows.items()}
        batch, error = await self._thread(
            lambda: self._append(self._builder.build(drafts, rows=rows))
        )
        while error is not None:
            self.fault = str(error)
            logger.error("spool_write_failed batch=%s", batch.number, exc_info=error)
            if self._stopping:
                return False
            await asyncio.sleep(RETRY_SECONDS)
            await self._reopen()
            _, error = await self._thread(lambda: self._append(batch))
        self.fault = ""
        return True

    def _append(self, batch: Batch) -> tuple[Batch, Exception | None]:
        """Write the batch; give it back with what the disk said against it."""
        try:
            self._spool.append(batch)
        except (sqlite3.Error, OSError) as error:
            return batch, error
        return batch, None

    async def _reopen(self) -> None:
        try:
            await self._thread(self._spool.reopen)
        except (TraceNodeError, sqlite3.Error, OSError) as error:
            self.fault = str(error)
            logger.exception("spool_reopen_failed")
