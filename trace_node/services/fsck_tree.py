"""Tree, hash tiles, checkpoints and anchors against the leaf hashes, in one pass from leaf 0."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from trace_node.errors import IntegrityError, TraceNodeError, UnavailableError
from trace_node.ports.entries import StoredCheckpoint, TreeState
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_rows import add_unreadable
from trace_node.services.fsck_signatures import SignatureCheck, verify_all
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.note import NoteVerifier
from trace_node.tlog.tile_tree import TileEdge
from trace_node.tlog.tiles import MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH, TileId

AnchorLookup = Callable[[int], Anchor | None]
"""What the chain says was anchored at a size; None when nothing was."""


class TreeCheck:
    """Grows the tree again and compares everything that was stored of it on the way.

    Args:
        hasher: The hash of the tree.
        origin: Origin of the log.
        verifiers: The log's keys; without them the signatures of checkpoints are not checked.
        published: Size of the newest checkpoint: so far tiles must be there.
        signatures: Verifies the signatures.
        found: Where problems go.

    Attributes:
        published: Size of the newest checkpoint.
    """

    def __init__(
        self,
        *,
        hasher: TreeHasher,
        origin: str,
        verifiers: Sequence[NoteVerifier],
        published: int,
        signatures: SignatureCheck,
        found: Findings,
    ) -> None:
        self._range = CompactRange(hasher=hasher)
        self._edge = TileEdge()
        self._origin = origin
        self._verifiers = verifiers
        self.published = published
        self._signatures = signatures
        self._found = found
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._unread: set[tuple[int, int]] = set()

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._range.size

    def read_tiles(self, store: Store, end: int) -> None:
        """Read the published tiles that become full on the way to ``end`` leaves."""
        self._tiles, self._unread = {}, set()
        for level in range(MAX_LEVEL + 1):
            # A tile of a higher level may be complete although no checkpoint covers it yet.
            height = TILE_HEIGHT * (level + 1)
            first, until = self.size >> height, min(end, self.published) >> height
            if first < until:
                self._read_level(store, level, first, until)

    def _read_level(self, store: Store, level: int, first: int, until: int) -> None:
        try:
            with store.view() as view:
                tiles = view.checkpoints.tiles(level, first, until)
        except IntegrityError as error:
            if until - first == 1:
                height = TILE_HEIGHT * (level + 1)
                self._unread.add((level, first))
                add_unreadable(first << height, until << height, error, self._found)
                return
            middle = (first + until) // 2
            self._read_level(store, level, first, middle)
            self._read_level(store, level, middle, until)
        else:
            self._tiles |= {(level, tile.index): tile.hashes for tile in tiles}

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaf hashes, and compare the published tiles they complete."""
        for tile, content in self._edge.extend(self._range.extend(leaf_hashes)):
            end = (tile.index + 1) << TILE_HEIGHT * (tile.level + 1)
            place = (tile.level, tile.index)
            if end <= self.published and place not in self._unread:
                self._compare(tile, content, self._tiles.get(place, b""))

    def end_of_tiles(self, view: UnitOfWork) -> None:
        """Compare the partial tiles; call it at the size of the newest checkpoint."""
        for tile, content in self._edge.partial():
            stored = view.checkpoints.tile(tile.level, tile.index)
            self._compare(tile, content, b"" if stored is None else stored.hashes)

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
            note = checkpoints.parse(notes.parse(stored.note).text)
        except TraceNodeError as error:
            self._blame_note(stored.size, error.message)
            return
        is_row_right = (note.origin, note.size, note.root) == (
            self._origin,
            stored.size,
            stored.root,
        )
        self._require_signed(stored, is_row_right=is_row_right)

    def _require_signed(self, stored: StoredCheckpoint, *, is_row_right: bool) -> None:
        """Check the signatures; the row is blamed only if the note is as the log signed it."""
        reason: str | None = None
        if self._verifiers:
            self._found.count("signatures")
            verify = partial(checkpoints.open_signed, stored.note, verifiers=self._verifiers)
            if is_row_right:
                self._signatures.add(verify, partial(self._blame_note, stored.size))
                return
            (reason,) = verify_all([verify])
        if reason is not None:
            self._blame_note(stored.size, reason)
        elif not is_row_right:
            self._found.add(
                "checkpoint_row",
                "the checkpoint stored for {size} leaves says something else",
                size=stored.size,
            )

    def _blame_note(self, size: int, detail: str) -> None:
        self._found.add(
            "checkpoint_note",
            "the checkpoint of {size} leaves: {detail}",
            size=size,
            detail=detail,
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

    def _compare(self, tile: TileId, content: bytes, stored: bytes) -> None:
        self._found.count("tiles")
        hashes = stored[: len(content)]
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
