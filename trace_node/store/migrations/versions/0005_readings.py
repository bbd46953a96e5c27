"""Make the tables of readings and their projections."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _projection_cursors()
    _meter_events()
    _readings()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("readings")
    op.drop_table("meter_events")
    op.drop_table("projection_cursors")


def _projection_cursors() -> None:
    op.create_table(
        "projection_cursors",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("next_index", BIG, nullable=False),
        sa.CheckConstraint("next_index >= 0", name="ck_projection_cursors_next_index"),
    )


def _meter_events() -> None:
    op.create_table(
        "meter_events",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("meter_register", sa.String(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("observed_at", BIG, nullable=False),
    )
    op.create_index(
        "ix_meter_events_device",
        "meter_events",
        ["device", "observed_at", "leaf_index"],
        unique=False,
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("point_id", BIG, sa.ForeignKey("metering_points.point_id"), nullable=False),
        sa.Column("stream_id", BIG, sa.ForeignKey("streams.stream_id"), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("observed_at", BIG, nullable=False),
        sa.Column("collected_at", BIG, nullable=False),
        sa.Column("value", BIG, nullable=True),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("flags", sa.String(), nullable=False),
        sa.Column("valid", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.CheckConstraint("scale BETWEEN 0 AND 9", name="ck_readings_scale"),
        sa.CheckConstraint("valid IN (0, 1)", name="ck_readings_valid"),
        sa.CheckConstraint(
            "(value IS NULL) = (reason IS NOT NULL)", name="ck_readings_value_or_reason"
        ),
    )
    op.create_index(
        "ix_readings_point_observed_at",
        "readings",
        ["point_id", "observed_at", "leaf_index"],
        unique=False,
    )
