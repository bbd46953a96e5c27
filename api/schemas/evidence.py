"""Wire models: findings, conflicts, progress and times of knowledge."""

from typing import Annotated, Any, Final

from pydantic import Field

from api.schemas.base import Digest, Index, Instant, Name, Time, WireModel
from trace_node.ports.anchoring import AnchorState

MOST_FINDINGS: Final = 1_000
MOST_CONFLICTS: Final = 100
MOST_INDEXES: Final = 1_000
Indexes = Annotated[tuple[Index, ...], Field(strict=False, max_length=MOST_INDEXES)]


class FindingsQuery(WireModel):
    """Which findings.

    Attributes:
        device: Name of a device; leave it out for all.
        limit: Findings in the answer, the newest first.
    """

    device: Name | None = None
    limit: int = Field(default=100, ge=1, le=MOST_FINDINGS)


class FindingRow(WireModel):
    """What the node found wrong in a chain of records; signed and logged.

    Attributes:
        finding: Code of what was found.
        device: Name of the device.
        boot: The run of the collector, 16 bytes, base64url.
        seq_from: First number concerned.
        seq_to: Last number concerned.
        subjects: Leaf indexes of the records concerned.
        detail: What is to be said about it.
        found_at: The node's clock.
        index: Leaf index of the finding; null until it is logged.
        digest: Its record digest.
        signed_by: Key id of the node.
    """

    finding: str
    device: Name
    boot: str
    seq_from: int
    seq_to: int
    subjects: tuple[Index, ...]
    detail: dict[str, Any]
    found_at: Time
    index: Index | None
    digest: Digest
    signed_by: str


class Findings(WireModel):
    """The newest findings.

    Attributes:
        findings: Newest first.
    """

    findings: tuple[FindingRow, ...]


class ConflictsQuery(WireModel):
    """How many conflicts.

    Attributes:
        limit: Conflicts in the answer, the newest first.
    """

    limit: int = Field(default=20, ge=1, le=MOST_CONFLICTS)


class ConflictRow(WireModel):
    """Evidence that a collector contradicted what is logged; enough for a third party.

    Attributes:
        kind: ``repeat``: another record for a number that is taken; ``head``: the collector saw a
            head of this log that the log lacks.
        device: Name of the device; empty for ``head``.
        boot: The run of the collector, 16 bytes, base64url.
        seq: The number; null for ``head``.
        known_index: Leaf index of the record that was there first; null for ``head``.
        received_at: The node's clock.
        leaf_hash: Leaf hash of the contradicting record.
        body: The contradicting record, base64url.
        context: The context of its delivery, base64url.
        delivery: The signed delivery that listed it, base64url.
        position: Its place in the delivery.
        path: Inclusion proof of its leaf hash in the delivery's root.
    """

    kind: str
    device: str
    boot: str
    seq: int | None
    known_index: Index | None
    received_at: Time
    leaf_hash: Digest
    body: str
    context: str
    delivery: str
    position: int
    path: tuple[Digest, ...]


class Conflicts(WireModel):
    """The newest conflicts.

    Attributes:
        conflicts: Newest first.
    """

    conflicts: tuple[ConflictRow, ...]


class ProgressQuery(WireModel):
    """Whose progress.

    Attributes:
        indexes: Leaf indexes of entries that are asked for; none for the log alone.
    """

    indexes: Indexes = ()


class EntryState(WireModel):
    """How far one entry has come.

    Attributes:
        index: Its leaf index.
        state: The state; null when the log holds no such entry.
    """

    index: Index
    state: AnchorState | None


class ProjectionLag(WireModel):
    """How far what is derived from the log is behind it.

    Attributes:
        name: Name of the projection.
        entries: Entries it has not seen.
    """

    name: str
    entries: int


class Progress(WireModel):
    """How far the log has come: entries below a size have reached its state.

    Attributes:
        received: Committed in the database.
        durable: In the archive too.
        checkpointed: Covered by a signed checkpoint.
        submitted: A transaction that anchors them was sent.
        mined: That transaction is in a block.
        final: That block is as deep as the engine's profile demands.
        entries: States of the entries asked for, in their order.
        lags: How far the projections are behind.
        chain_note: What stops anchoring at the moment; empty while nothing does.
    """

    received: int
    durable: int
    checkpointed: int
    submitted: int
    mined: int
    final: int
    entries: tuple[EntryState, ...]
    lags: tuple[ProjectionLag, ...]
    chain_note: str


class KnowledgeQuery(WireModel):
    """Of which entries: by leaf index, or the readings of a meter register in a period.

    Attributes:
        indexes: Leaf indexes; leave it out where a meter register is named.
        device: Name of the device.
        meter_register: Name of the meter register.
        begin: First instant, by ``observed_at``.
        end: First instant after the last.
        limit: Rows in the answer where a meter register is named.
        late_after_s: Seconds between observation and anchor block above which a row stands out.
    """

    indexes: Indexes = ()
    device: Name | None = None
    meter_register: Name | None = None
    begin: Annotated[Instant | None, Field(alias="from")] = None
    end: Annotated[Instant | None, Field(alias="to")] = None
    limit: int = Field(default=100, ge=1, le=MOST_INDEXES)
    late_after_s: int = Field(default=86_400, ge=1, le=366 * 86_400)


class AnchorRow(WireModel):
    """The anchor that covers an entry.

    Attributes:
        engine: Profile of the chain.
        chain_id: EVM chain id.
        contract: Address of the registry, hexadecimal.
        transaction: Transaction hash, hexadecimal.
        block_number: Its block.
        block_time: The block's own statement of its time.
        size: Size of the head it set.
    """

    engine: str
    chain_id: int
    contract: str
    transaction: str
    block_number: int
    block_time: Time
    size: int


class KnowledgeRow(WireModel):
    """When others could know of an entry at the latest, step by step.

    Attributes:
        index: Leaf index.
        observed_at: Instant the value holds for; null for an entry that is no reading.
        collected_at: The collector's clock.
        received_at: The node's clock; null for an entry that no delivery brought.
        checkpoint_size: Size of the first checkpoint that covers it; null before there is one.
        sealed_at: The node's clock at that checkpoint.
        anchor: The first anchor that covers it; null before there is one. Its block time is the
            only time here that neither collector nor node sets.
        anchored_at: The node's clock when it saw that anchor in a block.
        received_lag_ms: From observation to receipt.
        anchored_lag_ms: From observation to the time of the anchor's block.
        stands_out: Whether that is more than was asked for, or there is no anchor yet and that
            much time has passed.
    """

    index: Index
    observed_at: Time | None
    collected_at: Time | None
    received_at: Time | None
    checkpoint_size: int | None
    sealed_at: Time | None
    anchor: AnchorRow | None
    anchored_at: Time | None
    received_lag_ms: int | None
    anchored_lag_ms: int | None
    stands_out: bool


class KnowledgeTable(WireModel):
    """Times of knowledge.

    Attributes:
        rows: In the order that was asked for, or of ``observed_at``.
    """

    rows: tuple[KnowledgeRow, ...]
