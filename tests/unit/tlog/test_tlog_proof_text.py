"""Offline proofs: their text, their strictness, and what they prove."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.tlog_keys import log_signer, signed_checkpoint

from trace_node.tlog import tlog_proof
from trace_node.tlog.checkpoint import open_signed
from trace_node.tlog.errors import (
    CheckpointFormatError,
    NoteFormatError,
    OversizeError,
    ProofError,
    TlogProofFormatError,
)
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import log_verifier
from trace_node.tlog.tlog_proof import TlogProof, parse
from trace_node.tlog.tree import MemoryTree

TREE = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(b"%d" % n for n in range(11)))
CHECKPOINT = signed_checkpoint(size=11, root=TREE.root()).format()
PROOF = TlogProof(index=6, hashes=tuple(TREE.inclusion(index=6)), checkpoint=CHECKPOINT)
RAW = PROOF.format()


def test_the_text() -> None:
    lines = RAW.split(b"\n")
    assert lines[0] == b"c2sp.org/tlog-proof@v1"
    assert lines[1] == b"index 6"
    assert len(lines[2]) == 44
    assert lines[6] == b""
    assert RAW.endswith(CHECKPOINT)
    assert parse(RAW) == PROOF


def test_extra_data_is_kept_and_not_authenticated() -> None:
    extra = replace(PROOF, extra=b"for people")
    assert extra.format().split(b"\n")[1] == b"extra Zm9yIHBlb3BsZQ=="
    assert parse(extra.format()) == extra
    with pytest.raises(TlogProofFormatError):
        replace(PROOF, extra=b"")
    with pytest.raises(TlogProofFormatError):
        replace(PROOF, extra=bytes(4097))


def test_it_proves_the_entry_and_nothing_else() -> None:
    checkpoint, _ = open_signed(CHECKPOINT, verifiers=[log_verifier(log_signer().vkey)])
    assert PROOF.stated_checkpoint == checkpoint

    def check(entry: bytes, proof: TlogProof = PROOF) -> None:
        tlog_proof.verify(
            proof, leaf_hash=SM3.leaf(entry), checkpoint=checkpoint, hasher=checkpoint.hasher
        )

    check(b"6")
    for entry, proof in (
        (b"7", PROOF),
        (b"6", replace(PROOF, index=7)),
        (b"6", replace(PROOF, index=11)),
        (b"6", replace(PROOF, hashes=PROOF.hashes[:-1])),
        (b"6", replace(PROOF, hashes=PROOF.hashes[::-1])),
    ):
        with pytest.raises(ProofError):
            check(entry, proof)


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (lambda _: b"", TlogProofFormatError, "tlog.tlog_proof.format"),
        (
            lambda raw: raw.replace(b"@v1", b"@v2", 1),
            TlogProofFormatError,
            "tlog.tlog_proof.version",
        ),
        (lambda raw: b"\n" + raw, TlogProofFormatError, "tlog.tlog_proof.version"),
        (lambda raw: raw.replace(b"index 6", b"index 06"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"index -6"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"index"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6\n", b""), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"index 6\nindex 6"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"extra \nindex 6"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"extra AB==\nindex 6"), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"index 6", b"index 6\nextra AA=="), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"=\n", b"\n", 1), TlogProofFormatError, None),
        (lambda raw: raw.replace(b"\n\n", b"\n", 1), (NoteFormatError, TlogProofFormatError), None),
        (lambda raw: raw.replace(b"\n", b"\r\n"), TlogProofFormatError, None),
        (lambda raw: raw + b"\n", NoteFormatError, None),
        (lambda raw: raw[:-1], NoteFormatError, None),
        (lambda raw: raw.replace(b"\n11\n", b"\n011\n"), CheckpointFormatError, None),
        (
            lambda raw: raw.replace(b"index 6", b"index 6" + b"\n" + b"A" * 43 + b"=" * 60),
            TlogProofFormatError,
            None,
        ),
        (
            lambda raw: raw.replace(b"index 6", b"index 6" + (b"\n" + b"A" * 43 + b"=") * 60),
            TlogProofFormatError,
            None,
        ),
        (lambda _: b"\xff" * 200_000, OversizeError, "tlog.too_large"),
    ],
)
def test_what_is_no_proof_is_refused(
    change: Callable[[bytes], bytes], error: type[Exception], reason: str | None
) -> None:
    with pytest.raises(error) as caught:
        parse(change(RAW))
    assert reason is None or caught.value.reason == reason


def test_what_cannot_be_written_is_refused() -> None:
    for changes in (
        {"index": -1},
        {"index": 2**63},
        {"hashes": (b"x",)},
        {"hashes": (bytes(32),) * 64},
    ):
        with pytest.raises(TlogProofFormatError):
            replace(PROOF, **changes)
