"""Make the table of the orders that were handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    op.create_table(
        "order_book",
        sa.Column("order_id", sa.LargeBinary(), primary_key=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", BIG, nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(), nullable=True),
        sa.Column("block", BIG, nullable=True),
        sa.Column("final", sa.SmallInteger(), nullable=False),
        sa.Column("due", BIG, nullable=False),
        sa.Column("taken_ms", BIG, nullable=False),
        sa.Column("changed_ms", BIG, nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.CheckConstraint(
            "phase IN ('signed', 'refused', 'submitted', 'proposed', 'approved', 'executed',"
            " 'unconfirmed', 'confirmed', 'cancelled', 'expired')",
            name="ck_order_book_phase_choice",
        ),
        sa.CheckConstraint("final IN (0, 1)", name="ck_order_book_final"),
        sa.CheckConstraint("due >= 0", name="ck_order_book_due"),
        sa.CheckConstraint("length(order_id) = 32", name="ck_order_book_order_id_bytes"),
        sa.CheckConstraint("length(content_hash) = 32", name="ck_order_book_content_hash_bytes"),
        sa.CheckConstraint(
            "length(transaction_hash) = 32", name="ck_order_book_transaction_hash_bytes"
        ),
    )
    op.create_index("ix_order_book_due", "order_book", ["final", "due"], unique=False)
    op.create_index("ix_order_book_taken", "order_book", ["taken_ms"], unique=False)


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("order_book")
