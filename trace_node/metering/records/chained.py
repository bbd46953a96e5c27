"""The fast reader of device-chain records, for ingest.

One regular expression decides form, keys and fields of a reading at once, and no JSON is decoded.
Whatever it does not match goes to the general reader, which accepts the rest (events, whose detail
is free) or says what is wrong. Both accept the same readings.
"""

from typing import Any, NamedTuple

from trace_node.canonical_json import decode_object
from trace_node.metering.records.event import EVENT, Event, event_from_fields
from trace_node.metering.records.form_values import (
    EPOCH,
    MILLISECOND,
    boot_bytes,
    context_bytes,
    digest_bytes,
    milliseconds,
)
from trace_node.metering.records.reading import READING, Reading, reading_from_fields
from trace_node.metering.records.reading_form import READING_FORM, is_plausible
from trace_node.record.fields import require_type
from trace_node.record.writing import scale_of


class ChainedRecord(NamedTuple):
    """What ingest needs of a reading or an event.

    A tuple and not a dataclass, because tens of thousands are made each second.

    Attributes:
        type: ``reading@1`` or ``event@1``.
        device: Name of the device.
        boot: 16 bytes.
        seq: Position in (device, boot).
        prev: 32-byte digest, or None.
        context: 32-byte digest.
        observed_at_ms: Milliseconds since the epoch.
        collected_at_ms: Milliseconds since the epoch.
        meter_register: Its name; None for an event of the whole device.
        unit: Symbol of the unit; None for an event.
        value_scaled: The value's digits as an integer; None without a value.
        scale: Number of decimals: the value is ``value_scaled / 10**scale``; 0 without a value.
        reason: Why there is no value; None with a value and for an event.
        origin: ``modbus-tcp``, ``modbus-rtu``, ``simulator``, ``replay`` or ``manual``.
        event: Code of the event; None for a reading.
        clock: State of the collector's clock.
        observed_by: ``meter`` or ``collector``.
    """

    type: str
    device: str
    boot: bytes
    seq: int
    prev: bytes | None
    context: bytes
    observed_at_ms: int
    collected_at_ms: int
    meter_register: str | None
    unit: str | None
    value_scaled: int | None
    scale: int
    reason: str | None
    origin: str
    event: str | None
    clock: str
    observed_by: str


def read_chained(raw: bytes) -> ChainedRecord:
    """Read a ``reading@1`` or an ``event@1`` as strictly as ``parse_record``, but quickly.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    match = READING_FORM.fullmatch(raw.decode("latin-1"))
    found = None if match is None else _from_groups(match.groups())
    return _read_slowly(raw) if found is None else found


def _from_groups(groups: tuple[str | Any, ...]) -> ChainedRecord | None:
    """The record of matched groups; None if a rule beyond the regular ones is broken."""
    boot, clock, collected_at, context, device, name, observed_at, observed_by = groups[:8]
    origin, prev, reason, seq_text, unit, value, decimals = groups[8:]
    seq = int(seq_text)
    observed_at_ms, collected_at_ms = milliseconds(observed_at), milliseconds(collected_at)
    if not is_plausible(unit=unit, seq=seq) or observed_at_ms is None or collected_at_ms is None:
        return None
    return ChainedRecord(
        READING,
        device,
        boot_bytes(boot),
        seq,
        None if prev is None else digest_bytes(prev),
        context_bytes(context),
        observed_at_ms,
        collected_at_ms,
        name,
        unit,
        None if value is None else int(value.replace(".", "")),
        len(decimals) if decimals else 0,
        reason,
        origin,
        None,
        clock,
        observed_by,
    )


def _read_slowly(raw: bytes) -> ChainedRecord:
    fields = decode_object(raw)
    record: Reading | Event
    if fields.get("type") == EVENT:
        record = event_from_fields(fields)
    else:
        require_type(fields, READING)
        record = reading_from_fields(fields)
    return chained_of(record)


def chained_of(record: Reading | Event) -> ChainedRecord:
    """What ingest needs of a record that was read or built already."""
    value = record.value if isinstance(record, Reading) else None
    scale = 0 if value is None else scale_of(value)
    return ChainedRecord(
        type=READING if isinstance(record, Reading) else EVENT,
        device=record.device,
        boot=record.boot,
        seq=record.seq,
        prev=record.prev,
        context=record.context,
        observed_at_ms=(record.observed_at - EPOCH) // MILLISECOND,
        collected_at_ms=(record.collected_at - EPOCH) // MILLISECOND,
        meter_register=record.meter_register,
        unit=record.unit if isinstance(record, Reading) else None,
        value_scaled=None if value is None else int(f"{value:f}".replace(".", "")),
        scale=scale,
        reason=record.reason if isinstance(record, Reading) else None,
        origin=record.origin,
        event=record.event if isinstance(record, Event) else None,
        clock=record.clock,
        observed_by=record.observed_by,
    )
