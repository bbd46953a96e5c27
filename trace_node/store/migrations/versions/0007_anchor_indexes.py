"""Index what anchoring asks for at every pass."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this step."""
    op.create_index("ix_anchors_state", "anchors", ["state", "size"], unique=False)
    op.create_index("ix_anchor_requests_state", "anchor_requests", ["state", "size"], unique=False)
    op.create_index(
        "ix_anchor_requests_block_hash", "anchor_requests", ["block_hash"], unique=False
    )


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_index("ix_anchor_requests_block_hash", table_name="anchor_requests")
    op.drop_index("ix_anchor_requests_state", table_name="anchor_requests")
    op.drop_index("ix_anchors_state", table_name="anchors")
