"""The growing end of the log: what the writer keeps between commits, and the work of one commit.

Nothing here outlives a failed commit: the tail is forgotten and read again from the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.ids import DeviceId, KeyId
from trace_node.ports.entries import (
    EntryValues,
    KnownRecord,
    LoggedDelivery,
    StreamHead,
    TreeState,
)
from trace_node.ports.store import UnitOfWork
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import TreeHasher

MOST_STREAMS = 65_536  # forgotten above; about 20 MB
MOST_CONTEXTS = 16_384


@dataclass(slots=True, kw_only=True)
class Stream:
    """A (device, boot) as the writer sees it, moved forward before the commit.

    Attributes:
        stream_id: Number in the database.
        device: Name of the device.
        boot: 16 bytes.
        collector: Key id of the collector it belongs to.
        seq: Largest sequence number; -1 before the first.
        index: Leaf index of that record.
    """

    stream_id: int
    device: DeviceId
    boot: bytes
    collector: KeyId
    seq: int
    index: int

    def head(self) -> StreamHead:
        """The row it becomes."""
        return StreamHead(
            stream_id=self.stream_id,
            device=self.device,
            boot=self.boot,
            collector=self.collector,
            seq=self.seq,
            index=self.index,
        )


class LogTail:
    """The end of the log between commits.

    Args:
        hasher: The hash of the tree.
    """

    def __init__(self, *, hasher: TreeHasher) -> None:
        self.hasher = hasher
        self.streams: dict[tuple[str, bytes], Stream] = {}
        self.contexts: dict[bytes, int] = {}
        self._state: TreeState | None = None

    def begin(self, work: UnitOfWork) -> "Batch":
        """Start a commit's work from what the database holds, locked against other writers."""
        state = work.entries.locked_state()
        if state != self._state or len(self.streams) > MOST_STREAMS:
            self.forget()
        if len(self.contexts) > MOST_CONTEXTS:
            self.contexts.clear()
        return Batch(self, work, state)

    def committed(self, state: TreeState) -> None:
        """Take in that the commit of ``state`` succeeded."""
        self._state = state

    def forget(self) -> None:
        """Drop everything; the next commit reads it anew."""
        self._state = None
        self.streams.clear()
        self.contexts.clear()


class Batch:
    """The work of one commit: entries are staged here and written in bulk."""

    def __init__(self, tail: LogTail, work: UnitOfWork, state: TreeState) -> None:
        self.work = work
        self.hasher = tail.hasher
        self._tail = tail
        self._before = state
        self._range = CompactRange(hasher=tail.hasher, size=state.size, hashes=state.hashes)
        self._rows: list[EntryValues] = []
        self._contexts: list[tuple[bytes, int]] = []
        self._deliveries: dict[bytes, LoggedDelivery] = {}
        self._moved: dict[int, Stream] = {}
        self._revoked: set[KeyId] | None = None

    @property
    def size(self) -> int:
        """Number of leaves, and so the index of the next entry."""
        return self._range.size + len(self._rows)

    @property
    def before(self) -> TreeState:
        """The tree before this commit."""
        return self._before

    def append(self, *, kind: str, body: bytes, leaf_hash: bytes) -> int:
        """Stage one entry that belongs to no stream, and return its index."""
        index = self.size
        self._rows.append((index, kind, body, leaf_hash, None, None))
        return index

    def extend(self, rows: Sequence[EntryValues]) -> None:
        """Stage entries whose indexes go on from ``size``."""
        self._rows += rows

    def stream(self, device: str, boot: bytes) -> Stream | None:
        """The stream; None when it has no record yet."""
        key = (device, boot)
        stream = self._tail.streams.get(key)
        if stream is None:
            head = self.work.streams.find(device=device, boot=boot)
            if head is None:
                return None
            stream = self._tail.streams[key] = _stream(head)
        return stream

    def open_stream(self, device: str, boot: bytes, collector: KeyId) -> Stream:
        """Create a stream that has no record yet."""
        head = self.work.streams.open(device=device, boot=boot, collector=collector)
        stream = self._tail.streams[device, boot] = _stream(head)
        return stream

    def move(self, stream: Stream, *, seq: int, index: int) -> None:
        """Move a stream's head forward; a late record of a smaller number leaves it."""
        if seq > stream.seq:
            stream.seq, stream.index = seq, index
            self._moved[stream.stream_id] = stream

    def known(self, stream: Stream, seqs: Sequence[int]) -> Sequence[KnownRecord]:
        """The records of a stream that are logged or staged under one of the numbers ``seqs``."""
        self.flush()
        return self.work.entries.known(stream.stream_id, seqs)

    def context_index(self, digest: bytes) -> int | None:
        """Where a context is logged or staged; None if nowhere."""
        index = self._tail.contexts.get(digest)
        if index is None:
            index = self.work.deliveries.context_index(digest)
            if index is not None:
                self._tail.contexts[digest] = index
        return index

    def add_context(self, *, digest: bytes, index: int) -> None:
        """Remember a context that was staged."""
        self._contexts.append((digest, index))
        self._tail.contexts[digest] = index

    def delivery(self, digest: bytes) -> LoggedDelivery | None:
        """A delivery that is logged or staged; None if it is not."""
        return self._deliveries.get(digest) or self.work.deliveries.by_digest(digest)

    def add_delivery(self, delivery: LoggedDelivery) -> None:
        """Remember a delivery that was staged."""
        self._deliveries[delivery.digest] = delivery

    def is_revoked(self, key_id: KeyId) -> bool:
        """Whether a revocation of this collector's key is logged or staged."""
        return key_id in self._revoked_keys()

    def add_revoked(self, key_id: KeyId) -> None:
        """Remember a revocation that was staged: nothing of the key comes after it."""
        self._revoked_keys().add(key_id)

    def _revoked_keys(self) -> set[KeyId]:
        if self._revoked is None:
            self._revoked = {each.key_id for each in self.work.enrolments.revocations()}
        return self._revoked

    def flush(self) -> None:
        """Write the staged entries, so that the database knows them in this transaction."""
        if self._rows:
            self.work.entries.append(self._rows)
            self._range.extend([row[3] for row in self._rows])
            self._rows = []

    def finish(self) -> TreeState:
        """Write everything staged and the new state of the tree, and return that state."""
        self.flush()
        for digest, index in self._contexts:
            self.work.deliveries.add_context(digest=digest, index=index)
        self.work.deliveries.add(list(self._deliveries.values()))
        self.work.streams.move([stream.head() for stream in self._moved.values()])
        if self._range.size == self._before.size:
            return self._before
        after = TreeState(size=self._range.size, root=self._range.root(), hashes=self._range.hashes)
        self.work.entries.advance(before=self._before, after=after)
        return after


def _stream(head: StreamHead) -> Stream:
    return Stream(
        stream_id=head.stream_id,
        device=head.device,
        boot=head.boot,
        collector=head.collector,
        seq=head.seq,
        index=head.index,
    )
