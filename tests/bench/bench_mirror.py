"""The ledger's mirror: backfill from events in memory, and what an account with many lots asks."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from ledger_stream import ReadyFollower, Stream, steps_of
from measuring import Bench, Figure
from support.mirror_world import KeptEvidence
from support.stores import database_url

from trace_node.clock import SystemClock
from trace_node.ports.ledger import LedgerStep
from trace_node.quota.ledger.kinds import Place
from trace_node.services.ledger_queries import LedgerQueries
from trace_node.services.mirror import Mirror
from trace_node.store import schema
from trace_node.store.database import Database
from trace_node.store.ledger_mirror import SqlLedgerMirror

EVENTS, FEW = 100_000, 4_000
FLOORS = {"sqlite": 5_000, "postgresql": 10_000}
LOTS = 10_000
MOST_MS = 50


def run(bench: Bench) -> list[Figure]:
    """Measure both engines; PostgreSQL only where its programs are installed."""
    count = bench.amount(EVENTS, FEW)
    steps = steps_of(Stream().contents(), count)
    figures = []
    for engine, floor in FLOORS.items():
        try:
            runs = bench.repeat(lambda engine=engine: _backfill(bench, engine, steps))
        except pytest.skip.Exception as reason:
            print(f"{engine}: {reason}")
            continue
        figures.append(
            Figure(
                name=f"mirror backfill, {engine}",
                unit="events/s",
                runs=[count / seconds for seconds, _ in runs],
                at_least=floor,
                note=f"{count:,} events, 2,000 a step, postings and orders whole; fsync as in service",
            )
        )
        figures.append(
            Figure(
                name=f"CPU of the node for an event, {engine}",
                unit="µs",
                runs=[cpu / count * 1e6 for _, cpu in runs],
            )
        )
    return [*figures, *_queries(bench)]


@contextmanager
def _mirror(bench: Bench, engine: str, steps: list[LedgerStep]) -> Iterator[Mirror]:
    with database_url(engine, bench.new_folder(f"mirror-{engine}")) as url:
        database = Database(url)
        try:
            schema.upgrade(database)
            parts: dict[str, Any] = {"reader": None, "evidence": KeptEvidence()}
            mirror = Mirror(
                mirror=SqlLedgerMirror(database),
                follower=ReadyFollower(steps),
                clock=SystemClock(),
                **parts,
            )
            mirror.join()
            yield mirror
        finally:
            database.close()


def _backfill(bench: Bench, engine: str, steps: list[LedgerStep]) -> tuple[float, float]:
    """Seconds by the clock, and of this process's CPU."""
    with _mirror(bench, engine, steps) as mirror:
        gc.collect()
        gc.freeze()  # the events in memory are not the mirror's
        began, cpu = time.perf_counter(), time.process_time()
        mirror.follow()
        taken = time.perf_counter() - began, time.process_time() - cpu
        gc.unfreeze()
        return taken


def _queries(bench: Bench) -> list[Figure]:
    """Balance, and one page of lots, of an account with 10,000 lots among others."""
    stream = Stream()
    lots = [stream.issue(lot, 7, first=lot, quantity=1) for lot in range(1, LOTS + 1)]
    steps = steps_of(chain(iter(lots)), LOTS)
    with _mirror(bench, "sqlite", steps) as mirror:
        mirror.follow()
        queries = LedgerQueries(mirror=mirror.mirror)
        assert queries.ask(lambda view: view.balances(7)).found[0].balance.registry == LOTS
        balance = [_milliseconds(lambda: queries.ask(lambda view: view.balances(7))) for _ in "123"]
        page = [
            _milliseconds(
                lambda: queries.ask(
                    lambda view: view.lots(7, place=Place.REGISTRY, after=5_000, limit=500)
                )
            )
            for _ in "123"
        ]
    note = f"{LOTS:,} lots, SQLite; median of 200 questions"
    return [
        Figure(name="balance of an account", unit="ms", runs=balance, at_most=MOST_MS, note=note),
        Figure(name="a page of 500 of its lots", unit="ms", runs=page, at_most=MOST_MS),
    ]


def _milliseconds(question: Any) -> float:
    times = []
    for _ in range(200):
        began = time.perf_counter()
        question()
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2] * 1e3
