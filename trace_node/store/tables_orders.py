"""Table of the orders that were handed to this node."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.ports.orders import OrderPhase
from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    blob_key,
    length_is,
    one_of,
    rule,
    small,
    text,
)


class OrderBookRow(SQLModel, table=True):
    """An order file as it was taken, and how far it has come; one per order id."""

    __tablename__ = "order_book"
    __table_args__ = (
        one_of("order_book", "phase", tuple(phase.value for phase in OrderPhase)),
        rule("order_book", "final", "final IN (0, 1)"),
        rule("order_book", "due", "due >= 0"),
        *(
            length_is("order_book", column, DIGEST_BYTES)
            for column in ("order_id", "content_hash", "transaction_hash")
        ),
        Index("ix_order_book_due", "final", "due"),
        Index("ix_order_book_taken", "taken_ms"),
    )

    order_id: bytes = Field(sa_column=blob_key())
    content_hash: bytes = Field(sa_column=blob())
    file: bytes = Field(sa_column=blob())
    organisation: int | None = Field(sa_column=big(null=True))
    phase: str = Field(sa_column=text())
    reason: str = Field(sa_column=text())
    detail: str = Field(sa_column=text())
    transaction_hash: bytes | None = Field(sa_column=blob(null=True))
    block: int | None = Field(sa_column=big(null=True))
    final: int = Field(sa_column=small())
    due: int = Field(sa_column=big())
    taken_ms: int = Field(sa_column=big())
    changed_ms: int = Field(sa_column=big())
    revision: int = Field(sa_column=big())
