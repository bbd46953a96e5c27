"""BLS signatures over BLS12-381 (draft-irtf-cfrg-bls-signature-05), proof-of-possession scheme.

Keys are points of G1 (48 bytes), signatures of G2 (96 bytes): the suite that Ethereum uses. Many
signatures of one message fold into one. That is sound only among keys whose possession was proved:
whoever admits a key to a quorum calls ``verify_possession`` once for it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from trace_node.crypto.backends.bls_base import FIELD, ORDER, BlsBackend
from trace_node.crypto.choice import Candidate, KnownAnswerError, choose
from trace_node.crypto.errors import KeyFormatError, ParameterError, SignatureError
from trace_node.crypto.sm3 import sm3
from trace_node.ids import KeyId

ALGORITHM = "BLS12-381"
SECRET_SIZE = 32
PUBLIC_SIZE = 48
SIGNATURE_SIZE = 96
MAX_KEYS = 1024  # in one aggregate; more is refused before any arithmetic

SIGNATURE_TAG = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"
POSSESSION_TAG = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"

_KEY_ID_SIZE = 16
_COMPRESSED = 0x80
_INFINITY = 0x40
_FLAGS = 0xE0

# A case of the Ethereum consensus test suite (bls/sign), and the key that belongs to it.
KNOWN_SECRET = 0x263DBD792F5B1BE47ED85F8938C0F29586AF0D3AC7B977F21C278FE1462040E3
KNOWN_PUBLIC = bytes.fromhex(
    "a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20f"
    "d6e10c1b77654d067c0618f6e5a7f79a"
)
KNOWN_MESSAGE = bytes(32)
KNOWN_SIGNATURE = bytes.fromhex(
    "b6ed936746e01f8ecf281f020953fbf1f01debd5657c4a383940b020b26507f6"
    "076334f91e2366c96e9ab279fb5158090352ea1c5b0c9274504f4f0e7053af24"
    "802e51e4568d164fe986834f41e55c8e850ce1f98458c0cfc9ab380b55285a55"
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A BLS public key (公钥).

    Args:
        raw: 48 bytes, a compressed point of G1.

    Raises:
        KeyFormatError: Another length, not the canonical spelling, infinity, or outside the group.
        NoProviderError: No library serves BLS here.
    """

    raw: bytes

    def __post_init__(self) -> None:
        fault = compressed_fault(self.raw, size=PUBLIC_SIZE)
        if not fault and not backend().is_public_key(self.raw):
            fault = "off_curve"
        if fault:
            raise KeyFormatError(
                "{field}: not a compressed point of the group G1 ({fault})",
                field="public key",
                fault=fault,
                code=f"input.key.{fault}",
            )

    @property
    def key_id(self) -> KeyId:
        """The first 16 bytes of SM3 over the raw key, as 32 hex digits."""
        return KeyId(sm3(self.raw)[:_KEY_ID_SIZE].hex())


@dataclass(frozen=True, slots=True, eq=False)
class PrivateKey:
    """A BLS private key (私钥); its number is never part of its text form.

    Args:
        secret: 32 bytes, big-endian, 1 to the group order - 1; for a key file and nothing else.

    Raises:
        KeyFormatError: Another length or range.
        NoProviderError: No library serves BLS here.
    """

    secret: bytes = field(repr=False)
    public: PublicKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_SIZE or not 1 <= self._number < ORDER:
            raise KeyFormatError(
                "{field}: must be {size} bytes, a number from 1 to the group order - 1",
                field="private key",
                size=SECRET_SIZE,
                code="input.key.range",
            )
        object.__setattr__(self, "public", PublicKey(backend().public_key(self._number)))

    @property
    def _number(self) -> int:
        return int.from_bytes(self.secret, "big")

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns 96 bytes."""
        return backend().sign(self._number, message, SIGNATURE_TAG)

    def prove_possession(self) -> bytes:
        """Return the 96-byte proof that this key is held, to be given along with the public key."""
        return backend().sign(self._number, self.public.raw, POSSESSION_TAG)


def generate() -> PrivateKey:
    """Make a new private key from the operating system's random numbers.

    Raises:
        NoProviderError: No library serves BLS here.
    """
    return PrivateKey((1 + secrets.randbelow(ORDER - 1)).to_bytes(SECRET_SIZE, "big"))


def verify(public: PublicKey, message: bytes, signature: bytes) -> None:
    """Check one signature of one key.

    Raises:
        SignatureError: No point of G2, or the equation fails.
    """
    _verify([public], message, signature, SIGNATURE_TAG)


def verify_possession(public: PublicKey, proof: bytes) -> None:
    """Check the proof that the private key of ``public`` is held by who presented it.

    Raises:
        SignatureError: No point of G2, or the equation fails.
    """
    _verify([public], public.raw, proof, POSSESSION_TAG)


def fast_aggregate_verify(publics: Sequence[PublicKey], message: bytes, signature: bytes) -> None:
    """Check that ``signature`` folds the signatures of all ``publics`` over one message.

    Args:
        publics: 1 to 1,024 different keys, the possession of each of which was proved before.
        message: What each of them signed.
        signature: The aggregate, 96 bytes.

    Raises:
        ParameterError: No key, too many, or one key twice.
        SignatureError: No point of G2, or the equation fails.
    """
    if not 1 <= len(publics) <= MAX_KEYS:
        raise ParameterError(
            "{field}: must be 1 to {bound} keys, here are {count}",
            field="publics",
            bound=MAX_KEYS,
            count=len(publics),
            code="input.parameter.key_count",
        )
    if len(set(publics)) != len(publics):
        raise ParameterError(
            "{field}: the same key stands twice",
            field="publics",
            code="input.parameter.repeated_key",
        )
    _verify(publics, message, signature, SIGNATURE_TAG)


def aggregate(signatures: Sequence[bytes]) -> bytes:
    """Fold signatures of one message into one; verify each of them before.

    Raises:
        ParameterError: None, or more than 1,024.
        SignatureError: One is no point of G2, or they cancel out to infinity.
    """
    if not 1 <= len(signatures) <= MAX_KEYS:
        raise ParameterError(
            "{field}: must be 1 to {bound} signatures, here are {count}",
            field="signatures",
            bound=MAX_KEYS,
            count=len(signatures),
            code="input.parameter.key_count",
        )
    for signature in signatures:
        _require_signature(signature)
    folded = backend().aggregate(signatures)
    _require_signature(folded)
    return folded


def compressed_fault(raw: bytes, *, size: int) -> str:
    """Say what keeps ``raw`` from being the one spelling of a finite compressed point.

    Libraries disagree here: some read any bytes with the infinity flag as infinity.

    Returns:
        ``length``, ``form``, ``infinity`` or ``coordinate``; empty when nothing does.
    """
    if len(raw) != size:
        return "length"
    if not raw[0] & _COMPRESSED:
        return "form"
    if raw[0] & _INFINITY:
        return "infinity"
    bare = bytes((raw[0] & ~_FLAGS,)) + raw[1:]
    parts = (bare[start : start + PUBLIC_SIZE] for start in range(0, size, PUBLIC_SIZE))
    if any(int.from_bytes(part, "big") >= FIELD for part in parts):
        return "coordinate"
    return ""


def check(candidate: BlsBackend) -> None:
    """Compare ``candidate`` with the known answers.

    Raises:
        KnownAnswerError: One differs.
    """
    if candidate.public_key(KNOWN_SECRET) != KNOWN_PUBLIC:
        raise KnownAnswerError("another public key than the Ethereum test case")
    if candidate.sign(KNOWN_SECRET, KNOWN_MESSAGE, SIGNATURE_TAG) != KNOWN_SIGNATURE:
        raise KnownAnswerError("another signature than the Ethereum test case")
    if not candidate.verify([KNOWN_PUBLIC], KNOWN_MESSAGE, KNOWN_SIGNATURE, SIGNATURE_TAG):
        raise KnownAnswerError("refuses the signature of the Ethereum test case")
    if candidate.verify([KNOWN_PUBLIC], KNOWN_MESSAGE, KNOWN_SIGNATURE, POSSESSION_TAG):
        raise KnownAnswerError("accepts a signature as a proof of possession")


def _loader(module: str) -> BlsBackend:
    loaded: BlsBackend = import_module(module).load()
    return loaded


CANDIDATES: tuple[Candidate[BlsBackend], ...] = (
    Candidate(
        name="py_arkworks_bls12381",
        load=lambda: _loader("trace_node.crypto.backends.bls_arkworks"),
        check=check,
    ),
    Candidate(
        name="py_ecc",
        load=lambda: _loader("trace_node.crypto.backends.bls_py_ecc"),
        check=check,
    ),
)


@cache
def _chosen() -> tuple[str, BlsBackend]:
    return choose("BLS12-381", CANDIDATES)


def backend() -> BlsBackend:
    """The library that serves BLS in this process.

    Raises:
        NoProviderError: None gives the known answers.
    """
    return _chosen()[1]


def _verify(publics: Sequence[PublicKey], message: bytes, signature: bytes, tag: bytes) -> None:
    _require_signature(signature)
    if not backend().verify([key.raw for key in publics], message, signature, tag):
        raise SignatureError(
            "{field}: does not fit the message and the {count} key(s)",
            field="signature",
            count=len(publics),
            code="integrity.signature.mismatch",
        )


def _require_signature(signature: bytes) -> None:
    fault = compressed_fault(signature, size=SIGNATURE_SIZE)
    if not fault and not backend().is_signature(signature):
        fault = "off_curve"
    if fault:
        raise SignatureError(
            "{field}: not a compressed point of the group G2 ({fault})",
            field="signature",
            fault=fault,
            code=f"integrity.signature.{fault}",
        )
