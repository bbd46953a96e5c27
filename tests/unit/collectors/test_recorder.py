"""The recorder: groups, durability, a disk that refuses, a spool that runs full."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest
from support.spool_parts import builder, event, new_key, open_spool, reading

from collectors.runtime.config import Priority
from collectors.runtime.recorder import Bounds, Level, Recorder, SpoolThread
from collectors.runtime.spool import Batch, Spool
from trace_node.clock import SystemClock
from trace_node.metering.records.context import SeenHead, parse_context
from trace_node.metering.records.event import parse_event
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import parse_reading

KEY = new_key()
WIDE = Bounds(most_bytes=2**40, high_percent=80, least_free=0)


class Desk:
    """A recorder on a spool of its own."""

    def __init__(self, folder: Path, bounds: Bounds = WIDE) -> None:
        self.spool: Spool = open_spool(folder, KEY)
        self.thread = SpoolThread()
        self.batches: list[Batch] = []
        self.levels: list[tuple[Level, Level]] = []
        self.bounds = bounds

    def run(self, scenario: Callable[[Recorder], Coroutine], *, delay: float = 0.01) -> None:
        async def work() -> None:
            recorder = Recorder(
                self.spool,
                thread=self.thread,
                builder=builder(self.spool, KEY),
                bounds=self.bounds,
                clock=SystemClock(),
                delay=delay,
                on_level=self.on_level,
            )
            task = asyncio.create_task(recorder.run())
            await scenario(recorder)
            recorder.stop()
            await task

        asyncio.run(work())

    def on_level(self, before: Level, after: Level) -> list:
        self.levels.append((before, after))
        return [event(name=f"level_{after.name.lower()}")]

    def bodies(self) -> list[bytes]:
        return [r[0] for r in self.spool.connection.execute("SELECT body FROM records ORDER BY id")]

    def close(self) -> None:
        self.thread.close()
        self.spool.close()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the condition never held")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_what_was_put_is_on_the_disk_after_a_stop(desk: Desk) -> None:
    async def scenario(recorder: Recorder) -> None:
        recorder.put([reading(second=1)])
        await asyncio.sleep(0.05)
        recorder.put([reading(second=2), reading(second=3)])

    desk.run(scenario)
    assert [parse_reading(body).seq for body in desk.bodies()] == [0, 1, 2]


def test_drafts_are_written_in_groups(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    append = Spool.append

    def counting(spool: Spool, batch: Batch) -> None:
        counted.append(len(batch.records))
        append(spool, batch)

    monkeypatch.setattr(Spool, "append", counting)

    async def scenario(recorder: Recorder) -> None:
        for second in range(50):
            recorder.put([reading(second=second)])
            await asyncio.sleep(0)

    desk.run(scenario, delay=5)
    assert counted == [50]


def test_durable_means_on_the_disk_and_does_not_wait_for_company(desk: Desk) -> None:
    async def scenario(recorder: Recorder) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await recorder.put_durably([reading()], rows={"em-1": 4})
        assert loop.time() - started < 2
        found = await desk.thread(desk.bodies)
        assert len(found) == 1

    desk.run(scenario, delay=5)
    assert desk.spool.heads()["em-1"].row == 4


def test_a_disk_that_refuses_gets_the_same_bytes_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[bytes]] = []
    append = Spool.append

    def failing(spool: Spool, batch: Batch) -> None:
        seen.append([record.body for record in batch.records])
        if len(seen) < 3:
            raise sqlite3.OperationalError("database or disk is full")
        append(spool, batch)

    monkeypatch.setattr(Spool, "append", failing)
    monkeypatch.setattr("collectors.runtime.recorder.RETRY_SECONDS", 0.02)

    async def scenario(recorder: Recorder) -> None:
        recorder.put([reading()])
        await until(lambda: "disk is full" in recorder.fault)
        recorder.put([reading()])
        await until(lambda: len(seen) == 4 and not recorder.fault)

    desk.run(scenario)
    assert seen[0] == seen[1] == seen[2]
    assert [parse_reading(body).seq for body in desk.bodies()] == [0, 1]


def test_a_commit_in_doubt_is_not_written_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, calls = Spool.append, []

    def doubtful(spool: Spool, batch: Batch) -> None:
        append(spool, batch)
        calls.append(batch.number)
        if len(calls) == 1:
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Spool, "append", doubtful)
    monkeypatch.setattr("collectors.runtime.recorder.RETRY_SECONDS", 0.01)

    async def scenario(recorder: Recorder) -> None:
        recorder.put([reading()])
        await until(lambda: len(calls) == 2)

    desk.run(scenario)
    assert len(desk.bodies()) == 1


def test_while_the_disk_refuses_the_queue_is_bounded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.runtime.recorder.MOST_QUEUED", 3)

    async def scenario(recorder: Recorder) -> None:
        assert recorder.accepts(Priority.NORMAL)
        recorder.put([reading(), reading(), reading()])
        assert not recorder.accepts(Priority.NORMAL)

    desk.run(scenario, delay=5)


def test_a_full_spool_says_so_and_takes_nothing_but_that(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Bounds(most_bytes=1, high_percent=80, least_free=0))

    async def scenario(recorder: Recorder) -> None:
        recorder.put([reading()])
        await until(lambda: recorder.level is Level.FULL)
        assert not recorder.accepts(Priority.NORMAL)
        desk.bounds = WIDE
        recorder._bounds = WIDE
        await recorder.look_at_level()
        assert recorder.accepts(Priority.LOW)

    desk.run(scenario)
    names = [parse_event(body).event for body in desk.bodies()[1:]]
    assert names == ["level_full", "level_open"]
    assert desk.levels == [(Level.OPEN, Level.FULL), (Level.FULL, Level.OPEN)]
    desk.close()


def test_low_priorities_pause_first() -> None:
    bounds = Bounds(most_bytes=1_000, high_percent=80, least_free=50)
    assert bounds.level(used=799, free=100, now=Level.OPEN) is Level.OPEN
    assert bounds.level(used=800, free=100, now=Level.OPEN) is Level.HIGH
    assert bounds.level(used=1_000, free=100, now=Level.HIGH) is Level.FULL
    assert bounds.level(used=900, free=100, now=Level.FULL) is Level.FULL
    assert bounds.level(used=799, free=100, now=Level.FULL) is Level.OPEN
    assert bounds.level(used=10, free=49, now=Level.OPEN) is Level.FULL


def test_a_newer_head_stands_in_the_records_that_follow(desk: Desk) -> None:
    head = SeenHead(origin="trace-node.local/plant-a/sm3", size=9, root=bytes(range(32)))

    async def scenario(recorder: Recorder) -> None:
        await recorder.put_durably([reading()], rows={})
        recorder.renew_head(head)
        recorder.renew_head(head)
        recorder.put([reading()])

    desk.run(scenario)
    rows = desk.spool.connection.execute("SELECT body FROM contexts ORDER BY id").fetchall()
    assert [parse_context(row[0]).head for row in rows] == [None, head]
    first, second = (parse_record(body) for body in desk.bodies())
    assert first.context != second.context
    assert first.boot == second.boot
