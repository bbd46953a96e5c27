"""Tables of what contradicts: conflicting records, kept for ever, and the node's findings."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from trace_node.store.columns import (
    DIGEST_BYTES,
    big,
    blob,
    length_is,
    one_of,
    refers,
    serial,
    small,
    text,
)


class ConflictRow(SQLModel, table=True):
    """A signed record that contradicts the log, with the proof that it was delivered."""

    __tablename__ = "conflicts"
    __table_args__ = (
        UniqueConstraint("kind", "leaf_hash", name="ux_conflicts_kind_leaf_hash"),
        one_of("conflicts", "kind", ("repeat", "head")),
        length_is("conflicts", "leaf_hash", DIGEST_BYTES),
        Index("ix_conflicts_device", "device"),
    )

    conflict_id: int = Field(sa_column=serial())
    kind: str = Field(sa_column=text())
    device: str = Field(sa_column=text())
    boot: bytes = Field(sa_column=blob())
    seq: int | None = Field(sa_column=big(null=True))
    known_index: int | None = Field(sa_column=refers("entries.leaf_index", null=True))
    body: bytes = Field(sa_column=blob())
    leaf_hash: bytes = Field(sa_column=blob())
    delivery: bytes = Field(sa_column=blob())
    context: bytes = Field(sa_column=blob())
    position: int = Field(sa_column=small())
    path: bytes = Field(sa_column=blob())
    received_at: int = Field(sa_column=big())


class FindingRow(SQLModel, table=True):
    """A signed finding; it has a leaf index once it is logged."""

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("finding_key", name="ux_findings_finding_key"),
        UniqueConstraint("leaf_index", name="ux_findings_leaf_index"),
        Index("ix_findings_device", "device"),
    )

    finding_id: int = Field(sa_column=serial())
    finding_key: str = Field(sa_column=text())
    code: str = Field(sa_column=text())
    device: str = Field(sa_column=text())
    body: bytes = Field(sa_column=blob())
    leaf_index: int | None = Field(sa_column=refers("entries.leaf_index", null=True))
