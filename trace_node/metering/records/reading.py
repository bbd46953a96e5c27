"""The record of one meter register at one instant: ``reading@1`` (docs/spec/records.md)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import RegisterId
from trace_node.metering.errors import RecordError
from trace_node.metering.records.device_record import (
    CHAIN_KEYS,
    DeviceRecord,
    read_chain_fields,
    write_chain_fields,
)
from trace_node.metering.records.fields import (
    Code,
    encode_record,
    read_code,
    read_decimal,
    read_name,
    read_optional,
    read_unit,
    require_keys,
    require_type,
    write_decimal,
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
        "value": write_decimal(reading.value),
    }


def build_reading(reading: Reading) -> bytes:
    """The exact bytes of a reading; they are hashed as they are and never built again.

    Raises:
        RecordError: A field breaks its rule.
    """
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
