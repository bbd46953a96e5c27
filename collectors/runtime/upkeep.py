"""What a collector does besides reading and delivering: watch its clock, tidy up, report."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from typing import Final

from collectors.runtime.assembly import Parts, events
from collectors.runtime.outlet import Outlet
from collectors.runtime.retention import prune
from collectors.runtime.schedule import ClockWatch

WATCH_S: Final = 1
TIDY_S: Final = 5
MOST_PRUNES: Final = 10  # a round removes at most ten times 20,000 records

logger = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one collector.

    Args:
        parts: Its parts.
        uploaders: Its uploaders.
    """

    def __init__(self, parts: Parts, uploaders: Sequence[Outlet]) -> None:
        self._parts = parts
        self._uploaders = uploaders

    async def watch(self) -> None:
        """Record it when somebody sets the clock, and a heartbeat for devices that are silent."""
        parts = self._parts
        watch = ClockWatch(parts.clock)
        while True:
            await asyncio.sleep(WATCH_S)
            if step_ms := watch.step_ms():
                logger.warning("clock_step step_ms=%s", step_ms)
                parts.recorder.put(events(parts.devices, "clock_step", {"step_ms": step_ms}))
            longest_ns = parts.settings.heartbeat_ms * 1_000_000
            for device in parts.devices:
                if parts.recorder.silent_ns(device.config.name) >= longest_ns:
                    parts.recorder.put([device.event("heartbeat", {})])

    async def tidy(self) -> None:
        """Every few seconds: forget what is final everywhere, look at the disk, report."""
        while True:
            await self.tidy_once(running=True)
            await asyncio.sleep(TIDY_S)

    async def tidy_once(self, *, running: bool) -> None:
        """One round; what fails is logged and tried again in the next."""
        parts = self._parts
        try:
            for _ in range(MOST_PRUNES):
                if not await parts.thread(self._prune):
                    break
            await parts.recorder.look_at_level()
            await parts.thread(lambda: parts.reporter.write(self._uploaders, running=running))
        except (sqlite3.Error, OSError):
            logger.exception("upkeep_failed")

    def _prune(self) -> int:
        return prune(self._parts.spool, raw_folder=self._parts.settings.raw_folder)
