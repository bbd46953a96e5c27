"""Every record type: what is built, what is read back, and what is refused with which code."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import metering_samples as samples

from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import InputError, TooLargeError, TraceNodeError
from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.context import Context, build_context, parse_context
from trace_node.metering.records.delivery import Delivery, build_delivery, parse_delivery
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
    parse_device_registration,
)
from trace_node.metering.records.digests import exchange_digest, record_digest
from trace_node.metering.records.event import Event, build_event, parse_event
from trace_node.metering.records.finding import Finding, build_finding, parse_finding
from trace_node.metering.records.key_registration import (
    KeyRegistration,
    build_key_registration,
    parse_key_registration,
)
from trace_node.metering.records.key_revocation import (
    KEY_REVOCATION,
    KeyRevocation,
    build_key_revocation,
    key_revocation_from_fields,
)
from trace_node.metering.records.parse import RECORD_TYPES, parse_record
from trace_node.metering.records.reading import Reading, build_reading, parse_reading
from trace_node.metering.records.received import Received, build_received, parse_received
from trace_node.record.errors import RecordError, RecordVersionError
from trace_node.record.signing import open_signed

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "records"
ACCEPTED = json.loads((VECTORS / "accepted.json").read_text(encoding="utf-8"))
REFUSED = json.loads((VECTORS / "refused.json").read_text(encoding="utf-8"))

CLASSES = {
    "context": (Context, samples.context()),
    "event": (Event, samples.event()),
    "reading": (Reading, samples.reading()),
    "reading that failed": (Reading, samples.failed_reading()),
    "delivery": (Delivery, samples.delivery()),
    "received": (Received, samples.received()),
    "finding": (Finding, samples.finding()),
    "key registration": (KeyRegistration, samples.key_registration()),
    "key replacement": (KeyRegistration, samples.key_replacement()),
    "key revocation": (KeyRevocation, samples.key_revocation()),
    "device registration": (DeviceRegistration, samples.device_registration()),
}
BUILDERS = {
    "context": build_context,
    "event": build_event,
    "reading": build_reading,
    "reading that failed": build_reading,
    "delivery": build_delivery,
    "received": build_received,
    "finding": build_finding,
    "key registration": build_key_registration,
    "key replacement": build_key_registration,
    "key revocation": build_key_revocation,
    "device registration": build_device_registration,
}


def parse_key_revocation(raw: bytes) -> KeyRevocation:
    fields, signed_by = open_signed(raw, KEY_REVOCATION)
    return key_revocation_from_fields(fields, signed_by=signed_by)


PARSERS = {
    Context: parse_context,
    Event: parse_event,
    Reading: parse_reading,
    Delivery: parse_delivery,
    Received: parse_received,
    Finding: parse_finding,
    KeyRegistration: parse_key_registration,
    KeyRevocation: parse_key_revocation,
    DeviceRegistration: parse_device_registration,
}


def test_every_type_has_a_vector() -> None:
    assert {json.loads(case["record"])["type"] for case in ACCEPTED} == RECORD_TYPES
    assert {case["name"] for case in ACCEPTED} == set(CLASSES) == set(BUILDERS)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_accepted_record_is_read_as_what_it_says(case: dict[str, str]) -> None:
    raw = case["record"].encode()
    record_class, expected = CLASSES[case["name"]]
    assert parse_record(raw) == expected
    assert PARSERS[record_class](raw) == expected
    assert record_digest(raw).hex() == case["digest"]


@pytest.mark.parametrize(
    "case",
    [case for case in ACCEPTED if "public_key" in case],
    ids=lambda case: case["name"],
)
def test_accepted_signature_verifies_and_breaks_with_any_member(case: dict[str, str]) -> None:
    public = PublicKey.from_point(bytes.fromhex(case["public_key"]))
    signed_record.verify(case["record"].encode(), public)
    fields = json.loads(case["record"])
    for name in fields.keys() - {"signature"}:
        with pytest.raises(SignatureError):
            signed_record.verify(samples.plain(fields | {name: "other"}), public)


@pytest.mark.parametrize("name", BUILDERS)
def test_builder_writes_the_bytes_put_together_by_hand(name: str) -> None:
    fields, signer = samples.EXAMPLES[name]
    record = CLASSES[name][1]
    if signer is None:
        assert BUILDERS[name](record) == samples.plain(fields)
        return
    raw = BUILDERS[name](record, signer=samples.key(signer))
    built = json.loads(raw)
    assert samples.plain(built) == raw
    assert samples.plain({k: v for k, v in built.items() if k != "signature"}) == samples.plain(
        fields
    )
    signed_record.verify(raw, samples.key(signer).public)
    assert parse_record(raw) == record


@pytest.mark.parametrize("name", [name for name, (_, key) in samples.EXAMPLES.items() if key])
def test_builder_refuses_another_key_than_the_record_names(name: str) -> None:
    with pytest.raises(RecordError) as caught:
        BUILDERS[name](CLASSES[name][1], signer=samples.key("somebody else"))
    assert caught.value.reason == "record.signer"


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_broken_record_is_refused_for_its_own_reason(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        parse_record(case["record"].encode("latin-1"))
    assert caught.value.reason == case["reason"]
    assert caught.value.message


@pytest.mark.parametrize(
    "case",
    [case for case in REFUSED if case["name"].startswith(("reading", "event"))],
    ids=lambda case: case["name"],
)
def test_the_fast_reader_refuses_the_same(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        read_chained(case["record"].encode("latin-1"))
    # It reads two types only, so that for it every other type is a version it does not know.
    expected = {"record.type": "record.version"}.get(case["reason"], case["reason"])
    assert caught.value.reason == expected


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_a_refusal_of_a_field_names_field_and_remedy(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        parse_record(case["record"].encode("latin-1"))
    if isinstance(caught.value, RecordError):
        assert caught.value.field
        assert caught.value.remedy


def test_a_record_over_the_bound_is_not_parsed() -> None:
    with pytest.raises(TooLargeError):
        parse_record(b"{" * 65_536)
    with pytest.raises(TooLargeError):
        read_chained(b"{" * 65_536)


def test_the_refused_vectors_tell_many_reasons_apart() -> None:
    assert len({case["reason"] for case in REFUSED}) >= 50


@pytest.mark.parametrize("parser", PARSERS.values(), ids=lambda parser: parser.__name__)
def test_a_parser_refuses_the_other_types(parser: Callable[[bytes], object]) -> None:
    fitting = [cls for cls, its_parser in PARSERS.items() if its_parser is parser]
    for case in ACCEPTED:
        if CLASSES[case["name"]][0] in fitting:
            assert isinstance(parser(case["record"].encode()), fitting[0])
            continue
        with pytest.raises(RecordVersionError) as caught:
            parser(case["record"].encode())
        assert caught.value.field == "type"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit": "furlong"}, "unit"),
        ({"unit": 'kWh","x":"'}, "unit"),
        ({"device": 'a","boot":"b'}, "device"),
        ({"device": "é"}, "device"),
        ({"seq": -1}, "seq"),
        ({"seq": True}, "seq"),
        ({"boot": bytes(15)}, "boot"),
        ({"prev": bytes(31)}, "prev"),
        ({"salt": b""}, "salt"),
        ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("-0.00")}, "value"),
        ({"value": Decimal("1E-10")}, "value"),
        ({"value": 1.5}, "value"),
        ({"value": None}, "value"),
        ({"reason": "timeout"}, "value"),
        ({"observed_at": datetime(2026, 1, 1)}, "observed_at"),  # noqa: DTZ001 (naive on purpose)
        ({"collected_at": samples.instant("2026-11-21T03:10:00.123456Z")}, "collected_at"),
    ],
)
def test_the_builder_of_readings_refuses_what_the_parser_would(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(RecordError) as caught:
        build_reading(samples.reading(**changes))
    assert caught.value.field == field


def test_a_value_keeps_all_its_decimals() -> None:
    raw = build_reading(samples.reading(value=Decimal("1250.00")))
    assert b'"value":"1250.00"' in raw
    assert str(parse_reading(raw).value) == "1250.00"


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    local = samples.instant("2026-11-21T11:10:00.000+08:00")
    assert build_reading(samples.reading(observed_at=local)) == samples.plain(
        samples.reading_fields()
    )


def test_a_detail_that_would_not_fit_is_refused() -> None:
    with pytest.raises(TooLargeError):
        build_event(samples.event(detail={"text": "x" * 65_536}))
    with pytest.raises(TraceNodeError):
        build_event(samples.event(detail={"fraction": 0.5}))


def test_the_exchange_digest_is_salted_and_separated() -> None:
    exchange, nonce = samples.EXCHANGE, bytes(16)
    assert exchange_digest(exchange, nonce=nonce) == samples.RAW_DIGEST
    assert exchange_digest(exchange, nonce=bytes([1] * 16)) != samples.RAW_DIGEST
    with pytest.raises(InputError):
        exchange_digest(exchange, nonce=b"short")


def test_a_key_registration_shows_the_id_of_its_key() -> None:
    record = parse_key_registration(
        build_key_registration(samples.key_registration(), signer=samples.key("device-ca"))
    )
    assert record.key.key_id == samples.key_id("node")
    assert record.valid_to - record.valid_from > timedelta(days=1)
