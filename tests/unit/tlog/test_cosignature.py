"""Cosignatures of single witnesses in SM2, Ed25519 and BLS12-381."""

import pytest
from support.tlog_keys import bls_witness, ed25519_witness, signed_checkpoint, sm2_key, sm2_witness

from trace_node.crypto import sm2
from trace_node.tlog.cosignature import (
    Cosignature,
    Cosigner,
    WitnessKeyVerifier,
    decode,
    decode_time,
    encode_time,
    signed_message,
    witness_verifier,
)
from trace_node.tlog.errors import CosignatureFormatError, NoteSignatureError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import KeyKind, NoteKey

TEXT = signed_checkpoint(size=3, root=SM3.leaf(b"root")).text
TIME = 1_790_000_000
WITNESSES = {
    "sm2": sm2_witness("w1.example"),
    "ed25519": ed25519_witness("w1.example"),
    "bls": bls_witness("w1.example"),
}
each_kind = pytest.mark.parametrize("witness", WITNESSES.values(), ids=WITNESSES)


@each_kind
def test_a_cosignature_verifies_and_states_its_time(witness: Cosigner) -> None:
    line = witness.cosign(TEXT, time=TIME)
    assert witness_verifier(witness.key.vkey).verified_time(TEXT, line.signature) == TIME
    assert decode(witness.key.kind, line.signature).encode() == line.signature


@each_kind
def test_another_text_time_or_key_is_refused(witness: Cosigner) -> None:
    line = witness.cosign(TEXT, time=TIME)
    verifier = WitnessKeyVerifier(witness.key)
    with pytest.raises(NoteSignatureError):
        verifier.verify(TEXT.replace("\n3\n", "\n4\n"), line.signature)
    later = encode_time(TIME + 1) + line.signature[8:]
    with pytest.raises(NoteSignatureError):
        verifier.verify(TEXT, later)
    stranger = {"sm2": sm2_witness, "ed25519": ed25519_witness, "bls": bls_witness}
    for name, make in stranger.items():
        if WITNESSES[name] is witness:
            with pytest.raises(NoteSignatureError):
                WitnessKeyVerifier(make("w2.example").key).verify(TEXT, line.signature)


@each_kind
def test_every_flipped_byte_is_refused(witness: Cosigner) -> None:
    line = witness.cosign(TEXT, time=TIME)
    verifier = WitnessKeyVerifier(witness.key)
    for place in range(len(line.signature)):
        spoilt = bytearray(line.signature)
        spoilt[place] ^= 0x81
        with pytest.raises(NoteSignatureError):
            verifier.verify(TEXT, bytes(spoilt))


@each_kind
@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 8), slice(0, -1), slice(1, None)])
def test_another_length_is_refused(witness: Cosigner, cut: slice) -> None:
    line = witness.cosign(TEXT, time=TIME)
    for raw in (line.signature[cut], line.signature + b"\0"):
        with pytest.raises(NoteSignatureError):
            WitnessKeyVerifier(witness.key).verify(TEXT, raw)
        with pytest.raises(CosignatureFormatError):
            decode(witness.key.kind, raw)


def test_the_message_is_that_of_c2sp() -> None:
    expected = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    assert signed_message(time=1_679_315_147, text=TEXT) == expected


def test_a_logs_signature_is_no_cosignature_of_the_same_key() -> None:
    key = NoteKey(name="w", kind=KeyKind.SM2_COSIGNATURE, public=sm2_key("both").public.point)
    plain = sm2.der_to_raw(sm2_key("both").sign(TEXT.encode()))
    with pytest.raises(NoteSignatureError):
        WitnessKeyVerifier(key).verify(TEXT, encode_time(TIME) + plain)


def test_times_out_of_range_are_refused() -> None:
    for time in (-1, 2**63):
        with pytest.raises(CosignatureFormatError):
            WITNESSES["sm2"].cosign(TEXT, time=time)
        with pytest.raises(CosignatureFormatError):
            Cosignature(time=time, signature=bytes(64)).encode()
    for raw in (b"", bytes(7), bytes(9), b"\x80" + bytes(7)):
        with pytest.raises(CosignatureFormatError):
            decode_time(raw)
    assert decode_time(encode_time(2**63 - 1)) == 2**63 - 1


def test_a_bls_key_without_proof_of_possession_does_not_count() -> None:
    witness = bls_witness("w1.example")
    other = bls_witness("w2.example")
    line = witness.cosign(TEXT, time=TIME)
    for proof in (other.key.public[48:], bytes(96), witness.key.public[48:-1] + b"\0"):
        unproved = NoteKey(
            name="w1.example",
            kind=KeyKind.BLS_COSIGNATURE,
            public=witness.key.public[:48] + proof,
        )
        with pytest.raises(NoteSignatureError):
            WitnessKeyVerifier(unproved).verify(TEXT, line.signature)
