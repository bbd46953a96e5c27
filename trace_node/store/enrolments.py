"""Repository: enrolled keys, and meters with their meter registers."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, insert, select, union_all

from trace_node.ids import DeviceId, KeyId, OrganisationId, RegisterId
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.period import to_ms
from trace_node.ports.registry import EnrolledKey, EnrolledMeter, RevokedKey
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import DEVICES, ENROLLED_KEYS, METER_REGISTERS, REVOKED_KEYS


class SqlEnrolments:
    """See ``trace_node.ports.store.Enrolments``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keys(
        self, *, first: int = 0, end: int | None = None, key_id: KeyId | None = None
    ) -> Sequence[EnrolledKey]:
        """Key registrations logged from ``first`` up to ``end``, in log order; of one key if named.

        Without ``end`` to the end of the log.
        """
        statement = select(ENROLLED_KEYS).where(*_within(ENROLLED_KEYS.c.leaf_index, first, end))
        if key_id is not None:
            statement = statement.where(ENROLLED_KEYS.c.key_id == key_id)
        rows = self._connection.execute(statement.order_by(ENROLLED_KEYS.c.leaf_index))
        return [_key(row) for row in rows]

    def meters(
        self, *, first: int = 0, end: int | None = None, device: str | None = None
    ) -> Sequence[EnrolledMeter]:
        """Device registrations of the same kind of range, in log order; of one device if named."""
        statement = (
            select(
                DEVICES.c.leaf_index,
                DEVICES.c.digest,
                DEVICES.c.device,
                DEVICES.c.serial,
                DEVICES.c.kind.label("device_kind"),
                DEVICES.c.valid_from,
                METER_REGISTERS,
            )
            .join(METER_REGISTERS, METER_REGISTERS.c.registration_index == DEVICES.c.leaf_index)
            .where(*_within(DEVICES.c.leaf_index, first, end))
            .order_by(DEVICES.c.leaf_index, METER_REGISTERS.c.ordinal)
        )
        if device is not None:
            statement = statement.where(DEVICES.c.device == device)
        rows = self._connection.execute(statement)
        return [_meter(list(same)) for _, same in groupby(rows, key=lambda row: row.leaf_index)]

    def revocations(self, *, first: int = 0, end: int | None = None) -> Sequence[RevokedKey]:
        """Key revocations of the same kind of range, in log order."""
        rows = self._connection.execute(
            select(REVOKED_KEYS)
            .where(*_within(REVOKED_KEYS.c.leaf_index, first, end))
            .order_by(REVOKED_KEYS.c.leaf_index)
        )
        return [_revoked(row) for row in rows]

    def index_of(self, digest: bytes) -> int | None:
        """Leaf index of the registration or revocation of that digest; None when not logged."""
        either = union_all(
            *(
                select(table.c.leaf_index).where(table.c.digest == digest)
                for table in (ENROLLED_KEYS, DEVICES, REVOKED_KEYS)
            )
        )
        index: int | None = self._connection.execute(either).scalar_one_or_none()
        return index

    def add_key(self, key: EnrolledKey) -> None:
        """Remember a key registration that was logged."""
        self._connection.execute(
            insert(ENROLLED_KEYS),
            {
                "leaf_index": key.index,
                "digest": key.digest,
                "key_id": key.key_id,
                "usage": key.usage,
                "point": key.point,
                "subject": key.subject,
                "organisation": key.organisation,
                "valid_from": to_ms(key.valid_from),
                "valid_to": to_ms(key.valid_to),
                "address": key.address,
                "replaces": " ".join(key.replaces) or None,
            },
        )

    def add_revocation(self, revoked: RevokedKey) -> None:
        """Remember a key revocation that was logged."""
        self._connection.execute(
            insert(REVOKED_KEYS),
            {
                "leaf_index": revoked.index,
                "digest": revoked.digest,
                "key_id": revoked.key_id,
                "reason": revoked.reason,
                "revoked_at": to_ms(revoked.revoked_at),
            },
        )

    def add_meter(self, meter: EnrolledMeter) -> None:
        """Remember a device registration that was logged."""
        described = meter.meter
        self._connection.execute(
            insert(DEVICES),
            {
                "leaf_index": meter.index,
                "digest": meter.digest,
                "device": described.device,
                "serial": described.serial,
                "kind": described.kind,
                "valid_from": to_ms(described.valid_from),
            },
        )
        self._connection.execute(
            insert(METER_REGISTERS),
            [
                {"registration_index": meter.index, "ordinal": ordinal, **_register_values(item)}
                for ordinal, item in enumerate(described.meter_registers)
            ],
        )


def _within(place: Column[Any], first: int, end: int | None) -> list[ColumnElement[bool]]:
    return [place >= first] if end is None else [place >= first, place < end]


def _key(row: Row[Any]) -> EnrolledKey:
    with sound_row(ENROLLED_KEYS.name, row.leaf_index):
        return EnrolledKey(
            index=row.leaf_index,
            digest=row.digest,
            key_id=KeyId(row.key_id),
            usage=row.usage,
            point=row.point,
            subject=row.subject,
            organisation=OrganisationId(row.organisation),
            valid_from=from_ms(row.valid_from),
            valid_to=from_ms(row.valid_to),
            address=row.address,
            replaces=tuple(KeyId(each) for each in (row.replaces or "").split()),
        )


def _revoked(row: Row[Any]) -> RevokedKey:
    with sound_row(REVOKED_KEYS.name, row.leaf_index):
        return RevokedKey(
            index=row.leaf_index,
            digest=row.digest,
            key_id=KeyId(row.key_id),
            reason=row.reason,
            revoked_at=from_ms(row.revoked_at),
        )


def _meter(rows: Sequence[Row[Any]]) -> EnrolledMeter:
    head = rows[0]
    with sound_row(DEVICES.name, head.leaf_index):
        meter = Meter(
            device=DeviceId(head.device),
            serial=head.serial,
            kind=head.device_kind,
            meter_registers=tuple(_meter_register(row) for row in rows),
            valid_from=from_ms(head.valid_from),
        )
    return EnrolledMeter(index=head.leaf_index, digest=head.digest, meter=meter)


def _meter_register(row: Row[Any]) -> MeterRegister:
    return MeterRegister(
        name=RegisterId(row.name),
        quantity=row.quantity,
        unit=row.unit,
        scale=row.scale,
        kind=row.kind,
        minimum=Decimal(row.minimum),
        maximum=Decimal(row.maximum),
        capacity=None if row.capacity is None else Decimal(row.capacity),
        max_rate=None if row.max_rate is None else Decimal(row.max_rate),
        interval_s=row.interval_s,
        multiplier=Decimal(row.multiplier),
    )


def _register_values(item: MeterRegister) -> dict[str, object]:
    return {
        "name": item.name,
        "quantity": item.quantity,
        "unit": item.unit,
        "scale": item.scale,
        "kind": item.kind,
        "minimum": f"{item.minimum:f}",
        "maximum": f"{item.maximum:f}",
        "capacity": None if item.capacity is None else f"{item.capacity:f}",
        "max_rate": None if item.max_rate is None else f"{item.max_rate:f}",
        "interval_s": item.interval_s,
        "multiplier": f"{item.multiplier:f}",
    }
