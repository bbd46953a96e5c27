"""Make the tables of increments and periods."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _device_tails()
    _chain_states()
    _increments()
    _period_totals()
    _series_states()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("series_states")
    op.drop_table("period_totals")
    op.drop_table("increments")
    op.drop_table("chain_states")
    op.drop_table("device_tails")


def _device_tails() -> None:
    op.create_table(
        "device_tails",
        sa.Column("device", sa.String(), primary_key=True),
        sa.Column("boot", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_device_tails_digest_bytes"),
    )


def _chain_states() -> None:
    op.create_table(
        "chain_states",
        sa.Column(
            "stream_id",
            BIG,
            sa.ForeignKey("streams.stream_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("next_seq", BIG, nullable=False),
        sa.Column("last_digest", sa.LargeBinary(), nullable=False),
        sa.Column("missing", BIG, nullable=False),
        sa.Column("branch", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(branch) = 32", name="ck_chain_states_branch_bytes"),
        sa.CheckConstraint("length(last_digest) = 32", name="ck_chain_states_last_digest_bytes"),
        sa.CheckConstraint("missing >= 0", name="ck_chain_states_missing"),
    )


def _increments() -> None:
    op.create_table(
        "increments",
        sa.Column(
            "point_id",
            BIG,
            sa.ForeignKey("metering_points.point_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("to_ms", BIG, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("from_digest", sa.LargeBinary(), nullable=True),
        sa.Column("value", BIG, nullable=True),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_increments_digest_bytes"),
        sa.CheckConstraint("from_ms <= to_ms", name="ck_increments_order"),
    )


def _period_totals() -> None:
    op.create_table(
        "period_totals",
        sa.Column(
            "point_id",
            BIG,
            sa.ForeignKey("metering_points.point_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("begin_ms", BIG, primary_key=True, autoincrement=False),
        sa.Column("until_ms", BIG, nullable=False),
        sa.Column("total", sa.String(), nullable=True),
        sa.Column("minimum", sa.String(), nullable=True),
        sa.Column("maximum", sa.String(), nullable=True),
        sa.Column("least_step", sa.String(), nullable=True),
        sa.Column("greatest_step", sa.String(), nullable=True),
        sa.Column("sample_sum", sa.String(), nullable=False),
        sa.Column("samples", BIG, nullable=False),
        sa.Column("covered", BIG, nullable=True),
        sa.Column("expected", BIG, nullable=True),
        sa.Column("required", BIG, nullable=True),
        sa.Column("judged_by", sa.String(), nullable=True),
        sa.Column("flags", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('second', 'minute', 'quarter-hour', 'hour', 'day', 'month', 'year')",
            name="ck_period_totals_kind_choice",
        ),
        sa.CheckConstraint("begin_ms < until_ms", name="ck_period_totals_order"),
    )
    op.create_index(
        "ix_period_totals_until", "period_totals", ["point_id", "until_ms"], unique=False
    )


def _series_states() -> None:
    op.create_table(
        "series_states",
        sa.Column(
            "point_id",
            BIG,
            sa.ForeignKey("metering_points.point_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("at_ms", BIG, primary_key=True, autoincrement=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("grade IN (0, 1, 2)", name="ck_series_states_grade"),
    )
