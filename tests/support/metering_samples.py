"""One small plant, told in records: what the tests, the vectors and docs/spec/records.md show.

Every record here is built by hand as a plain object; the product's builders are compared with it.
The keys are made from fixed numbers and protect nothing.
"""

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from trace_node.crypto.sm2 import PrivateKey
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.metering.records.context import Context, SeenHead
from trace_node.metering.records.delivery import Delivery
from trace_node.metering.records.device_registration import DeviceRegistration
from trace_node.metering.records.event import Event
from trace_node.metering.records.finding import Finding
from trace_node.metering.records.key_registration import KeyRegistration
from trace_node.metering.records.key_revocation import KeyRevocation
from trace_node.metering.records.reading import Reading
from trace_node.metering.records.received import Received

ORIGIN = "trace-node.local/plant-a/sm3"
BOOT = bytes(range(16))


def salt(number: int) -> bytes:
    return sm3(b"salt %d" % number)[:16]


def leaf(raw: bytes) -> bytes:
    return sm3(b"\x00" + raw)


def text(raw: bytes) -> str:
    return to_base64url(raw)


def instant(value: str) -> datetime:
    return datetime.fromisoformat(value)


def plain(fields: dict) -> bytes:
    """Canonical JSON by the standard library alone; enough for ASCII keys and integers."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def key(name: str) -> PrivateKey:
    return PrivateKey.from_secret(sm3(b"example key " + name.encode()))


def key_id(name: str) -> str:
    return key(name).public.key_id


def meter_register(**changes: Any) -> MeterRegister:
    values = {
        "name": "active_energy",
        "quantity": "active_energy",
        "unit": "kWh",
        "scale": 2,
        "kind": "counter",
        "minimum": Decimal("0.00"),
        "maximum": Decimal("799999.99"),
        "capacity": Decimal("800000.00"),
        "max_rate": Decimal("0.5"),
        "interval_s": 60,
        "multiplier": Decimal(1),
    }
    return MeterRegister(**(values | changes))


def context_fields() -> dict:
    return {
        "boot": text(BOOT),
        "collector": key_id("collector"),
        "config": text(sm3(b"[[lines]]\n")),
        "created_at": "2026-11-21T03:09:58.000Z",
        "head": {"origin": ORIGIN, "root": text(sm3(b"a root")), "size": 1024},
        "organisation": "plant-a",
        "salt": text(salt(1)),
        "software": "trace-node 0.1.0",
        "type": "context@1",
    }


def context() -> Context:
    return Context(
        salt=salt(1),
        organisation="plant-a",
        collector=key_id("collector"),
        boot=BOOT,
        config=sm3(b"[[lines]]\n"),
        software="trace-node 0.1.0",
        created_at=instant("2026-11-21T03:09:58.000Z"),
        head=SeenHead(origin=ORIGIN, size=1024, root=sm3(b"a root")),
    )


CONTEXT_DIGEST = leaf(plain(context_fields()))


def chain_fields(seq: int, **changes: Any) -> dict:
    return {
        "boot": text(BOOT),
        "clock": "synchronised",
        "collected_at": "2026-11-21T03:10:00.123Z",
        "context": text(CONTEXT_DIGEST),
        "device": "meter-1",
        "observed_at": "2026-11-21T03:10:00.000Z",
        "observed_by": "collector",
        "origin": "modbus-tcp",
        "prev": None,
        "raw": None,
        "salt": text(salt(10 + seq)),
        "seq": seq,
    } | changes


EXCHANGE = bytes.fromhex("00010000000601030000000200010000000701030400 12d687".replace(" ", ""))


def event_fields(**changes: Any) -> dict:
    return (
        chain_fields(
            0,
            detail={"reason": "power"},
            event="boot",
            meter_register=None,
            type="event@1",
        )
        | changes
    )


def event(**changes: Any) -> Event:
    return Event(
        **(
            chain_values(0)
            | {"detail": {"reason": "power"}, "event": "boot", "meter_register": None}
        )
        | changes
    )


def chain_values(seq: int) -> dict:
    return {
        "boot": BOOT,
        "clock": "synchronised",
        "collected_at": instant("2026-11-21T03:10:00.123Z"),
        "context": CONTEXT_DIGEST,
        "device": "meter-1",
        "observed_at": instant("2026-11-21T03:10:00.000Z"),
        "observed_by": "collector",
        "origin": "modbus-tcp",
        "prev": None,
        "raw": None,
        "salt": salt(10 + seq),
        "seq": seq,
    }


EVENT_DIGEST = leaf(plain(event_fields()))
RAW_DIGEST = sm3(b"\x02" + bytes(16) + EXCHANGE)


def reading_fields(**changes: Any) -> dict:
    return (
        chain_fields(
            1,
            meter_register="active_energy",
            prev=text(EVENT_DIGEST),
            raw=text(RAW_DIGEST),
            reason=None,
            type="reading@1",
            unit="kWh",
            value="12345.67",
        )
        | changes
    )


def reading(**changes: Any) -> Reading:
    values = chain_values(1) | {
        "meter_register": "active_energy",
        "prev": EVENT_DIGEST,
        "raw": RAW_DIGEST,
        "reason": None,
        "unit": "kWh",
        "value": Decimal("12345.67"),
    }
    return Reading(**(values | changes))


READING_DIGEST = leaf(plain(reading_fields()))


def failed_reading_fields() -> dict:
    return reading_fields(
        observed_at="2026-11-21T03:11:00.000Z",
        collected_at="2026-11-21T03:11:01.002Z",
        prev=text(READING_DIGEST),
        raw=None,
        reason="timeout",
        salt=text(salt(12)),
        seq=2,
        value=None,
    )


def failed_reading() -> Reading:
    return reading(
        observed_at=instant("2026-11-21T03:11:00.000Z"),
        collected_at=instant("2026-11-21T03:11:01.002Z"),
        prev=READING_DIGEST,
        raw=None,
        reason="timeout",
        salt=salt(12),
        seq=2,
        value=None,
    )


FAILED_DIGEST = leaf(plain(failed_reading_fields()))
DELIVERED_ROOT = sm3(b"\x01" + sm3(b"\x01" + EVENT_DIGEST + READING_DIGEST) + FAILED_DIGEST)


def delivery_fields() -> dict:
    return {
        "collector": key_id("collector"),
        "context": text(CONTEXT_DIGEST),
        "count": 3,
        "log": ORIGIN,
        "root": text(DELIVERED_ROOT),
        "salt": text(salt(2)),
        "type": "delivery@1",
    }


def delivery() -> Delivery:
    return Delivery(
        salt=salt(2),
        origin=ORIGIN,
        collector=key_id("collector"),
        context=CONTEXT_DIGEST,
        count=3,
        root=DELIVERED_ROOT,
    )


def received_fields() -> dict:
    return {
        "count": 3,
        "delivery": text(sm3(b"stands for the digest of the delivery")),
        "first_index": 1025,
        "received_at": "2026-11-21T03:11:02.250Z",
        "salt": text(salt(3)),
        "type": "received@1",
    }


def received() -> Received:
    return Received(
        salt=salt(3),
        delivery=sm3(b"stands for the digest of the delivery"),
        first_index=1025,
        count=3,
        received_at=instant("2026-11-21T03:11:02.250Z"),
        signed_by=key_id("node"),
    )


def finding_fields(**changes: Any) -> dict:
    return {
        "boot": text(BOOT),
        "detail": {"linked": False},
        "device": "meter-1",
        "finding": "seq_gap",
        "found_at": "2026-11-21T03:12:00.000Z",
        "salt": text(salt(4)),
        "seq_from": 3,
        "seq_to": 5,
        "subjects": [1031],
        "type": "finding@1",
    } | changes


def finding(**changes: Any) -> Finding:
    values = {
        "salt": salt(4),
        "finding": "seq_gap",
        "device": "meter-1",
        "boot": BOOT,
        "seq_from": 3,
        "seq_to": 5,
        "subjects": (1031,),
        "detail": {"linked": False},
        "found_at": instant("2026-11-21T03:12:00.000Z"),
        "signed_by": key_id("node"),
    }
    return Finding(**(values | changes))


ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # the first example of EIP-55


def key_registration_fields(**changes: Any) -> dict:
    return {
        "address": ADDRESS,
        "key": text(key("node").public.point),
        "key_id": key_id("node"),
        "log": ORIGIN,
        "organisation": "plant-a",
        "salt": text(salt(5)),
        "subject": "node-1",
        "type": "key-registration@1",
        "usage": "node",
        "valid_from": "2026-11-01T00:00:00.000Z",
        "valid_to": "2029-11-01T00:00:00.000Z",
    } | changes


def key_registration(**changes: Any) -> KeyRegistration:
    values = {
        "salt": salt(5),
        "origin": ORIGIN,
        "key": key("node").public,
        "usage": "node",
        "subject": "node-1",
        "organisation": "plant-a",
        "valid_from": instant("2026-11-01T00:00:00.000Z"),
        "valid_to": instant("2029-11-01T00:00:00.000Z"),
        "address": ADDRESS,
        "signed_by": key_id("device-ca"),
    }
    return KeyRegistration(**(values | changes))


def key_replacement_fields(**changes: Any) -> dict:
    return {
        **key_registration_fields(
            address=None,
            salt=text(salt(6)),
            subject="gateway-2",
            type="key-registration@2",
            usage="collector",
        ),
        "replaces": [key_id("collector")],
    } | changes


def key_replacement(**changes: Any) -> KeyRegistration:
    values = {
        "salt": salt(6),
        "usage": "collector",
        "subject": "gateway-2",
        "address": None,
        "replaces": (key_id("collector"),),
    }
    return key_registration(**(values | changes))


def key_revocation_fields(**changes: Any) -> dict:
    return {
        "key_id": key_id("collector"),
        "log": ORIGIN,
        "reason": "网关失窃 (gateway stolen)",
        "revoked_at": "2026-11-21T03:30:00.000Z",
        "salt": text(salt(7)),
        "type": "key-revocation@1",
    } | changes


def key_revocation(**changes: Any) -> KeyRevocation:
    values = {
        "salt": salt(7),
        "origin": ORIGIN,
        "key_id": key_id("collector"),
        "reason": "网关失窃 (gateway stolen)",
        "revoked_at": instant("2026-11-21T03:30:00.000Z"),
        "signed_by": key_id("device-ca"),
    }
    return KeyRevocation(**(values | changes))


def meter_register_fields(**changes: Any) -> dict:
    return {
        "capacity": "800000.00",
        "interval_s": 60,
        "kind": "counter",
        "max_rate": "0.5",
        "maximum": "799999.99",
        "minimum": "0.00",
        "multiplier": "1",
        "name": "active_energy",
        "quantity": "active_energy",
        "scale": 2,
        "unit": "kWh",
    } | changes


def device_registration_fields(**changes: Any) -> dict:
    return {
        "device": "meter-1",
        "kind": "electricity_meter",
        "log": ORIGIN,
        "registers": [meter_register_fields()],
        "salt": text(salt(6)),
        "serial": "0123 4567 8901",
        "type": "device-registration@1",
        "valid_from": "2026-11-01T00:00:00.000Z",
    } | changes


def device_registration() -> DeviceRegistration:
    return DeviceRegistration(
        salt=salt(6),
        origin=ORIGIN,
        meter=Meter(
            device="meter-1",
            serial="0123 4567 8901",
            kind="electricity_meter",
            meter_registers=(meter_register(),),
            valid_from=instant("2026-11-01T00:00:00.000Z"),
        ),
        signed_by=key_id("device-ca"),
    )


# name -> (fields, name of the signing key or None)
EXAMPLES = {
    "context": (context_fields(), None),
    "event": (event_fields(), None),
    "reading": (reading_fields(), None),
    "reading that failed": (failed_reading_fields(), None),
    "delivery": (delivery_fields(), "collector"),
    "received": (received_fields(), "node"),
    "finding": (finding_fields(), "node"),
    "key registration": (key_registration_fields(), "device-ca"),
    "key replacement": (key_replacement_fields(), "device-ca"),
    "key revocation": (key_revocation_fields(), "device-ca"),
    "device registration": (device_registration_fields(), "device-ca"),
}


def signature_member(signer: PrivateKey, value: bytes) -> dict:
    return {"algorithm": "SM2-SM3", "key": signer.public.key_id, "value": text(value)}


def signed(fields: dict, name: str) -> bytes:
    """A signed record, put together by hand."""
    signer = key(name)
    return plain(fields | {"signature": signature_member(signer, signer.sign(plain(fields)))})
