"""The examples of docs/spec are what they say, by hand-made derivation and by the product."""

import pytest
from support import tlog_spec as spec
from support.tlog_keys import ORIGIN

from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog import policy_text, tlog_proof
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.cosignature import signed_message
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import log_verifier, parse_vkey
from trace_node.tlog.tile_tree import TileEdge
from trace_node.tlog.tiles import TileId, decode_entries, encode_entries, parse_path, tiles_of
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.verify import verify_consistency, verify_inclusion
from trace_node.tlog.witness_request import parse_request

PAGES = ["tree", "checkpoint", "cosignature", "tiles", "tlog-proof"]
DERIVED = spec.derived()
TREE = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(spec.ENTRIES))


def _example(page: str, name: str) -> str:
    return spec.examples(page)[name]


def _hex_lines(page: str, name: str) -> list[bytes]:
    return [bytes.fromhex(line) for line in _example(page, name).split()]


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_a_page_is_derived(page: str) -> None:
    found = spec.examples(page)
    assert found
    assert set(found) == {name for where, name in DERIVED if where == page}
    for name, text in found.items():
        assert text == DERIVED[page, name], name


def test_tree_by_the_product() -> None:
    for line in _example("tree", "hashes").splitlines():
        *what, value = line.split()
        computed = {
            "leaf": lambda index: TREE.node(0, int(index)),
            "subtree": lambda level, index: TREE.node(int(level), int(index)),
            "root": lambda _of, size: TREE.root(size=int(size)),
        }[what[0]](*what[1:])
        assert computed.hex() == value, line
    proof = _hex_lines("tree", "inclusion of 2 in 5")
    assert TREE.inclusion(index=2) == proof
    verify_inclusion(
        hasher=SM3,
        leaf_hash=SM3.leaf(b"reading 2"),
        index=2,
        size=5,
        proof=proof,
        root=TREE.root(),
    )
    proof = _hex_lines("tree", "consistency of 3 and 5")
    assert TREE.consistency(size1=3) == proof
    verify_consistency(
        hasher=SM3, size1=3, size2=5, root1=TREE.root(size=3), root2=TREE.root(), proof=proof
    )
    compact = CompactRange(hasher=SM3, size=5, hashes=_hex_lines("tree", "compact range of 5"))
    assert compact.root() == TREE.root()


def test_checkpoint_by_the_product() -> None:
    raw = _example("checkpoint", "signed checkpoint").encode()
    vkeys = _example("checkpoint", "keys").split()
    for vkey in vkeys:
        opened, note = checkpoints.open_signed(raw, verifiers=[log_verifier(vkey)])
        assert (opened.origin, opened.size, opened.root) == (ORIGIN, 5, TREE.root())
        assert note.format() == raw
        assert parse_vkey(vkey).vkey == vkey


def test_cosignatures_and_policy_by_the_product() -> None:
    raw = _example("cosignature", "cosigned checkpoint").encode()
    policy = policy_text.parse(_example("cosignature", "policy").encode())
    assert policy_text.format_policy(policy).decode() == _example("cosignature", "policy")
    checkpoint, quorum = policy.verify(raw)
    assert (checkpoint.size, quorum.met, policy.single_operator) == (5, True, False)
    assert quorum.cosigned == tuple(
        (label, spec.TIME) for label in ("regulator", "verifier", "peer-1", "peer-2", "peer-3")
    )
    text = notes.parse(raw).text
    message = signed_message(time=spec.TIME, text=text)
    assert message.decode() == _example("cosignature", "message")


def test_the_aggregate_alone_meets_the_peers_threshold() -> None:
    policy = policy_text.parse(_example("cosignature", "policy").encode())
    note = notes.parse(_example("checkpoint", "signed checkpoint").encode())
    line = notes.parse_signature_line(_example("cosignature", "aggregate").removesuffix("\n"))
    quorum = policy.evaluate(note.with_signatures([line]))
    assert [label for label, _ in quorum.cosigned] == ["peer-2", "peer-3"]
    assert not quorum.met


def test_request_by_the_product() -> None:
    raw = _example("cosignature", "add-checkpoint").encode()
    request = parse_request(raw)
    assert request.format() == raw
    assert request.old_size == 3
    assert list(request.proof) == TREE.consistency(size1=3)


def test_tiles_by_the_product() -> None:
    paths = [tile.path for tile in tiles_of(size=70_000)]
    assert len(paths) == 277
    listed = _example("tiles", "tiles of 70000").split()
    assert listed == [paths[0], "…", *paths[272:]]
    bundle = _hex_lines("tiles", "tile/entries/000.p/5")[0]
    tile = parse_path("tile/entries/000.p/5")
    assert decode_entries(tile, bundle) == spec.ENTRIES
    assert encode_entries(spec.ENTRIES) == bundle
    edge = TileEdge()
    edge.extend(CompactRange(hasher=SM3).extend(SM3.leaves(spec.ENTRIES)))
    content = b"".join(_hex_lines("tiles", "tile/0/000.p/5"))
    assert edge.partial() == [(TileId(level=0, index=0, width=5), content)]


def test_offline_proof_by_the_product() -> None:
    raw = _example("tlog-proof", "proof of reading 2").encode()
    proof = tlog_proof.parse(raw)
    assert proof.format() == raw
    policy = policy_text.parse(_example("cosignature", "policy").encode())
    checkpoint, _ = policy.verify(proof.checkpoint)
    tlog_proof.verify(
        proof,
        leaf_hash=SM3.leaf(b"reading 2"),
        checkpoint=checkpoint,
        hasher=checkpoint.hasher,
    )
