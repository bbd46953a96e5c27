"""A delivery on the wire: framed, bounded, and nothing left over."""

from dataclasses import replace

import pytest
from support import metering_samples as samples

from trace_node.errors import InputError, TooLargeError
from trace_node.metering.records.wire import (
    MAX_BODY_BYTES,
    WireDelivery,
    decode_delivery,
    encode_delivery,
    require_consistent,
)

CONTEXT = samples.plain(samples.context_fields())
RECORDS = (
    samples.plain(samples.event_fields()),
    samples.plain(samples.reading_fields()),
    samples.plain(samples.failed_reading_fields()),
)
DELIVERY = samples.signed(samples.delivery_fields(), "collector")
WIRE = WireDelivery(delivery=DELIVERY, context=CONTEXT, records=RECORDS)


def body() -> bytes:
    return encode_delivery(delivery=DELIVERY, context=CONTEXT, records=RECORDS)


def test_the_frame_is_a_length_before_each_entry() -> None:
    expected = b"".join(
        bytes([len(entry) >> 8, len(entry) & 255]) + entry
        for entry in (DELIVERY, CONTEXT, *RECORDS)
    )
    assert body() == expected
    assert decode_delivery(expected) == WIRE


def refusal(cut: bytes) -> str:
    with pytest.raises(InputError) as caught:
        require_consistent(samples.delivery(), decode_delivery(cut))
    return caught.value.reason


def test_every_cut_is_refused() -> None:
    whole = body()
    reasons = {refusal(whole[:length]) for length in range(len(whole))}
    assert reasons == {"delivery.wire.cut_off", "delivery.wire.empty", "delivery.count"}


def test_trailing_bytes_are_an_entry_that_is_cut_off() -> None:
    with pytest.raises(InputError) as caught:
        decode_delivery(body() + b"\x00")
    assert caught.value.reason == "delivery.wire.cut_off"
    with pytest.raises(InputError) as caught:
        decode_delivery(body() + b"\x00\x05{}")
    assert caught.value.reason == "delivery.wire.cut_off"
    assert caught.value.field == "entry 5"


@pytest.mark.parametrize("empty", [b"", b"\x00\x01x\x00\x01y"])
def test_a_delivery_without_records_is_refused(empty: bytes) -> None:
    with pytest.raises(InputError) as caught:
        decode_delivery(empty)
    assert caught.value.reason == "delivery.wire.empty"


def test_an_empty_entry_is_refused_on_both_sides() -> None:
    with pytest.raises(InputError) as caught:
        decode_delivery(b"\x00\x01x\x00\x00\x00\x01y")
    assert caught.value.reason == "delivery.wire.empty_entry"
    with pytest.raises(InputError) as caught:
        encode_delivery(delivery=DELIVERY, context=CONTEXT, records=[b""])
    assert caught.value.reason == "delivery.wire.empty_entry"


def test_the_bounds_hold_on_both_sides() -> None:
    with pytest.raises(TooLargeError) as caught:
        decode_delivery(bytes(MAX_BODY_BYTES + 1))
    assert caught.value.reason == "delivery.too_large"
    with pytest.raises(TooLargeError):
        decode_delivery(body(), max_bytes=len(body()) - 1)
    with pytest.raises(TooLargeError):
        encode_delivery(delivery=DELIVERY, context=CONTEXT, records=[b"x" * 65_536])
    with pytest.raises(TooLargeError):
        encode_delivery(delivery=DELIVERY, context=CONTEXT, records=[b"x" * 65_535] * 129)


def test_the_number_of_records_is_bounded() -> None:
    most = b"\x00\x01x" * 4098
    assert len(decode_delivery(most).records) == 4096
    for wrong in (most + b"\x00\x01x", most * 3):
        with pytest.raises(TooLargeError) as caught:
            decode_delivery(wrong)
        assert caught.value.reason == "delivery.too_many"
    with pytest.raises(TooLargeError):
        encode_delivery(delivery=DELIVERY, context=CONTEXT, records=[b"x"] * 4097)


def test_count_and_context_must_be_those_that_were_signed() -> None:
    require_consistent(samples.delivery(), WIRE)
    with pytest.raises(InputError) as caught:
        require_consistent(replace(samples.delivery(), count=2), WIRE)
    assert caught.value.reason == "delivery.count"
    with pytest.raises(InputError) as caught:
        require_consistent(samples.delivery(), replace(WIRE, context=CONTEXT + b" "))
    assert caught.value.reason == "delivery.context"
