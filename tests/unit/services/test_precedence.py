"""Who goes first: a projection waits while deliveries are in hand, but never for ever."""

import threading
import time

from trace_node.services.precedence import Precedence

PATIENCE_S = 30


def waiting(precedence: Precedence, *, until: float) -> threading.Thread:
    thread = threading.Thread(target=precedence.give_way, kwargs={"until": until}, daemon=True)
    thread.start()
    return thread


def test_nobody_waits_where_nothing_is_in_hand() -> None:
    Precedence().give_way(until=time.monotonic() + 3_600)


def test_who_gives_way_goes_on_after_the_last_delivery() -> None:
    precedence = Precedence()
    precedence.enter()
    precedence.enter()
    other = waiting(precedence, until=time.monotonic() + 3_600)
    precedence.leave()
    other.join(0.1)
    assert other.is_alive()
    assert precedence.in_hand == 1
    precedence.leave()
    other.join(PATIENCE_S)
    assert not other.is_alive()
    assert precedence.in_hand == 0


def test_a_delivery_that_follows_at_once_is_given_way_too() -> None:
    """A sender that waits for each answer leaves nothing in hand for an instant."""
    precedence = Precedence()
    precedence.enter()
    other = waiting(precedence, until=time.monotonic() + 3_600)
    for _ in range(50):
        precedence.leave()
        precedence.enter()
    other.join(0.1)
    assert other.is_alive()
    precedence.leave()
    other.join(PATIENCE_S)
    assert not other.is_alive()


def test_the_wait_ends_however_many_deliveries_come() -> None:
    precedence = Precedence()
    precedence.enter()
    precedence.give_way(until=time.monotonic() + 0.01)
    assert precedence.in_hand == 1


def test_nobody_waits_for_an_instant_that_has_passed() -> None:
    precedence = Precedence()
    precedence.enter()
    precedence.give_way(until=0.0)


def test_closing_down_ends_every_wait() -> None:
    precedence = Precedence()
    precedence.enter()
    other = waiting(precedence, until=time.monotonic() + 3_600)
    precedence.release()
    other.join(PATIENCE_S)
    assert not other.is_alive()
    precedence.give_way(until=time.monotonic() + 3_600)
