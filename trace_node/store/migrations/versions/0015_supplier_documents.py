"""Make the table of the documents that suppliers' figures come from."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this step."""
    op.create_table(
        "supplier_documents",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_supplier_documents_digest_bytes"),
    )


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("supplier_documents")
