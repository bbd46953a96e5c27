"""Tables of the PACT exchange: footprints, partners, grants and events."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    length_is,
    one_of,
    rule,
    serial,
    small,
    text,
    text_key,
)


class PactFootprintRow(SQLModel, table=True):
    """A published footprint; ``draft`` is canonical JSON, ``preceding`` ids, one a line."""

    __tablename__ = "pact_footprints"
    __table_args__ = (
        one_of("pact_footprints", "status", ("Active", "Deprecated")),
        Index("ix_pact_footprints_lineage", "lineage"),
    )

    number: int = Field(sa_column=serial())
    id: str = Field(sa_column=text(unique=True))
    lineage: str = Field(sa_column=text())
    preceding: str = Field(sa_column=text())
    created: int = Field(sa_column=big())
    published_by: str = Field(sa_column=text())
    status: str = Field(sa_column=text())
    draft: bytes = Field(sa_column=blob())


class PactPartnerRow(SQLModel, table=True):
    """A partner; its secret is kept as a digest."""

    __tablename__ = "pact_partners"
    __table_args__ = (length_is("pact_partners", "secret", DIGEST_BYTES),)

    name: str = Field(sa_column=text_key())
    secret: bytes = Field(sa_column=blob())
    created: int = Field(sa_column=big())
    revoked: int | None = Field(sa_column=big(null=True))
    address: str = Field(sa_column=text())
    client: str = Field(sa_column=text())
    answers_itself: int = Field(sa_column=small())


class PactGrantRow(SQLModel, table=True):
    """That a partner may see every version of a footprint."""

    __tablename__ = "pact_grants"
    __table_args__ = (ForeignKeyConstraint(["partner"], ["pact_partners.name"]),)

    lineage: str = Field(sa_column=text_key())
    partner: str = Field(sa_column=text_key())


class PactReceivedRow(SQLModel, table=True):
    """An event that came; ``body`` is canonical JSON."""

    __tablename__ = "pact_received"
    __table_args__ = (
        UniqueConstraint("partner", "source", "event", name="ux_pact_received_event"),
        one_of("pact_received", "answer", ("open", "fulfilled", "rejected")),
    )

    number: int = Field(sa_column=serial())
    partner: str = Field(sa_column=text())
    source: str = Field(sa_column=text())
    event: str = Field(sa_column=text())
    received: int = Field(sa_column=big())
    answer: str | None = Field(sa_column=text(null=True))
    body: bytes = Field(sa_column=blob())


class PactOutboxRow(SQLModel, table=True):
    """An event that goes out; ``due`` is empty once it arrived or was given up."""

    __tablename__ = "pact_outbox"
    __table_args__ = (
        rule("pact_outbox", "attempts", "attempts >= 0"),
        Index("ix_pact_outbox_due", "due"),
        Index("ix_pact_outbox_event", "partner", "event"),
    )

    number: int = Field(sa_column=serial())
    partner: str = Field(sa_column=text())
    event: str = Field(sa_column=text())
    type: str = Field(sa_column=text())
    queued: int = Field(sa_column=big())
    due: int | None = Field(sa_column=big(null=True))
    attempts: int = Field(sa_column=big())
    delivered: int | None = Field(sa_column=big(null=True))
    detail: str = Field(sa_column=text())
    body: bytes = Field(sa_column=blob())
