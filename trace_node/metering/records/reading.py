"""The record of one meter register at one instant: ``reading@1`` (docs/spec/records.md)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import RegisterId, to_base64url
from trace_node.metering.records.device_record import (
    CHAIN_KEYS,
    DeviceRecord,
    read_chain_fields,
    write_chain_fields,
)
from trace_node.metering.records.reading_form import READING_FORM, is_plausible
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    Code,
    read_code,
    read_decimal,
    read_name,
    read_optional,
    read_unit,
    require_keys,
    require_type,
)
from trace_node.record.writing import (
    encode_record,
    write_bytes,
    write_decimal,
    write_time,
)

READING: Final = "reading@1"
READING_KEYS: Final = CHAIN_KEYS | {"meter_register", "reason", "unit", "value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(DeviceRecord):
    """A reading (读数): the value of one meter register at one instant, or why there is none.

    Attributes:
        meter_register: Name of the meter register.
        unit: Symbol of a known unit.
        value: Value with the fixed number of decimals of the meter register; None if it failed.
        reason: Code that says why ``value`` is None; None if there is a value.
    """

    meter_register: RegisterId
    unit: str
    value: Decimal | None
    reason: Code | None


def reading_from_fields(fields: JsonObject) -> Reading:
    """Read the members of a ``reading@1``.

    Raises:
        RecordError: A member breaks its rule, or both or neither of value and reason are given.
    """
    require_keys(fields, READING_KEYS)
    if (fields["value"] is None) == (fields["reason"] is None):
        raise RecordError(
            "{field}: exactly one of value and reason must be null",
            field="value",
            remedy="give the value, or null and the reason; a failed reading is never 0",
            code="record.value_or_reason",
        )
    return Reading(
        **read_chain_fields(fields),
        meter_register=RegisterId(read_name(fields, "meter_register")),
        unit=read_unit(fields, "unit"),
        value=read_optional(fields, "value", read_decimal),
        reason=read_optional(fields, "reason", read_code),
    )


def reading_to_fields(reading: Reading) -> JsonObject:
    """Write the members of a ``reading@1``, unchecked but for the times."""
    return {
        **write_chain_fields(reading),
        "meter_register": reading.meter_register,
        "reason": reading.reason,
        "type": READING,
        "unit": reading.unit,
        "value": write_decimal(reading.value, field="value"),
    }


def build_reading(reading: Reading) -> bytes:
    """The exact bytes of a reading; they are hashed as they are and never built again.

    Raises:
        RecordError: A field breaks its rule.
    """
    text = _write(reading)
    if _is_canonical(text):
        return text.encode("ascii")
    fields = reading_to_fields(reading)
    reading_from_fields(fields)
    return encode_record(fields)


def parse_reading(raw: bytes) -> Reading:
    """Read the bytes of a ``reading@1``.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    fields = decode_object(raw)
    require_type(fields, READING)
    return reading_from_fields(fields)


def _write(reading: Reading) -> str:
    """Write a reading in canonical form, provided that no value needs an escape."""
    value = write_decimal(reading.value, field="value")
    return (
        f'{{"boot":"{to_base64url(reading.boot)}","clock":"{reading.clock}"'
        f',"collected_at":"{write_time(reading.collected_at, field="collected_at")}"'
        f',"context":"{to_base64url(reading.context)}","device":"{reading.device}"'
        f',"meter_register":"{reading.meter_register}"'
        f',"observed_at":"{write_time(reading.observed_at, field="observed_at")}"'
        f',"observed_by":"{reading.observed_by}","origin":"{reading.origin}"'
        f',"prev":{_quoted(write_bytes(reading.prev))},"raw":{_quoted(write_bytes(reading.raw))}'
        f',"reason":{_quoted(reading.reason)},"salt":"{to_base64url(reading.salt)}"'
        f',"seq":{reading.seq},"type":"{READING}","unit":"{reading.unit}"'
        f',"value":{_quoted(value)}}}'
    )


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


def _is_canonical(text: str) -> bool:
    match = READING_FORM.fullmatch(text)
    return match is not None and is_plausible(unit=match["unit"], seq=int(match["seq"]))
