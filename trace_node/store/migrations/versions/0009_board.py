"""Make the tables of statements in the log, and of the boards."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _statements()
    _emission_statements()
    _quota_bases()
    _board_alerts()
    _board_attempts()
    _usage_plans()
    _usage_plan_lines()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for table in (
        *("usage_plan_lines", "usage_plans", "board_attempts", "board_alerts"),
        *("quota_bases", "emission_statements", "statements"),
    ):
        op.drop_table(table)


def _leaf(table: str) -> sa.Column[int]:
    return sa.Column(
        "leaf_index",
        BIG,
        sa.ForeignKey(f"{table}.leaf_index"),
        primary_key=True,
        autoincrement=False,
    )


def _statements() -> None:
    op.create_table(
        "statements",
        _leaf("entries"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("content_key", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("digest", name="ux_statements_digest"),
        sa.CheckConstraint("length(digest) = 32", name="ck_statements_digest_bytes"),
        sa.CheckConstraint("length(content_key) = 32", name="ck_statements_content_key_bytes"),
    )
    op.create_index("ix_statements_kind_topic", "statements", ["kind", "topic", "leaf_index"])


def _emission_statements() -> None:
    op.create_table(
        "emission_statements",
        _leaf("statements"),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sector", BIG, nullable=True),
        sa.Column("tonnes", sa.String(), nullable=False),
        sa.Column("stated_at", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('verified', 'provisional')", name="ck_emission_statements_kind_choice"
        ),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name="ck_emission_statements_month"),
    )
    op.create_index(
        "ix_emission_statements_organisation", "emission_statements", ["organisation", "year"]
    )


def _quota_bases() -> None:
    op.create_table(
        "quota_bases",
        _leaf("statements"),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("sector", BIG, nullable=True),
        sa.Column("ledger", BIG, nullable=True),
        sa.Column("budget", BIG, nullable=True),
        sa.Column("output", sa.String(), nullable=True),
        sa.Column("stated_at", BIG, nullable=False),
        sa.CheckConstraint("budget >= 0", name="ck_quota_bases_budget"),
    )
    op.create_index("ix_quota_bases_organisation", "quota_bases", ["organisation", "year"])


def _board_alerts() -> None:
    op.create_table(
        "board_alerts",
        sa.Column("alert", BIG, primary_key=True, autoincrement=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("alert_key", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("raised_at", BIG, nullable=False),
        sa.Column("repeats", sa.SmallInteger(), nullable=False),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_at", BIG, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.UniqueConstraint("organisation", "kind", "alert_key", name="ux_board_alerts_key"),
        sa.CheckConstraint(
            "kind IN ('level', 'trend', 'arrears')", name="ck_board_alerts_kind_choice"
        ),
        sa.CheckConstraint(
            "level IN ('green', 'yellow', 'orange', 'red')", name="ck_board_alerts_level_choice"
        ),
        sa.CheckConstraint("repeats IN (0, 1)", name="ck_board_alerts_repeats"),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name="ck_board_alerts_acknowledgement",
        ),
    )
    op.create_index("ix_board_alerts_open", "board_alerts", ["acknowledged_at", "alert"])


def _board_attempts() -> None:
    op.create_table(
        "board_attempts",
        sa.Column("attempt", BIG, primary_key=True, autoincrement=True),
        sa.Column("alert", BIG, sa.ForeignKey("board_alerts.alert"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("delivered", sa.SmallInteger(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('webhook', 'email')", name="ck_board_attempts_channel_choice"
        ),
        sa.CheckConstraint("delivered IN (0, 1)", name="ck_board_attempts_delivered"),
    )
    op.create_index("ix_board_attempts_alert", "board_attempts", ["alert", "attempt"])


def _usage_plans() -> None:
    op.create_table(
        "usage_plans",
        *_plan_key(),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("version >= 1", name="ck_usage_plans_version"),
    )


def _usage_plan_lines() -> None:
    op.create_table(
        "usage_plan_lines",
        *_plan_key(),
        sa.Column("month", sa.String(), primary_key=True),
        sa.Column("act", sa.String(), primary_key=True),
        sa.Column("tonnes", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation", "year", "version"],
            ["usage_plans.organisation", "usage_plans.year", "usage_plans.version"],
        ),
        sa.CheckConstraint(
            "act IN ('hold', 'sell', 'buy', 'offset', 'carry_over')",
            name="ck_usage_plan_lines_act_choice",
        ),
        sa.CheckConstraint("tonnes >= 0", name="ck_usage_plan_lines_tonnes"),
    )


def _plan_key() -> tuple[sa.Column[str], sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("organisation", sa.String(), primary_key=True),
        sa.Column("year", BIG, primary_key=True, autoincrement=False),
        sa.Column("version", BIG, primary_key=True, autoincrement=False),
    )
