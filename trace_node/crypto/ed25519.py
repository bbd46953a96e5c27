"""Ed25519 (RFC 8032) by ``cryptography``: for cosignatures of witnesses that speak C2SP."""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from trace_node.crypto.choice import Candidate, KnownAnswerError, choose
from trace_node.crypto.errors import KeyFormatError, SignatureError
from trace_node.crypto.sm3 import sm3
from trace_node.ids import KeyId

if TYPE_CHECKING:
    from types import ModuleType

ALGORITHM = "Ed25519"
KEY_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_KEY_ID_SIZE = 16
# The y coordinates of the eight points whose order divides 8 (the last two: order 8). Under such a
# key one signature fits every message.
_SMALL_ORDER = frozenset(
    (
        0,
        1,
        _P - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            "little",
        ),
    )
)

# RFC 8032 section 7.1, test 2.
KNOWN_SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
KNOWN_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
KNOWN_MESSAGE = b"\x72"
KNOWN_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key (公钥).

    Args:
        raw: 32 bytes as RFC 8032 section 5.1.2 writes a point.

    Raises:
        KeyFormatError: Another length, not the canonical spelling, not on the curve, or a point of
            small order.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_SIZE:
            _refuse_length("public key", self.raw)
        y = int.from_bytes(self.raw, "little") & (2**255 - 1)
        if y >= _P:
            raise KeyFormatError(
                "{field}: its coordinate is not below p",
                field="public key",
                code="input.key.coordinate",
            )
        if not _is_on_curve(y):
            raise KeyFormatError(
                "{field}: not a point of the curve", field="public key", code="input.key.off_curve"
            )
        if y in _SMALL_ORDER:
            raise KeyFormatError(
                "{field}: a point of small order", field="public key", code="input.key.small_order"
            )

    @property
    def key_id(self) -> KeyId:
        """The first 16 bytes of SM3 over the raw key, as 32 hex digits."""
        return KeyId(sm3(self.raw)[:_KEY_ID_SIZE].hex())


@dataclass(frozen=True, slots=True, eq=False)
class PrivateKey:
    """An Ed25519 private key (私钥); its seed is never part of its text form.

    Args:
        secret: The 32-byte seed, for a key file and nothing else.

    Raises:
        KeyFormatError: Another length.
        NoProviderError: No library serves Ed25519 here.
    """

    secret: bytes = field(repr=False)
    public: PublicKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_SIZE:
            _refuse_length("private key", self.secret)
        key = _library().Ed25519PrivateKey.from_private_bytes(self.secret)
        object.__setattr__(self, "public", PublicKey(key.public_key().public_bytes_raw()))

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns 64 bytes."""
        key = _library().Ed25519PrivateKey.from_private_bytes(self.secret)
        signature: bytes = key.sign(message)
        return signature


def generate() -> PrivateKey:
    """Make a new private key from the operating system's random numbers.

    Raises:
        NoProviderError: No library serves Ed25519 here.
    """
    return PrivateKey(_library().Ed25519PrivateKey.generate().private_bytes_raw())


def verify(public: PublicKey, message: bytes, signature: bytes) -> None:
    """Check that ``signature`` is the signature of ``message`` under ``public``.

    Raises:
        SignatureError: Not 64 bytes, S is not below the group order, or the equation fails.
        NoProviderError: No library serves Ed25519 here.
    """
    if len(signature) != SIGNATURE_SIZE:
        raise SignatureError(
            "{field}: must have {size} bytes, this has {length}",
            field="signature",
            size=SIGNATURE_SIZE,
            length=len(signature),
            code="integrity.signature.length",
        )
    if int.from_bytes(signature[KEY_SIZE:], "little") >= _L:
        raise SignatureError(
            "{field}: S is not below the order of the group",
            field="signature",
            code="integrity.signature.range",
        )
    if not _fits(_library(), public.raw, message, signature):
        raise SignatureError(
            "{field}: does not fit the message and the key {key}",
            field="signature",
            key=public.key_id,
            code="integrity.signature.mismatch",
        )


def _fits(library: "ModuleType", public: bytes, message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- loaded when needed

    try:
        library.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _load() -> "ModuleType":
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 -- as above

    return ed25519


def check(library: "ModuleType") -> None:
    """Compare ``library`` with the example of RFC 8032.

    Raises:
        KnownAnswerError: It differs.
    """
    key = library.Ed25519PrivateKey.from_private_bytes(KNOWN_SECRET)
    if key.public_key().public_bytes_raw() != KNOWN_PUBLIC:
        raise KnownAnswerError("another public key than RFC 8032 section 7.1")
    if key.sign(KNOWN_MESSAGE) != KNOWN_SIGNATURE:
        raise KnownAnswerError("another signature than RFC 8032 section 7.1")
    if not _fits(library, KNOWN_PUBLIC, KNOWN_MESSAGE, KNOWN_SIGNATURE):
        raise KnownAnswerError("refuses the signature of RFC 8032 section 7.1")
    if _fits(library, KNOWN_PUBLIC, KNOWN_MESSAGE + b"\0", KNOWN_SIGNATURE):
        raise KnownAnswerError("accepts a signature over another message")


CANDIDATES = (Candidate(name="cryptography", load=_load, check=check),)


@cache
def _library() -> "ModuleType":
    return choose("Ed25519", CANDIDATES)[1]


def _is_on_curve(y: int) -> bool:
    """Whether some x belongs to ``y``: x^2 = (y^2 - 1) / (d y^2 + 1) (RFC 8032 section 5.1.3)."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return square == 0 or pow(square, (_P - 1) // 2, _P) == 1


def _refuse_length(what: str, raw: bytes) -> None:
    raise KeyFormatError(
        "{field}: must have {size} bytes, this has {length}",
        field=what,
        size=KEY_SIZE,
        length=len(raw),
        code="input.key.length",
    )
