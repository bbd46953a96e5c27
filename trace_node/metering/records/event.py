"""The record of something that happened to a device or its collector: ``event@1``."""

from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import RegisterId
from trace_node.metering.records.device_record import (
    CHAIN_KEYS,
    DeviceRecord,
    read_chain_fields,
    write_chain_fields,
)
from trace_node.record.fields import (
    Code,
    read_code,
    read_name,
    read_object,
    read_optional,
    require_keys,
    require_type,
)
from trace_node.record.writing import encode_record

EVENT: Final = "event@1"
EVENT_KEYS: Final = CHAIN_KEYS | {"detail", "event", "meter_register"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(DeviceRecord):
    """An event (事件) in a device chain: boot, reset, replacement, heartbeat, clock step.

    Attributes:
        event: Code of what happened; docs/spec/records.md lists those in use and their ``detail``.
        detail: What is to be said about it; permitted JSON values only.
        meter_register: The meter register concerned; None if the whole device is.
    """

    event: Code
    detail: JsonObject
    meter_register: RegisterId | None


def event_from_fields(fields: JsonObject) -> Event:
    """Read the members of an ``event@1``.

    Raises:
        RecordError: A member breaks its rule.
    """
    require_keys(fields, EVENT_KEYS)
    name = read_optional(fields, "meter_register", read_name)
    return Event(
        **read_chain_fields(fields),
        event=read_code(fields, "event"),
        detail=read_object(fields, "detail"),
        meter_register=None if name is None else RegisterId(name),
    )


def event_to_fields(event: Event) -> JsonObject:
    """Write the members of an ``event@1``, unchecked but for the times."""
    return {
        **write_chain_fields(event),
        "detail": event.detail,
        "event": event.event,
        "meter_register": event.meter_register,
        "type": EVENT,
    }


def build_event(event: Event) -> bytes:
    """The exact bytes of an event.

    Raises:
        RecordError: A field breaks its rule.
        CanonicalFormError: ``detail`` holds a value that canonical JSON does not permit.
    """
    fields = event_to_fields(event)
    event_from_fields(fields)
    return encode_record(fields)


def parse_event(raw: bytes) -> Event:
    """Read the bytes of an ``event@1``.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
    """
    fields = decode_object(raw)
    require_type(fields, EVENT)
    return event_from_fields(fields)
