"""Make the tables of computed emissions."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("accounted_results", "accounted_items", "accounted_totals", "accounted_figures")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _figures()
    _totals()
    _items()
    op.create_table(
        "accounted_results",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_accounted_results_digest_bytes"),
    )


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for table in TABLES:
        op.drop_table(table)


def _figures() -> None:
    op.create_table(
        "accounted_figures",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("statements.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("boundary", sa.String(), nullable=False),
        sa.Column("boundary_index", BIG, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("begin_at", BIG, nullable=False),
        sa.Column("end_at", BIG, nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", BIG, nullable=True),
        sa.Column("demonstration", sa.String(), nullable=True),
        sa.Column("stated_at", BIG, nullable=False),
        sa.CheckConstraint("length(result) = 32", name="ck_accounted_figures_result_bytes"),
        sa.CheckConstraint(
            "standing IN ('final', 'provisional')", name="ck_accounted_figures_standing_choice"
        ),
        sa.CheckConstraint("begin_at < end_at", name="ck_accounted_figures_order"),
    )
    op.create_index(
        "ix_accounted_figures_period",
        "accounted_figures",
        ["organisation", "boundary", "begin_at"],
        unique=False,
    )
    op.create_index(
        "ix_accounted_figures_replaces", "accounted_figures", ["replaces"], unique=False
    )


def _totals() -> None:
    op.create_table(
        "accounted_totals",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("accounted_figures.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("total", sa.String(), primary_key=True),
        sa.Column("place", BIG, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("gwp_set", sa.String(), nullable=False),
        sa.Column("masses", sa.String(), nullable=False),
    )


def _items() -> None:
    op.create_table(
        "accounted_items",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("accounted_figures.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("place", BIG, primary_key=True, autoincrement=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.Column("iso14064", sa.SmallInteger(), nullable=False),
        sa.Column("gas", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("mass", sa.String(), nullable=False),
        sa.CheckConstraint("scope BETWEEN 1 AND 3", name="ck_accounted_items_scope"),
        sa.CheckConstraint("iso14064 BETWEEN 1 AND 6", name="ck_accounted_items_iso14064"),
        sa.CheckConstraint("role IN ('emission', 'sink')", name="ck_accounted_items_role_choice"),
    )
