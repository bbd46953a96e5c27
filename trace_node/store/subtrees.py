"""Hashes of complete subtrees, read from the published hash tiles: what proofs are made of."""

import threading
from collections import OrderedDict

from trace_node.errors import NotFoundError
from trace_node.store.columns import DIGEST_BYTES
from trace_node.store.database import Database
from trace_node.store.unit_of_work import reading
from trace_node.tlog.hasher import TreeHasher
from trace_node.tlog.tiles import TILE_HEIGHT, TILE_WIDTH

CACHED_TILES = 4096  # folded, 16 KiB each: the tiles of a million leaves


class TileSubtrees:
    """Reads subtrees from tiles and keeps folded tiles; see ``trace_node.tlog.proof.NodeReader``.

    What is not published yet is folded from the leaf hashes, which is right but slow.

    Args:
        database: Where the tiles are.
        hasher: The hash of the tree.
    """

    def __init__(self, database: Database, *, hasher: TreeHasher) -> None:
        self.hasher = hasher
        self._database = database
        self._folded: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def node(self, level: int, index: int) -> bytes:
        """The root of complete subtree ``index`` (from 0, left to right) of height ``level``.

        Raises:
            NotFoundError: The log has not that many leaves.
        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile, offset = divmod(index, TILE_WIDTH >> height)
        width = (offset + 1) << height
        rows = self._rows(tile_level, tile, width=width)
        if rows is None:
            return self._unpublished(level, index)
        return rows[height][offset * DIGEST_BYTES : (offset + 1) * DIGEST_BYTES]

    def _rows(self, level: int, tile: int, *, width: int) -> list[bytes] | None:
        """A tile's hashes and the subtrees above; None if fewer than ``width`` are published."""
        key = (level, tile)
        with self._lock:
            rows = self._folded.get(key)
            if rows is not None and len(rows[0]) >= width * DIGEST_BYTES:
                self._folded.move_to_end(key)
                return rows
        with reading(self._database) as work:
            stored = work.checkpoints.tile(level, tile)
        if stored is None or stored.width < width:
            return None
        rows = self._fold(stored.hashes)
        with self._lock:
            self._folded[key] = rows
            if len(self._folded) > CACHED_TILES:
                self._folded.popitem(last=False)
        return rows

    def _fold(self, hashes: bytes) -> list[bytes]:
        """Row ``h`` holds the roots of the complete subtrees of ``2^h`` hashes, joined."""
        below = [
            hashes[start : start + DIGEST_BYTES] for start in range(0, len(hashes), DIGEST_BYTES)
        ]
        rows = [hashes]
        for _ in range(TILE_HEIGHT - 1):
            below = self.hasher.parents(below)
            rows.append(b"".join(below))
        return rows

    def _unpublished(self, level: int, index: int) -> bytes:
        if level > TILE_HEIGHT:
            left, right = self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1)
            return self.hasher.node(left, right)
        with reading(self._database) as work:
            first = index << level
            below = list(work.entries.leaf_hashes(first, first + (1 << level)))
        if len(below) < 1 << level:
            raise NotFoundError(
                "the log does not have {size} leaves", size=(index + 1) << level, code="log.size"
            )
        while len(below) > 1:
            below = self.hasher.parents(below)
        return below[0]
