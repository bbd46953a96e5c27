"""The writer: batches what queued, bounds the queue, and survives commits that fail either way.

Shows S0-9.3.3-b.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.builders import Run
from support.plant import plant
from support.soak_size import soak
from support.stores import ENGINES, IDENTITY, OPAQUE_IDENTITY, new_store
from support.usual_engine import USUAL, database_url

from trace_node.errors import BusyError, ConfigError, InputError, TooLargeError, UnavailableError
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck import Fsck
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest, OpaqueJob
from trace_node.services.ingest_errors import CommitUnknownError, LogStoppedError
from trace_node.services.log_tail import Batch
from trace_node.store.sql_store import SqlStore, create_store, open_store
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SHA256

JOBS = 40


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(USUAL, tmp_path, identity=OPAQUE_IDENTITY) as store:
        yield store


@contextmanager
def writing(store: SqlStore, **options: int) -> Iterator[GroupCommit]:
    writer = GroupCommit(store, **options)
    try:
        yield writer
    finally:
        writer.close()


def job(entry: bytes) -> OpaqueJob:
    return OpaqueJob(entries=[entry], leaf_hashes=[SHA256.leaf(entry)])


def bodies(store: SqlStore) -> list[bytes]:
    state = store.reader().state()
    entries = store.reader().entries(0, state.size)
    tree = CompactRange(hasher=SHA256)
    tree.extend(SHA256.leaves(entry.body for entry in entries))
    assert tree.root() == state.root
    return [entry.body for entry in entries]


def test_what_queues_during_a_commit_is_one_commit(store: SqlStore) -> None:
    commits: list[int] = []
    real = SqlStore.unit_of_work

    @contextmanager
    def counted(self: SqlStore) -> Iterator[UnitOfWork]:
        with real(self) as work:
            yield work
        commits.append(self.reader().state().size)

    with writing(store) as writer:
        with store.unit_of_work():  # holds the first commit up
            waiting = [writer.submit(job(b"%d" % place)) for place in range(JOBS)]
            time.sleep(0.05)
            store.unit_of_work = counted.__get__(store)
        assert [done.result(timeout=10) for done in waiting] == list(range(JOBS))
    assert len(commits) <= 2
    assert bodies(store) == [b"%d" % place for place in range(JOBS)]


def test_the_snapshot_is_never_ahead_of_the_disk(store: SqlStore) -> None:
    with writing(store) as writer:
        assert writer.snapshot == store.reader().state()
        seen = writer.submit(job(b"x"))
        seen.result(timeout=10)
        assert writer.snapshot == store.reader().state()
        assert writer.snapshot.size == 1


def test_a_full_queue_says_when_to_come_back(store: SqlStore) -> None:
    with writing(store, capacity=5) as writer:
        with store.unit_of_work():
            waiting = [writer.submit(job(b"first"))]
            while writer.depth:
                time.sleep(0.001)  # until the writer has taken it and waits for the lock
            waiting += [writer.submit(job(b"%d" % place)) for place in range(5)]
            assert writer.depth == 5
            with pytest.raises(BusyError) as refusal:
                writer.submit(job(b"one too many"))
        assert 1 <= refusal.value.retry_after <= 60
        assert refusal.value.reason == "unavailable.busy"
        assert [done.result(timeout=10) for done in waiting] == list(range(6))
        assert writer.submit(job(b"later")).result(timeout=10) == 6


def test_a_job_larger_than_the_queue_is_taken_alone(store: SqlStore) -> None:
    with writing(store, capacity=2) as writer:
        entries = [b"%d" % place for place in range(9)]
        large = OpaqueJob(entries=entries, leaf_hashes=SHA256.leaves(entries))
        assert writer.submit(large).result(timeout=10) == 0
    assert len(bodies(store)) == 9


def test_closing_commits_what_waits(store: SqlStore) -> None:
    writer = GroupCommit(store)
    with store.unit_of_work():
        waiting = [writer.submit(job(b"%d" % place)) for place in range(3)]
        closing = threading.Thread(target=writer.close)
        closing.start()
    closing.join(timeout=10)
    assert [done.result(timeout=1) for done in waiting] == [0, 1, 2]
    with pytest.raises(LogStoppedError):
        writer.submit(job(b"too late"))


def test_a_cancelled_job_is_not_written(store: SqlStore) -> None:
    with writing(store) as writer:
        with store.unit_of_work():
            first = writer.submit(job(b"first"))
            while writer.depth:
                time.sleep(0.001)
            second, third = writer.submit(job(b"second")), writer.submit(job(b"third"))
            assert second.cancel()
        assert (first.result(timeout=10), third.result(timeout=10)) == (0, 1)
    assert bodies(store) == [b"first", b"third"]


def test_it_is_awaited_from_asyncio(store: SqlStore) -> None:
    async def add(writer: GroupCommit) -> list[int]:
        waiting = [asyncio.wrap_future(writer.submit(job(b"%d" % place))) for place in range(9)]
        return await asyncio.gather(*waiting)

    with writing(store) as writer:
        assert asyncio.run(add(writer)) == list(range(9))


@dataclass(frozen=True)
class Refusing:
    """A job that refuses."""

    error: Exception
    weight: int = 1

    def write(self, _batch: Batch) -> int:
        raise self.error


def test_a_refusing_job_does_not_spoil_the_commit(store: SqlStore) -> None:
    with writing(store) as writer:
        with store.unit_of_work():
            good = [writer.submit(job(b"one"))]
            bad = writer.submit(Refusing(InputError("{field}: no", field="x")))
            good.append(writer.submit(job(b"two")))
        assert [done.result(timeout=10) for done in good] == [0, 1]
        with pytest.raises(InputError):
            bad.result(timeout=10)
    assert bodies(store) == [b"one", b"two"]


@pytest.mark.parametrize("error", [RuntimeError("a fault"), UnavailableError("no answer")])
def test_a_fault_undoes_its_commit_and_the_writer_goes_on(
    store: SqlStore, error: Exception
) -> None:
    with writing(store) as writer:
        writer.submit(job(b"before")).result(timeout=10)
        with store.unit_of_work():
            first = writer.submit(job(b"taken"))
            while writer.depth:
                time.sleep(0.001)
            lost = [writer.submit(job(b"lost")), writer.submit(Refusing(error))]
        assert first.result(timeout=10) == 1
        for done in lost:
            with pytest.raises(CommitUnknownError) as refusal:
                done.result(timeout=10)
            assert refusal.value.reason == "ingest.commit"
            assert refusal.value.__cause__ is error
        assert writer.submit(job(b"after")).result(timeout=10) == 2
    assert bodies(store) == [b"before", b"taken", b"after"]


def test_a_stopped_writer_stays_stopped(store: SqlStore) -> None:
    stop = LogStoppedError("rolled back", code="ingest.head")
    with writing(store) as writer:
        with store.unit_of_work():
            done = [writer.submit(job(b"kept")), writer.submit(Refusing(stop))]
            after = writer.submit(job(b"not written"))
        assert done[0].result(timeout=10) == 0
        for refused in (done[1], after):
            with pytest.raises(LogStoppedError):
                refused.result(timeout=10)
        assert writer.stopped is stop
        with pytest.raises(LogStoppedError):
            writer.submit(job(b"not written"))
    assert bodies(store) == [b"kept"]


class FailingCommit:
    """Makes one commit of a store fail, with or without effect."""

    def __init__(self, store: SqlStore, *, takes_effect: bool) -> None:
        self.armed = False
        self._real = store.unit_of_work
        self._takes_effect = takes_effect
        store.unit_of_work = self._unit_of_work

    @contextmanager
    def _unit_of_work(self) -> Iterator[UnitOfWork]:
        if not self.armed:
            with self._real() as work:
                yield work
            return
        self.armed = False
        with self._real() as work:
            yield work
            if not self._takes_effect:
                raise UnavailableError("the connection broke before the commit", code="store")
        raise UnavailableError("the connection broke after the commit", code="store")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_failed_commit_loses_and_doubles_nothing(
    engine: str, takes_effect: bool, tmp_path: Path
) -> None:
    """Whoever was not acknowledged sends again, as a collector does."""
    with new_store(engine, tmp_path) as store, plant(store) as here:
        failing = FailingCommit(store, takes_effect=takes_effect)
        run = Run()
        sent = [run.deliver([run.reading() for _ in range(5)]) for _ in range(6)]
        for place, body in enumerate(sent):
            failing.armed = place in {0, 3}
            if failing.armed:
                with pytest.raises(CommitUnknownError):
                    here.deliver(body)
            assert here.deliver(body).count == 5
        size = 3 + 1 + 6 * (5 + 2)
        assert here.writer.snapshot.size == store.reader().state().size == size
        assert Fsck(store=store).run().is_sound


def test_two_writers_of_one_log_do_not_fork_it(store: SqlStore) -> None:
    """That is not how it is run; but it must not break the log either."""
    waiting: list[Future[int]] = []
    with writing(store) as one, writing(store) as other:
        for place in range(60):
            writer = one if place % 3 else other
            waiting.append(writer.submit(job(b"%d" % place)))
        indexes = [done.result(timeout=20) for done in waiting]
    found = bodies(store)
    assert sorted(indexes) == list(range(60))
    assert [found[index] for index in indexes] == [b"%d" % place for place in range(60)]


class TestOpaque:
    def test_an_entry_is_bounded(self, store: SqlStore) -> None:
        with writing(store) as writer:
            opaque = OpaqueIngest(identity=store.identity, writer=writer)
            assert opaque.add(bytes(65_535)).result(timeout=10) == 0
            with pytest.raises(TooLargeError):
                opaque.add(bytes(65_536))

    def test_entries_together_lie_side_by_side(self, store: SqlStore) -> None:
        with writing(store) as writer:
            opaque = OpaqueIngest(identity=store.identity, writer=writer)
            opaque.add(b"first").result(timeout=10)
            assert opaque.add_together([b"a", b"b"]).result(timeout=10) == 1
        assert bodies(store) == [b"first", b"a", b"b"]

    def test_a_log_of_collectors_takes_none(self, tmp_path: Path) -> None:
        with (
            new_store(USUAL, tmp_path, identity=IDENTITY) as collectors,
            writing(collectors) as writer,
            pytest.raises(ConfigError) as refusal,
        ):
            OpaqueIngest(identity=collectors.identity, writer=writer)
        assert refusal.value.reason == "config.log_profile"


_WORKER = """
import sys
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest
from trace_node.store.sql_store import open_store

store = open_store(sys.argv[1])
opaque = OpaqueIngest(identity=store.identity, writer=GroupCommit(store))
waiting = []
for place in range(1_000_000):
    waiting.append(opaque.add(b"%d" % place))
    if len(waiting) == 50:
        for done in waiting:
            sys.stdout.write(f"{done.result()}\\n")
        sys.stdout.flush()
        waiting = []
"""


@pytest.mark.parametrize(
    "rounds",
    [3, pytest.param(soak(full=100, short=12), marks=[pytest.mark.soak, pytest.mark.timeout(600)])],
)
def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path, rounds: int) -> None:
    with database_url(USUAL, tmp_path) as url:
        create_store(url, identity=OPAQUE_IDENTITY).close()
        _kill_writers(url, rounds)


def _kill_writers(url: str, rounds: int) -> None:
    acknowledged = -1
    for round_number in range(rounds):
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, url],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        )
        assert worker.stdout is not None
        lines = [worker.stdout.readline() for _ in range(100 + 37 * round_number % 200)]
        worker.send_signal(signal.SIGKILL)
        lines += worker.stdout.read().splitlines(keepends=True)
        worker.stdout.close()
        assert worker.wait(timeout=10) == -signal.SIGKILL
        indexes = [int(line) for line in lines if line.endswith("\n")]
        assert indexes == list(range(indexes[0], indexes[0] + len(indexes)))
        assert indexes[0] > acknowledged
        acknowledged = indexes[-1]
        store = open_store(url)
        assert store.reader().state().size > acknowledged
        report = Fsck(store=store).run()
        assert report.is_sound, report.problems
        store.close()
