"""A stored roll-up goes on as if nothing had happened, or says that it cannot."""

import json

import pytest
from support import metering_samples as samples

from trace_node.errors import InputError
from trace_node.metering.errors import SeriesError
from trace_node.metering.rollup import DEFAULT_KINDS, RollUp
from trace_node.metering.rollup_state import load_rollup, save_rollup
from trace_node.metering.series import Restart, Sample
from trace_node.period import PeriodKind

REGISTER = samples.meter_register(interval_s=900, max_rate=None)


def running() -> RollUp:
    rollup = RollUp(REGISTER)
    for step in range(30):
        rollup.add(Sample(at_ms=step * 900_000 + 7, value=step * 10**15, digest=bytes([step]) * 32))
    return rollup


def test_the_state_is_small_and_the_same_each_time() -> None:
    raw = save_rollup(running())
    assert raw == save_rollup(running())
    assert len(raw) < 2048
    loaded = load_rollup(raw, meter_register=REGISTER, kinds=DEFAULT_KINDS)
    assert save_rollup(loaded) == raw
    assert loaded.provisional() == running().provisional()


def test_an_empty_roll_up_and_a_pending_conflict_are_kept() -> None:
    empty = RollUp(REGISTER)
    assert (
        load_rollup(save_rollup(empty), meter_register=REGISTER, kinds=DEFAULT_KINDS).provisional()
        == []
    )
    empty.add(Sample(at_ms=0, value=None, digest=b"d"))
    loaded = load_rollup(save_rollup(empty), meter_register=REGISTER, kinds=DEFAULT_KINDS)
    loaded.add(Sample(at_ms=0, value=5, digest=b"d"))
    assert "conflict" in loaded.provisional()[0].flags


def test_a_counter_after_a_restart_is_kept() -> None:
    rollup = running()
    rollup.add(Restart(at_ms=30 * 900_000, end=29 * 10**15, start=0, digest=b"e"))
    loaded = load_rollup(save_rollup(rollup), meter_register=REGISTER, kinds=DEFAULT_KINDS)
    assert loaded.counter == rollup.counter
    assert loaded.counter is not None
    assert loaded.counter.restarted


def test_another_description_or_choice_does_not_take_it_up() -> None:
    raw = save_rollup(running())
    with pytest.raises(SeriesError) as caught:
        load_rollup(raw, meter_register=samples.meter_register(interval_s=60), kinds=DEFAULT_KINDS)
    assert (caught.value.reason, caught.value.field) == ("series.state", "meter_register")
    with pytest.raises(SeriesError) as caught:
        load_rollup(raw, meter_register=REGISTER, kinds=[PeriodKind.DAY])
    assert caught.value.field == "kinds"


@pytest.mark.parametrize(
    "change",
    [
        {"type": "rollup-state@2"},
        {"running": 5},
        {"running": "five"},
        {"running": None},
        {"counter": []},
        {"counter": {"at_ms": "1"}},
        {"open": []},
        {"open": {"week": {}}},
        {"open": {"day": {}}},
        {"pending": "conflict"},
        {"pending": [1]},
    ],
)
def test_a_damaged_state_is_refused(change: dict[str, object]) -> None:
    state = json.loads(save_rollup(running())) | change
    with pytest.raises(InputError) as caught:
        load_rollup(samples.plain(state), meter_register=REGISTER, kinds=DEFAULT_KINDS)
    assert caught.value.reason == "series.state"


def test_a_state_that_lacks_a_member_is_refused() -> None:
    for name in json.loads(save_rollup(running())):
        state = {k: v for k, v in json.loads(save_rollup(running())).items() if k != name}
        with pytest.raises(SeriesError):
            load_rollup(samples.plain(state), meter_register=REGISTER, kinds=DEFAULT_KINDS)
