"""Tables of computed emissions: what each record in the log says, and the results behind them."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    blob_key,
    key,
    length_is,
    one_of,
    refers,
    rule,
    small,
    text,
    text_key,
)


class FigureRow(SQLModel, table=True):
    """An ``emission@1`` in the log; ``period`` is its name, begin and end say where it lies."""

    __tablename__ = "accounted_figures"
    __table_args__ = (
        length_is("accounted_figures", "result", DIGEST_BYTES),
        one_of("accounted_figures", "standing", ("final", "provisional")),
        rule("accounted_figures", "order", "begin_at < end_at"),
        Index("ix_accounted_figures_period", "organisation", "boundary", "begin_at"),
        Index("ix_accounted_figures_replaces", "replaces"),
    )

    leaf_index: int = Field(sa_column=refers("statements.leaf_index", primary=True))
    organisation: str = Field(sa_column=text())
    boundary: str = Field(sa_column=text())
    boundary_index: int = Field(sa_column=big())
    unit: str = Field(sa_column=text())
    method: str = Field(sa_column=text())
    period: str = Field(sa_column=text())
    begin_at: int = Field(sa_column=big())
    end_at: int = Field(sa_column=big())
    standing: str = Field(sa_column=text())
    result: bytes = Field(sa_column=blob())
    replaces: int | None = Field(sa_column=big(null=True))
    demonstration: str | None = Field(sa_column=text(null=True))
    stated_at: int = Field(sa_column=big())


class FigureTotalRow(SQLModel, table=True):
    """A figure of such a record; ``masses`` is its member as canonical JSON."""

    __tablename__ = "accounted_totals"

    leaf_index: int = Field(sa_column=refers("accounted_figures.leaf_index", primary=True))
    total: str = Field(sa_column=text_key())
    place: int = Field(sa_column=big())
    purpose: str = Field(sa_column=text())
    value: str = Field(sa_column=text())
    unit: str = Field(sa_column=text())
    gwp_set: str = Field(sa_column=text())
    masses: str = Field(sa_column=text())


class FigureItemRow(SQLModel, table=True):
    """The mass of one gas from one source in such a record, decimal text."""

    __tablename__ = "accounted_items"
    __table_args__ = (
        rule("accounted_items", "scope", "scope BETWEEN 1 AND 3"),
        rule("accounted_items", "iso14064", "iso14064 BETWEEN 1 AND 6"),
        one_of("accounted_items", "role", ("emission", "sink")),
    )

    leaf_index: int = Field(sa_column=refers("accounted_figures.leaf_index", primary=True))
    place: int = Field(sa_column=key())
    source: str = Field(sa_column=text())
    category: str = Field(sa_column=text())
    scope: int = Field(sa_column=small())
    iso14064: int = Field(sa_column=small())
    gas: str = Field(sa_column=text())
    role: str = Field(sa_column=text())
    mass: str = Field(sa_column=text())


class ResultRow(SQLModel, table=True):
    """The canonical result behind a record; recomputing gives it again."""

    __tablename__ = "accounted_results"
    __table_args__ = (length_is("accounted_results", "digest", DIGEST_BYTES),)

    digest: bytes = Field(sa_column=blob_key())
    body: bytes = Field(sa_column=blob())
