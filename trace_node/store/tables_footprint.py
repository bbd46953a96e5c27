"""Tables by which batches are found: what made them, what used them, what rests on a leaf."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    blob,
    blob_key,
    key,
    length_is,
    refers,
    text,
    text_key,
)

_STATEMENT = "statements.leaf_index"


class FootprintBatchRow(SQLModel, table=True):
    """A batch; ``mass`` in tonnes is decimal text."""

    __tablename__ = "footprint_batches"
    __table_args__ = (Index("ix_footprint_batches_leaf_index", "leaf_index"),)

    batch: str = Field(sa_column=text_key())
    leaf_index: int = Field(sa_column=refers(_STATEMENT))
    organisation: str = Field(sa_column=text())
    product: str = Field(sa_column=text())
    mass: str = Field(sa_column=text())


class FootprintUseRow(SQLModel, table=True):
    """A part of a batch that an event used."""

    __tablename__ = "footprint_uses"
    __table_args__ = (Index("ix_footprint_uses_batch", "batch", "leaf_index"),)

    leaf_index: int = Field(sa_column=refers(_STATEMENT, primary=True))
    batch: str = Field(sa_column=text_key())
    mass: str = Field(sa_column=text())


class FootprintUnitRow(SQLModel, table=True):
    """What an event took of the throughput of its unit; ``topic`` is that of the stage emission."""

    __tablename__ = "footprint_units"
    __table_args__ = (Index("ix_footprint_units_topic", "topic", "leaf_index"),)

    leaf_index: int = Field(sa_column=refers(_STATEMENT, primary=True))
    topic: str = Field(sa_column=text())
    mass: str = Field(sa_column=text())
    throughput: str = Field(sa_column=text())


class SupplierDocumentRow(SQLModel, table=True):
    """A document that a supplier's figures come from, by its SM3."""

    __tablename__ = "supplier_documents"
    __table_args__ = (length_is("supplier_documents", "digest", DIGEST_BYTES),)

    digest: bytes = Field(sa_column=blob_key())
    body: bytes = Field(sa_column=blob())


class FootprintSourceRow(SQLModel, table=True):
    """A leaf that a statement rests on."""

    __tablename__ = "footprint_sources"
    __table_args__ = (Index("ix_footprint_sources_leaf_index", "leaf_index"),)

    source: int = Field(sa_column=key())
    leaf_index: int = Field(sa_column=refers(_STATEMENT, primary=True))
