"""Records: what is built is read back, one content has one form, and no change of a byte goes unseen."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from support import metering_samples as samples
from support.record_strategies import (
    CODES,
    COUNTS,
    DETAILS,
    DIGESTS,
    EVENTS,
    NAMES,
    READINGS,
    SALTS,
    TIMES,
)

from trace_node.canonical_json import encode
from trace_node.crypto import signed_record
from trace_node.errors import TraceNodeError
from trace_node.metering.meter import Meter
from trace_node.metering.records.chained import chained_of, read_chained
from trace_node.metering.records.context import Context, SeenHead, build_context
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
)
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event, build_event
from trace_node.metering.records.finding import build_finding
from trace_node.metering.records.parse import Record, parse_record
from trace_node.metering.records.reading import Reading, build_reading, reading_to_fields
from trace_node.metering.records.wire import WireDelivery, decode_delivery, encode_delivery

HEADS = st.builds(
    SeenHead,
    origin=st.just(samples.ORIGIN),
    size=st.integers(min_value=1, max_value=2**53 - 1),
    root=DIGESTS,
)
CONTEXTS = st.builds(
    Context,
    salt=SALTS,
    organisation=NAMES,
    collector=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    boot=SALTS,
    config=DIGESTS,
    software=st.from_regex(r"[!-~]{1,64}", fullmatch=True),
    created_at=TIMES,
    head=st.none() | HEADS,
)
EXAMPLES = {
    name: samples.plain(fields) if signer is None else samples.signed(fields, signer)
    for name, (fields, signer) in samples.EXAMPLES.items()
}


@given(READINGS)
def test_a_reading_is_read_back_by_both_readers(reading: Reading) -> None:
    raw = build_reading(reading)
    assert raw == encode(reading_to_fields(reading))
    parsed = parse_record(raw)
    assert parsed == reading
    assert isinstance(parsed, Reading)
    assert str(parsed.value) == str(reading.value) or f"{reading.value:f}" == f"{parsed.value:f}"
    assert read_chained(raw) == chained_of(reading)


@given(EVENTS)
def test_an_event_is_read_back_by_both_readers(event: Event) -> None:
    raw = build_event(event)
    assert parse_record(raw) == event
    assert read_chained(raw) == chained_of(event)


@given(CONTEXTS)
def test_a_context_is_read_back(context: Context) -> None:
    assert parse_record(build_context(context)) == context


@given(
    st.lists(COUNTS, max_size=20, unique=True), COUNTS, st.integers(0, 1000), DETAILS, CODES, NAMES
)
def test_a_finding_is_read_back(  # noqa: PLR0917 (hypothesis hands them in by position)
    subjects: list[int], seq: int, length: int, detail: dict, code: str, device: str
) -> None:
    finding = samples.finding(
        subjects=tuple(sorted(subjects)),
        seq_from=min(seq, 2**53 - 1001),
        seq_to=min(seq, 2**53 - 1001) + length,
        detail=detail,
        finding=code,
        device=device,
    )
    assert parse_record(build_finding(finding, signer=samples.key("node"))) == finding


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), NAMES, TIMES)
def test_a_device_registration_is_read_back(
    names: list[str], device: str, valid_from: datetime
) -> None:
    registration = DeviceRegistration(
        salt=samples.salt(0),
        origin=samples.ORIGIN,
        meter=Meter(
            device=device,
            serial="1",
            kind="meter",
            meter_registers=tuple(samples.meter_register(name=name) for name in names),
            valid_from=valid_from,
        ),
        signed_by=samples.key_id("device-ca"),
    )
    raw = build_device_registration(registration, signer=samples.key("device-ca"))
    assert parse_record(raw) == registration


def parsed_or_none(raw: bytes) -> Record | None:
    try:
        return parse_record(raw)
    except TraceNodeError:
        return None


def chained_or_none(raw: bytes) -> object:
    try:
        return read_chained(raw)
    except TraceNodeError:
        return None


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_a_changed_byte_is_refused_or_says_something_else(name: str, data: st.DataObject) -> None:
    raw = EXAMPLES[name]
    position = data.draw(st.integers(0, len(raw) - 1))
    change = data.draw(st.integers(1, 255))
    changed = raw[:position] + bytes([raw[position] ^ change]) + raw[position + 1 :]
    assert record_digest(changed) != record_digest(raw)
    found = parsed_or_none(changed)
    _, signer = samples.EXAMPLES[name]
    if signer is None:
        assert found != parse_record(raw)
    else:
        try:
            signed_record.verify(changed, samples.key(signer).public)
        except TraceNodeError:
            return
        raise AssertionError(changed)


def test_every_single_bit_of_a_reading_counts() -> None:
    raw = EXAMPLES["reading"]
    original = parse_record(raw)
    accepted = 0
    for position in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[position] ^= 1 << bit
            found = parsed_or_none(bytes(changed))
            assert found != original
            fast = chained_or_none(bytes(changed))
            assert (fast is None) == (found is None)
            if isinstance(found, Reading):
                accepted += 1
                assert fast == chained_of(found)
    # Digits, digests and names have other permitted values; the form has none.
    assert 0 < accepted < 8 * len(raw) // 3


@given(READINGS, st.data())
def test_both_readers_agree_on_damaged_readings(reading: Reading, data: st.DataObject) -> None:
    raw = build_reading(reading)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 4)))
    piece = data.draw(st.sampled_from([b"", b"0", b"-", b"null", b'"', b",", b" ", b"\xc3\xa9"]))
    damaged = raw[:start] + piece + raw[end:]
    found = parsed_or_none(damaged)
    assert chained_or_none(damaged) == (None if found is None else chained_of(found))


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_else(raw: bytes) -> None:
    parsed_or_none(raw)
    chained_or_none(raw)
    try:
        decode_delivery(raw)
    except TraceNodeError:
        return


@given(
    st.binary(min_size=1, max_size=300),
    st.binary(min_size=1, max_size=300),
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20),
)
def test_a_delivery_is_framed_and_cut_again(
    delivery: bytes, context: bytes, records: list[bytes]
) -> None:
    body = encode_delivery(delivery=delivery, context=context, records=records)
    assert decode_delivery(body) == WireDelivery(
        delivery=delivery, context=context, records=tuple(records)
    )
    assert len(body) == sum(map(len, [delivery, context, *records])) + 2 * (len(records) + 2)
