"""Objects of a small plant with sensible defaults: keys, registrations, readings, deliveries."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from support.stores import ORIGIN

from trace_node.canonical_json import JsonObject
from trace_node.crypto import sm2
from trace_node.ids import DeviceId, OrganisationId, Origin, RegisterId
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.metering.records.context import Context, SeenHead, build_context
from trace_node.metering.records.delivery import Delivery, build_delivery
from trace_node.metering.records.device_registration import (
    DeviceRegistration,
    build_device_registration,
)
from trace_node.metering.records.digests import record_digest
from trace_node.metering.records.event import Event, build_event
from trace_node.metering.records.key_registration import KeyRegistration, build_key_registration
from trace_node.metering.records.key_revocation import KeyRevocation, build_key_revocation
from trace_node.metering.records.reading import Reading, build_reading
from trace_node.metering.records.wire import encode_delivery
from trace_node.record.fields import Code
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
ORGANISATION = OrganisationId("plant-a")
COUNTER = RegisterId("energy")
GAUGE = RegisterId("power")


@cache
def key(name: str) -> sm2.PrivateKey:
    """A key pair that is the same all through a test run."""
    assert name
    return sm2.generate()


def counter(*, name: str = COUNTER, **changes: object) -> MeterRegister:
    """A counter in kWh with two decimals, read each minute."""
    values: dict[str, object] = {
        "name": RegisterId(name),
        "quantity": "active_energy",
        "unit": "kWh",
        "scale": 2,
        "kind": "counter",
        "minimum": Decimal("0.00"),
        "maximum": Decimal("999999.98"),
        "capacity": Decimal("1000000.00"),
        "max_rate": Decimal(10),
        "interval_s": 60,
        "multiplier": Decimal(1),
    }
    return MeterRegister(**(values | changes))


def gauge(*, name: str = GAUGE, **changes: object) -> MeterRegister:
    """A gauge in kW with one decimal, read each minute."""
    values: dict[str, object] = {
        "name": RegisterId(name),
        "quantity": "active_power",
        "unit": "kW",
        "scale": 1,
        "kind": "gauge",
        "minimum": Decimal("-10.0"),
        "maximum": Decimal("5000.0"),
        "capacity": None,
        "max_rate": None,
        "interval_s": 60,
        "multiplier": Decimal(1),
    }
    return MeterRegister(**(values | changes))


def meter(
    device: str = "meter-1",
    *,
    meter_registers: Sequence[MeterRegister] | None = None,
    valid_from: datetime = NOW - timedelta(days=10_000),
) -> Meter:
    """A meter with a counter and a gauge."""
    return Meter(
        device=DeviceId(device),
        serial="SN-0001",
        kind="electricity_meter",
        meter_registers=tuple(meter_registers or (counter(), gauge())),
        valid_from=valid_from,
    )


def key_registration(
    name: str = "collector", *, usage: str = "collector", origin: Origin = ORIGIN, **changes: object
) -> bytes:
    """A registration of ``key(name)``, signed by the authority."""
    values: dict[str, object] = {
        "salt": secrets.token_bytes(16),
        "origin": origin,
        "key": key(name).public,
        "usage": usage,
        "subject": name,
        "organisation": ORGANISATION,
        "valid_from": NOW - timedelta(days=1),
        "valid_to": NOW + timedelta(days=365),
        "address": None,
        "signed_by": key("authority").public.key_id,
    }
    return build_key_registration(KeyRegistration(**(values | changes)), signer=key("authority"))


def revocation(
    name: str = "collector", *, signer: str = "authority", reason: str = "the gateway was stolen"
) -> bytes:
    """The revocation of ``key(name)``, signed by the authority."""
    fields = KeyRevocation(
        salt=secrets.token_bytes(16),
        origin=ORIGIN,
        key_id=key(name).public.key_id,
        reason=reason,
        revoked_at=NOW,
        signed_by=key(signer).public.key_id,
    )
    return build_key_revocation(fields, signer=key(signer))


def device_registration(described: Meter | None = None, *, origin: Origin = ORIGIN) -> bytes:
    """A registration of a meter, signed by the authority."""
    registration = DeviceRegistration(
        salt=secrets.token_bytes(16),
        origin=origin,
        meter=described or meter(),
        signed_by=key("authority").public.key_id,
    )
    return build_device_registration(registration, signer=key("authority"))


@dataclass(kw_only=True)
class Run:
    """One run of a collector: numbers and links its records as a collector does."""

    collector: str = "collector"
    boot: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    origin: Origin = ORIGIN
    head: SeenHead | None = None
    now: datetime = NOW
    organisation: OrganisationId = ORGANISATION
    next_seq: dict[str, int] = field(default_factory=dict)
    prev: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        context = Context(
            salt=secrets.token_bytes(16),
            organisation=self.organisation,
            collector=key(self.collector).public.key_id,
            boot=self.boot,
            config=bytes(32),
            software="trace-node 0.1.0",
            created_at=self.now,
            head=self.head,
        )
        self.context = build_context(context)
        self.context_digest = record_digest(self.context)

    def reading(
        self,
        value: str | None = "1.00",
        *,
        device: str = "meter-1",
        meter_register: str = COUNTER,
        unit: str = "kWh",
        at: datetime | None = None,
        **changes: object,
    ) -> bytes:
        """The next reading of a device; ``seq`` and ``prev`` may be overridden."""
        values = self._chain(device, at) | {
            "meter_register": RegisterId(meter_register),
            "unit": unit,
            "value": None if value is None else Decimal(value),
            "reason": Code("timeout") if value is None else None,
        }
        return self._linked(device, values | changes, build_reading, Reading)

    def event(
        self,
        event: str = "heartbeat",
        *,
        device: str = "meter-1",
        at: datetime | None = None,
        detail: JsonObject | None = None,
        **changes: object,
    ) -> bytes:
        """The next event of a device."""
        values = self._chain(device, at) | {
            "event": Code(event),
            "detail": detail or {},
            "meter_register": None,
        }
        return self._linked(device, values | changes, build_event, Event)

    def deliver(self, records: Sequence[bytes], **changes: object) -> bytes:
        """The body of a delivery of ``records``."""
        return encode_delivery(
            delivery=self.delivery(records, **changes), context=self.context, records=records
        )

    def delivery(self, records: Sequence[bytes], *, signer: str = "", **changes: object) -> bytes:
        """The signed delivery record over ``records``."""
        tree = CompactRange(hasher=SM3)
        tree.extend([record_digest(record) for record in records])
        signing = key(signer or self.collector)
        values: dict[str, object] = {
            "salt": secrets.token_bytes(16),
            "origin": self.origin,
            "collector": signing.public.key_id,
            "context": self.context_digest,
            "count": len(records),
            "root": tree.root(),
        }
        return build_delivery(Delivery(**(values | changes)), signer=signing)

    def _chain(self, device: str, at: datetime | None) -> dict[str, object]:
        seq = self.next_seq.get(device, 0)
        return {
            "boot": self.boot,
            "clock": "synchronised",
            "collected_at": self.now,
            "context": self.context_digest,
            "device": DeviceId(device),
            "observed_at": at or self.now,
            "observed_by": "collector",
            "origin": "simulator",
            "prev": self.prev.get(device),
            "raw": None,
            "salt": secrets.token_bytes(16),
            "seq": seq,
        }

    def _linked(self, device: str, values: dict[str, object], build, kind) -> bytes:  # noqa: ANN001
        raw = build(kind(**values))
        if values["seq"] == self.next_seq.get(device, 0):  # an overridden one is out of turn
            self.next_seq[device] = int(values["seq"]) + 1
            self.prev[device] = record_digest(raw)
        return raw
