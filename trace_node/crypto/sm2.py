"""SM2 signatures (GB/T 32918.2-2016) with SM3, over the recommended curve of GB/T 32918.5-2017.

Every check that needs no library is made here first: the point, the user id, the form and range of
the signature. Z_A is always part of what is signed, under an explicit user id.
"""

import secrets
from dataclasses import dataclass, field
from functools import lru_cache

from trace_node.crypto.backends import signing_backend, verifying_backend
from trace_node.crypto.backends.base import SigningKey, VerifyingKey
from trace_node.crypto.curve import PARAMETER_BYTES, SCALAR_SIZE, N, coordinates, require_secret
from trace_node.crypto.errors import ParameterError, SignatureError
from trace_node.crypto.sm2_signature import der_to_raw, parse_der, raw_to_der
from trace_node.crypto.sm3 import Sm3Hash, new_sm3, sm3
from trace_node.ids import KeyId

__all__ = [
    "ALGORITHM",
    "DEFAULT_USER_ID",
    "PrivateKey",
    "PublicKey",
    "der_to_raw",
    "digest",
    "generate",
    "raw_to_der",
    "verify",
    "verify_digest",
    "z_value",
]

ALGORITHM = "SM2-SM3"
DEFAULT_USER_ID = b"1234567812345678"  # GM/T 0009-2012 clause 10: used where no id is agreed
MAX_USER_ID_SIZE = 8191  # its length in bits is a 16-bit number

_KEY_ID_SIZE = 16
_CACHED_KEYS = 4096


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key (公钥): a point on the curve.

    Args:
        point: 65 bytes, ``04 ‖ X ‖ Y``.

    Raises:
        KeyFormatError: Not such a point, or not on the curve.
    """

    point: bytes

    def __post_init__(self) -> None:
        coordinates(self.point)

    @classmethod
    def from_point(cls, point: bytes) -> "PublicKey":
        """Read a 65-byte uncompressed point.

        Raises:
            KeyFormatError: Not such a point, or not on the curve.
        """
        return cls(bytes(point))

    @property
    def key_id(self) -> KeyId:
        """The first 16 bytes of SM3 over the point, as 32 hex digits."""
        return KeyId(sm3(self.point)[:_KEY_ID_SIZE].hex())

    @property
    def fingerprint(self) -> str:
        """``sm3:`` and the whole SM3 over the point in hex, for people to compare."""
        return f"sm3:{sm3(self.point).hex()}"


@dataclass(slots=True, eq=False, kw_only=True)
class PrivateKey:
    """A private key (私钥). It signs; its number is never part of its text form.

    Args:
        secret: 32 bytes, a number between 1 and n - 2; for a key file and nothing else.
        public: The public key that belongs to it; ``from_secret`` computes it.

    Raises:
        KeyFormatError: The secret has another length or lies outside that range.
    """

    secret: bytes = field(repr=False)
    public: PublicKey
    _signing_key: SigningKey | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        require_secret(self.secret)

    @classmethod
    def from_secret(cls, secret: bytes) -> "PrivateKey":
        """Read 32 bytes, a number between 1 and n - 2, and compute the public key.

        Raises:
            KeyFormatError: Another length, or outside that range.
            NoProviderError: No library may sign.
        """
        require_secret(secret)
        point = signing_backend()[1].public_point(secret)
        return cls(secret=bytes(secret), public=PublicKey.from_point(point))

    def sign(self, message: bytes, *, user_id: bytes = DEFAULT_USER_ID) -> bytes:
        """Sign ``message``; returns strict DER.

        Raises:
            ParameterError: The user id is empty or too long.
            NoProviderError: No library may sign.
            ProviderFailureError: The library broke down.
        """
        return self.sign_digest(digest(self.public, message, user_id=user_id))

    def sign_digest(self, e: bytes) -> bytes:
        """Sign e = SM3(Z_A ‖ M), already computed; returns strict DER."""
        if self._signing_key is None:
            backend = signing_backend()[1]
            self._signing_key = backend.signing_key(self.secret, self.public.point)
        signature = self._signing_key.sign(e)
        parse_der(signature)
        return signature


def generate() -> PrivateKey:
    """Make a new private key from the operating system's random numbers.

    Raises:
        NoProviderError: No library may sign.
    """
    return PrivateKey.from_secret((1 + secrets.randbelow(N - 2)).to_bytes(SCALAR_SIZE, "big"))


def verify(
    public: PublicKey,
    message: bytes,
    signature_der: bytes,
    *,
    user_id: bytes = DEFAULT_USER_ID,
) -> None:
    """Check that ``signature_der`` is the signature of ``message`` under ``public``.

    Raises:
        SignatureError: It is not; ``reason`` names the rule (``integrity.signature.mismatch`` when
            the form is right and the equation does not hold).
        ParameterError: The user id is empty or too long.
        NoProviderError: No library gives the known answers.
        ProviderFailureError: The library broke down: nothing is known about the signature.
    """
    parse_der(signature_der)
    verify_digest(public, digest(public, message, user_id=user_id), signature_der)


def verify_digest(public: PublicKey, e: bytes, signature_der: bytes) -> None:
    """Check ``signature_der`` over e = SM3(Z_A ‖ M), already computed.

    Raises:
        SignatureError: See ``verify``.
        NoProviderError: See ``verify``.
        ProviderFailureError: See ``verify``.
    """
    parse_der(signature_der)
    if not _verifying_key(public.point).verify(e, signature_der):
        raise SignatureError(
            "{field}: does not fit the message, the key {key} and the user id",
            field="signature",
            key=public.key_id,
            code="integrity.signature.mismatch",
        )


def z_value(public: PublicKey, *, user_id: bytes = DEFAULT_USER_ID) -> bytes:
    """Return Z_A, the 32-byte digest of the signer's id, the curve and the key (clause 5.5).

    Raises:
        ParameterError: The user id is empty or longer than 8,191 bytes.
    """
    if not 1 <= len(user_id) <= MAX_USER_ID_SIZE:
        raise ParameterError(
            "{field}: must have 1 to {bound} bytes",
            field="user_id",
            bound=MAX_USER_ID_SIZE,
            code="input.parameter.user_id",
            remedy="an empty id is the default of some tools; sign with 1234567812345678 instead",
        )
    length_in_bits = (8 * len(user_id)).to_bytes(2, "big")
    return sm3(length_in_bits + user_id + PARAMETER_BYTES + public.point[1:])


def digest(public: PublicKey, message: bytes, *, user_id: bytes = DEFAULT_USER_ID) -> bytes:
    """Return e = SM3(Z_A ‖ M), the 32 bytes that are signed.

    Raises:
        ParameterError: The user id is empty or too long.
    """
    running = _after_z(public, user_id).copy()
    running.update(message)
    return running.digest()


@lru_cache(maxsize=_CACHED_KEYS)
def _after_z(public: PublicKey, user_id: bytes) -> Sm3Hash:
    return new_sm3(z_value(public, user_id=user_id))


@lru_cache(maxsize=_CACHED_KEYS)
def _verifying_key(point: bytes) -> VerifyingKey:
    return verifying_backend()[1].verifying_key(point)
