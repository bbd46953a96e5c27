"""Requests a minute, saved up for a minute at most."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pact import MovableClock

from trace_node.errors import BusyError
from trace_node.services.pact_rate import PactRate


@given(
    st.integers(1, 120),
    st.lists(st.integers(0, 90_000), min_size=1, max_size=200),
)
def test_in_no_minute_more_than_twice_the_rate_is_let_in(a_minute: int, pauses: list[int]) -> None:
    """What was saved up and what came in meanwhile: never more, and after a minute all again."""
    clock = MovableClock()
    rate, let_in, waits = PactRate(a_minute, clock=clock), [], [1]
    for pause in pauses:
        clock.at += timedelta(milliseconds=pause)
        try:
            rate.take("mill")
        except BusyError as error:
            waits.append(error.retry_after)
        else:
            let_in.append(clock.at)
    assert 1 <= min(waits) <= max(waits) <= 60
    for start in let_in:
        within = [each for each in let_in if start <= each < start + timedelta(minutes=1)]
        assert len(within) <= 2 * a_minute
    clock.at += timedelta(minutes=1)
    for _ in range(a_minute):
        rate.take("mill")
    with pytest.raises(BusyError):
        rate.take("mill")
    clock.at += timedelta(minutes=1) / a_minute
    rate.take("mill")
