"""Make the tables of the PACT exchange: footprints, partners, grants and events."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("pact_outbox", "pact_received", "pact_grants", "pact_partners", "pact_footprints")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _footprints()
    _partners()
    _received()
    _outbox()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    for table in TABLES:
        op.drop_table(table)


def _footprints() -> None:
    op.create_table(
        "pact_footprints",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("lineage", sa.String(), nullable=False),
        sa.Column("preceding", sa.String(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "status IN ('Active', 'Deprecated')", name="ck_pact_footprints_status_choice"
        ),
    )
    op.create_index("ix_pact_footprints_lineage", "pact_footprints", ["lineage"], unique=False)


def _partners() -> None:
    op.create_table(
        "pact_partners",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("revoked", BIG, nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("answers_itself", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("length(secret) = 32", name="ck_pact_partners_secret_bytes"),
    )
    op.create_table(
        "pact_grants",
        sa.Column("lineage", sa.String(), primary_key=True),
        sa.Column("partner", sa.String(), primary_key=True),
        sa.ForeignKeyConstraint(["partner"], ["pact_partners.name"]),
    )


def _received() -> None:
    op.create_table(
        "pact_received",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("received", BIG, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("partner", "source", "event", name="ux_pact_received_event"),
        sa.CheckConstraint(
            "answer IN ('open', 'fulfilled', 'rejected')", name="ck_pact_received_answer_choice"
        ),
    )


def _outbox() -> None:
    op.create_table(
        "pact_outbox",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("queued", BIG, nullable=False),
        sa.Column("due", BIG, nullable=True),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("delivered", BIG, nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name="ck_pact_outbox_attempts"),
    )
    op.create_index("ix_pact_outbox_due", "pact_outbox", ["due"], unique=False)
    op.create_index("ix_pact_outbox_event", "pact_outbox", ["partner", "event"], unique=False)
