"""Tree, hash tiles, checkpoints and anchors against the leaf hashes, in one pass from leaf 0."""

from collections.abc import Callable, Iterable, Sequence

from trace_node.errors import TraceNodeError, UnavailableError
from trace_node.ports.entries import StoredCheckpoint, TreeState
from trace_node.ports.store import UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.note import NoteVerifier
from trace_node.tlog.tile_tree import TileEdge
from trace_node.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, TileId

AnchorLookup = Callable[[int], Anchor | None]
"""What the chain says was anchored at a size; None when nothing was."""


class TreeCheck:
    """Grows the tree again and compares everything that was stored of it on the way.

    Args:
        hasher: The hash of the tree.
        origin: Origin of the log.
        verifiers: The log's keys; without them the signatures of checkpoints are not checked.
        published: Size of the newest checkpoint: so far tiles must be there.
        found: Where problems go.
    """

    def __init__(
        self,
        *,
        hasher: TreeHasher,
        origin: str,
        verifiers: Sequence[NoteVerifier],
        published: int,
        found: Findings,
    ) -> None:
        self._range = CompactRange(hasher=hasher)
        self._edge = TileEdge()
        self._origin = origin
        self._verifiers = verifiers
        self._published = published
        self._found = found

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._range.size

    def extend(self, leaf_hashes: Sequence[bytes], view: UnitOfWork) -> None:
        """Add leaf hashes, and compare the tiles they complete."""
        for tile, content in self._edge.extend(self._range.extend(leaf_hashes)):
            # A tile of a higher level may be complete although no checkpoint covers it yet.
            if (tile.index + 1) << TILE_HEIGHT * (tile.level + 1) <= self._published:
                self._compare(tile, content, view)

    def end_of_tiles(self, view: UnitOfWork) -> None:
        """Compare the partial tiles; call it at the size of the newest checkpoint."""
        for tile, content in self._edge.partial():
            self._compare(tile, content, view)

    def checkpoint(self, stored: StoredCheckpoint) -> None:
        """Compare a checkpoint of the present size."""
        self._found.count("checkpoints")
        if stored.root != self._range.root():
            self._found.add(
                "checkpoint_root",
                "the checkpoint of {size} leaves has another root than the entries",
                size=stored.size,
            )
        try:
            if self._verifiers:
                note = checkpoints.open_signed(stored.note, verifiers=self._verifiers)[0]
                self._found.count("signatures")
            else:
                note = checkpoints.parse(notes.parse(stored.note).text)
        except TraceNodeError as error:
            self._found.add(
                "checkpoint_note",
                "the checkpoint of {size} leaves: {detail}",
                size=stored.size,
                detail=error.message,
            )
            return
        if (note.origin, note.size, note.root) != (self._origin, stored.size, stored.root):
            self._found.add(
                "checkpoint_row",
                "the checkpoint stored for {size} leaves says something else",
                size=stored.size,
            )

    def anchor(self, stored: Anchor, lookup: AnchorLookup | None) -> None:
        """Compare an anchor of the present size, with the tree and with the chain."""
        self._found.count("anchors")
        if stored.head.root != self._range.root():
            self._found.add(
                "anchor_root",
                "the anchor of {size} leaves has another root than the entries",
                size=stored.head.size,
            )
        if lookup is None:
            return
        try:
            seen = lookup(stored.head.size)
        except UnavailableError:
            self._found.leave_out("anchors_on_chain")
            return
        if seen != stored:
            self._found.add(
                "anchor_chain",
                "the chain holds another anchor of {size} leaves, or none",
                size=stored.head.size,
            )

    def state(self, stored: TreeState) -> None:
        """Compare the stored state of the tree with the tree of all entries."""
        if stored.size != self._range.size:
            self._found.add(
                "size",
                "the tree's state counts {stored} entries, there are {size}",
                stored=stored.size,
                size=self._range.size,
            )
        elif (stored.root, stored.hashes) != (self._range.root(), self._range.hashes):
            self._found.add("state", "the tree's state has another root than the entries")

    def _compare(self, tile: TileId, content: bytes, view: UnitOfWork) -> None:
        self._found.count("tiles")
        stored = view.checkpoints.tile(tile.level, tile.index)
        hashes = b"" if stored is None else stored.hashes[: len(content)]
        if hashes == content:
            return
        place = _first_difference(hashes, content)
        self._found.add(
            "tile",
            "the hash tile {tile} differs from the entries at its hash {place}, which covers the"
            " entries from {index} on",
            index=(tile.index * TILE_WIDTH + place) << TILE_HEIGHT * tile.level,
            tile=tile.path,
            place=place,
        )


def expected_hashes(
    view: UnitOfWork, first: int, end: int, *, published: int
) -> list[bytes | None]:
    """The leaf hashes that the tiles of level 0 hold for a range; None where none is published."""
    hashes: list[bytes | None] = []
    end_tile = (min(end, published) + TILE_WIDTH - 1) // TILE_WIDTH
    tiles = {
        tile.index: tile.hashes for tile in view.checkpoints.tiles(0, first // TILE_WIDTH, end_tile)
    }
    for index in range(first, end):
        tile, place = divmod(index, TILE_WIDTH)
        piece = tiles.get(tile, b"")[place * HASH_SIZE : (place + 1) * HASH_SIZE]
        hashes.append(piece if len(piece) == HASH_SIZE and index < published else None)
    return hashes


def by_size(anchors: Iterable[Anchor]) -> dict[int, list[Anchor]]:
    """Anchors by the size of their heads."""
    sorted_out: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        sorted_out.setdefault(anchor.head.size, []).append(anchor)
    return sorted_out


def _first_difference(left: bytes, right: bytes) -> int:
    """The place of the first hash in which two rows of hashes differ."""
    for start in range(0, len(right), HASH_SIZE):
        if left[start : start + HASH_SIZE] != right[start : start + HASH_SIZE]:
            return start // HASH_SIZE
    return 0
