"""Tables of the statements in the log: how each is found, and what boards read of two types."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    length_is,
    one_of,
    refers,
    rule,
    small,
    text,
)


class StatementRow(SQLModel, table=True):
    """A statement in the log; what it says is its entry, here is how it is found."""

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("digest", name="ux_statements_digest"),
        length_is("statements", "digest", DIGEST_BYTES),
        length_is("statements", "content_key", DIGEST_BYTES),
        Index("ix_statements_kind_topic", "kind", "topic", "leaf_index"),
    )

    leaf_index: int = Field(sa_column=refers("entries.leaf_index", primary=True))
    digest: bytes = Field(sa_column=blob())
    kind: str = Field(sa_column=text())
    topic: str = Field(sa_column=text())
    content_key: bytes = Field(sa_column=blob())


class EmissionStatementRow(SQLModel, table=True):
    """What an emission statement says; ``month`` is null for a whole year, tonnes decimal text."""

    __tablename__ = "emission_statements"
    __table_args__ = (
        one_of("emission_statements", "kind", ("verified", "provisional")),
        rule("emission_statements", "month", "month BETWEEN 1 AND 12"),
        Index("ix_emission_statements_organisation", "organisation", "year"),
    )

    leaf_index: int = Field(sa_column=refers("statements.leaf_index", primary=True))
    organisation: str = Field(sa_column=text())
    year: int = Field(sa_column=big())
    month: int | None = Field(sa_column=small(null=True))
    kind: str = Field(sa_column=text())
    sector: int | None = Field(sa_column=big(null=True))
    tonnes: str = Field(sa_column=text())
    stated_at: int = Field(sa_column=big())


class QuotaBasisRow(SQLModel, table=True):
    """What a basis of a board says; ``output`` is the member of the record as canonical JSON."""

    __tablename__ = "quota_bases"
    __table_args__ = (
        rule("quota_bases", "budget", "budget >= 0"),
        Index("ix_quota_bases_organisation", "organisation", "year"),
    )

    leaf_index: int = Field(sa_column=refers("statements.leaf_index", primary=True))
    organisation: str = Field(sa_column=text())
    year: int = Field(sa_column=big())
    sector: int | None = Field(sa_column=big(null=True))
    ledger: int | None = Field(sa_column=big(null=True))
    budget: int | None = Field(sa_column=big(null=True))
    output: str | None = Field(sa_column=text(null=True))
    stated_at: int = Field(sa_column=big())
