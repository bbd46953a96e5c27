"""Verbs in the background: what ends a round, what ends them all."""

import logging
import threading
from collections.abc import Callable

import pytest
from support.wired import wait_for

from api.periodic import Periodic
from trace_node.errors import StateError, UnavailableError


class Verb:
    """Raises what it is told to, once a round."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.rounds = 0
        self.begun = threading.Event()
        self.going_on: Callable[[], object] = bool

    def __call__(self) -> None:
        self.rounds += 1
        self.begun.set()
        self.going_on()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


def test_a_round_follows_at_once_when_it_is_woken() -> None:
    verb = Verb()
    task = Periodic(name="t", verb=verb, interval=3_600)
    task.start()
    for rounds in (1, 2, 3):
        wait_for(lambda rounds=rounds: verb.rounds == rounds)
        task.wake()
    wait_for(lambda: verb.rounds == 4)
    task.stop()
    assert verb.rounds == 4


def test_what_goes_wrong_is_said_and_the_next_round_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    verb = Verb(UnavailableError("the chain is away"), ZeroDivisionError("oops"), None)
    task = Periodic(name="t", verb=verb, interval=3_600)
    task.start()
    wait_for(lambda: task.note == "the chain is away")
    task.wake()
    wait_for(lambda: task.note == "ZeroDivisionError: oops")
    task.wake()
    wait_for(lambda: verb.rounds == 3 and task.note == "")
    task.stop()
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]


def test_a_contradiction_ends_the_rounds_and_tells_whom_it_concerns() -> None:
    ends: list[StateError] = []
    error = StateError("another history")
    verb = Verb(error)
    task = Periodic(name="t", verb=verb, interval=1, on_end=ends.append)
    task.start()
    wait_for(lambda: ends == [error])
    task.wake()
    task.stop()
    assert verb.rounds == 1
    assert task.note == "another history"


def test_stopping_waits_for_the_round_that_runs() -> None:
    verb = Verb()
    goes_on = threading.Event()
    verb.going_on = lambda: goes_on.wait(10)
    task = Periodic(name="t", verb=verb, interval=3_600)
    task.start()
    assert verb.begun.wait(10)
    stopping = threading.Thread(target=task.stop)
    stopping.start()
    stopping.join(0.05)
    assert stopping.is_alive()
    goes_on.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert verb.rounds == 1


def test_a_long_round_is_told_that_it_should_end() -> None:
    verb = Verb()
    ends = threading.Event()
    verb.going_on = lambda: ends.wait(30)
    task = Periodic(name="t", verb=verb, interval=3_600, on_stop=ends.set)
    task.start()
    assert verb.begun.wait(10)
    task.stop()
    assert ends.is_set()
    assert verb.rounds == 1


def test_one_that_was_never_started_can_be_stopped() -> None:
    Periodic(name="t", verb=Verb(), interval=1).stop()
