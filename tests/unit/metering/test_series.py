"""The order of a series does not depend on the order in which its records came."""

import itertools
from decimal import Decimal

import pytest
from support import metering_samples as samples

from trace_node.metering.series import Restart, Sample, in_order, restart_of
from trace_node.record.errors import RecordError


def sample(at_ms: int, value: int | None, digest: bytes = b"d") -> Sample:
    return Sample(at_ms=at_ms, value=value, digest=digest)


def event(at_ms: int, end: int | None, start: int | None, digest: bytes = b"e") -> Restart:
    return Restart(at_ms=at_ms, end=end, start=start, digest=digest)


def test_items_are_ordered_by_their_instants() -> None:
    items = [sample(0, 1), sample(10, 2), event(15, 2, 0), sample(20, 1)]
    for order in itertools.permutations(items):
        assert in_order(order) == items


def test_samples_of_one_instant_that_agree_are_one() -> None:
    items = [sample(0, 1, b"b"), sample(0, 1, b"a"), sample(0, 1, b"c")]
    for order in itertools.permutations(items):
        assert in_order(order) == [sample(0, 1, b"a")]


def test_samples_of_one_instant_that_differ_have_no_value() -> None:
    items = [sample(0, 1, b"b"), sample(0, 2, b"a"), sample(0, 1, b"c")]
    for order in itertools.permutations(items):
        assert in_order(order) == [sample(0, None, b"a")]


def test_restarts_of_one_instant_keep_what_they_agree_on() -> None:
    items = [event(0, 5, 0, b"b"), event(0, 5, 1, b"a")]
    for order in itertools.permutations(items):
        assert in_order(order) == [event(0, 5, None, b"a")]


@pytest.mark.parametrize(
    ("value", "first"), [(5, "sample"), (0, "restart"), (3, "restart"), (None, "restart")]
)
def test_a_sample_at_the_instant_of_a_restart_is_before_it_if_it_shows_the_end(
    value: int | None, first: str
) -> None:
    found = in_order([sample(0, value), event(0, 5, 0)])
    assert type(found[0]).__name__.lower() == first


def test_an_event_explains_a_restart() -> None:
    meter_register = samples.meter_register()
    for name in ("reset", "replacement"):
        record = samples.event(event=name, detail={"end": "5020.00", "start": "17.50"})
        assert restart_of(record, digest=b"e", meter_register=meter_register) == Restart(
            at_ms=1_795_230_600_000, end=502_000, start=1750, digest=b"e"
        )
    record = samples.event(event="reset", detail={"end": None, "start": None, "why": "test"})
    assert restart_of(record, digest=b"e", meter_register=meter_register).end is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event": "boot", "detail": {"end": None, "start": None}}, "record.event"),
        ({"event": "reset", "detail": {}}, "record.end"),
        ({"event": "reset", "detail": {"end": None}}, "record.start"),
        ({"event": "reset", "detail": {"end": 5020, "start": None}}, "record.end"),
        ({"event": "reset", "detail": {"end": "5020", "start": None}}, "record.end"),
        ({"event": "reset", "detail": {"end": None, "start": "0.000"}}, "record.start"),
    ],
)
def test_an_event_that_says_too_little_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        restart_of(samples.event(**changes), digest=b"e", meter_register=samples.meter_register())
    assert caught.value.reason == reason
    assert caught.value.remedy


def test_the_detail_is_a_decimal_text_of_the_right_scale() -> None:
    meter_register = samples.meter_register(
        scale=0, minimum=Decimal(0), maximum=Decimal(9999), capacity=Decimal(10000)
    )
    record = samples.event(event="reset", detail={"end": "9000", "start": "0"})
    assert restart_of(record, digest=b"e", meter_register=meter_register).end == 9000
