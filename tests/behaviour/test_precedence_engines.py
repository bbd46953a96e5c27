"""Deliveries go before projections, which are never held up for ever and end in order."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, new_store
from support.wired import wait_for

from api.periodic import Periodic
from trace_node.errors import InputError
from trace_node.services import project
from trace_node.services.precedence import Precedence
from trace_node.services.project import Projector

COUNT = 40
PIECE = 10
DAYS = 10**6  # times as long as a piece took


@pytest.fixture
def precedence() -> Precedence:
    return Precedence()


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path, precedence: Precedence) -> Iterator[Plant]:
    with (
        new_store(request.param, tmp_path) as store,
        plant(store, precedence=precedence) as here,
    ):
        yield here


@pytest.fixture
def projector(here: Plant, precedence: Precedence, monkeypatch: pytest.MonkeyPatch) -> Projector:
    monkeypatch.setattr(project, "PIECE", PIECE)
    return Projector(
        store=here.store,
        writer=here.writer,
        signer=key("node"),
        clock=here.clock,
        precedence=precedence,
    )


def shown_lag(here: Plant) -> int:
    return here.store.reader().lags()[0].entries


def test_a_delivery_is_in_hand_until_its_commit(here: Plant, precedence: Precedence) -> None:
    run = Run()
    with here.held_back():
        before = precedence.in_hand  # the one that holds the writer back
        queued = here.ingest.submit(run.deliver([run.reading()]))
        assert precedence.in_hand == before + 1
    queued.result(timeout=30)
    wait_for(lambda: precedence.in_hand == 0)


def test_what_is_refused_is_not_in_hand(here: Plant, precedence: Precedence) -> None:
    with pytest.raises(InputError):
        here.ingest.submit(b"\0\1no delivery")
    assert precedence.in_hand == 0


def test_projections_rest_while_deliveries_are_in_hand(
    here: Plant, projector: Projector, precedence: Precedence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "REST", DAYS)
    here.deliver_records(Run(), COUNT)
    size = here.writer.snapshot.size
    precedence.enter()
    task = Periodic(name="t", verb=projector.catch_up, interval=3_600, on_stop=projector.close)
    task.start()
    wait_for(lambda: projector.lag().next_index == PIECE)  # a first piece is its due
    here.deliver_records(Run(), COUNT)
    assert shown_lag(here) == projector.lag().entries == here.writer.snapshot.size - PIECE
    assert here.writer.snapshot.size > size
    precedence.leave()
    wait_for(lambda: projector.lag().entries < PIECE)
    task.stop()


def test_projections_get_their_share_however_many_deliveries_are_in_hand(
    here: Plant, projector: Projector, precedence: Precedence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "REST", 0.1)
    here.deliver_records(Run(), COUNT)
    precedence.enter()  # and never leaves
    projector.catch_up()
    assert projector.lag().entries < PIECE


def test_closing_down_does_not_wait_for_the_rest_of_the_log(
    here: Plant, projector: Projector, precedence: Precedence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "REST", DAYS)
    here.deliver_records(Run(), COUNT)
    precedence.enter()
    task = Periodic(name="t", verb=projector.catch_up, interval=3_600, on_stop=projector.close)
    task.start()
    wait_for(lambda: projector.lag().next_index == PIECE)
    stopping = threading.Thread(target=task.stop, daemon=True)
    stopping.start()
    stopping.join(30)
    assert not stopping.is_alive()
    assert projector.lag().next_index == PIECE
    there = Projector(store=here.store, writer=here.writer, signer=key("node"), clock=here.clock)
    there.project_once()
    assert shown_lag(here) == 0
