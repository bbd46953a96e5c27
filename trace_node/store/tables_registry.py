"""Tables of what is enrolled: keys, devices and their meter registers."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    key,
    length_is,
    one_of,
    refers,
    rule,
    serial,
    small,
    text,
)

USAGES = ("collector", "log", "node", "witness")
POINT_BYTES = 65


class EnrolledKeyRow(SQLModel, table=True):
    """A key registration in the log; of two for one key and usage the later one holds."""

    __tablename__ = "enrolled_keys"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_enrolled_keys_digest"),
        one_of("enrolled_keys", "usage", USAGES),
        length_is("enrolled_keys", "digest", DIGEST_BYTES),
        length_is("enrolled_keys", "point", POINT_BYTES),
        rule("enrolled_keys", "validity", "valid_from < valid_to"),
        Index("ix_enrolled_keys_key_id", "key_id"),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())
    key_id: str = Field(sa_column=text())
    usage: str = Field(sa_column=text())
    point: bytes = Field(sa_column=blob())
    subject: str = Field(sa_column=text())
    organisation: str = Field(sa_column=text())
    valid_from: int = Field(sa_column=big())
    valid_to: int = Field(sa_column=big())
    address: str | None = Field(sa_column=text(null=True))
    replaces: str | None = Field(sa_column=text(null=True))  # key ids, a space between two


class RevokedKeyRow(SQLModel, table=True):
    """A revocation of a collector's key in the log; a key is revoked once."""

    __tablename__ = "revoked_keys"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_revoked_keys_digest"),
        UniqueConstraint("key_id", name="ux_revoked_keys_key_id"),
        length_is("revoked_keys", "digest", DIGEST_BYTES),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())
    key_id: str = Field(sa_column=text())
    reason: str = Field(sa_column=text())
    revoked_at: int = Field(sa_column=big())


class DeviceRow(SQLModel, table=True):
    """A device registration in the log; ``valid_from`` says from when it describes the device."""

    __tablename__ = "devices"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_devices_digest"),
        length_is("devices", "digest", DIGEST_BYTES),
        Index("ix_devices_device", "device"),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())
    device: str = Field(sa_column=text())
    serial: str = Field(sa_column=text())
    kind: str = Field(sa_column=text())
    valid_from: int = Field(sa_column=big())


class MeterRegisterRow(SQLModel, table=True):
    """One meter register of one device registration; decimals are canonical text."""

    __tablename__ = "meter_registers"
    __table_args__ = (
        one_of("meter_registers", "kind", ("counter", "gauge")),
        rule("meter_registers", "scale", "scale BETWEEN 0 AND 9"),
        rule("meter_registers", "interval_s", "interval_s >= 1"),
    )

    registration_index: int = Field(sa_column=refers("devices.leaf_index", primary=True))
    ordinal: int = Field(sa_column=key())
    name: str = Field(sa_column=text())
    quantity: str = Field(sa_column=text())
    unit: str = Field(sa_column=text())
    scale: int = Field(sa_column=small())
    kind: str = Field(sa_column=text())
    minimum: str = Field(sa_column=text())
    maximum: str = Field(sa_column=text())
    capacity: str | None = Field(sa_column=text(null=True))
    max_rate: str | None = Field(sa_column=text(null=True))
    interval_s: int = Field(sa_column=big())
    multiplier: str = Field(sa_column=text())


class MeteringPointRow(SQLModel, table=True):
    """Short number of a (device, meter register, unit), so that readings stay narrow.

    ``out_since`` is the leaf index of the first of the readings that are out of range just now.
    """

    __tablename__ = "metering_points"
    __table_args__ = (
        UniqueConstraint("device", "meter_register", "unit", name="ux_metering_points_name"),
    )

    point_id: int = Field(sa_column=serial())
    device: str = Field(sa_column=text())
    meter_register: str = Field(sa_column=text())
    unit: str = Field(sa_column=text())
    out_since: int | None = Field(sa_column=big(null=True))
