"""The signed record that describes a meter to the log: ``device-registration@1``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.ids import DeviceId, KeyId, Origin, RegisterId
from trace_node.metering.meter import (
    KINDS,
    MAX_INTERVAL_S,
    MAX_METER_REGISTERS,
    MAX_SCALE,
    Meter,
    MeterRegister,
)
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_choice,
    read_code,
    read_decimal,
    read_integer,
    read_name,
    read_optional,
    read_origin,
    read_printable,
    read_time,
    read_unit,
    require_keys,
)
from trace_node.record.signing import open_signed, sign_record
from trace_node.record.writing import write_bytes, write_decimal, write_time

DEVICE_REGISTRATION: Final = "device-registration@1"
DEVICE_REGISTRATION_KEYS: Final = frozenset(
    {"device", "kind", "log", "registers", "salt", "serial", "type", "valid_from"}
)
METER_REGISTER_KEYS: Final = frozenset(
    {
        *("capacity", "interval_s", "kind", "max_rate", "maximum", "minimum", "multiplier"),
        *("name", "quantity", "scale", "unit"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRegistration:
    """A device registration (设备登记): the description of a meter, vouched for by its signature.

    Attributes:
        salt: 16 random bytes.
        origin: Origin of the log; member ``log``.
        meter: The meter and its meter registers.
        signed_by: Key id of the device CA or of the operator.
    """

    salt: bytes
    origin: Origin
    meter: Meter
    signed_by: KeyId


def device_registration_from_fields(fields: JsonObject, *, signed_by: KeyId) -> DeviceRegistration:
    """Read the members of a ``device-registration@1`` without its signature.

    Raises:
        RecordError: A member breaks its rule.
        MeterError: The members do not fit each other.
    """
    require_keys(fields, DEVICE_REGISTRATION_KEYS)
    return DeviceRegistration(
        salt=read_bytes(fields, "salt", size=SALT_BYTES),
        origin=read_origin(fields, "log"),
        meter=Meter(
            device=DeviceId(read_name(fields, "device")),
            serial=read_printable(fields, "serial"),
            kind=read_code(fields, "kind"),
            meter_registers=_read_meter_registers(fields),
            valid_from=read_time(fields, "valid_from"),
        ),
        signed_by=signed_by,
    )


def device_registration_to_fields(registration: DeviceRegistration) -> JsonObject:
    """Write the members of a ``device-registration@1`` without its signature."""
    meter = registration.meter
    return {
        "device": meter.device,
        "kind": meter.kind,
        "log": registration.origin,
        "registers": [_meter_register_to_fields(item) for item in meter.meter_registers],
        "salt": write_bytes(registration.salt),
        "serial": meter.serial,
        "type": DEVICE_REGISTRATION,
        "valid_from": write_time(meter.valid_from, field="valid_from"),
    }


def build_device_registration(registration: DeviceRegistration, *, signer: Signer) -> bytes:
    """The exact bytes of a device registration, signed by the device CA or the operator.

    Raises:
        RecordError: A field breaks its rule, or ``signer`` is not the key named in ``signed_by``.
    """
    fields = device_registration_to_fields(registration)
    device_registration_from_fields(fields, signed_by=registration.signed_by)
    return sign_record(fields, signer=signer, signed_by=registration.signed_by, field="signed_by")


def parse_device_registration(raw: bytes) -> DeviceRegistration:
    """Read the bytes of a ``device-registration@1``; its signature is verified elsewhere.

    Raises:
        TooLargeError: More than 65,535 bytes.
        CanonicalFormError: Not in canonical form.
        RecordError: Another type, or a member breaks its rule.
        MeterError: The members do not fit each other.
    """
    fields, signed_by = open_signed(raw, DEVICE_REGISTRATION)
    return device_registration_from_fields(fields, signed_by=signed_by)


def _read_meter_registers(fields: JsonObject) -> tuple[MeterRegister, ...]:
    items = fields["registers"]
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_METER_REGISTERS:
        raise RecordError(
            "{field}: must be a list of 1 to {bound} meter registers",
            field="registers",
            bound=MAX_METER_REGISTERS,
            remedy="describe every value the instrument shows",
            code="record.registers",
        )
    return tuple(_read_meter_register(item) for item in items)


def _read_meter_register(item: object) -> MeterRegister:
    if not isinstance(item, dict):
        raise RecordError(
            "{field}: every entry must be an object",
            field="registers",
            remedy="see docs/spec/records.md for the members of a meter register",
            code="record.registers",
        )
    require_keys(item, METER_REGISTER_KEYS)
    return MeterRegister(
        name=RegisterId(read_name(item, "name")),
        quantity=read_code(item, "quantity"),
        unit=read_unit(item, "unit"),
        scale=read_integer(item, "scale", minimum=0, maximum=MAX_SCALE),
        kind=read_choice(item, "kind", KINDS),
        minimum=read_decimal(item, "minimum"),
        maximum=read_decimal(item, "maximum"),
        capacity=read_optional(item, "capacity", read_decimal),
        max_rate=read_optional(item, "max_rate", read_decimal),
        interval_s=read_integer(item, "interval_s", minimum=1, maximum=MAX_INTERVAL_S),
        multiplier=read_positive(item, "multiplier"),
    )


def read_positive(fields: JsonObject, key: str) -> Decimal:
    """Read a decimal above 0.

    Raises:
        RecordError: It is not a decimal, or not above 0.
    """
    value = read_decimal(fields, key)
    if value <= 0:
        raise RecordError(
            "{field}: must be above 0",
            field=key,
            remedy="write 1 where the instrument shows the measured quantity itself",
            code=f"record.{key}",
        )
    return value


def _meter_register_to_fields(item: MeterRegister) -> JsonObject:
    return {
        "capacity": write_decimal(item.capacity, field="capacity"),
        "interval_s": item.interval_s,
        "kind": item.kind,
        "max_rate": write_decimal(item.max_rate, field="max_rate"),
        "maximum": write_decimal(item.maximum, field="maximum"),
        "minimum": write_decimal(item.minimum, field="minimum"),
        "multiplier": write_decimal(item.multiplier, field="multiplier"),
        "name": item.name,
        "quantity": item.quantity,
        "scale": item.scale,
        "unit": item.unit,
    }
