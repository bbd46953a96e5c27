"""Make the tables of conflicts and findings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _conflicts()
    _findings()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("findings")
    op.drop_table("conflicts")


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("conflict_id", BIG, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("boot", sa.LargeBinary(), nullable=False),
        sa.Column("seq", BIG, nullable=True),
        sa.Column("known_index", BIG, sa.ForeignKey("entries.leaf_index"), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("delivery", sa.LargeBinary(), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.CheckConstraint("kind IN ('repeat', 'head')", name="ck_conflicts_kind_choice"),
        sa.CheckConstraint("length(leaf_hash) = 32", name="ck_conflicts_leaf_hash_bytes"),
        sa.UniqueConstraint("kind", "leaf_hash", name="ux_conflicts_kind_leaf_hash"),
    )
    op.create_index("ix_conflicts_device", "conflicts", ["device"], unique=False)


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("finding_id", BIG, primary_key=True, autoincrement=True),
        sa.Column("finding_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_index", BIG, sa.ForeignKey("entries.leaf_index"), nullable=True),
        sa.UniqueConstraint("finding_key", name="ux_findings_finding_key"),
        sa.UniqueConstraint("leaf_index", name="ux_findings_leaf_index"),
    )
    op.create_index("ix_findings_device", "findings", ["device"], unique=False)
