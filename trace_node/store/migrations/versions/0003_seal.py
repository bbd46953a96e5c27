"""Make the tables of checkpoints and anchors."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _anchors()
    _checkpoints()
    _anchor_requests()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("anchor_requests")
    op.drop_table("checkpoints")
    op.drop_table("anchors")


def _anchors() -> None:
    op.create_table(
        "anchors",
        sa.Column("transaction_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("block_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous_size", BIG, nullable=False),
        sa.Column("previous_root", sa.LargeBinary(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("chain_id", BIG, nullable=False),
        sa.Column("genesis_hash", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.LargeBinary(), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("block_time", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.CheckConstraint("length(block_hash) = 32", name="ck_anchors_block_hash_bytes"),
        sa.CheckConstraint("length(contract) = 20", name="ck_anchors_contract"),
        sa.CheckConstraint("length(genesis_hash) = 32", name="ck_anchors_genesis_hash_bytes"),
        sa.CheckConstraint("length(log_id) = 32", name="ck_anchors_log_id_bytes"),
        sa.CheckConstraint("length(previous_root) = 32", name="ck_anchors_previous_root_bytes"),
        sa.CheckConstraint("length(root) = 32", name="ck_anchors_root_bytes"),
        sa.CheckConstraint("previous_size >= 0 AND size >= previous_size", name="ck_anchors_sizes"),
        sa.CheckConstraint(
            "state IN ('mined', 'final', 'reorged')", name="ck_anchors_state_choice"
        ),
        sa.CheckConstraint(
            "length(transaction_hash) = 32", name="ck_anchors_transaction_hash_bytes"
        ),
    )
    op.create_index("ix_anchors_size", "anchors", ["size"], unique=False)


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("size", BIG, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", BIG, nullable=False),
        sa.CheckConstraint("length(root) = 32", name="ck_checkpoints_root_bytes"),
        sa.CheckConstraint("size >= 1", name="ck_checkpoints_size"),
    )


def _anchor_requests() -> None:
    op.create_table(
        "anchor_requests",
        sa.Column(
            "size", BIG, sa.ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('checkpointed', 'submitted', 'mined', 'final', 'reorged', 'resubmitted')",
            name="ck_anchor_requests_state_choice",
        ),
    )
