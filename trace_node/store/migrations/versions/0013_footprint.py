"""Make the tables by which batches and what rests on a leaf are found."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("footprint_sources", "footprint_units", "footprint_uses", "footprint_batches")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _batches()
    _uses()
    _units()
    _sources()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for table in TABLES:
        op.drop_table(table)


def _leaf(*, primary: bool) -> sa.Column[int]:
    return sa.Column(
        "leaf_index",
        BIG,
        sa.ForeignKey("statements.leaf_index"),
        primary_key=primary,
        autoincrement=False,
        nullable=False,
    )


def _batches() -> None:
    op.create_table(
        "footprint_batches",
        sa.Column("batch", sa.String(), primary_key=True),
        _leaf(primary=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("mass", sa.String(), nullable=False),
    )
    op.create_index("ix_footprint_batches_leaf_index", "footprint_batches", ["leaf_index"])


def _uses() -> None:
    op.create_table(
        "footprint_uses",
        _leaf(primary=True),
        sa.Column("batch", sa.String(), primary_key=True),
        sa.Column("mass", sa.String(), nullable=False),
    )
    op.create_index("ix_footprint_uses_batch", "footprint_uses", ["batch", "leaf_index"])


def _units() -> None:
    op.create_table(
        "footprint_units",
        _leaf(primary=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("mass", sa.String(), nullable=False),
        sa.Column("throughput", sa.String(), nullable=False),
    )
    op.create_index("ix_footprint_units_topic", "footprint_units", ["topic", "leaf_index"])


def _sources() -> None:
    op.create_table(
        "footprint_sources",
        sa.Column("source", BIG, primary_key=True, autoincrement=False),
        _leaf(primary=True),
    )
    op.create_index("ix_footprint_sources_leaf_index", "footprint_sources", ["leaf_index"])
