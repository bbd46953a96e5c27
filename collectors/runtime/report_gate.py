"""The way to a destination that is open only while it is reported to, and who asks for that.

A request is a file beside the spool: whoever may write there may ask, whether the collector runs
or not, and the report is made by the one process that owns the spool. What was recorded up to then
goes; what is recorded meanwhile may go with it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from collectors.runtime.destination import DestinationConfig
from collectors.runtime.drafts import to_ms
from collectors.runtime.outbox import Outbox
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.report_rule import ReportMode
from collectors.runtime.spool import Spool
from collectors.runtime.stored_delivery import DeliveryState
from collectors.runtime.upload import Standstill, Uploader
from trace_node.clock import Clock

FOLDER: Final = "report"
LOOK_S: Final = 1.0


def request_file(spool: Path, destination: str) -> Path:
    """The file that asks for a report."""
    return spool.parent / FOLDER / f"{destination}.request"


def ask_for_report(spool: Path, destination: str) -> Path:
    """Ask for a report to a destination; the file is gone when it was made.

    Raises:
        OSError: The folder of the spool cannot be written.
    """
    path = request_file(spool, destination)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path


def is_asked(path: Path) -> bool:
    """Whether a report was asked for and not made yet."""
    return path.exists() or _taken(path).exists()


class ReportGate:
    """Open while a destination is reported to; asked in the spool's thread.

    Args:
        config: The destination.
        spool: The spool.
        clock: Tells the time.
    """

    def __init__(self, config: DestinationConfig, *, spool: Spool, clock: Clock) -> None:
        self._config, self._spool, self._clock = config, spool, clock
        self._request = request_file(spool.path, config.name)
        self._note = f"reported {config.name}"
        self._target: int | None = None
        if not spool.noted(self._note):
            spool.note(self._note, str(to_ms(clock.now())))  # a schedule begins with now

    def is_open(self) -> bool:
        """Whether to deliver; closes once everything recorded up to the request is there."""
        if self._target is None:
            if not self.is_wanted():
                return False
            if self._request.exists():
                self._request.replace(_taken(self._request))
            self._target = self._newest()
        if not self._has(self._target):
            return True
        self._target = None
        _taken(self._request).unlink(missing_ok=True)
        self._spool.note(self._note, str(to_ms(self._clock.now())))
        return False

    def is_wanted(self) -> bool:
        """Whether a report is under way, asked for, or due."""
        if self._target is not None or is_asked(self._request):
            return True
        last_ms, now_ms = int(self._spool.noted(self._note)), to_ms(self._clock.now())
        return self._config.report.is_due(last_ms=last_ms, now_ms=now_ms)

    def _newest(self) -> int:
        found = self._spool.connection.execute("SELECT coalesce(max(id), 0) FROM records")
        return int(found.fetchone()[0])

    def _has(self, target: int) -> bool:
        """Whether the destination has, or refused, every record up to this one."""
        packed, pending = self._spool.connection.execute(
            "SELECT packed, (SELECT count(*) FROM deliveries WHERE destination = name"
            " AND state = ? AND first <= ?) FROM destinations WHERE name = ?",
            (DeliveryState.PENDING.value, target, self._config.name),
        ).fetchone()
        return bool(packed >= target and not pending)


class GatedUploader:
    """An uploader that works only while its destination is reported to.

    Args:
        uploader: The uploader.
        gate: When it may work.
        thread: The spool's thread.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self,
        uploader: Uploader,
        gate: ReportGate,
        *,
        thread: SpoolThread,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._uploader, self._gate, self._thread, self._sleep = uploader, gate, thread, sleep
        self._rests = True

    @property
    def config(self) -> DestinationConfig:
        """The destination."""
        return self._uploader.config

    @property
    def outbox(self) -> Outbox:
        """Its deliveries."""
        return self._uploader.outbox

    @property
    def standstill(self) -> Standstill | None:
        """Why it takes nothing; none of its faults while nobody reports to it."""
        return None if self._rests else self._uploader.standstill

    @property
    def waiting(self) -> str:
        """For what records wait; empty while they are reported."""
        rule = self.config.report
        if not self._rests:
            return ""
        is_regular = rule.mode is ReportMode.SCHEDULE
        return f"every {rule.every_ms // 1000} s" if is_regular else rule.mode.value

    async def run(self) -> None:
        """Serve the destination until cancelled."""
        while True:
            await self._sleep(await self.step())

    async def step(self) -> float:
        """Do the next thing; give the seconds to wait before the one after."""
        self._rests = not await self._thread(self._gate.is_open)
        return LOOK_S if self._rests else await self._uploader.step()

    async def drained(self) -> bool:
        """Whether nothing is to be reported now."""
        return not await self._thread(self._gate.is_wanted)


def _taken(request: Path) -> Path:
    return request.with_suffix(".taken")
