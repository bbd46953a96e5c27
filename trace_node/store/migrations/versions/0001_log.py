"""Make the tables of entries, streams and deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this step."""
    _hash_tiles()
    _log_identity()
    _streams()
    _tree_state()
    _entries()
    _contexts()
    _deliveries()
    _delivery_spans()


def downgrade() -> None:
    """Bring the schema back to the step before."""
    op.drop_table("delivery_spans")
    op.drop_table("deliveries")
    op.drop_table("contexts")
    op.drop_table("entries")
    op.drop_table("tree_state")
    op.drop_table("streams")
    op.drop_table("log_identity")
    op.drop_table("hash_tiles")


def _hash_tiles() -> None:
    op.create_table(
        "hash_tiles",
        sa.Column("level", BIG, primary_key=True, autoincrement=False),
        sa.Column("tile_index", BIG, primary_key=True, autoincrement=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hashes) = width * 32", name="ck_hash_tiles_hashes"),
        sa.CheckConstraint("width BETWEEN 1 AND 256", name="ck_hash_tiles_width"),
    )


def _log_identity() -> None:
    op.create_table(
        "log_identity",
        sa.Column("identity_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("hash_name", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.CheckConstraint(
            "hash_name IN ('sm3', 'sha256')", name="ck_log_identity_hash_name_choice"
        ),
        sa.CheckConstraint("identity_id = 1", name="ck_log_identity_one_row"),
        sa.CheckConstraint(
            "profile IN ('collectors', 'opaque')", name="ck_log_identity_profile_choice"
        ),
    )


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("stream_id", BIG, primary_key=True, autoincrement=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("boot", sa.LargeBinary(), nullable=False),
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("head_seq", BIG, nullable=False),
        sa.Column("head_index", BIG, nullable=False),
        sa.CheckConstraint("length(boot) = 16", name="ck_streams_boot_bytes"),
        sa.CheckConstraint("head_seq >= -1", name="ck_streams_head"),
        sa.UniqueConstraint("device", "boot", name="ux_streams_device_boot"),
    )


def _tree_state() -> None:
    op.create_table(
        "tree_state",
        sa.Column("state_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hashes) % 32 = 0", name="ck_tree_state_hashes"),
        sa.CheckConstraint("state_id = 1", name="ck_tree_state_one_row"),
        sa.CheckConstraint("length(root) = 32", name="ck_tree_state_root_bytes"),
        sa.CheckConstraint("size >= 0", name="ck_tree_state_size"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("leaf_index", BIG, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("stream_id", BIG, sa.ForeignKey("streams.stream_id"), nullable=True),
        sa.Column("seq", BIG, nullable=True),
        sa.CheckConstraint("length(body) <= 65535", name="ck_entries_body"),
        sa.CheckConstraint("length(leaf_hash) = 32", name="ck_entries_leaf_hash_bytes"),
        sa.CheckConstraint("leaf_index >= 0", name="ck_entries_leaf_index"),
        sa.CheckConstraint("(stream_id IS NULL) = (seq IS NULL)", name="ck_entries_stream"),
    )
    op.create_index(
        "ux_entries_stream_seq",
        "entries",
        ["stream_id", "seq"],
        unique=True,
        sqlite_where=sa.text("stream_id IS NOT NULL"),
        postgresql_where=sa.text("stream_id IS NOT NULL"),
    )


def _contexts() -> None:
    op.create_table(
        "contexts",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_contexts_digest_bytes"),
        sa.UniqueConstraint("digest", name="ux_contexts_digest"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column(
            "leaf_index",
            BIG,
            sa.ForeignKey("entries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("context_index", BIG, sa.ForeignKey("contexts.leaf_index"), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("received_index", BIG, sa.ForeignKey("entries.leaf_index"), nullable=False),
        sa.Column("received_at", BIG, nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="ck_deliveries_digest_bytes"),
        sa.CheckConstraint("length(root) = 32", name="ck_deliveries_root_bytes"),
        sa.UniqueConstraint("digest", name="ux_deliveries_digest"),
        sa.UniqueConstraint("received_index", name="ux_deliveries_received_index"),
    )


def _delivery_spans() -> None:
    op.create_table(
        "delivery_spans",
        sa.Column(
            "delivery_index",
            BIG,
            sa.ForeignKey("deliveries.leaf_index"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("ordinal", BIG, primary_key=True, autoincrement=False),
        sa.Column("first_index", BIG, sa.ForeignKey("entries.leaf_index"), nullable=False),
        sa.Column("record_count", BIG, nullable=False),
        sa.Column("fresh", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("fresh IN (0, 1)", name="ck_delivery_spans_fresh"),
        sa.CheckConstraint("record_count >= 1", name="ck_delivery_spans_record_count"),
    )
    op.create_index(
        "ux_delivery_spans_fresh",
        "delivery_spans",
        ["first_index"],
        unique=True,
        sqlite_where=sa.text("fresh = 1"),
        postgresql_where=sa.text("fresh = 1"),
    )
