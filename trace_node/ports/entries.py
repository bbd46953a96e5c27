"""What a stored log consists of: plain values that services and store hand to each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trace_node.ids import DeviceId, KeyId, Origin

# One new entry as the hot path hands it over: index, kind, body, leaf hash, stream id, seq.
EntryValues = tuple[int, str, bytes, bytes, int | None, int | None]

OPAQUE: Final = "opaque"  # kind of an entry that is no record: the interop profile


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIdentity:
    """Which log a database holds.

    Attributes:
        origin: First line of its checkpoints.
        hash_name: ``sm3`` or ``sha256``.
        profile: ``collectors`` for signed deliveries, ``opaque`` for the interop profile.
    """

    origin: Origin
    hash_name: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeState:
    """The log's tree after a commit (树状态): an immutable snapshot.

    Attributes:
        size: Number of leaves, 0 or more.
        root: 32-byte root of that tree.
        hashes: Roots of its complete subtrees, largest first: all that growing it needs.
    """

    size: int
    root: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """One entry of the log (条目).

    Attributes:
        index: Leaf index.
        kind: Type of the record, such as ``reading@1``; ``opaque`` in the interop profile.
        body: The exact bytes that were received or built.
        leaf_hash: 32 bytes, as they were stored with the body.
        stream_id: The (device, boot) of a chained record; None for other records.
        seq: Its number in that stream; None for other records.
    """

    index: int
    kind: str
    body: bytes
    leaf_hash: bytes
    stream_id: int | None
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHead:
    """The newest record of one (device, boot) that the log holds (设备链头).

    Attributes:
        stream_id: Short name of the stream in the database.
        device: Name of the device.
        boot: 16 bytes.
        collector: Key id of the collector that opened the stream; no other may extend it.
        seq: Largest sequence number logged; -1 before the first.
        index: Leaf index of that record; -1 before the first.
    """

    stream_id: int
    device: DeviceId
    boot: bytes
    collector: KeyId
    seq: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """A record of a stream that is already logged.

    Attributes:
        seq: Its number in the stream.
        index: Its leaf index.
        leaf_hash: 32 bytes.
    """

    seq: int
    index: int
    leaf_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Records of a delivery that lie side by side in the log.

    Attributes:
        first_index: Leaf index of the first.
        count: How many, 1 or more.
        fresh: Whether this delivery brought them; otherwise an earlier one did.
    """

    first_index: int
    count: int
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """A delivery in the log (投递): the leaf that makes a collector answerable for its records.

    Attributes:
        index: Leaf index of the delivery record.
        digest: Its record digest.
        collector: Key id of the collector that signed it.
        context_index: Leaf index of the context it names.
        root: RFC 9162 root over the leaf hashes of its records, in its own order.
        spans: Where its records are, in its own order.
        received_index: Leaf index of the received record.
        received_at: Node clock; whole milliseconds.
    """

    index: int
    digest: bytes
    collector: KeyId
    context_index: int
    root: bytes
    spans: tuple[Span, ...]
    received_index: int
    received_at: datetime

    @property
    def count(self) -> int:
        """Number of records it lists."""
        return sum(span.count for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A checkpoint the node signed (检查点).

    Attributes:
        size: Number of leaves, 1 or more.
        root: 32-byte root.
        note: The signed note, verbatim; cosignatures that came later are appended.
        sealed_at: Node clock; whole milliseconds.
    """

    size: int
    root: bytes
    note: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTile:
    """A hash tile, complete or the growing last one of its level (哈希瓦片).

    Attributes:
        level: Tile level: its hashes are roots of subtrees of height 8 × level.
        index: Position in the level.
        hashes: 1 to 256 hashes of 32 bytes, one after the other.
    """

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """Number of hashes."""
        return len(self.hashes) // 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Evidence that a collector contradicted what is logged; it is kept for ever (冲突证据).

    Delivery and path prove that the collector signed the record: the path leads from its leaf hash
    to the root in the delivery.

    Attributes:
        kind: ``repeat``: another record for a (device, boot, seq) that is taken; ``head``: a
            context names a head of this log that the log does not have.
        device: Name of the device; empty for ``head``.
        boot: 16 bytes of the stream, or of the context.
        seq: Number in the stream; None for ``head``.
        known_index: Leaf index of the record that was there first; None for ``head``.
        body: The contradicting record.
        leaf_hash: Its leaf hash.
        delivery: The signed delivery that listed it.
        context: The context of that delivery.
        position: Its place in the delivery, from 0.
        path: Inclusion proof of its leaf hash in the delivery's root.
        received_at: Node clock; whole milliseconds.
    """

    kind: str
    device: str
    boot: bytes
    seq: int | None
    known_index: int | None
    body: bytes
    leaf_hash: bytes
    delivery: bytes
    context: bytes
    position: int
    path: tuple[bytes, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFinding:
    """A signed finding, ready to be logged (审查发现).

    Attributes:
        key: Says what was found, so that finding it again changes nothing.
        code: What was found, such as ``seq_gap``.
        device: Name of the device.
        body: The exact bytes of the ``finding@1``.
        index: Leaf index once it is logged; None until then.
    """

    key: str
    code: str
    device: DeviceId
    body: bytes
    index: int | None = None
