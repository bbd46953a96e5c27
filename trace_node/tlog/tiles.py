"""Tiles as c2sp.org/tlog-tiles cuts them: the tree in files of 256 hashes that never change.

A tile of level L holds the roots of complete subtrees of height 8·L. A full one is 8,192 bytes; the
last of a level may be partial, and its path says its width. Entry bundles hold the entries
themselves. The hash is that of the log (C2SP fixes SHA-256; in our logs the origin names it).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trace_node.tlog.errors import TileError, TileFormatError
from trace_node.tlog.hasher import HASH_SIZE, TreeHasher
from trace_node.tlog.text import MAX_SIZE

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 7  # a log below 2^63 leaves has no tile above
MAX_ENTRY_BYTES = 65_535
MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)

_PATH = re.compile(r"tile/(entries|[0-7])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_THOUSAND = 1000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TileId:
    """Which tile (瓦片): a tile of hashes or a bundle of entries.

    Attributes:
        level: 0 to 7; for an entry bundle 0.
        index: Place within the level, from 0.
        width: Number of hashes or entries, 1 to 256; below 256 the tile is partial.
        entries: Whether it is an entry bundle.

    Raises:
        TileFormatError: A field is outside its range.
    """

    level: int
    index: int
    width: int = TILE_WIDTH
    entries: bool = False

    def __post_init__(self) -> None:
        if (
            not 0 <= self.level <= (0 if self.entries else MAX_LEVEL)
            or self.index < 0
            or not 1 <= self.width <= TILE_WIDTH
            or self.index * TILE_WIDTH + self.width << TILE_HEIGHT * self.level > MAX_SIZE
        ):
            raise TileFormatError(
                "{field}: no tile has level {level}, index {index} and width {width}",
                field="tile",
                level=self.level,
                index=self.index,
                width=self.width,
            )

    @property
    def full(self) -> "TileId":
        """The full tile at this place."""
        return TileId(level=self.level, index=self.index, entries=self.entries)

    @property
    def path(self) -> str:
        """Where the tile is under the log's prefix, for example ``tile/0/x001/x234/067.p/5``."""
        parts, rest = [f"{self.index % _THOUSAND:03}"], self.index // _THOUSAND
        while rest:
            parts.append(f"x{rest % _THOUSAND:03}")
            rest //= _THOUSAND
        kind = "entries" if self.entries else str(self.level)
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{kind}/{'/'.join(reversed(parts))}{partial}"


def parse_path(path: str) -> TileId:
    """Read a tile's path.

    Raises:
        TileFormatError: Not exactly the path of a tile.
    """
    found = _PATH.fullmatch(path)
    if not found:
        raise TileFormatError("{field}: not the path of a tile", field="path")
    kind, place, width = found.groups()
    tile = TileId(
        level=0 if kind == "entries" else int(kind),
        index=int(place.replace("x", "").replace("/", "")),
        width=int(width or TILE_WIDTH),
        entries=kind == "entries",
    )
    if tile.path != path:  # leading x000 parts, a partial tile of 256
        raise TileFormatError("{field}: not the path of a tile", field="path")
    return tile


def tiles_of(*, size: int, since: int = 0) -> Iterator[TileId]:
    """The tiles of hashes that a tree of ``size`` leaves has and one of ``since`` leaves has not.

    Args:
        size: Number of leaves.
        since: An older number of leaves, 0 to ``size``.
    """
    for level in range(MAX_LEVEL + 1):
        before, now = since >> TILE_HEIGHT * level, size >> TILE_HEIGHT * level
        if before == now:
            continue
        for index in range(before // TILE_WIDTH, now // TILE_WIDTH):
            yield TileId(level=level, index=index)
        if now % TILE_WIDTH:
            yield TileId(level=level, index=now // TILE_WIDTH, width=now % TILE_WIDTH)


def tile_at(*, level: int, index: int, size: int) -> TileId:
    """The tile at that place in a tree of ``size`` leaves, full or partial.

    Raises:
        TileFormatError: The tree has none there.
    """
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
    return TileId(level=level, index=index, width=width)


def split_hashes(tile: TileId, content: bytes) -> list[bytes]:
    """The hashes in a tile.

    Raises:
        TileFormatError: The content has not the length of the tile's width.
    """
    if len(content) != tile.width * HASH_SIZE:
        raise TileFormatError(
            "{field}: has {length} bytes, must have {expected}",
            field=tile.path,
            length=len(content),
            expected=tile.width * HASH_SIZE,
        )
    return [content[start : start + HASH_SIZE] for start in range(0, len(content), HASH_SIZE)]


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Write entries as a bundle: each after its length as a big-endian 16-bit number.

    Raises:
        TileFormatError: An entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileFormatError(
                "{field}: has {length} bytes, at most {bound} are possible",
                field="entry",
                length=len(entry),
                bound=MAX_ENTRY_BYTES,
            )
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_entries(tile: TileId, content: bytes) -> list[bytes]:
    """Read the entries of a bundle.

    Raises:
        TileFormatError: Truncated, trailing bytes, or not as many entries as the width says.
    """
    entries: list[bytes] = []
    start = 0
    while start < len(content) and len(entries) < tile.width:
        end = start + 2 + int.from_bytes(content[start : start + 2], "big")
        if start + 2 > len(content) or end > len(content):
            break
        entries.append(content[start + 2 : end])
        start = end
    if start != len(content) or len(entries) != tile.width:
        raise TileFormatError(
            "{field}: must hold exactly {width} entries, {count} were read up to byte {place}",
            field=tile.path,
            width=tile.width,
            count=len(entries),
            place=start,
        )
    return entries


def subtree_root(hasher: TreeHasher, hashes: Sequence[bytes]) -> bytes:
    """The root over the 256 hashes of a full tile: one hash of the level above."""
    row = list(hashes)
    while len(row) > 1:
        row = hasher.parents(row)
    return row[0]


def verify_bundle(*, hasher: TreeHasher, tile: TileId, content: bytes, hashes: bytes) -> None:
    """Check that the entries of a bundle have the leaf hashes of the tile beside it.

    Args:
        hasher: The hash of the log.
        tile: Which bundle.
        content: The bundle.
        hashes: The tile of level 0 with the same index and width.

    Raises:
        TileFormatError: One of the two is damaged in form.
        TileError: An entry has another hash; ``params["index"]`` is its index in the log.
    """
    stored = split_hashes(TileId(level=0, index=tile.index, width=tile.width), hashes)
    computed = hasher.leaves(decode_entries(tile, content))
    for place, (given, expected) in enumerate(zip(computed, stored, strict=True)):
        if given != expected:
            raise TileError(
                "{field}: entry {index} has another hash than its leaf",
                field=tile.path,
                index=tile.index * TILE_WIDTH + place,
                code="tlog.tile.entry",
            )


def verify_parent(*, hasher: TreeHasher, tile: TileId, content: bytes, above: bytes) -> None:
    """Check that a full tile folds into its hash in the level above.

    Args:
        hasher: The hash of the log.
        tile: Which full tile.
        content: Its 256 hashes.
        above: Its 32-byte hash in the tile above.

    Raises:
        TileFormatError: The content has not the length of a full tile.
        TileError: It folds into another hash.
    """
    if subtree_root(hasher, split_hashes(tile.full, content)) != above:
        raise TileError(
            "{field}: folds into another hash than the level above holds",
            field=tile.path,
            code="tlog.tile.parent",
        )
