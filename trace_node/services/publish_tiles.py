"""From leaf hashes to hash tiles: the growing right edge of the published tree."""

from collections.abc import Sequence

from trace_node.errors import IntegrityError
from trace_node.ports.entries import StoredCheckpoint, StoredTile
from trace_node.ports.store import UnitOfWork
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.tile_tree import TileEdge
from trace_node.tlog.tiles import MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH, subtree_root


class PublishedTreeError(IntegrityError):
    """The published tiles, the checkpoint and the tree contradict each other."""

    code = "seal.tree"


class TilePublisher:
    """The tree as far as it is published, and the tiles that new leaves add to it.

    Args:
        view: A transaction in which the stored tiles are read.
        hasher: The hash of the tree.
        newest: The newest checkpoint; None before the first.

    Raises:
        PublishedTreeError: The stored tiles do not lead to the checkpoint's root.
    """

    def __init__(
        self, view: UnitOfWork, *, hasher: TreeHasher, newest: StoredCheckpoint | None
    ) -> None:
        self._hasher = hasher
        size = 0 if newest is None else newest.size
        partial = [_partial(view, level, size) for level in range(MAX_LEVEL + 1)]
        self._edge = TileEdge(size=size, partial=partial)
        self._range = CompactRange(
            hasher=hasher, size=size, hashes=_edge_hashes(hasher, size, partial)
        )
        self._filled: list[StoredTile] = []
        if newest is not None and self._range.root() != newest.root:
            raise PublishedTreeError(
                "the hash tiles of {size} leaves lead to another root than the checkpoint",
                size=size,
                remedy="run trace-node fsck; it names the damaged tile",
            )

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._range.size

    def root(self) -> bytes:
        """The root so far."""
        return self._range.root()

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaf hashes in order."""
        for tile, content in self._edge.extend(self._range.extend(leaf_hashes)):
            self._filled.append(StoredTile(level=tile.level, index=tile.index, hashes=content))

    def tiles(self) -> Sequence[StoredTile]:
        """The tiles that are new or have grown since the newest checkpoint."""
        partial = [
            StoredTile(level=tile.level, index=tile.index, hashes=content)
            for tile, content in self._edge.partial()
        ]
        return [*self._filled, *partial]


def _partial(view: UnitOfWork, level: int, size: int) -> bytes:
    """The partial tile of a level in a tree of ``size`` leaves; empty where there is none."""
    count = size >> TILE_HEIGHT * level
    width = count % TILE_WIDTH
    if not width:
        return b""
    tile = view.checkpoints.tile(level, count // TILE_WIDTH)
    if tile is None or tile.width < width:
        raise PublishedTreeError(
            "the last hash tile of level {level} is missing or too short",
            level=level,
            remedy="run trace-node fsck; it names the damaged tile",
        )
    return tile.hashes[: width * HASH_SIZE]


def _edge_hashes(hasher: TreeHasher, size: int, partial: Sequence[bytes]) -> list[bytes]:
    """The compact range of a tree from its partial tiles, which hold all of its right edge."""
    hashes: list[bytes] = []
    for height in reversed(range(size.bit_length())):
        if not size >> height & 1:
            continue
        level, rest = divmod(height, TILE_HEIGHT)
        end = (size >> TILE_HEIGHT * level) % TILE_WIDTH >> rest << rest
        content = partial[level][(end - (1 << rest)) * HASH_SIZE : end * HASH_SIZE]
        below = [content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)]
        hashes.append(subtree_root(hasher, below))
    return hashes
