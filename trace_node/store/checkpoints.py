"""Repository: signed checkpoints, the requests to anchor them, and published hash tiles."""

from collections.abc import Sequence

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    not_,
    or_,
    select,
    union_all,
    update,
)

from trace_node.errors import StateError
from trace_node.period import to_ms
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import StoredCheckpoint, StoredTile
from trace_node.store.anchor_rows import anchor_of, standing_anchors
from trace_node.store.bulk import insert_rows
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import ANCHOR_REQUESTS, ANCHORS, CHECKPOINTS, HASH_TILES
from trace_node.tlog.anchor import Anchor

_STANDING = standing_anchors().order_by(ANCHORS.c.size, ANCHORS.c.block_number)
_CARRIED = and_(
    ANCHORS.c.transaction_hash == ANCHOR_REQUESTS.c.transaction_hash,
    ANCHORS.c.block_hash == ANCHOR_REQUESTS.c.block_hash,
)
_SETTLED = ANCHOR_REQUESTS.c.state.in_((AnchorState.MINED.value, AnchorState.FINAL.value))
_UNFIT = or_(
    and_(
        _SETTLED,
        or_(
            ANCHORS.c.size.is_(None),
            ANCHORS.c.size < ANCHOR_REQUESTS.c.size,
            ANCHORS.c.state != ANCHOR_REQUESTS.c.state,
        ),
    ),
    and_(not_(_SETTLED), ANCHOR_REQUESTS.c.block_hash.is_not(None)),
)


class SqlCheckpoints:
    """See ``trace_node.ports.store.Checkpoints``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> StoredCheckpoint | None:
        """The one of the largest size; None before the first."""
        return self._first(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()))

    def of_size(self, size: int) -> StoredCheckpoint | None:
        """The one of that size; None when there is none."""
        return self._first(select(CHECKPOINTS).where(CHECKPOINTS.c.size == size))

    def covering(self, index: int) -> StoredCheckpoint | None:
        """The smallest one that covers the entry at ``index``; None when none does yet."""
        larger = select(CHECKPOINTS).where(CHECKPOINTS.c.size > index)
        return self._first(larger.order_by(CHECKPOINTS.c.size))

    def read(
        self, *, above: int, limit: int, until: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        """Up to ``limit`` checkpoints larger than ``above``, in order; none over ``until``."""
        larger = select(CHECKPOINTS).where(CHECKPOINTS.c.size > above)
        if until is not None:
            larger = larger.where(CHECKPOINTS.c.size <= until)
        rows = self._connection.execute(larger.order_by(CHECKPOINTS.c.size).limit(limit))
        return [_checkpoint(row) for row in rows]

    def add(self, checkpoint: StoredCheckpoint) -> None:
        """Store a checkpoint together with the request to anchor it."""
        sealed_at = to_ms(checkpoint.sealed_at)
        self._connection.execute(
            insert(CHECKPOINTS),
            {
                "size": checkpoint.size,
                "root": checkpoint.root,
                "note": checkpoint.note,
                "sealed_at": sealed_at,
            },
        )
        self._connection.execute(
            insert(ANCHOR_REQUESTS),
            {
                "size": checkpoint.size,
                "state": AnchorState.CHECKPOINTED.value,
                "transaction_hash": None,
                "block_hash": None,
                "changed_at": sealed_at,
            },
        )

    def set_note(self, *, size: int, note: bytes) -> None:
        """Replace the note of a checkpoint by the same note with more cosignatures."""
        stored = self.of_size(size)
        if stored is None or _body(stored.note) != _body(note):
            raise StateError(
                "no checkpoint of {size} leaves with this text is stored",
                size=size,
                remedy="add cosignatures to the note as it was read",
                code="store.other_checkpoint",
            )
        changed = update(CHECKPOINTS).where(CHECKPOINTS.c.size == size).values(note=note)
        self._connection.execute(changed)

    def tile(self, level: int, index: int) -> StoredTile | None:
        """A hash tile as far as it is published; None when nothing of it is."""
        return next(iter(self.tiles(level, index, index + 1)), None)

    def tiles(self, level: int, first: int, end: int) -> Sequence[StoredTile]:
        """The published tiles of a level from ``first`` up to, not including, ``end``."""
        statement = (
            select(HASH_TILES.c.tile_index, HASH_TILES.c.hashes)
            .where(
                HASH_TILES.c.level == level,
                HASH_TILES.c.tile_index >= first,
                HASH_TILES.c.tile_index < end,
            )
            .order_by(HASH_TILES.c.tile_index)
        )
        rows = self._connection.execute(statement)
        return [StoredTile(level=level, index=index, hashes=hashes) for index, hashes in rows]

    def put_tiles(self, tiles: Sequence[StoredTile]) -> None:
        """Publish tiles; a growing one replaces its shorter self."""
        if not tiles:
            return
        replaced = delete(HASH_TILES).where(
            HASH_TILES.c.level == bindparam("of_level"),
            HASH_TILES.c.tile_index == bindparam("of_index"),
        )
        names = [{"of_level": tile.level, "of_index": tile.index} for tile in tiles]
        self._connection.execute(replaced, names)
        rows = [(tile.level, tile.index, tile.width, tile.hashes) for tile in tiles]
        insert_rows(self._connection, HASH_TILES, rows)

    def anchors(self, first: int, end: int) -> Sequence[Anchor]:
        """Anchors, mined or final, of sizes from ``first`` up to, not including, ``end``."""
        some = _STANDING.where(ANCHORS.c.size >= first, ANCHORS.c.size < end)
        return [anchor_of(row) for row in self._connection.execute(some)]

    def anchor_covering(self, size: int) -> Anchor | None:
        """The smallest mined or final anchor whose head is at least ``size``; None without."""
        large_enough = _STANDING.where(ANCHORS.c.size >= size).limit(1)
        row = self._connection.execute(large_enough).one_or_none()
        return None if row is None else anchor_of(row)

    def unfit_requests(self, *, limit: int) -> Sequence[int]:
        """Sizes whose checkpoint, request to anchor it and anchor do not fit each other."""
        alone = (
            select(CHECKPOINTS.c.size.label("unfit"))
            .outerjoin(ANCHOR_REQUESTS, ANCHOR_REQUESTS.c.size == CHECKPOINTS.c.size)
            .where(ANCHOR_REQUESTS.c.size.is_(None))
        )
        unfit = (
            select(ANCHOR_REQUESTS.c.size.label("unfit"))
            .outerjoin(CHECKPOINTS, CHECKPOINTS.c.size == ANCHOR_REQUESTS.c.size)
            .outerjoin(ANCHORS, _CARRIED)
            .where(or_(CHECKPOINTS.c.size.is_(None), _UNFIT))
        )
        both = union_all(alone, unfit).order_by("unfit").limit(limit)
        return list(self._connection.execute(both).scalars())

    def _first(self, statement: Select[tuple[int, bytes]]) -> StoredCheckpoint | None:
        row = self._connection.execute(statement.limit(1)).one_or_none()
        return None if row is None else _checkpoint(row)


def _checkpoint(row: Row[tuple[int, bytes]]) -> StoredCheckpoint:
    with sound_row(CHECKPOINTS.name, row.size):
        return StoredCheckpoint(
            size=row.size,
            root=memoryview(row.root).tobytes(),  # raises where a damaged page made it a text
            note=memoryview(row.note).tobytes(),
            sealed_at=from_ms(row.sealed_at),
        )


def _body(note: bytes) -> bytes:
    """The signed text of a note: up to the empty line before its signatures."""
    return note.partition(b"\n\n")[0]
