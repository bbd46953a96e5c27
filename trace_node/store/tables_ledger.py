"""Tables of the ledger's mirror: which ledger, how far, its events and postings, its stops."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.ports.ledger_mirror_head import StopCause
from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    key,
    length_is,
    one_of,
    rule,
    small,
    text,
    text_key,
)

ADDRESS_BYTES = 20
# SQLite keeps the rows in the index of their key, instead of beside it.
NARROW = {"sqlite_with_rowid": False}
STOP_CAUSES = tuple(cause.value for cause in StopCause)
BOOK_COLUMNS = ("access", "rules", "lots", "obligations", "orders")


class LedgerIdentityRow(SQLModel, table=True):
    """The one ledger that this database mirrors, for ever."""

    __tablename__ = "ledger_identity"
    __table_args__ = (
        rule("ledger_identity", "single", "identity_id = 1"),
        length_is("ledger_identity", "genesis_hash", DIGEST_BYTES),
        *(length_is("ledger_identity", name, ADDRESS_BYTES) for name in BOOK_COLUMNS),
    )

    identity_id: int = Field(sa_column=key())
    chain_id: int = Field(sa_column=big())
    genesis_hash: bytes = Field(sa_column=blob())
    first_block: int = Field(sa_column=big())
    access: bytes = Field(sa_column=blob())
    rules: bytes = Field(sa_column=blob())
    lots: bytes = Field(sa_column=blob())
    obligations: bytes = Field(sa_column=blob())
    orders: bytes = Field(sa_column=blob())


class LedgerHeadRow(SQLModel, table=True):
    """How far the mirror has come; ``revision`` is compared before it is replaced."""

    __tablename__ = "ledger_head"
    __table_args__ = (
        rule("ledger_head", "single", "head_id = 1"),
        *(
            length_is("ledger_head", name, DIGEST_BYTES)
            for name in ("tip_hash", "waiting_hash", "settled_hash", "history")
        ),
        rule(
            "ledger_head",
            "counts",
            " AND ".join(f"{name}_events >= 0" for name in BOOK_COLUMNS),
        ),
    )

    head_id: int = Field(sa_column=key())
    revision: int = Field(sa_column=big())
    cursor: bytes = Field(sa_column=blob())
    tip_number: int = Field(sa_column=big())
    tip_hash: bytes = Field(sa_column=blob())
    tip_time: int = Field(sa_column=big())
    waiting_number: int = Field(sa_column=big())
    waiting_hash: bytes = Field(sa_column=blob())
    waiting_time: int = Field(sa_column=big())
    settled_number: int | None = Field(sa_column=big(null=True))
    settled_hash: bytes | None = Field(sa_column=blob(null=True))
    settled_time: int | None = Field(sa_column=big(null=True))
    height: int = Field(sa_column=big())
    final: int = Field(sa_column=big())
    access_events: int = Field(sa_column=big())
    rules_events: int = Field(sa_column=big())
    lots_events: int = Field(sa_column=big())
    obligations_events: int = Field(sa_column=big())
    orders_events: int = Field(sa_column=big())
    history: bytes = Field(sa_column=blob())
    level_ms: int = Field(sa_column=big())
    reconciled_block: int | None = Field(sa_column=big(null=True))
    reconciled_ms: int | None = Field(sa_column=big(null=True))


class LedgerStopRow(SQLModel, table=True):
    """Why no order may be sent on the word of the mirror."""

    __tablename__ = "ledger_stops"
    __table_args__ = (one_of("ledger_stops", "cause", STOP_CAUSES),)

    cause: str = Field(sa_column=text_key())
    detail: str = Field(sa_column=text())
    evidence: str = Field(sa_column=text())
    block: int = Field(sa_column=big())
    since_ms: int = Field(sa_column=big())


class LedgerBlockRow(SQLModel, table=True):
    """A block with events; ``history`` is a digest over all events up to and with it."""

    __tablename__ = "ledger_blocks"
    __table_args__ = (
        length_is("ledger_blocks", "block_hash", DIGEST_BYTES),
        length_is("ledger_blocks", "history", DIGEST_BYTES),
    )

    number: int = Field(sa_column=key())
    block_hash: bytes = Field(sa_column=blob())
    block_time: int = Field(sa_column=big())
    history: bytes = Field(sa_column=blob())


class LedgerEventRow(SQLModel, table=True):
    """An event: its number in its contract, where it was emitted, and its content as JSON."""

    __tablename__ = "ledger_events"
    __table_args__ = (
        rule("ledger_events", "book", "book BETWEEN 1 AND 5"),
        rule("ledger_events", "sequence", "sequence >= 1"),
        length_is("ledger_events", "transaction_hash", DIGEST_BYTES),
        Index("ux_ledger_events_place", "block", "log_index", unique=True),
        NARROW,
    )

    book: int = Field(sa_column=key())
    sequence: int = Field(sa_column=key())
    block: int = Field(sa_column=big())
    log_index: int = Field(sa_column=big())
    transaction_hash: bytes = Field(sa_column=blob())
    name: str = Field(sa_column=text())
    content: str = Field(sa_column=text())


class LedgerPostingRow(SQLModel, table=True):
    """Tonnes into a cell or out of it; those of one event add up to 0."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        rule("ledger_postings", "tonnes", "tonnes <> 0"),
        rule("ledger_postings", "place", "place BETWEEN 0 AND 7"),
        rule("ledger_postings", "account", "(place BETWEEN 1 AND 4) = (account > 0)"),
        Index("ix_ledger_postings_cell", "account", "class_id", "place"),
        NARROW,
    )

    block: int = Field(sa_column=key())
    log_index: int = Field(sa_column=key())
    line: int = Field(sa_column=key())
    account: int = Field(sa_column=big())
    class_id: int = Field(sa_column=big())
    place: int = Field(sa_column=small())
    tonnes: int = Field(sa_column=big())
    lot: int = Field(sa_column=big())


class LedgerImageRow(SQLModel, table=True):
    """A row as it was before the first event of a block that changed it: kept until that is final.

    ``kind`` is the number of its table, ``row_key`` and ``content`` are JSON; no content: no row.
    """

    __tablename__ = "ledger_images"
    __table_args__ = NARROW

    block: int = Field(sa_column=key())
    kind: int = Field(sa_column=key())
    row_key: str = Field(sa_column=text_key())
    content: str | None = Field(sa_column=text(null=True))
