"""Verifier keys: their text, their ids, and which kind may sign what."""

import base64
import hashlib

import pytest
from support.tlog_keys import bls_witness, ed25519_witness, interop_signer, log_signer, sm2_witness

from trace_node.tlog.cosignature import witness_verifier
from trace_node.tlog.errors import NoteFormatError, OversizeError
from trace_node.tlog.note_keys import KeyKind, NoteKey, log_verifier, parse_vkey

KEYS = {
    "ed25519": interop_signer().key,
    "sm2": log_signer().key,
    "ed25519 witness": ed25519_witness("w1").key,
    "sm2 witness": sm2_witness("w1").key,
    "bls witness": bls_witness("w1").key,
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_vkey_is_read_back(key: NoteKey) -> None:
    assert parse_vkey(key.vkey) == key
    name, key_id, material = key.vkey.split("+", 2)
    assert name == key.name
    raw = base64.b64decode(material)
    assert raw.endswith(key.public)
    assert key_id == hashlib.sha256(f"{name}\n".encode() + raw).hexdigest()[:8]


def test_the_material_begins_as_the_formats_say() -> None:
    begins = {name: key.kind.value for name, key in KEYS.items()}
    assert begins == {
        "ed25519": b"\x01",
        "sm2": b"\xffSM2-SM3",
        "ed25519 witness": b"\x04",
        "sm2 witness": b"\xffcosignature/v1 SM2-SM3",
        "bls witness": b"\xffcosignature/v1 BLS12-381",
    }


def test_no_kind_begins_another() -> None:
    for one in KeyKind:
        for other in KeyKind:
            assert one is other or not one.value.startswith(other.value)


def test_the_same_key_under_another_name_or_kind_has_another_id() -> None:
    sm2 = log_signer().key
    renamed = NoteKey(name="other", kind=sm2.kind, public=sm2.public)
    cosigning = NoteKey(name=sm2.name, kind=KeyKind.SM2_COSIGNATURE, public=sm2.public)
    assert len({sm2.key_id, renamed.key_id, cosigning.key_id}) == 3


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_changed_vkey_is_refused(key: NoteKey) -> None:
    name, key_id, material = key.vkey.split("+", 2)
    other_id = f"{int(key_id, 16) ^ 1:08x}"
    for broken, reason in (
        (f"{name}+{other_id}+{material}", "tlog.note.key_id"),
        (f"x{name}+{key_id}+{material}", "tlog.note.key_id"),
        (f"{name}+{key_id.upper()}F+{material}", "tlog.note.format"),
        (f"{name}+{key_id[1:]}+{material}", "tlog.note.format"),
        (f"{name}+{key_id}", "tlog.note.format"),
        (f"{name}+{key_id}+{material[:-4]}", "tlog.note.format"),
        (f"{name}+{key_id}+{material}\n", "tlog.note.format"),
        (f"na me+{key_id}+{material}", "tlog.note.format"),
        (f"+{key_id}+{material}", "tlog.note.format"),
    ):
        with pytest.raises(NoteFormatError) as caught:
            parse_vkey(broken)
        assert caught.value.reason == reason, broken


@pytest.mark.parametrize(
    "material", [b"\x02" + bytes(32), b"\x06" + bytes(1312 % 99), b"\xffRSA", b""]
)
def test_a_kind_that_is_not_known_is_refused(material: bytes) -> None:
    key_id = hashlib.sha256(b"name\n" + material).hexdigest()[:8]
    with pytest.raises(NoteFormatError):
        parse_vkey(f"name+{key_id}+{base64.b64encode(material).decode()}")


def test_a_point_off_the_curve_is_no_key() -> None:
    public = bytearray(log_signer().key.public)
    public[-1] ^= 1
    with pytest.raises(NoteFormatError, match="no SM2 point"):
        NoteKey(name="name", kind=KeyKind.SM2, public=bytes(public))


def test_an_oversized_vkey_is_not_parsed() -> None:
    with pytest.raises(OversizeError):
        parse_vkey("n" * 1025)


def test_log_keys_do_not_cosign_and_witness_keys_do_not_sign_for_logs() -> None:
    for name, key in KEYS.items():
        make = log_verifier if name.endswith("witness") else witness_verifier
        with pytest.raises(NoteFormatError) as caught:
            make(key.vkey)
        assert caught.value.reason == "tlog.note.key_kind"


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\u2003b", "x" * 256, "\x01", "\ud800"]
)
def test_a_name_that_cannot_stand_in_a_line_is_refused(name: str) -> None:
    with pytest.raises(NoteFormatError):
        NoteKey(name=name, kind=KeyKind.ED25519, public=interop_signer().key.public)
