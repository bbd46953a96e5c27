"""Signed batches of 1,000 readings to committed leaves, in one process: no HTTP, everything else."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deliveries import enrol_meters, prepare
from measuring import Bench, Figure
from support.node_process import make_home

from api.home import Home
from api.periodic import Periodic
from api.settings import Settings, load
from api.wiring.board import library_of
from api.wiring.intake import Intake, identity_of, make_intake
from api.wiring.record_reader import record_reader
from trace_node.clock import SystemClock
from trace_node.crypto import keys
from trace_node.services.group_commit import GroupCommit
from trace_node.services.project import Projector
from trace_node.store.sql_store import create_store

COUNT = 1_000
FLOOR = 50_000
OUTSTANDING = 8  # deliveries handed in and not acknowledged, as of a few collectors


def run(bench: Bench) -> list[Figure]:
    """Measure without projections, then with projections that follow meanwhile."""
    home = make_home(bench.new_folder("home") / "home")
    enrol_meters(home)
    (files,) = prepare(bench, home, (bench.amount(200, 2), COUNT))
    bodies = [path.read_bytes() for path in files]
    alone = bench.repeat(lambda: _rate(bench, home, bodies))
    followed = [_followed(bench, home, bodies) for _ in range(bench.times)]
    note = f"{len(bodies)} deliveries of {COUNT}, SQLite FULL, 2 threads and a reader"
    return [
        Figure(
            name="batch ingest, in process",
            unit="readings/s",
            runs=alone,
            at_least=FLOOR,
            note=note,
        ),
        Figure(
            name="the same while projections follow",
            unit="readings/s",
            runs=[rate for rate, _, _ in followed],
            note="they share the interpreter",
        ),
        Figure(
            name="lag of the projections when the last batch is committed",
            unit="entries",
            runs=[lag for _, lag, _ in followed],
        ),
        Figure(
            name="projections alone, catching up",
            unit="entries/s",
            runs=[lag / seconds for _, lag, seconds in followed if lag],
        ),
    ]


@contextmanager
def _intake(bench: Bench, home: Path) -> Iterator[tuple[Intake, Projector]]:
    """A new log with its intake, put together as the node does it."""
    settings: Settings = load(home=home)
    folder, clock = bench.new_folder("store"), SystemClock()
    store = create_store(
        f"sqlite:///{folder / 'node.db'}", identity=identity_of(settings), clock=clock
    )
    writer = GroupCommit(store)
    try:
        node_key = keys.load(Home(home).node_key, settings.secret())
        with record_reader() as read:
            intake = make_intake(
                settings,
                Home(home),
                store=store,
                writer=writer,
                node_key=node_key,
                is_anchored=lambda _head: None,
                library=library_of(Home(home), clock=clock),
                clock=clock,
                read=read,
            )
            projector = Projector(
                store=store,
                writer=writer,
                book=intake.book,
                signer=node_key,
                clock=clock,
                precedence=intake.precedence,
            )
            yield intake, projector
    finally:
        writer.close()
        store.close()


def _rate(bench: Bench, home: Path, bodies: Sequence[bytes]) -> float:
    with _intake(bench, home) as (intake, _):
        return _deliver(intake, bodies)


def _followed(bench: Bench, home: Path, bodies: Sequence[bytes]) -> tuple[float, float, float]:
    """Rate, entries that were not projected at the end, seconds until they were."""
    with _intake(bench, home) as (intake, projector):
        follower = Periodic(
            name="project", verb=projector.catch_up, interval=1, on_stop=projector.close
        )
        follower.start()
        rate = _deliver(intake, bodies)
        lag = projector.lag()
        follower.stop()
        left = projector.lag()
        began = time.perf_counter()
        done = 0
        while more := projector.project_once():
            done += more
        seconds = time.perf_counter() - began
        behind = left.size - left.next_index
        return (
            rate,
            lag.size - lag.next_index,
            seconds * (lag.size - lag.next_index) / max(behind, 1),
        )


def _deliver(intake: Intake, bodies: Sequence[bytes]) -> float:
    """Readings a second from the first body in hand to the last commit."""
    waiting = deque()
    began = time.perf_counter()
    for body in bodies:
        if len(waiting) == OUTSTANDING:
            waiting.popleft().result()
        waiting.append(intake.deliver(body))
    for queued in waiting:
        queued.result()
    return len(bodies) * COUNT / (time.perf_counter() - began)
