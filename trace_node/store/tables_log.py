"""Tables of the log itself: entries, the tree over them, device streams and deliveries."""

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    BOOT_BYTES,
    DIGEST_BYTES,
    big,
    blob,
    key,
    length_is,
    one_of,
    refers,
    rule,
    serial,
    small,
)
from trace_node.store.columns import text as text_column

PROFILES = ("collectors", "opaque")
HASH_NAMES = ("sm3", "sha256")


class LogIdentityRow(SQLModel, table=True):
    """Which log this database holds: one row."""

    __tablename__ = "log_identity"
    __table_args__ = (
        rule("log_identity", "one_row", "identity_id = 1"),
        one_of("log_identity", "hash_name", HASH_NAMES),
        one_of("log_identity", "profile", PROFILES),
    )

    identity_id: int = Field(sa_column=key())
    origin: str = Field(sa_column=text_column())
    hash_name: str = Field(sa_column=text_column())
    profile: str = Field(sa_column=text_column())
    created_at: int = Field(sa_column=big())


class TreeStateRow(SQLModel, table=True):
    """Size, root and compact range of the tree: one row, written with the entries it covers."""

    __tablename__ = "tree_state"
    __table_args__ = (
        rule("tree_state", "one_row", "state_id = 1"),
        rule("tree_state", "size", "size >= 0"),
        rule("tree_state", "hashes", "length(hashes) % 32 = 0"),
        length_is("tree_state", "root", DIGEST_BYTES),
    )

    state_id: int = Field(sa_column=key())
    size: int = Field(sa_column=big())
    root: bytes = Field(sa_column=blob())
    hashes: bytes = Field(sa_column=blob())


class EntryRow(SQLModel, table=True):
    """One entry of the log. Nothing ever updates or deletes a row of this table."""

    __tablename__ = "entries"
    __table_args__ = (
        rule("entries", "leaf_index", "leaf_index >= 0"),
        length_is("entries", "leaf_hash", DIGEST_BYTES),
        rule("entries", "body", "length(body) <= 65535"),
        rule("entries", "stream", "(stream_id IS NULL) = (seq IS NULL)"),
        Index(
            "ux_entries_stream_seq",
            "stream_id",
            "seq",
            unique=True,
            sqlite_where=text("stream_id IS NOT NULL"),
            postgresql_where=text("stream_id IS NOT NULL"),
        ),
    )

    leaf_index: int = Field(sa_column=key())
    kind: str = Field(sa_column=text_column())
    body: bytes = Field(sa_column=blob())
    leaf_hash: bytes = Field(sa_column=blob())
    stream_id: int | None = Field(sa_column=refers("streams.stream_id", null=True))
    seq: int | None = Field(sa_column=big(null=True))


class StreamRow(SQLModel, table=True):
    """One (device, boot) and the newest record of it in the log."""

    __tablename__ = "streams"
    __table_args__ = (
        UniqueConstraint("device", "boot", name="ux_streams_device_boot"),
        length_is("streams", "boot", BOOT_BYTES),
        rule("streams", "head", "head_seq >= -1"),
    )

    stream_id: int = Field(sa_column=serial())
    device: str = Field(sa_column=text_column())
    boot: bytes = Field(sa_column=blob())
    collector: str = Field(sa_column=text_column())
    head_seq: int = Field(sa_column=big())
    head_index: int = Field(sa_column=big())


class ContextRow(SQLModel, table=True):
    """A context record in the log, found by its digest."""

    __tablename__ = "contexts"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_contexts_digest"),
        length_is("contexts", "digest", DIGEST_BYTES),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())


class DeliveryRow(SQLModel, table=True):
    """A delivery record in the log and the acknowledgement it got."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_deliveries_digest"),
        UniqueConstraint("received_index", name="ux_deliveries_received_index"),
        length_is("deliveries", "digest", DIGEST_BYTES),
        length_is("deliveries", "root", DIGEST_BYTES),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())
    collector: str = Field(sa_column=text_column())
    context_index: int = Field(sa_column=refers("contexts.leaf_index"))
    root: bytes = Field(sa_column=blob())
    received_index: int = Field(sa_column=refers("entries.leaf_index"))
    received_at: int = Field(sa_column=big())


class DeliverySpanRow(SQLModel, table=True):
    """Where the records of a delivery are; one row when all of them were new."""

    __tablename__ = "delivery_spans"
    __table_args__ = (
        rule("delivery_spans", "record_count", "record_count >= 1"),
        rule("delivery_spans", "fresh", "fresh IN (0, 1)"),
        Index(
            "ux_delivery_spans_fresh",
            "first_index",
            unique=True,
            sqlite_where=text("fresh = 1"),
            postgresql_where=text("fresh = 1"),
        ),
    )

    delivery_index: int = Field(sa_column=refers("deliveries.leaf_index", primary=True))
    ordinal: int = Field(sa_column=key())
    first_index: int = Field(sa_column=refers("entries.leaf_index"))
    record_count: int = Field(sa_column=big())
    fresh: int = Field(sa_column=small())


class HashTileRow(SQLModel, table=True):
    """A hash tile; the last one of a level grows at its right end until it holds 256 hashes."""

    __tablename__ = "hash_tiles"
    __table_args__ = (
        rule("hash_tiles", "width", "width BETWEEN 1 AND 256"),
        rule("hash_tiles", "hashes", "length(hashes) = width * 32"),
    )

    level: int = Field(sa_column=key())
    tile_index: int = Field(sa_column=key())
    width: int = Field(sa_column=small())
    hashes: bytes = Field(sa_column=blob())
