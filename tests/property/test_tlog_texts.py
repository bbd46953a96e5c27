"""For all texts of the log: reading and writing are inverse, and no changed byte passes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tlog_keys import (
    ORIGIN,
    bls_witness,
    ed25519_witness,
    interop_signer,
    log_signer,
    signed_checkpoint,
    sm2_witness,
)

from trace_node.errors import TraceNodeError
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog import policy_text, tlog_proof
from trace_node.tlog.aggregate import AggregateCosignature, AggregateKey
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.cosignature import Cosignature, decode
from trace_node.tlog.errors import FormatError, OversizeError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import NoteSignature, SignedNote
from trace_node.tlog.note_keys import KeyKind, parse_vkey
from trace_node.tlog.policy import Policy, PolicyLog, PolicyWitness, WitnessGroup
from trace_node.tlog.policy_text import format_policy
from trace_node.tlog.tiles import TileId, decode_entries, encode_entries, parse_path
from trace_node.tlog.tlog_proof import TlogProof
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.witness_request import AddCheckpoint, parse_request

MAX = 2**63 - 1
HASH = st.binary(min_size=32, max_size=32)
NAME = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="+"),
    min_size=1,
    max_size=60,
).filter(lambda name: not any(c.isspace() for c in name))
LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
NUMBER = st.one_of(st.integers(0, MAX), st.integers(0, 300))
SIGNATURE = st.builds(
    NoteSignature,
    name=NAME,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=120),
)
CHECKPOINT = st.builds(
    Checkpoint,
    origin=NAME,
    size=NUMBER,
    root=HASH,
    extensions=st.lists(LINE, max_size=3).map(tuple),
)
NOTE = st.builds(
    SignedNote,
    text=st.lists(st.one_of(LINE, st.just("")), min_size=1, max_size=5).map(
        lambda lines: "".join(f"{line}\n" for line in lines)
    ),
    signatures=st.lists(SIGNATURE, min_size=1, max_size=4).map(tuple),
)
SIGNED = st.builds(
    lambda checkpoint, signatures: SignedNote(text=checkpoint.format(), signatures=signatures),
    CHECKPOINT,
    st.lists(SIGNATURE, min_size=1, max_size=3).map(tuple),
)
PROOF = st.builds(
    TlogProof,
    index=NUMBER,
    hashes=st.lists(HASH, max_size=63).map(tuple),
    checkpoint=SIGNED.map(SignedNote.format),
    extra=st.one_of(st.none(), st.binary(min_size=1, max_size=50)),
)
REQUEST = st.builds(
    AddCheckpoint, old_size=NUMBER, proof=st.lists(HASH, max_size=63).map(tuple), note=SIGNED
)


@given(note=NOTE)
def test_notes(note: SignedNote) -> None:
    assert notes.parse(note.format()) == note
    assert notes.parse(note.format()).format() == note.format()


@given(checkpoint=CHECKPOINT)
def test_checkpoints(checkpoint: Checkpoint) -> None:
    assert checkpoints.parse(checkpoint.format()) == checkpoint
    assert checkpoints.parse(checkpoint.format()).format() == checkpoint.format()


@given(proof=PROOF)
def test_offline_proofs(proof: TlogProof) -> None:
    assert tlog_proof.parse(proof.format()) == proof
    assert tlog_proof.parse(proof.format()).format() == proof.format()


@given(request_=REQUEST)
def test_witness_requests(request_: AddCheckpoint) -> None:
    assert parse_request(request_.format()) == request_
    assert parse_request(request_.format()).format() == request_.format()


@given(
    time=NUMBER,
    kind=st.sampled_from(
        [KeyKind.SM2_COSIGNATURE, KeyKind.ED25519_COSIGNATURE, KeyKind.BLS_COSIGNATURE]
    ),
    raw=st.binary(min_size=96, max_size=96),
)
def test_cosignatures(time: int, kind: KeyKind, raw: bytes) -> None:
    size = 96 if kind is KeyKind.BLS_COSIGNATURE else 64
    cosignature = Cosignature(time=time, signature=raw[:size])
    assert decode(kind, cosignature.encode()) == cosignature


@given(data=st.data(), time=NUMBER, raw=st.binary(min_size=96, max_size=96))
def test_aggregates(data: st.DataObject, time: int, raw: bytes) -> None:
    count = data.draw(st.integers(1, 20))
    key = AggregateKey([bls_witness(f"w{number}").key for number in range(count)])
    signers = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    content = AggregateCosignature(signers=tuple(sorted(signers)), time=time, signature=raw)
    assert key.decode(key.encode(content)) == content


@given(level=st.integers(0, 7), data=st.data(), entries=st.booleans())
def test_tile_paths(level: int, data: st.DataObject, entries: bool) -> None:
    level = 0 if entries else level
    count = MAX >> 8 * level
    width = data.draw(st.integers(1, min(256, count)))
    index = data.draw(st.integers(0, (count - width) // 256))
    tile = TileId(level=level, index=index, width=width, entries=entries)
    assert parse_path(tile.path) == tile
    assert parse_path(tile.path).path == tile.path


@given(path=st.from_regex(r"tile/(entries|[0-9]{1,2})/(x?[0-9]{3}/){0,3}[0-9]{3}(\.p/[0-9]{1,3})?"))
def test_a_path_has_one_spelling(path: str) -> None:
    try:
        tile = parse_path(path)
    except FormatError:
        return
    assert tile.path == path


@given(entries=st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_entry_bundles(entries: list[bytes]) -> None:
    tile = TileId(level=0, index=0, width=len(entries), entries=True)
    content = encode_entries(entries)
    assert decode_entries(tile, content) == entries
    assert encode_entries(decode_entries(tile, content)) == content


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    makers = (sm2_witness, ed25519_witness, bls_witness)
    count = draw(st.integers(0, 6))
    url = st.one_of(st.none(), st.just("https://w.example/add"))
    witnesses = tuple(
        PolicyWitness(
            label=f"w{place}", key=draw(st.sampled_from(makers))(f"w{place}").key, url=draw(url)
        )
        for place in range(count)
    )
    free = [witness.label for witness in witnesses]
    groups = []
    for place in range(draw(st.integers(0, 3))):
        if not free:
            break
        taken = draw(st.lists(st.sampled_from(free), unique=True, min_size=1))
        free = [label for label in free if label not in taken] + [f"g{place}"]
        threshold = draw(st.integers(1, len(taken)))
        groups.append(WitnessGroup(label=f"g{place}", threshold=threshold, members=tuple(taken)))
    labels = [w.label for w in witnesses] + [g.label for g in groups]
    return Policy(
        logs=(PolicyLog(key=log_signer().key), PolicyLog(key=interop_signer().key, url=draw(url))),
        witnesses=witnesses,
        groups=tuple(groups),
        quorum=draw(st.sampled_from(["none", *labels])),
    )


@given(policy=policies())
def test_policies(policy: Policy) -> None:
    written = format_policy(policy)
    assert policy_text.parse(written) == policy
    assert format_policy(policy_text.parse(written)) == written


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_our_own_error(raw: bytes) -> None:
    for read in (
        notes.parse,
        tlog_proof.parse,
        parse_request,
        policy_text.parse,
        lambda raw: checkpoints.parse(raw.decode("latin-1")),
        lambda raw: parse_vkey(raw.decode("latin-1")),
        lambda raw: parse_path(raw.decode("latin-1")),
        lambda raw: decode_entries(TileId(level=0, index=0, width=3, entries=True), raw),
        lambda raw: decode(KeyKind.SM2_COSIGNATURE, raw),
    ):
        with contextlib.suppress(FormatError, OversizeError):
            read(raw)


@given(data=st.data(), change=st.integers(1, 255))
def test_a_changed_byte_of_a_whole_offline_proof_is_refused(
    data: st.DataObject, change: int
) -> None:
    """Index, hashes, and in the checkpoint origin, size, root and signature: none can be altered."""
    place = data.draw(st.integers(0, len(RAW_PROOF) - 1))
    raw = RAW_PROOF[:place] + bytes([RAW_PROOF[place] ^ change]) + RAW_PROOF[place + 1 :]
    with pytest.raises(TraceNodeError) as caught:
        _check_offline_proof(raw)
    assert caught.value.reason.startswith("tlog.")


def _check_offline_proof(raw: bytes) -> None:
    proof = tlog_proof.parse(raw)
    checkpoint, _ = POLICY.verify(proof.checkpoint)
    tlog_proof.verify(
        proof, leaf_hash=SM3.leaf(b"6"), checkpoint=checkpoint, hasher=checkpoint.hasher
    )


def test_every_byte_of_a_whole_offline_proof_matters() -> None:
    for place, byte in enumerate(RAW_PROOF):
        raw = RAW_PROOF[:place] + bytes([byte ^ 1]) + RAW_PROOF[place + 1 :]
        with pytest.raises(TraceNodeError) as caught:
            _check_offline_proof(raw)
        assert caught.value.reason.startswith("tlog.")


def test_the_unchanged_offline_proof_is_accepted() -> None:
    _check_offline_proof(RAW_PROOF)


TREE = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(b"%d" % n for n in range(11)))
POLICY = policy_text.parse(
    (f"log {log_signer().vkey}\nwitness w {sm2_witness('w').key.vkey}\nquorum w\n").encode()
)
HEAD = signed_checkpoint(size=11, root=TREE.root(), origin=ORIGIN)
RAW_PROOF = TlogProof(
    index=6,
    hashes=tuple(TREE.inclusion(index=6)),
    checkpoint=HEAD.with_signatures(
        [sm2_witness("w").cosign(HEAD.text, time=1_790_000_000)]
    ).format(),
).format()
