"""Make the tables of imported registry files, openings and disclosures."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "disclosures",
    "commitment_openings",
    "registry_references",
    "registry_files",
)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _registry_files()
    _registry_references()
    _openings()
    _disclosures()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for table in TABLES:
        op.drop_table(table)


def _registry_files() -> None:
    op.create_table(
        "registry_files",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("as_of", BIG, nullable=False),
        sa.Column("imported_at", BIG, nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint(
            "system", "kind", "account", "number", "version", name="ux_registry_files_version"
        ),
        sa.CheckConstraint("length(digest) = 32", name="ck_registry_files_digest_bytes"),
        sa.CheckConstraint(
            "system IN ('allowance', 'ccer')", name="ck_registry_files_system_choice"
        ),
        sa.CheckConstraint(
            "kind IN ('holdings', 'transactions')", name="ck_registry_files_kind_choice"
        ),
        sa.CheckConstraint("form IN ('csv', 'xlsx')", name="ck_registry_files_form_choice"),
        sa.CheckConstraint("version >= 1", name="ck_registry_files_version"),
    )


def _registry_references() -> None:
    op.create_table(
        "registry_references",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("first_serial", BIG, nullable=False),
        sa.Column("last_serial", BIG, nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_registry_references_digest_bytes"),
        sa.CheckConstraint("first_serial <= last_serial", name="ck_registry_references_order"),
    )


def _openings() -> None:
    op.create_table(
        "commitment_openings",
        sa.Column("commitment", sa.LargeBinary(), primary_key=True),
        sa.Column("order_id", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("parties", sa.String(), nullable=False),
        sa.Column("kept_at", BIG, nullable=False),
        sa.CheckConstraint(
            "length(commitment) = 32", name="ck_commitment_openings_commitment_bytes"
        ),
        sa.CheckConstraint("length(order_id) = 32", name="ck_commitment_openings_order_id_bytes"),
    )
    op.create_index(
        "ix_commitment_openings_order", "commitment_openings", ["order_id"], unique=False
    )


def _disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("product", sa.String(), primary_key=True),
        sa.Column("month", BIG, primary_key=True, autoincrement=False),
        sa.Column("trades", BIG, nullable=False),
        sa.Column("volume", BIG, nullable=False),
        sa.Column("amount", sa.String(), nullable=False),
        sa.Column("published_at", BIG, nullable=False),
        sa.CheckConstraint("trades >= 1", name="ck_disclosures_trades"),
        sa.CheckConstraint("volume >= 1", name="ck_disclosures_volume"),
    )
