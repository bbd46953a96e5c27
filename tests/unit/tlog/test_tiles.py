"""Tiles: their paths, their content, which of them a tree has, and proofs from them."""

import pytest

from trace_node.errors import NotFoundError
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.errors import RangeError, TileError, TileFormatError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tile_tree import TileCache, TileEdge, TileTree
from trace_node.tlog.tiles import (
    TILE_WIDTH,
    TileId,
    decode_entries,
    encode_entries,
    parse_path,
    split_hashes,
    subtree_root,
    tile_at,
    tiles_of,
    verify_bundle,
    verify_parent,
)
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion

SIZE = 70_000
ENTRIES = [b"%d" % number for number in range(SIZE)]


class MemoryTiles:
    """Tiles in a dictionary, counting what is read."""

    def __init__(self, tiles: dict[TileId, bytes]) -> None:
        self.tiles = tiles
        self.reads = 0

    def read_tile(self, tile: TileId) -> bytes:
        self.reads += 1
        try:
            return self.tiles[tile]
        except KeyError:
            raise NotFoundError("{field}: no such tile", field=tile.path) from None


@pytest.fixture(scope="module")
def leaf_hashes() -> list[bytes]:
    return SM3.leaves(ENTRIES)


@pytest.fixture(scope="module")
def tree(leaf_hashes: list[bytes]) -> MemoryTree:
    return MemoryTree(hasher=SM3, leaf_hashes=leaf_hashes)


@pytest.fixture(scope="module")
def tiles(leaf_hashes: list[bytes]) -> MemoryTiles:
    """Written as a log would, in uneven batches, with the partial tiles of a few sizes."""
    compact, edge = CompactRange(hasher=SM3), TileEdge()
    written: dict[TileId, bytes] = {}
    start = 0
    for stop in (1, 255, 256, 257, 300, 1000, 65_535, 65_536, 65_537, SIZE):
        written.update(edge.extend(compact.extend(leaf_hashes[start:stop])))
        written.update(edge.partial())
        start = stop
    assert compact.size == edge.size == SIZE
    return MemoryTiles(written)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(level=0, index=0), "tile/0/000"),
        (TileId(level=0, index=1_234_067), "tile/0/x001/x234/067"),
        (TileId(level=3, index=1000, width=5), "tile/3/x001/000.p/5"),
        (TileId(level=0, index=273, width=112, entries=True), "tile/entries/273.p/112"),
        (TileId(level=0, index=2**63 // 256 - 2, width=256), "tile/0/x036/x028/x797/x018/x963/966"),
        (TileId(level=7, index=0, width=127), "tile/7/000.p/127"),
    ],
)
def test_paths(tile: TileId, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/001/067",
        "tile/0/x000/067",
        "tile/0/x001/x067",
        "tile/0/X001/067",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/entry/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/5/",
        "tile/0/../000",
        "tile/0/000\n",
        "tile/7/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x001/" * 50 + "000",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(TileFormatError):
        parse_path(path)


@pytest.mark.parametrize(
    "fields",
    [
        {"level": -1, "index": 0},
        {"level": 8, "index": 0, "width": 1},
        {"level": 1, "index": 0, "entries": True},
        {"level": 0, "index": -1},
        {"level": 0, "index": 0, "width": 0},
        {"level": 0, "index": 0, "width": 257},
        {"level": 0, "index": 2**63 // 256 - 1},
    ],
)
def test_what_is_no_tile_is_refused(fields: dict[str, int]) -> None:
    with pytest.raises(TileFormatError):
        TileId(**fields)


def test_the_example_of_c2sp() -> None:
    found = list(tiles_of(size=70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in found) == 273
    assert [tile.path for tile in found if tile.width < 256 or tile.level] == [
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert [tile.path for tile in tiles_of(size=256)] == ["tile/0/000", "tile/1/000.p/1"]


@pytest.mark.parametrize("since", [0, 1, 255, 256, 300, 65_535, 65_536, 70_000])
def test_growth_adds_exactly_the_new_tiles(since: int) -> None:
    assert set(tiles_of(size=SIZE)) - set(tiles_of(size=since)) == set(
        tiles_of(size=SIZE, since=since)
    )


def test_the_written_tiles_are_those_of_the_sizes(tiles: MemoryTiles) -> None:
    expected: set[TileId] = set(tiles_of(size=SIZE))
    for size in (1, 255, 256, 257, 300, 1000, 65_535, 65_536, 65_537):
        expected |= set(tiles_of(size=size))
    assert set(tiles.tiles) == expected


@pytest.mark.parametrize("size", [1, 255, 256, 257, 300, 1000, 65_535, 65_536, 65_537, SIZE])
def test_roots_and_proofs_from_tiles_are_those_of_the_tree(
    tiles: MemoryTiles, tree: MemoryTree, leaf_hashes: list[bytes], size: int
) -> None:
    stored = TileTree(hasher=SM3, size=size, reader=tiles)
    root = tree.root(size=size)
    assert stored.root() == root
    for index in {0, 1, size // 3, size // 2, size - 1} & set(range(size)):
        proof = stored.inclusion(index=index)
        assert proof == tree.inclusion(index=index, size=size)
        verify_inclusion(
            hasher=SM3,
            leaf_hash=leaf_hashes[index],
            index=index,
            size=size,
            proof=proof,
            root=root,
        )
    for size1 in {1, 255, 256, 300, size // 2, size} & set(range(1, size + 1)):
        proof = stored.consistency(size1=size1)
        assert proof == tree.consistency(size1=size1, size2=size)
        verify_consistency(
            hasher=SM3,
            size1=size1,
            size2=size,
            root1=tree.root(size=size1),
            root2=root,
            proof=proof,
        )


def test_a_folded_tile_is_kept(tiles: MemoryTiles) -> None:
    cache = TileCache(capacity=8)
    stored = TileTree(hasher=SM3, size=SIZE, reader=tiles, cache=cache)
    first = stored.inclusion(index=12_345)
    before = tiles.reads
    again = TileTree(hasher=SM3, size=SIZE, reader=tiles, cache=cache)
    assert again.inclusion(index=12_345) == first
    assert tiles.reads == before
    for index in range(0, SIZE, 997):  # more tiles than are kept
        stored.inclusion(index=index)
    assert stored.inclusion(index=12_345) == first
    assert tiles.reads > before


def test_a_removed_partial_tile_is_read_from_the_full_one(tiles: MemoryTiles) -> None:
    kept = {tile: content for tile, content in tiles.tiles.items() if tile.width == TILE_WIDTH}
    edge = {tile: tiles.tiles[tile] for tile in tiles_of(size=SIZE)}
    pruned = MemoryTiles({**kept, **edge})
    for size in (1, 255, 300, 1000):
        stored = TileTree(hasher=SM3, size=size, reader=pruned)
        assert stored.root() == TileTree(hasher=SM3, size=size, reader=tiles).root()
    with pytest.raises(NotFoundError):
        TileTree(hasher=SM3, size=300, reader=MemoryTiles({})).root()


def test_a_tile_of_wrong_length_is_refused(tiles: MemoryTiles) -> None:
    tile = tile_at(level=0, index=3, size=SIZE)
    short = MemoryTiles({**tiles.tiles, tile: tiles.tiles[tile][:-1]})
    with pytest.raises(TileFormatError) as caught:
        TileTree(hasher=SM3, size=SIZE, reader=short).inclusion(index=3 * 256)
    assert caught.value.field == "tile/0/003"


def test_beyond_the_size_nothing_is_proved(tiles: MemoryTiles) -> None:
    stored = TileTree(hasher=SM3, size=300, reader=tiles)
    for call in (
        lambda: stored.node(0, 300),
        lambda: stored.node(9, 0),
        lambda: stored.node(-1, 0),
        lambda: stored.inclusion(index=300),
        lambda: stored.consistency(size1=301),
    ):
        with pytest.raises(RangeError):
            call()
    with pytest.raises(TileFormatError):
        tile_at(level=0, index=2, size=300)


def test_the_edge_restarts_from_its_partial_tiles(leaf_hashes: list[bytes]) -> None:
    compact, edge = CompactRange(hasher=SM3), TileEdge()
    edge.extend(compact.extend(leaf_hashes[:66_000]))
    by_level = {tile.level: content for tile, content in edge.partial()}
    again = TileEdge(size=66_000, partial=[by_level.get(level, b"") for level in range(4)])
    grown = compact.extend(leaf_hashes[66_000:67_000])
    assert again.extend(grown) == edge.extend(grown)
    assert again.partial() == edge.partial()
    with pytest.raises(RangeError):
        TileEdge(size=66_000, partial=[by_level[0]])
    with pytest.raises(RangeError):
        TileEdge(size=66_001, partial=[by_level.get(level, b"") for level in range(4)])


def test_bundles_are_read_back() -> None:
    entries = [b"", b"x", b"y" * 65_535]
    tile = TileId(level=0, index=0, width=3, entries=True)
    content = encode_entries(entries)
    assert content[:5] == b"\x00\x00\x00\x01x"
    assert decode_entries(tile, content) == entries


@pytest.mark.parametrize(
    ("width", "content"),
    [
        (1, b""),
        (1, b"\x00"),
        (1, b"\x00\x02x"),
        (2, b"\x00\x01x"),
        (1, b"\x00\x01xy"),
        (1, b"\x00\x01x\x00\x01y"),
        (1, b"\x00\x01x\x00"),
        (2, b"\x00\x01x\x00"),
    ],
)
def test_broken_bundles_are_refused(width: int, content: bytes) -> None:
    with pytest.raises(TileFormatError):
        decode_entries(TileId(level=0, index=0, width=width, entries=True), content)


def test_an_entry_over_the_bound_is_refused() -> None:
    with pytest.raises(TileFormatError) as caught:
        encode_entries([bytes(65_536)])
    assert caught.value.params["bound"] == 65_535


def test_levels_check_each_other(tiles: MemoryTiles) -> None:
    lower, upper = TileId(level=0, index=5), TileId(level=1, index=0)
    above = split_hashes(upper, tiles.tiles[upper])[5]
    verify_parent(hasher=SM3, tile=lower, content=tiles.tiles[lower], above=above)
    assert subtree_root(SM3, split_hashes(lower, tiles.tiles[lower])) == above
    spoilt = bytearray(tiles.tiles[lower])
    spoilt[4000] ^= 1
    with pytest.raises(TileError) as caught:
        verify_parent(hasher=SM3, tile=lower, content=bytes(spoilt), above=above)
    assert caught.value.reason == "tlog.tile.parent"


def test_a_changed_entry_is_named_by_its_index(tiles: MemoryTiles) -> None:
    tile = TileId(level=0, index=7, entries=True)
    entries = ENTRIES[7 * 256 : 8 * 256]
    hashes = tiles.tiles[TileId(level=0, index=7)]
    verify_bundle(hasher=SM3, tile=tile, content=encode_entries(entries), hashes=hashes)
    entries[100] = b"forged"
    with pytest.raises(TileError) as caught:
        verify_bundle(hasher=SM3, tile=tile, content=encode_entries(entries), hashes=hashes)
    assert caught.value.params["index"] == 7 * 256 + 100
