"""The fast reader reads what the general reader reads, only sooner."""

from decimal import Decimal

import pytest
from support import metering_samples as samples

from trace_node.errors import InputError
from trace_node.metering.records import chained
from trace_node.metering.records.chained import ChainedRecord, chained_of, read_chained
from trace_node.metering.records.event import parse_event
from trace_node.metering.records.reading import build_reading, parse_reading
from trace_node.metering.records.rules import (
    require_not_future,
    require_not_future_ms,
    require_registered,
)
from trace_node.record.errors import RecordError, RecordVersionError


def of(**changes: object) -> ChainedRecord:
    return read_chained(build_reading(samples.reading(**changes)))


def test_a_reading_is_read_into_what_ingest_needs() -> None:
    assert read_chained(samples.plain(samples.reading_fields())) == ChainedRecord(
        type="reading@1",
        device="meter-1",
        boot=samples.BOOT,
        seq=1,
        prev=samples.EVENT_DIGEST,
        context=samples.CONTEXT_DIGEST,
        observed_at_ms=1_795_230_600_000,
        collected_at_ms=1_795_230_600_123,
        meter_register="active_energy",
        unit="kWh",
        value_scaled=1_234_567,
        scale=2,
        reason=None,
        origin="modbus-tcp",
        event=None,
        clock="synchronised",
        observed_by="collector",
    )


def test_a_failed_reading_has_a_reason_and_no_value() -> None:
    record = read_chained(samples.plain(samples.failed_reading_fields()))
    assert (record.value_scaled, record.scale, record.reason) == (None, 0, "timeout")


def test_an_event_is_read_by_the_general_reader() -> None:
    raw = samples.plain(samples.event_fields())
    record = read_chained(raw)
    assert record == chained_of(parse_event(raw))
    assert (record.type, record.event, record.unit) == ("event@1", "boot", None)


@pytest.mark.parametrize(
    ("value", "scaled", "scale"),
    [
        ("0", 0, 0),
        ("0.00", 0, 2),
        ("-0.01", -1, 2),
        ("-12.50", -1250, 2),
        ("999999999999999999", 10**18 - 1, 0),
        ("-999999999.999999999", -(10**18) + 1, 9),
    ],
)
def test_values_are_scaled_exactly(value: str, scaled: int, scale: int) -> None:
    record = of(value=Decimal(value))
    assert (record.value_scaled, record.scale) == (scaled, scale)
    assert record == chained_of(parse_reading(build_reading(samples.reading(value=Decimal(value)))))


def test_readings_do_not_take_the_general_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_raw: bytes) -> ChainedRecord:
        raise AssertionError

    monkeypatch.setattr(chained, "_read_slowly", refuse)
    for fields in (samples.reading_fields(), samples.failed_reading_fields()):
        read_chained(samples.plain(fields))
    read_chained(samples.plain(samples.reading_fields(prev=None, raw=None, seq=2**53 - 1)))


@pytest.mark.parametrize("name", ["context", "delivery", "finding"])
def test_other_records_are_refused(name: str) -> None:
    with pytest.raises(RecordVersionError):
        read_chained(samples.plain(samples.EXAMPLES[name][0]))


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(InputError):
        read_chained(b"\xff\xfe{}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"observed_at": samples.instant("2026-11-21T03:12:00.001Z")}, "observed_at"),
        ({"collected_at": samples.instant("2027-01-01T00:00:00.000Z")}, "collected_at"),
    ],
)
def test_a_time_in_the_future_is_refused(changes: dict[str, object], field: str) -> None:
    now = samples.instant("2026-11-21T03:11:00.000Z")
    now_ms = 1_795_230_660_000
    require_not_future(samples.reading(), now=now)
    require_not_future_ms(of(), now_ms=now_ms)
    edge = samples.instant("2026-11-21T03:12:00.000Z")
    require_not_future(samples.reading(observed_at=edge), now=now)
    require_not_future_ms(of(observed_at=edge), now_ms=now_ms)
    for check in (
        lambda: require_not_future(samples.reading(**changes), now=now),
        lambda: require_not_future_ms(of(**changes), now_ms=now_ms),
    ):
        with pytest.raises(RecordError) as caught:
            check()
        assert (caught.value.reason, caught.value.field) == ("record.future", field)
        assert caught.value.params["ahead_ms"] > 60_000


def test_unit_and_decimals_must_be_those_of_the_registration() -> None:
    meter_register = samples.meter_register()
    require_registered(of(), meter_register)
    require_registered(of(value=None, reason="timeout"), meter_register)
    require_registered(read_chained(samples.plain(samples.event_fields())), meter_register)
    with pytest.raises(RecordError) as caught:
        require_registered(of(unit="MWh"), meter_register)
    assert caught.value.reason == "record.unit"
    with pytest.raises(RecordError) as caught:
        require_registered(of(value=Decimal("12345.670")), meter_register)
    assert caught.value.reason == "record.scale"
