"""Cosignatures of witnesses, c2sp.org/tlog-cosignature: "the largest tree I saw at that time".

A cosignature is ``u64 time ‖ signature``, the signature being over::

    cosignature/v1
    time <seconds since the epoch>
    <the whole text of the checkpoint>

in Ed25519 (kind 0x04, as C2SP), in SM2 (0xff ``cosignature/v1 SM2-SM3``, raw r ‖ s) or in
BLS12-381 (0xff ``cosignature/v1 BLS12-381``), whose cosignatures of one time fold into one: see
``aggregate``. The message does not name the witness, so one key must serve one witness only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from trace_node.crypto import bls, ed25519
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import der_to_raw
from trace_node.tlog.errors import CosignatureFormatError, NoteFormatError
from trace_node.tlog.note import NoteSignature
from trace_node.tlog.note_keys import (
    KeyKind,
    NoteKey,
    parse_vkey,
    refuse_signature,
    verify_message,
)
from trace_node.tlog.text import MAX_SIZE

TIME_SIZE = 8
COSIGNATURE_KINDS = frozenset(
    {KeyKind.ED25519_COSIGNATURE, KeyKind.SM2_COSIGNATURE, KeyKind.BLS_COSIGNATURE}
)
_SIGNATURE_SIZES = {
    KeyKind.ED25519_COSIGNATURE: 64,
    KeyKind.SM2_COSIGNATURE: 64,
    KeyKind.BLS_COSIGNATURE: 96,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """The content of a witness's signature line (见证签名).

    Attributes:
        time: When the witness signed, seconds since the epoch, 0 to 2^63 - 1; by its own clock.
        signature: 64 bytes (Ed25519, SM2) or 96 bytes (BLS12-381).
    """

    time: int
    signature: bytes

    def encode(self) -> bytes:
        """``u64 time ‖ signature``, big-endian."""
        return encode_time(self.time) + self.signature


def encode_time(time: int) -> bytes:
    """A time as 8 big-endian bytes.

    Raises:
        CosignatureFormatError: Negative, or 2^63 and more.
    """
    if not 0 <= time <= MAX_SIZE:
        raise CosignatureFormatError(
            "{field}: must lie between 0 and {maximum}", field="time", maximum=MAX_SIZE
        )
    return time.to_bytes(TIME_SIZE, "big")


def decode_time(raw: bytes) -> int:
    """Read 8 big-endian bytes as a time.

    Raises:
        CosignatureFormatError: Not 8 bytes, or 2^63 and more.
    """
    if len(raw) != TIME_SIZE or raw[0] & 0x80:
        raise CosignatureFormatError("{field}: must be 8 bytes, below 2^63", field="time")
    return int.from_bytes(raw, "big")


def decode(kind: KeyKind, raw: bytes) -> Cosignature:
    """Read the bytes of a signature line of a witness.

    Raises:
        CosignatureFormatError: Not exactly time and signature.
    """
    expected = TIME_SIZE + _SIGNATURE_SIZES[kind]
    if len(raw) != expected:
        raise CosignatureFormatError(
            "{field}: has {length} bytes, {kind} has {expected}",
            field="cosignature",
            length=len(raw),
            kind=kind.name,
            expected=expected,
        )
    return Cosignature(time=decode_time(raw[:TIME_SIZE]), signature=raw[TIME_SIZE:])


def signed_message(*, time: int, text: str) -> bytes:
    """What a witness signs at ``time`` for the checkpoint with this ``text``."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class WitnessKeyVerifier:
    """Checks cosignatures of one witness key.

    Args:
        key: A key of a cosignature kind.

    Raises:
        NoteFormatError: The key is of another kind.
    """

    key: NoteKey
    name: str = field(init=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        require_witness_kind(self.key)
        object.__setattr__(self, "name", self.key.name)
        object.__setattr__(self, "key_id", self.key.key_id)

    def verify(self, text: str, signature: bytes) -> None:
        """Check a cosignature under ``text``; see ``NoteVerifier``."""
        self.verified_time(text, signature)

    def verified_time(self, text: str, signature: bytes) -> int:
        """Check a cosignature under ``text`` and return its time.

        Raises:
            NoteSignatureError: It does not check out, or is not exactly a cosignature.
        """
        try:
            cosignature = decode(self.key.kind, signature)
        except CosignatureFormatError as failure:
            raise refuse_signature(self.key, detail=failure.message) from failure
        message = signed_message(time=cosignature.time, text=text)
        verify_message(self.key, message, cosignature.signature)
        return cosignature.time


def require_witness_kind(key: NoteKey) -> NoteKey:
    """Return ``key`` if it cosigns.

    Raises:
        NoteFormatError: It is of another kind.
    """
    if key.kind not in COSIGNATURE_KINDS:
        raise NoteFormatError(
            "{field}: {kind} is not a kind of key that cosigns",
            field="vkey",
            kind=key.kind.name,
            code="tlog.note.key_kind",
        )
    return key


def witness_verifier(vkey: str) -> WitnessKeyVerifier:
    """The verifier of a witness's vkey.

    Raises:
        NoteFormatError: Not a vkey, or of a kind that does not cosign.
    """
    return WitnessKeyVerifier(parse_vkey(vkey))


class Cosigner:
    """Cosigns checkpoints with one key of a witness.

    Args:
        key: The public key under the witness's name.
        sign: Makes the bare signature of a message: 64 bytes (SM2 raw, Ed25519) or 96 (BLS12-381).
    """

    def __init__(self, *, key: NoteKey, sign: Callable[[bytes], bytes]) -> None:
        self.key = require_witness_kind(key)
        self._sign = sign

    def cosign(self, text: str, *, time: int) -> NoteSignature:
        """The signature line under the checkpoint ``text``, which the witness saw at ``time``.

        Raises:
            CosignatureFormatError: ``time`` is out of range.
        """
        signature = self._sign(signed_message(time=time, text=text))
        content = Cosignature(time=time, signature=signature).encode()
        return NoteSignature(name=self.key.name, key_id=self.key.key_id, signature=content)


def sm2_cosigner(*, name: str, signer: Signer) -> Cosigner:
    """A cosigner with an SM2 key, which must serve no other witness."""
    key = NoteKey(name=name, kind=KeyKind.SM2_COSIGNATURE, public=signer.public.point)
    return Cosigner(key=key, sign=lambda message: der_to_raw(signer.sign(message)))


def ed25519_cosigner(*, name: str, private: ed25519.PrivateKey) -> Cosigner:
    """A cosigner with an Ed25519 key, as public C2SP tools know it."""
    key = NoteKey(name=name, kind=KeyKind.ED25519_COSIGNATURE, public=private.public.raw)
    return Cosigner(key=key, sign=private.sign)


def bls_cosigner(*, name: str, private: bls.PrivateKey) -> Cosigner:
    """A cosigner with a BLS12-381 key; its vkey carries the proof that the key is held."""
    material = private.public.raw + private.prove_possession()
    key = NoteKey(name=name, kind=KeyKind.BLS_COSIGNATURE, public=material)
    return Cosigner(key=key, sign=private.sign)
