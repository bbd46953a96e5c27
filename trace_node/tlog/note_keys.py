"""Keys of signed notes: their text form (vkey), their ids, and the keys with which logs sign.

A key's material is one type byte (for 0xff followed by a long identifier) and the public key. The
key id is the beginning of SHA-256 over name and material in every profile, as c2sp.org/signed-note
asks.
"""

import enum
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from trace_node.crypto import bls, ed25519
from trace_node.crypto.errors import KeyFormatError, SignatureError
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import PublicKey, der_to_raw, raw_to_der
from trace_node.crypto.sm2 import verify as verify_sm2
from trace_node.tlog.errors import NoteFormatError, NoteSignatureError, OversizeError
from trace_node.tlog.note import KEY_ID_SIZE, NoteSignature, NoteVerifier, require_key_name
from trace_node.tlog.text import from_base64, to_base64

MAX_VKEY_BYTES = 1024

_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_POINT_SIZE = 65
_ED25519_SIZE = ed25519.KEY_SIZE
_BLS_SIZE = bls.PUBLIC_SIZE + bls.SIGNATURE_SIZE  # the key, then the proof of its possession


class KeyKind(enum.Enum):
    """What a key signs and how: the bytes that begin its material.

    No value is the beginning of another, so that material is read in one way only.
    """

    ED25519 = b"\x01"
    ED25519_COSIGNATURE = b"\x04"
    SM2 = b"\xffSM2-SM3"
    SM2_COSIGNATURE = b"\xffcosignature/v1 SM2-SM3"
    BLS_COSIGNATURE = b"\xffcosignature/v1 BLS12-381"

    @property
    def public_size(self) -> int:
        """Length in bytes of the public key that follows."""
        return _PUBLIC_SIZES[self]


_PUBLIC_SIZES = {
    KeyKind.ED25519: _ED25519_SIZE,
    KeyKind.ED25519_COSIGNATURE: _ED25519_SIZE,
    KeyKind.SM2: _POINT_SIZE,
    KeyKind.SM2_COSIGNATURE: _POINT_SIZE,
    KeyKind.BLS_COSIGNATURE: _BLS_SIZE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public key under the name by which notes refer to it.

    Attributes:
        name: Name of the key; for a log its origin.
        kind: What it signs and how.
        public: The public key: 32 bytes Ed25519, 65 bytes SM2 point, or 48 bytes BLS12-381 G1 point
            followed by its 96-byte proof of possession.

    Raises:
        NoteFormatError: The name cannot be one, or ``public`` has another length or is no SM2
            point.
    """

    name: str
    kind: KeyKind
    public: bytes

    def __post_init__(self) -> None:
        require_key_name(self.name)
        if len(self.public) != self.kind.public_size:
            raise NoteFormatError(
                "{field}: {kind} has {size} bytes, this has {length}",
                field="public key",
                kind=self.kind.name,
                size=self.kind.public_size,
                length=len(self.public),
            )
        if self.kind in {KeyKind.SM2, KeyKind.SM2_COSIGNATURE}:
            try:
                PublicKey.from_point(self.public)
            except KeyFormatError as failure:
                raise NoteFormatError("{field}: no SM2 point", field="public key") from failure

    @property
    def key_id(self) -> bytes:
        """``SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]``."""
        return key_id(self.name, self.kind.value + self.public)

    @property
    def vkey(self) -> str:
        """``name+hex(key id)+base64(type ‖ public key)``."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(self.kind.value + self.public)}"


def key_id(name: str, material: bytes) -> bytes:
    """The 4-byte key id of a name and key material (type byte or bytes, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:KEY_ID_SIZE]


def parse_vkey(text: str) -> NoteKey:
    """Read a verifier key.

    Raises:
        OversizeError: Over 1,024 bytes.
        NoteFormatError: Not a vkey, of a kind not known here, or with an id that is not its own.
    """
    if len(text.encode("utf-8", "replace")) > MAX_VKEY_BYTES:
        raise OversizeError("{field}: more than {bound} bytes", field="vkey", bound=MAX_VKEY_BYTES)
    found = _VKEY.fullmatch(text)
    if not found:
        raise NoteFormatError("{field}: must be name+hex key id+base64 of the key", field="vkey")
    material = from_base64(found[3], field="vkey", error=NoteFormatError)
    kind = next((kind for kind in KeyKind if material.startswith(kind.value)), None)
    if kind is None:
        raise NoteFormatError(
            "{field}: a kind of key that is not known here",
            field="vkey",
            code="tlog.note.key_kind",
            remedy="known are Ed25519 (01), its cosignatures (04) and SM2 and BLS12-381 (ff)",
        )
    key = NoteKey(name=found[1], kind=kind, public=material[len(kind.value) :])
    if key.key_id.hex() != found[2]:
        raise NoteFormatError(
            "{field}: the key id {given} is not that of this name and key, {computed}",
            field="vkey",
            given=found[2],
            computed=key.key_id.hex(),
            code="tlog.note.key_id",
        )
    return key


def refuse_signature(key: NoteKey, *, detail: str) -> NoteSignatureError:
    """The error for a known key's signature that does not check out."""
    return NoteSignatureError(
        "the signature of {name} is wrong: {detail}",
        field="signature",
        name=key.name,
        detail=detail,
    )


def verify_message(key: NoteKey, message: bytes, signature: bytes) -> None:
    """Check a bare signature under ``key``: SM2 as raw r ‖ s, Ed25519 or BLS12-381.

    Raises:
        NoteSignatureError: It does not check out.
    """
    try:
        if key.kind in {KeyKind.SM2, KeyKind.SM2_COSIGNATURE}:
            verify_sm2(PublicKey.from_point(key.public), message, raw_to_der(signature))
        elif key.kind is KeyKind.BLS_COSIGNATURE:
            bls.verify(proved_bls_key(key.public), message, signature)
        else:
            ed25519.verify(ed25519.PublicKey(key.public), message, signature)
    except (SignatureError, KeyFormatError) as failure:
        raise refuse_signature(key, detail=failure.message) from failure


@lru_cache(maxsize=1024)
def proved_bls_key(public: bytes) -> bls.PublicKey:
    """The BLS key of a ``BLS_COSIGNATURE`` key, its proof of possession checked.

    Without the proof, a holder of one key could choose it so that his own signature passes for the
    aggregate of a whole quorum (rogue key).

    Args:
        public: 48-byte key and 96-byte proof, as in ``NoteKey.public``.

    Raises:
        KeyFormatError: The key is no point of the group.
        SignatureError: The proof does not check out.
    """
    key = bls.PublicKey(public[: bls.PUBLIC_SIZE])
    bls.verify_possession(key, public[bls.PUBLIC_SIZE :])
    return key


@dataclass(frozen=True, slots=True)
class LogKeyVerifier:
    """Checks signatures of a log's key over the note's text.

    Args:
        key: A key of kind ``SM2`` or ``ED25519``.

    Raises:
        NoteFormatError: The key is of another kind.
    """

    key: NoteKey
    name: str = field(init=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if self.key.kind not in {KeyKind.SM2, KeyKind.ED25519}:
            raise NoteFormatError(
                "{field}: {kind} is not a kind of key that signs for a log",
                field="vkey",
                kind=self.key.kind.name,
                code="tlog.note.key_kind",
            )
        object.__setattr__(self, "name", self.key.name)
        object.__setattr__(self, "key_id", self.key.key_id)

    def verify(self, text: str, signature: bytes) -> None:
        """Check a signature over ``text``; see ``NoteVerifier``."""
        verify_message(self.key, text.encode(), signature)


def log_verifier(vkey: str) -> NoteVerifier:
    """The verifier of a log's vkey.

    Raises:
        NoteFormatError: See ``parse_vkey``, or a key that signs no notes for a log.
    """
    return LogKeyVerifier(parse_vkey(vkey))


class Sm2NoteSigner:
    """Signs notes with SM2: kind 0xff ``SM2-SM3``, signature r ‖ s (64 bytes).

    Args:
        name: Name of the key; for a log its origin.
        signer: Whoever holds the private key.
    """

    def __init__(self, *, name: str, signer: Signer) -> None:
        self._signer = signer
        self.key = NoteKey(name=name, kind=KeyKind.SM2, public=signer.public.point)
        self.name = name
        self.vkey = self.key.vkey

    def sign(self, text: str) -> NoteSignature:
        """The signature line under ``text``."""
        value = der_to_raw(self._signer.sign(text.encode()))
        return NoteSignature(name=self.name, key_id=self.key.key_id, signature=value)


class Ed25519NoteSigner:
    """Signs notes with Ed25519, kind 0x01: the interop profile that public tools understand.

    Args:
        name: Name of the key; for a log its origin.
        private: The private key.
    """

    def __init__(self, *, name: str, private: ed25519.PrivateKey) -> None:
        self._private = private
        self.key = NoteKey(name=name, kind=KeyKind.ED25519, public=private.public.raw)
        self.name = name
        self.vkey = self.key.vkey

    def sign(self, text: str) -> NoteSignature:
        """The signature line under ``text``."""
        value = self._private.sign(text.encode())
        return NoteSignature(name=self.name, key_id=self.key.key_id, signature=value)
