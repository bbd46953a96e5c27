"""Large deliveries are read by another process; a node whose process is gone reads them itself."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from support.builders import Run

from api.wiring import record_reader
from api.wiring.helpers import other_processes
from api.wiring.record_reader import FEWEST, RecordReader
from trace_node.metering.records.wire import decode_delivery
from trace_node.services.delivery_read import ReadRecords, read_here

WAIT_S = 60


class Watched:
    """A reader, and the processes it has begun."""

    def __init__(self) -> None:
        self.begun: list[ProcessPoolExecutor] = []
        self.reader = RecordReader()
        run = Run()
        self.body = run.deliver([run.reading() for _ in range(FEWEST)])
        self.records = decode_delivery(self.body).records

    def begin(self, width: int) -> ProcessPoolExecutor:
        self.begun.append(other_processes(width))
        return self.begun[-1]

    def read(self) -> ReadRecords:
        return self.reader.read(self.body, self.records)

    def read_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> ReadRecords:
        """Read until it is not done here any more."""
        with monkeypatch.context() as patched:
            here: list[int] = []

            def noted(body: bytes, records: tuple[bytes, ...]) -> ReadRecords:
                here.append(len(records))
                return read_here(body, records)

            patched.setattr(record_reader, "read_here", noted)
            deadline = time.monotonic() + WAIT_S
            while time.monotonic() < deadline:
                before = len(here)
                found = self.read()
                if len(here) == before:
                    return found
                time.sleep(0.02)
        raise AssertionError("all were read here")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the newest process."""
        os.kill(self.begun[-1].submit(os.getpid).result(WAIT_S), number)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched()
    monkeypatch.setattr(record_reader, "other_processes", watched.begin)
    yield watched
    watched.reader.close()


def test_what_is_read_does_not_depend_on_where(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_here(watched.body, watched.records)
    assert watched.read() == expected
    assert watched.read_elsewhere(monkeypatch) == expected
    assert len(watched.begun) == 1


def test_small_deliveries_are_read_here(watched: Watched) -> None:
    few = watched.records[: FEWEST - 1]
    assert watched.reader.read(b"", few) == read_here(b"", few)
    assert not watched.begun


def test_a_process_that_ends_is_missed_by_nobody_and_begun_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = watched.read_elsewhere(monkeypatch)
    watched.send(signal.SIGKILL)
    assert watched.read() == expected
    assert watched.read() == expected
    assert len(watched.begun) == 1  # not again and again
    monkeypatch.setattr(record_reader, "PAUSE_S", 0)
    assert watched.read_elsewhere(monkeypatch) == expected
    assert len(watched.begun) == 2


def test_a_process_that_never_began_is_begun_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stillborn(width: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            width, mp_context=get_context("spawn"), initializer=os._exit, initargs=(1,)
        )

    with monkeypatch.context() as patched:
        patched.setattr(record_reader, "other_processes", stillborn)
        expected = watched.read()
        begun = watched.reader._process
        assert begun is not None
        with pytest.raises(BrokenExecutor):
            begun.pid.result(WAIT_S)
    assert watched.read() == expected
    monkeypatch.setattr(record_reader, "PAUSE_S", 0)
    assert watched.read_elsewhere(monkeypatch) == expected


def test_nobody_waits_for_a_process_that_stands_still(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = watched.read_elsewhere(monkeypatch)
    watched.send(signal.SIGSTOP)
    monkeypatch.setattr(record_reader, "PATIENCE_S", 0.2)
    assert watched.read() == expected
    watched.begun[0].shutdown()  # which would wait for it, had it not been ended


def test_a_closed_reader_reads_here(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = watched.read_elsewhere(monkeypatch)
    watched.reader.close()
    monkeypatch.setattr(record_reader, "PAUSE_S", 0)
    assert watched.read() == expected
    assert len(watched.begun) == 1


def test_one_core_has_no_process_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with record_reader.record_reader() as read:
        assert read is read_here
