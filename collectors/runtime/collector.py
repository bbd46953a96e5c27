"""The collector process: it keeps lines, recorder and uploaders going and ends them in order."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

import httpx

from collectors.errors import DrainError, SilentNodeError, UndeliveredError
from collectors.runtime.assembly import Parts, PolledLine, events
from collectors.runtime.drafts import to_ms, whole_ms
from collectors.runtime.outlet import Outlet
from collectors.runtime.outlets import outlet_of
from collectors.runtime.poller import LinePoller
from collectors.runtime.reporter import destinations
from collectors.runtime.retention import Finality, forget, former
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.status import DestinationStatus
from collectors.runtime.supervise import supervise
from collectors.runtime.upkeep import Upkeep
from collectors.runtime.window import RowReader
from trace_node.ids import to_base64url
from trace_node.metering.records.context import SeenHead

DRAINED_S: Final = 0.1
CANCEL_S: Final = 0.5
GRACE_NS: Final = 2_000_000_000
PATIENCE_NS: Final = 120_000_000_000  # how long a drain waits for a node that takes nothing


class Collector:
    """One collector (采集装置).

    Args:
        parts: Its parts.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._stopped = asyncio.Event()
        self._uploaders: list[Outlet] = []
        self._alarms: set[asyncio.Future[None]] = set()

    def stop(self) -> None:
        """End ``run`` in good order."""
        self._stopped.set()

    async def run(self, *, drain: bool = False) -> None:
        """Collect until ``stop`` is called.

        Args:
            drain: Read only meters that hand out stored rows, deliver everything, and end.

        Raises:
            ReadError: With ``drain``: a meter did not answer.
            DrainError: With ``drain``: a meter is out of step, or there is none of that kind.
            UndeliveredError: With ``drain``: a destination did not take everything.
            SilentNodeError: With ``drain``: the same, because it gave no answer.
        """
        reached: list[DestinationStatus] = []
        async with httpx.AsyncClient(trust_env=False) as client:
            self._uploaders = self._make_uploaders(client)
            self._upkeep = Upkeep(self.parts, self._uploaders)
            self._begin()
            recorder = asyncio.create_task(self.parts.recorder.run(), name="recorder")
            background = self._start_background()
            lines = [] if drain else [self._start_line(line) for line in self.parts.lines]
            try:
                await self._work(recorder, drain=drain)
            finally:
                await _cancel(lines)
                try:
                    await self._end(recorder)
                    await self._delivered(patient=drain)
                    reached = await self.parts.thread(lambda: destinations(self._uploaders))
                finally:
                    await _cancel(background)
                    await self._close()
        if drain:
            self._require_delivered(reached)

    async def _work(self, recorder: "asyncio.Task[None]", *, drain: bool) -> None:
        """Until there is nothing more to do, or the recorder ends by an error."""
        stopped = asyncio.create_task(self._drain() if drain else self._wait_for_stop())
        await asyncio.wait({stopped, recorder}, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            stopped.result()
        else:
            await _cancel([stopped])

    async def _wait_for_stop(self) -> None:
        await self._stopped.wait()

    async def _drain(self) -> None:
        """Read every stored row of every meter that has some, the meters side by side."""
        readers = [
            self._row_reader(line)
            for line in self.parts.lines
            if line.devices[0].config.window is not None
        ]
        if not readers:
            raise DrainError(
                "{field}: no meter of the point list hands out stored rows",
                field="--drain",
                remedy="run without --drain, or give a meter a [….window]",
            )
        try:
            await asyncio.gather(*(reader.drain() for reader in readers))
        finally:
            for line in self.parts.lines:
                await line.source.close()

    def _row_reader(self, line: PolledLine) -> RowReader:
        device = line.devices[0]
        head = self.parts.heads.get(device.config.name)
        return RowReader(
            device,
            source=line.source,
            recorder=self.parts.recorder,
            row=None if head is None else head.row,
            clock=self.parts.clock,
        )

    def _make_uploaders(self, client: httpx.AsyncClient) -> list[Outlet]:
        parts = self.parts
        names = [config.name for config in parts.settings.destinations]
        forget(parts.spool, parts.settings.forget)
        for name in former(parts.spool, names):
            SpoolNotes(parts.spool).raise_alarm(
                "destination_removed",
                name,
                detail="records are kept for it; put it back, or add its name to forget",
                now_ms=to_ms(parts.clock.now()),
            )
        return [
            # The first destination is the one whose anchored head the records name.
            outlet_of(
                config, parts, client, on_head=parts.recorder.renew_head if number == 0 else _ignore
            )
            for number, config in enumerate(parts.settings.destinations)
        ]

    def _begin(self) -> None:
        """The first records of this boot: how the last one ended, and a changed point list."""
        parts, config = self.parts, self.parts.settings.destinations[0]
        head = Finality(parts.spool, destination=config.name).seen_head()
        if head is not None:
            seen = SeenHead(origin=config.origin, size=head.size, root=head.root)
            parts.builder.renew_context(seen, now=whole_ms(parts.clock.now()))
        digest = to_base64url(parts.points.digest)
        before = parts.spool.noted("config")
        ended = parts.spool.noted("ended") or "never_began"
        detail = {"config": digest, "ended": ended, "software": parts.reporter.identity.software}
        parts.recorder.put(events(parts.devices, "boot", {**detail}))
        if before and before != digest:
            parts.recorder.put(
                events(parts.devices, "config_change", {"from": before, "to": digest})
            )
        parts.spool.note("config", digest)
        parts.spool.note("ended", "interrupted")

    def _start_line(self, line: PolledLine) -> "asyncio.Task[None]":
        parts = self.parts
        if line.devices[0].config.window is not None:
            run = self._row_reader(line).run
        else:
            run = LinePoller(
                line.config,
                line.devices,
                source=line.source,
                sink=parts.recorder,
                clock=parts.clock,
            ).run

        def failed(error: Exception) -> None:
            detail = {"error": type(error).__name__, "line": line.config.name}
            parts.recorder.put(events(line.devices, "task_restart", {**detail}))

        return asyncio.create_task(supervise(f"line {line.config.name}", run, on_failure=failed))

    def _start_background(self) -> "list[asyncio.Task[None]]":
        jobs = {f"uploader {item.config.name}": item.run for item in self._uploaders}
        jobs |= {"watch": self._upkeep.watch, "tidy": self._upkeep.tidy}
        return [
            asyncio.create_task(supervise(name, run, on_failure=partial(self._alarm, name)))
            for name, run in jobs.items()
        ]

    def _alarm(self, task: str, error: Exception) -> None:
        """A task of the background failed and begins again: an operator should know."""
        parts = self.parts
        now_ms, detail = to_ms(parts.clock.now()), f"{type(error).__name__}: {error}"
        notes = SpoolNotes(parts.spool)
        work = partial(notes.raise_alarm, "task_restart", task, detail=detail, now_ms=now_ms)
        written = asyncio.ensure_future(parts.thread(work))
        self._alarms.add(written)
        written.add_done_callback(self._alarms.discard)

    async def _end(self, recorder: "asyncio.Task[None]") -> None:
        """The last records of this boot, all on the disk."""
        parts = self.parts
        parts.recorder.put(events(parts.devices, "stop", {}))
        parts.recorder.stop()
        await recorder
        if not parts.recorder.fault:
            await parts.thread(partial(parts.spool.note, "ended", "stopped"))

    async def _delivered(self, *, patient: bool) -> None:
        """Wait until every destination has everything, or has refused it.

        Args:
            patient: Wait as long as there is hope; else two seconds, for the last records.
        """
        deadline_ns = self.parts.clock.monotonic() + GRACE_NS
        for uploader in self._uploaders:
            while not await uploader.drained():
                if patient and (self._stopped.is_set() or self._is_hopeless(uploader)):
                    break
                if not patient and self.parts.clock.monotonic() >= deadline_ns:
                    return
                await asyncio.sleep(DRAINED_S)

    def _is_hopeless(self, uploader: Outlet) -> bool:
        """Whether waiting longer for a destination would not help."""
        standstill = uploader.standstill
        if standstill is None:
            return False
        waited_ns = self.parts.clock.monotonic() - standstill.since_ns
        return standstill.needs_operator or waited_ns >= PATIENCE_NS

    def _require_delivered(self, reached: "Sequence[DestinationStatus]") -> None:
        """Refuse to call it done while a destination lacks something.

        Raises:
            UndeliveredError: One refuses it, or cannot take it.
            SilentNodeError: One gives no answer, and none of them refuses.
        """
        left = [each for each in reached if each.undelivered and not each.waiting]
        if not left:
            return
        standing = [each.standstill for each in self._uploaders if each.standstill]
        refused = any(each.records.refused for each in left)
        silent = standing and not refused and not any(each.answers for each in standing)
        kind = SilentNodeError if silent else UndeliveredError
        raise kind(
            "{field}: {count} records are not delivered; {detail}",
            field="--drain",
            count=sum(each.undelivered for each in left),
            detail="; ".join(f"{each.name}: {each.trouble}" for each in left),
            remedy="they are kept in the spool; mend what the destination says and run the"
            " command again",
        )

    async def _close(self) -> None:
        await self._upkeep.tidy_once(running=False)
        self.parts.thread.close()
        self.parts.spool.close()


async def _cancel(tasks: "Sequence[asyncio.Task[None]]") -> None:
    """Cancel until they are done: ``wait_for`` of Python 3.11 can swallow a cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_S)
    await asyncio.gather(*tasks, return_exceptions=True)


def _ignore(_: SeenHead) -> None:
    """Heads of further destinations are not named in records."""
