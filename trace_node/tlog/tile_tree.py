"""Proofs from tiles, and the writing of tiles as a log grows."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from trace_node.errors import NotFoundError
from trace_node.tlog import proof
from trace_node.tlog.errors import RangeError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.tiles import (
    MAX_LEVEL,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileId,
    split_hashes,
)

DEFAULT_CACHED_TILES = 1024  # 16 kB each, folded

Place = tuple[int, int, int]  # level, index and width of a tile


class TileReader(Protocol):
    """Where tiles are: files, rows of a table, or somebody's web server."""

    def read_tile(self, tile: TileId) -> bytes:
        """The content of a tile, exactly as wide as asked for.

        Raises:
            NotFoundError: It is not there.
        """


class TileCache:
    """Folded tiles, the least recently used of which make room.

    Folding a tile takes 255 hashes, longer than all else of a proof. A tile of a given width never
    changes, so one cache serves all sizes of one log. Not thread-safe: give each thread its own.

    Args:
        capacity: Number of tiles to keep, at least 1; each takes 16 kB.
    """

    def __init__(self, *, capacity: int = DEFAULT_CACHED_TILES) -> None:
        self._capacity = capacity
        self._folded: OrderedDict[Place, list[bytes]] = OrderedDict()

    def rows(self, place: Place, *, reader: TileReader, hasher: TreeHasher) -> list[bytes]:
        """Row ``h`` holds the roots of the complete subtrees of ``2^h`` hashes, joined.

        Args:
            place: Level, index and width of the tile.
            reader: Where to read it if it is not kept here.
            hasher: The hash of the log.
        """
        rows = self._folded.get(place)
        if rows is not None:
            self._folded.move_to_end(place)
            return rows
        level, index, width = place
        tile = TileId(level=level, index=index, width=width)
        row = split_hashes(tile, _read(tile, reader))
        rows = []
        while row:
            rows.append(b"".join(row))
            row = hasher.parents(row)
        self._folded[place] = rows
        if len(self._folded) > self._capacity:
            self._folded.popitem(last=False)
        return rows


class TileTree:
    """The tree of one size as its tiles give it: a ``NodeReader`` for proofs.

    The tiles are believed. Whoever did not write them himself compares ``root`` with that of a
    verified checkpoint; a proof made from wrong tiles does not verify anyway.

    Args:
        hasher: The hash of the log.
        size: Number of leaves, from a checkpoint.
        reader: Where the tiles are.
        cache: Folded tiles, to be shared between sizes of one log.
    """

    def __init__(
        self,
        *,
        hasher: TreeHasher,
        size: int,
        reader: TileReader,
        cache: TileCache | None = None,
    ) -> None:
        self.hasher = hasher
        self.size = size
        self._reader = reader
        self._cache = cache or TileCache()

    def node(self, level: int, index: int) -> bytes:
        """The root of complete subtree ``index`` (from 0, left to right) of height ``level``.

        Raises:
            RangeError: That subtree is not complete at this size.
            NotFoundError: Its tile is not there.
            TileFormatError: Its tile is damaged in form.
        """
        if level < 0 or not 0 <= index < self.size >> level:
            raise RangeError(
                "{field}: subtree {index} of level {level} is not complete in {size} leaves",
                field="index",
                index=index,
                level=level,
                size=self.size,
            )
        tile_level, height = divmod(level, TILE_HEIGHT)
        place, offset = divmod(index << height, TILE_WIDTH)
        width = min(TILE_WIDTH, (self.size >> TILE_HEIGHT * tile_level) - place * TILE_WIDTH)
        tile = (tile_level, place, width)
        row = self._cache.rows(tile, reader=self._reader, hasher=self.hasher)[height]
        start = (offset >> height) * HASH_SIZE
        return row[start : start + HASH_SIZE]

    def root(self) -> bytes:
        """The root of the tree."""
        return proof.root(size=self.size, reader=self)

    def inclusion(self, *, index: int) -> list[bytes]:
        """The inclusion proof of leaf ``index``; see ``proof.inclusion``."""
        return proof.inclusion(index=index, size=self.size, reader=self)

    def consistency(self, *, size1: int) -> list[bytes]:
        """The proof that ``size1`` leaves are a prefix; see ``proof.consistency``."""
        return proof.consistency(size1=size1, size2=self.size, reader=self)


class TileEdge:
    """The partial tiles at the right edge of a growing tree, and the full ones as they fill up.

    Args:
        size: Number of leaves so far.
        partial: Content of the partial tile of each level, level 0 first; empty where is none.

    Raises:
        RangeError: ``partial`` does not fit ``size``.
    """

    def __init__(self, *, size: int = 0, partial: Sequence[bytes] = ()) -> None:
        self._size = size
        self._partial = [bytearray(content) for content in partial]
        self._partial += [bytearray() for _ in range(MAX_LEVEL + 1 - len(partial))]
        for level, content in enumerate(self._partial):
            if len(content) != HASH_SIZE * ((size >> TILE_HEIGHT * level) % TILE_WIDTH):
                raise RangeError(
                    "{field}: does not fit {size} leaves at level {level}",
                    field="partial",
                    size=size,
                    level=level,
                )

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._size

    def extend(self, complete: Sequence[Sequence[bytes]]) -> list[tuple[TileId, bytes]]:
        """Add what ``CompactRange.extend`` returned, and give the tiles that became full.

        Args:
            complete: At position ``level`` the new complete subtree roots of that height.
        """
        filled = []
        for level in range(MAX_LEVEL + 1):
            content = self._partial[level]
            fresh = complete[TILE_HEIGHT * level] if TILE_HEIGHT * level < len(complete) else ()
            index = (self._size >> TILE_HEIGHT * level) // TILE_WIDTH
            content += b"".join(fresh)
            full = TILE_WIDTH * HASH_SIZE
            while len(content) >= full:
                filled.append((TileId(level=level, index=index), bytes(content[:full])))
                del content[:full]
                index += 1
        self._size += len(complete[0]) if complete else 0
        return filled

    def partial(self) -> list[tuple[TileId, bytes]]:
        """The partial tiles of the tree as it is now; none where a level ends with a full one."""
        tiles = []
        for level, content in enumerate(self._partial):
            if content:
                index = (self._size >> TILE_HEIGHT * level) // TILE_WIDTH
                width = len(content) // HASH_SIZE
                tiles.append((TileId(level=level, index=index, width=width), bytes(content)))
        return tiles


def _read(tile: TileId, reader: TileReader) -> bytes:
    """Read a tile; where a partial one was removed, the beginning of the full one."""
    try:
        return reader.read_tile(tile)
    except NotFoundError:
        if tile.width == TILE_WIDTH:
            raise
        return reader.read_tile(tile.full)[: tile.width * HASH_SIZE]
