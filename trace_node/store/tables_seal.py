"""Tables of what was signed and anchored: checkpoints, requests to anchor them, anchors."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from trace_node.ports.anchoring import AnchorState
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
    text,
)

REQUEST_STATES = tuple(
    state.value for state in AnchorState if state not in {AnchorState.RECEIVED, AnchorState.DURABLE}
)
ANCHOR_STATES = (AnchorState.MINED.value, AnchorState.FINAL.value, AnchorState.REORGED.value)


class CheckpointRow(SQLModel, table=True):
    """A signed checkpoint, verbatim; one per size."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        rule("checkpoints", "size", "size >= 1"),
        length_is("checkpoints", "root", DIGEST_BYTES),
    )

    size: int = Field(sa_column=key())
    root: bytes = Field(sa_column=blob())
    note: bytes = Field(sa_column=blob())
    sealed_at: int = Field(sa_column=big())


class AnchorRow(SQLModel, table=True):
    """One anchoring as the chain's event told it."""

    __tablename__ = "anchors"
    __table_args__ = (
        one_of("anchors", "state", ANCHOR_STATES),
        rule("anchors", "sizes", "previous_size >= 0 AND size >= previous_size"),
        rule("anchors", "contract", "length(contract) = 20"),
        *(
            length_is("anchors", column, DIGEST_BYTES)
            for column in ("root", "previous_root", "genesis_hash", "log_id", "block_hash")
        ),
        length_is("anchors", "transaction_hash", DIGEST_BYTES),
        Index("ix_anchors_size", "size"),
        Index("ix_anchors_state", "state", "size"),
    )

    transaction_hash: bytes = Field(sa_column=blob_key())
    block_hash: bytes = Field(sa_column=blob_key())
    state: str = Field(sa_column=text())
    size: int = Field(sa_column=big())
    root: bytes = Field(sa_column=blob())
    previous_size: int = Field(sa_column=big())
    previous_root: bytes = Field(sa_column=blob())
    engine: str = Field(sa_column=text())
    chain_id: int = Field(sa_column=big())
    genesis_hash: bytes = Field(sa_column=blob())
    contract: bytes = Field(sa_column=blob())
    log_id: bytes = Field(sa_column=blob())
    block_number: int = Field(sa_column=big())
    block_time: int = Field(sa_column=big())
    seen_at: int = Field(sa_column=big())


class AnchorRequestRow(SQLModel, table=True):
    """A checkpoint that is to be anchored; stored in one transaction with the checkpoint."""

    __tablename__ = "anchor_requests"
    __table_args__ = (
        one_of("anchor_requests", "state", REQUEST_STATES),
        Index("ix_anchor_requests_state", "state", "size"),
        Index("ix_anchor_requests_block_hash", "block_hash"),
    )

    size: int = Field(sa_column=refers("checkpoints.size", primary=True))
    state: str = Field(sa_column=text())
    transaction_hash: bytes | None = Field(sa_column=blob(null=True))
    block_hash: bytes | None = Field(sa_column=blob(null=True))
    changed_at: int = Field(sa_column=big())
