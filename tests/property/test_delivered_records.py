"""Records read together are what they are one by one, and nothing passes that would not by itself."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import metering_samples as samples
from support.record_strategies import EVENTS, READINGS

from trace_node.errors import TraceNodeError
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.delivered import Columns, Delivered, Point, read_together
from trace_node.metering.records.event import build_event
from trace_node.metering.records.reading import build_reading

RAW_READINGS = READINGS.map(build_reading)
RAW_RECORDS = st.lists(RAW_READINGS | EVENTS.map(build_event), min_size=1, max_size=8)


def one_by_one(records: Sequence[bytes]) -> list[ChainedRecord] | None:
    try:
        return [read_chained(raw) for raw in records]
    except TraceNodeError:
        return None


def require_same(together: Delivered, records: Sequence[ChainedRecord]) -> None:
    assert together == Delivered(
        columns=Columns.of(records),
        boots={record.boot for record in records},
        contexts={record.context for record in records},
        points={
            Point(
                record.device,
                record.meter_register,
                record.unit,
                None if record.value_scaled is None else record.scale,
            )
            for record in records
        },
        collected_ms={record.collected_at_ms for record in records},
        observed_ms={record.observed_at_ms for record in records},
    )


@given(RAW_RECORDS, RAW_READINGS, st.integers(0, 8))
def test_sound_records_are_read_together(records: list[bytes], reading: bytes, place: int) -> None:
    records.insert(place, reading)
    together = read_together(records)
    assert together is not None
    require_same(together, [read_chained(raw) for raw in records])


@given(RAW_RECORDS, st.data())
def test_a_damaged_record_never_passes(records: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(records) - 1))
    raw = records[place]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 4)))
    pieces = [b"", b"0", b"-", b"null", b'"', b"\n", b"\r", b" ", b"\xc3\xa9", b"\x85", raw]
    piece = data.draw(st.sampled_from(pieces))
    records[place] = raw[:start] + piece + raw[end:]
    together, expected = read_together(records), one_by_one(records)
    if together is not None:
        assert expected is not None
        require_same(together, expected)


READING = samples.plain(samples.reading_fields())
FAILED = samples.plain(samples.failed_reading_fields())
EVENT = samples.plain(samples.event_fields())


def test_readings_and_events_keep_their_places() -> None:
    together = read_together([EVENT, READING, EVENT, FAILED, EVENT])
    assert together is not None
    require_same(together, [read_chained(raw) for raw in (EVENT, READING, EVENT, FAILED, EVENT)])
    assert together.columns.types == [
        *("event@1", "reading@1", "event@1", "reading@1", "event@1"),
    ]


@pytest.mark.parametrize("events", [(), (0,), (255, 256, 600), range(200, 600), range(700)])
def test_many_records_keep_their_places(events: Sequence[int]) -> None:
    """They are read in pieces, which nobody sees; some of these have nothing but events."""
    records = [
        build_reading(samples.reading(device=f"meter-{place % 7}", seq=place))
        for place in range(700)
    ]
    for place in events:
        records[place] = EVENT
    together = read_together(records)
    assert together is not None
    require_same(together, [read_chained(raw) for raw in records])
    assert read_together([*records, READING + b"\n"]) is None
    assert read_together([READING.replace(b'"kWh"', b'"horse"'), *records]) is None


@pytest.mark.parametrize(
    "records",
    [
        [READING, READING + b"\n"],
        [READING, b"\n" + READING],
        [READING + b"\n" + READING],
        # as many lines as records, and each line would be a reading
        [READING + b"\n" + READING, b"\n"],
        [READING.replace(b"-11-21T", b"-02-30T")],
        [READING.replace(b"T03:", b"T24:")],
        [READING.replace(b'"kWh"', b'"horse"')],
        [READING.replace(b'"seq":1', b'"seq":9007199254740992')],
        [READING.replace(b'"12345.67"', b'"-0.00"')],
        [READING.replace(b'"12345.67"', b'"1234567890123456.789"')],
        [READING.replace(b'"12345.67"', b"null")],
        [FAILED.replace(b'"value":null', b'"value":"1.00"')],
        [READING, EVENT.replace(b"event@1", b"event@2")],
    ],
)
def test_what_breaks_a_rule_is_left_to_the_reader_of_one(records: list[bytes]) -> None:
    assert read_together([READING, FAILED]) is not None
    assert read_together(records) is None


def test_the_oldest_and_newest_of_each_device() -> None:
    columns = Columns(
        types=["reading@1"] * 6, devices=["b", "a", "b", "a", "b", "c"], seqs=[7, 3, 5, 4, 9, 0]
    )
    assert list(columns.oldest().items()) == [("b", 5), ("a", 3), ("c", 0)]
    assert columns.newest() == {"b": 4, "a": 3, "c": 5}
    assert not columns.has_repeats()
    columns.seqs[2] = 7
    assert columns.has_repeats()
