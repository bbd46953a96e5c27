"""Small parts from which tests of the spool are put together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from collectors.runtime.chain_builder import ChainBuilder, Identity
from collectors.runtime.delivery_signing import delivery_signer
from collectors.runtime.drafts import Draft, EventDraft, Evidence, ReadingsDraft, Shown
from collectors.runtime.outbox import Sign
from collectors.runtime.spool import Spool
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey
from trace_node.ids import DeviceId, OrganisationId, Origin, RegisterId

NOON = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
ORIGIN = Origin("trace-node.local/plant-a/sm3")


def new_key() -> PrivateKey:
    return keys.generate()


def reading(
    device: str = "em-1", value: str | None = "1.00", reason: str | None = None, second: int = 0
) -> ReadingsDraft:
    at = NOON + timedelta(seconds=second)
    return ReadingsDraft(
        device=DeviceId(device),
        origin="modbus-tcp",
        shown=[
            Shown(RegisterId("total"), "kWh", None if value is None else Decimal(value), reason)
        ],
        observed_at=at,
        observed_by="collector",
        collected_at=at,
        clock="unknown",
        evidence=Evidence.of(sent=b"ask", received=b"answer", at=at),
    )


def event(device: str = "em-1", name: str = "boot") -> EventDraft:
    return EventDraft(
        device=DeviceId(device),
        origin="modbus-tcp",
        event=name,
        detail={},
        at=NOON,
        clock="unknown",
    )


def identity(key: PrivateKey) -> Identity:
    return Identity(
        organisation=OrganisationId("demo"),
        collector=key.public.key_id,
        config=bytes(32),
        software="trace-node test",
    )


def open_spool(folder: Path, key: PrivateKey) -> Spool:
    return Spool(folder / "spool.db", collector=key.public.key_id)


def builder(spool: Spool, key: PrivateKey) -> ChainBuilder:
    return ChainBuilder(
        identity(key), heads=spool.heads(), last_batch=spool.last_batch(), now=NOON, head=None
    )


def append(spool: Spool, chain: ChainBuilder, drafts: Sequence[Draft]) -> None:
    spool.append(chain.build(drafts, rows={}))


def signing(key: PrivateKey) -> Sign:
    return delivery_signer(key, origin=ORIGIN)
