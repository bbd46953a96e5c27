"""What readings and events have in common: their place in the chain of their device."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict

from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId
from trace_node.record.fields import (
    SALT_BYTES,
    read_bytes,
    read_choice,
    read_integer,
    read_name,
    read_optional,
    read_time,
)
from trace_node.record.writing import write_bytes, write_time

CLOCKS: Final = frozenset({"synchronised", "unsynchronised", "unknown"})
OBSERVERS: Final = frozenset({"meter", "collector"})
READING_ORIGINS: Final = frozenset({"modbus-tcp", "modbus-rtu", "simulator", "replay", "manual"})

CHAIN_KEYS: Final = frozenset(
    {
        *("boot", "clock", "collected_at", "context", "device", "observed_at", "observed_by"),
        *("origin", "prev", "raw", "salt", "seq", "type"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """One link of a device chain (设备链): what a reading and an event both carry.

    Attributes:
        boot: 16 bytes that name one run of the collector.
        clock: State of the collector's clock: ``synchronised``, ``unsynchronised`` or ``unknown``.
        collected_at: Collector clock when the record was built; whole milliseconds.
        context: 32-byte digest of the context record.
        device: Name of the device.
        observed_at: Instant the content holds for; whole milliseconds.
        observed_by: Whose clock ``observed_at`` is: ``meter`` or ``collector``.
        origin: ``modbus-tcp``, ``modbus-rtu``, ``simulator``, ``replay`` or ``manual``.
        prev: 32-byte digest of this device's previous record, over boots; None if none is known.
        raw: 32-byte digest of the raw exchange; None if there was none.
        salt: 16 random bytes.
        seq: Position in (device, boot), from 0, without gaps.
    """

    boot: bytes
    clock: str
    collected_at: datetime
    context: bytes
    device: DeviceId
    observed_at: datetime
    observed_by: str
    origin: str
    prev: bytes | None
    raw: bytes | None
    salt: bytes
    seq: int


class ChainFields(TypedDict):
    """The keyword arguments of ``DeviceRecord``."""

    boot: bytes
    clock: str
    collected_at: datetime
    context: bytes
    device: DeviceId
    observed_at: datetime
    observed_by: str
    origin: str
    prev: bytes | None
    raw: bytes | None
    salt: bytes
    seq: int


def read_chain_fields(fields: JsonObject) -> ChainFields:
    """Read and check the members that every link of a device chain has.

    Raises:
        RecordError: A member breaks its rule.
    """
    return {
        "boot": read_bytes(fields, "boot", size=SALT_BYTES),
        "clock": read_choice(fields, "clock", CLOCKS),
        "collected_at": read_time(fields, "collected_at"),
        "context": read_bytes(fields, "context"),
        "device": DeviceId(read_name(fields, "device")),
        "observed_at": read_time(fields, "observed_at"),
        "observed_by": read_choice(fields, "observed_by", OBSERVERS),
        "origin": read_choice(fields, "origin", READING_ORIGINS),
        "prev": read_optional(fields, "prev", read_bytes),
        "raw": read_optional(fields, "raw", read_bytes),
        "salt": read_bytes(fields, "salt", size=SALT_BYTES),
        "seq": read_integer(fields, "seq", minimum=0),
    }


def write_chain_fields(record: DeviceRecord) -> JsonObject:
    """Write the members that every link of a device chain has.

    Raises:
        RecordError: A time is naive or finer than a millisecond.
    """
    return {
        "boot": write_bytes(record.boot),
        "clock": record.clock,
        "collected_at": write_time(record.collected_at, field="collected_at"),
        "context": write_bytes(record.context),
        "device": record.device,
        "observed_at": write_time(record.observed_at, field="observed_at"),
        "observed_by": record.observed_by,
        "origin": record.origin,
        "prev": write_bytes(record.prev),
        "raw": write_bytes(record.raw),
        "salt": write_bytes(record.salt),
        "seq": record.seq,
    }
