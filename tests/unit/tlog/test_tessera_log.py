"""The public test log of Tessera: rebuild every byte from the entries, and refuse every change."""

from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from trace_node.errors import NotFoundError
from trace_node.tlog import note as notes
from trace_node.tlog.checkpoint import open_signed
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.errors import (
    CheckpointFormatError,
    NoteFormatError,
    NoteSignatureError,
    ProofError,
    TileError,
    TileFormatError,
)
from trace_node.tlog.hasher import SHA256
from trace_node.tlog.note_keys import log_verifier
from trace_node.tlog.policy_text import parse as parse_policy
from trace_node.tlog.tile_tree import TileEdge, TileTree
from trace_node.tlog.tiles import (
    TileId,
    decode_entries,
    encode_entries,
    parse_path,
    tiles_of,
    verify_bundle,
)
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion

pytestmark = pytest.mark.vectors

VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
ENTRIES = [
    word.encode()
    for word in [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eit",
        "nain",
        "ten",
        "ileven",
        "twelf",
        "threeten",
        "fourten",
        "fivten",
    ]
]
SIZES = range(16)


class Files:
    """The log's files as a web server would give them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read_tile(self, tile: TileId) -> bytes:
        path = self.folder / tile.path
        if not path.is_file():
            raise NotFoundError("{field}: no such tile", field=tile.path)
        return path.read_bytes()


@pytest.fixture(scope="module")
def files(vectors_dir: Path) -> Files:
    return Files(vectors_dir / "tessera-log")


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree(hasher=SHA256, leaf_hashes=SHA256.leaves(ENTRIES))


def test_all_files_are_there(files: Files) -> None:
    found = [path for path in files.folder.rglob("*") if path.is_file() and path.suffix != ".md"]
    assert len(found) == 47
    for path in found:
        name = path.relative_to(files.folder).as_posix()
        if name.startswith("tile/"):
            assert parse_path(name).path == name


@pytest.mark.parametrize("size", SIZES)
def test_checkpoints_verify_and_have_the_rebuilt_root(
    files: Files, tree: MemoryTree, size: int
) -> None:
    raw = (files.folder / f"checkpoint.{size}").read_bytes()
    checkpoint, note = open_signed(raw, verifiers=[log_verifier(VKEY)])
    assert (checkpoint.origin, checkpoint.size) == ("example.com/log/testdata", size)
    assert checkpoint.root == tree.root(size=size)
    assert note.format() == raw
    assert checkpoint.format() == note.text


def test_the_newest_checkpoint_is_the_last(files: Files) -> None:
    newest = (files.folder / "checkpoint").read_bytes()
    assert newest == (files.folder / "checkpoint.15").read_bytes()
    policy = parse_policy(f"log {VKEY}\nquorum none\n".encode())
    checkpoint, quorum = policy.verify(newest)
    assert checkpoint.size == 15
    assert (quorum.required, quorum.met, policy.single_operator) == (False, True, True)


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_tile_and_bundle_is_rebuilt_byte_for_byte(files: Files, size: int) -> None:
    compact, edge = CompactRange(hasher=SHA256), TileEdge()
    assert edge.extend(compact.extend(SHA256.leaves(ENTRIES[:size]))) == []
    assert [tile for tile, _ in edge.partial()] == list(tiles_of(size=size))
    for tile, content in edge.partial():
        assert content == files.read_tile(tile)
    bundle = TileId(level=0, index=0, width=size, entries=True)
    content = files.read_tile(bundle)
    assert content == encode_entries(ENTRIES[:size])
    assert decode_entries(bundle, content) == ENTRIES[:size]
    assert TileTree(hasher=SHA256, size=size, reader=files).root() == compact.root()


def test_consistency_between_all_pairs_of_sizes(files: Files, tree: MemoryTree) -> None:
    for size1, size2 in combinations_with_replacement(SIZES[1:], 2):
        proof = TileTree(hasher=SHA256, size=size2, reader=files).consistency(size1=size1)
        assert proof == tree.consistency(size1=size1, size2=size2)
        verify_consistency(
            hasher=SHA256,
            size1=size1,
            size2=size2,
            root1=tree.root(size=size1),
            root2=tree.root(size=size2),
            proof=proof,
        )
        if size1 < size2:
            with pytest.raises(ProofError):
                verify_consistency(
                    hasher=SHA256,
                    size1=size1,
                    size2=size2,
                    root1=tree.root(size=size2),
                    root2=tree.root(size=size2),
                    proof=proof,
                )


def test_inclusion_of_every_entry_at_every_size(files: Files, tree: MemoryTree) -> None:
    for size in SIZES[1:]:
        tiles = TileTree(hasher=SHA256, size=size, reader=files)
        for index in range(size):
            verify_inclusion(
                hasher=SHA256,
                leaf_hash=SHA256.leaf(ENTRIES[index]),
                index=index,
                size=size,
                proof=tiles.inclusion(index=index),
                root=tree.root(size=size),
            )


@pytest.mark.parametrize("size", SIZES)
def test_any_flipped_byte_of_a_checkpoint_is_refused(files: Files, size: int) -> None:
    raw = (files.folder / f"checkpoint.{size}").read_bytes()
    verifiers = [log_verifier(VKEY)]
    for place in range(len(raw)):
        spoilt = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises((NoteFormatError, CheckpointFormatError, NoteSignatureError)):
            open_signed(spoilt, verifiers=verifiers)


def test_any_flipped_byte_of_a_tile_gives_another_root(files: Files, tree: MemoryTree) -> None:
    tile = TileId(level=0, index=0, width=15)
    content = files.read_tile(tile)

    class Spoilt:
        def __init__(self, place: int) -> None:
            self.place = place

        def read_tile(self, _tile: TileId) -> bytes:
            changed = bytearray(content)
            changed[self.place] ^= 0x80
            return bytes(changed)

    for place in range(len(content)):
        spoilt = TileTree(hasher=SHA256, size=15, reader=Spoilt(place))
        assert spoilt.root() != tree.root(size=15)


def test_any_flipped_byte_of_a_bundle_is_named(files: Files) -> None:
    bundle = TileId(level=0, index=0, width=15, entries=True)
    content = files.read_tile(bundle)
    hashes = files.read_tile(TileId(level=0, index=0, width=15))
    verify_bundle(hasher=SHA256, tile=bundle, content=content, hashes=hashes)
    start = 0
    for index, entry in enumerate(ENTRIES):
        for place in range(start, start + 2 + len(entry)):
            spoilt = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            with pytest.raises((TileError, TileFormatError)) as caught:
                verify_bundle(hasher=SHA256, tile=bundle, content=spoilt, hashes=hashes)
            if place >= start + 2:  # in the entry itself, not in its length
                assert caught.value.reason == "tlog.tile.entry"
                assert caught.value.params["index"] == index
        start += 2 + len(entry)


def test_a_checkpoint_of_one_log_is_not_anothers(files: Files) -> None:
    raw = (files.folder / "checkpoint").read_bytes()
    other = notes.parse(raw)
    text = other.text.replace("example.com/log/testdata", "example.com/log/other", 1)
    with pytest.raises(NoteSignatureError) as caught:
        open_signed(
            notes.SignedNote(text=text, signatures=other.signatures).format(),
            verifiers=[log_verifier(VKEY)],
        )
    assert caught.value.reason == "tlog.note.unknown_keys"
