"""Make the table of revoked keys, and name the keys whose place another takes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    op.add_column("enrolled_keys", sa.Column("replaces", sa.String(), nullable=True))
    op.create_table(
        "revoked_keys",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("revoked_at", BIG, nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_revoked_keys_digest_bytes"),
        sa.UniqueConstraint("digest", name="ux_revoked_keys_digest"),
        sa.UniqueConstraint("key_id", name="ux_revoked_keys_key_id"),
    )


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("revoked_keys")
    op.drop_column("enrolled_keys", "replaces")
