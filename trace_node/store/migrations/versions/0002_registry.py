"""Make the tables of enrolled keys and meters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _metering_points()
    _devices()
    _enrolled_keys()
    _meter_registers()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("meter_registers")
    op.drop_table("enrolled_keys")
    op.drop_table("devices")
    op.drop_table("metering_points")


def _metering_points() -> None:
    op.create_table(
        "metering_points",
        sa.Column("point_id", BIG, primary_key=True, autoincrement=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("meter_register", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("out_since", BIG, nullable=True),
        sa.UniqueConstraint("device", "meter_register", "unit", name="ux_metering_points_name"),
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", BIG, nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_devices_digest_bytes"),
        sa.UniqueConstraint("digest", name="ux_devices_digest"),
    )
    op.create_index("ix_devices_device", "devices", ["device"], unique=False)


def _enrolled_keys() -> None:
    op.create_table(
        "enrolled_keys",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("usage", sa.String(), nullable=False),
        sa.Column("point", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("valid_from", BIG, nullable=False),
        sa.Column("valid_to", BIG, nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name="ck_enrolled_keys_digest_bytes"),
        sa.CheckConstraint("length(point) = 65", name="ck_enrolled_keys_point_bytes"),
        sa.CheckConstraint(
            "usage IN ('collector', 'log', 'node', 'witness')", name="ck_enrolled_keys_usage_choice"
        ),
        sa.CheckConstraint("valid_from < valid_to", name="ck_enrolled_keys_validity"),
        sa.UniqueConstraint("digest", name="ux_enrolled_keys_digest"),
    )
    op.create_index("ix_enrolled_keys_key_id", "enrolled_keys", ["key_id"], unique=False)


def _meter_registers() -> None:
    op.create_table(
        "meter_registers",
        sa.Column(
            "registration_index",
            BIG,
            sa.ForeignKey("devices.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("ordinal", BIG, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("minimum", sa.String(), nullable=False),
        sa.Column("maximum", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=True),
        sa.Column("max_rate", sa.String(), nullable=True),
        sa.Column("interval_s", BIG, nullable=False),
        sa.Column("multiplier", sa.String(), nullable=False),
        sa.CheckConstraint("interval_s >= 1", name="ck_meter_registers_interval_s"),
        sa.CheckConstraint("kind IN ('counter', 'gauge')", name="ck_meter_registers_kind_choice"),
        sa.CheckConstraint("scale BETWEEN 0 AND 9", name="ck_meter_registers_scale"),
    )
