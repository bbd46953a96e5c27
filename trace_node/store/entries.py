"""Repository: the entries of the log, the state of the tree over them, the device streams."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from trace_node.errors import NotFoundError
from trace_node.ids import DeviceId, KeyId
from trace_node.ports.entries import EntryValues, KnownRecord, StoredEntry, StreamHead, TreeState
from trace_node.store.bulk import insert_rows, replace_rows
from trace_node.store.columns import DIGEST_BYTES
from trace_node.store.errors import HeadMovedError, StoreCorruptError
from trace_node.store.tables import ENTRIES, STREAMS, TREE_STATE

_ENTRY = select(
    ENTRIES.c.leaf_index,
    ENTRIES.c.kind,
    ENTRIES.c.body,
    ENTRIES.c.leaf_hash,
    ENTRIES.c.stream_id,
    ENTRIES.c.seq,
)
_IN_RANGE = (
    ENTRIES.c.leaf_index >= bindparam("first"),
    ENTRIES.c.leaf_index < bindparam("end"),
)
_READ = _ENTRY.where(*_IN_RANGE).order_by(ENTRIES.c.leaf_index)
_BODIES = select(ENTRIES.c.body).where(*_IN_RANGE).order_by(ENTRIES.c.leaf_index)
_LEAF_HASHES = select(ENTRIES.c.leaf_hash).where(*_IN_RANGE).order_by(ENTRIES.c.leaf_index)
# A look-up of each number, not a range: between two numbers of a delivery there may be millions.
_KNOWN = select(ENTRIES.c.seq, ENTRIES.c.leaf_index, ENTRIES.c.leaf_hash).where(
    ENTRIES.c.stream_id == bindparam("stream_id"),
    ENTRIES.c.seq.in_(bindparam("seqs", expanding=True)),
)
_STREAM = select(STREAMS).where(
    STREAMS.c.device == bindparam("device"), STREAMS.c.boot == bindparam("boot")
)
_SEQS_AT_A_TIME = 1024
_STATE = select(TREE_STATE.c.size, TREE_STATE.c.root, TREE_STATE.c.hashes)
_LOCKED_STATE = _STATE.with_for_update()
_ADVANCE = (
    update(TREE_STATE)
    .where(TREE_STATE.c.size == bindparam("old_size"), TREE_STATE.c.root == bindparam("old_root"))
    .values(size=bindparam("to_size"), root=bindparam("to_root"), hashes=bindparam("to_hashes"))
)


class SqlEntries:
    """See ``trace_node.ports.store.Entries``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> TreeState:
        """Size, root and compact range of everything committed."""
        return self._state(locked=False)

    def locked_state(self) -> TreeState:
        """The same, holding back every other writer of the log until this unit of work ends."""
        return self._state(locked=True)

    def _state(self, *, locked: bool) -> TreeState:
        row = self._connection.execute(_LOCKED_STATE if locked else _STATE).one_or_none()
        if row is None:
            raise StoreCorruptError(
                "the row of the tree's state is gone",
                remedy="restore the database from backup and archive",
            )
        hashes = tuple(
            row.hashes[start : start + DIGEST_BYTES]
            for start in range(0, len(row.hashes), DIGEST_BYTES)
        )
        return TreeState(size=row.size, root=row.root, hashes=hashes)

    def append(self, rows: Sequence[EntryValues]) -> None:
        """Add entries; their indexes go on from the present size without gap."""
        insert_rows(self._connection, ENTRIES, rows)

    def advance(self, *, before: TreeState, after: TreeState) -> None:
        """Replace the state of the tree, if it still is ``before``."""
        values = {
            "old_size": before.size,
            "old_root": before.root,
            "to_size": after.size,
            "to_root": after.root,
            "to_hashes": b"".join(after.hashes),
        }
        if self._connection.execute(_ADVANCE, values).rowcount != 1:
            raise HeadMovedError(
                "the log no longer ends at {size}: another process wrote to it",
                size=before.size,
                remedy="run one writing process per log; this one reads the log anew",
            )

    def read(self, first: int, end: int) -> Sequence[StoredEntry]:
        """The entries from ``first`` up to, not including, ``end``."""
        rows = self._connection.execute(_READ, {"first": first, "end": end}).all()
        return [
            StoredEntry(
                index=index, kind=kind, body=body, leaf_hash=leaf_hash, stream_id=stream, seq=seq
            )
            for index, kind, body, leaf_hash, stream, seq in rows
            if _are_bytes((body, leaf_hash), at=index)
        ]

    def bodies(self, first: int, end: int) -> Sequence[bytes]:
        """The bodies of the same range."""
        bodies = self._connection.execute(_BODIES, {"first": first, "end": end}).scalars().all()
        _are_bytes(bodies, at=first)
        return bodies

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """The stored leaf hashes of the same range."""
        hashes = (
            self._connection.execute(_LEAF_HASHES, {"first": first, "end": end}).scalars().all()
        )
        _are_bytes(hashes, at=first)
        return hashes

    def known(self, stream_id: int, seqs: Sequence[int]) -> Sequence[KnownRecord]:
        """The logged records of a stream with one of the numbers ``seqs``, in any order."""
        return [
            KnownRecord(seq=seq, index=index, leaf_hash=leaf_hash)
            for start in range(0, len(seqs), _SEQS_AT_A_TIME)
            for seq, index, leaf_hash in self._connection.execute(
                _KNOWN,
                {"stream_id": stream_id, "seqs": list(seqs[start : start + _SEQS_AT_A_TIME])},
            )
        ]


def _are_bytes(values: Sequence[object], *, at: int) -> bool:
    """Whether all are; a damaged page of SQLite may make something else of a column.

    Raises:
        StoreCorruptError: One is not.
    """
    for value in values:
        if type(value) is not bytes:
            raise StoreCorruptError(
                "the entries from {index} on: a body or leaf hash is not of bytes",
                index=at,
                remedy="run trace-node fsck, and restore from backup and archive",
            )
    return True


class SqlStreams:
    """See ``trace_node.ports.store.Streams``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, *, device: str, boot: bytes) -> StreamHead | None:
        """The stream; None when no record of it is logged."""
        row = self._connection.execute(_STREAM, {"device": device, "boot": boot}).one_or_none()
        return None if row is None else _head(tuple(row))

    def get(self, stream_id: int) -> StreamHead:
        """The stream with that number."""
        statement = select(STREAMS).where(STREAMS.c.stream_id == stream_id)
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise NotFoundError("there is no stream {stream_id}", stream_id=stream_id)
        return _head(tuple(row))

    def open(self, *, device: str, boot: bytes, collector: KeyId) -> StreamHead:
        """Create the stream, without a record yet."""
        statement = insert(STREAMS).returning(STREAMS.c.stream_id)
        values = {"device": device, "boot": boot, "collector": collector}
        made = self._connection.execute(statement, {**values, "head_seq": -1, "head_index": -1})
        return StreamHead(
            stream_id=made.scalar_one(),
            device=DeviceId(device),
            boot=boot,
            collector=collector,
            seq=-1,
            index=-1,
        )

    def move(self, heads: Sequence[StreamHead]) -> None:
        """Set the head of each stream."""
        rows = [
            (head.stream_id, head.device, head.boot, head.collector, head.seq, head.index)
            for head in heads
        ]
        replace_rows(self._connection, STREAMS, rows, changed=("head_seq", "head_index"))


def _head(row: tuple[int, str, bytes, str, int, int]) -> StreamHead:
    stream_id, device, boot, collector, seq, index = row
    return StreamHead(
        stream_id=stream_id,
        device=DeviceId(device),
        boot=boot,
        collector=KeyId(collector),
        seq=seq,
        index=index,
    )
