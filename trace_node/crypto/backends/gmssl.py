"""SM2 over the pure-Python gmssl, hardened: the last fall-back, and a cross-check in tests.

Only gmssl's scalar multiplication is used, on points that are known to lie on the curve. What is
weak in gmssl 3.2.2 is not reached: its nonces come from ``random``, its constructor damages keys
that begin with ``04``, its decryption compares nothing, its verification adds two equal points
wrongly. Nonces come from ``secrets``, and a secret factor is split into two random shares, so that
the time of a multiplication does not tell the factor. Python integers still leak time: hence no
signing outside development.
"""

import secrets
from typing import Any

from trace_node.crypto import curve_points
from trace_node.crypto.curve import SCALAR_SIZE, N, coordinates
from trace_node.crypto.curve_points import Point
from trace_node.crypto.errors import ProviderFailureError
from trace_node.crypto.sm2_signature import encode_der, parse_der

_HEX_SIZE = 2 * SCALAR_SIZE


class HardenedGmssl:
    """The one part of gmssl that is used: multiplying a point by a number."""

    def __init__(self, crypt_sm2: Any) -> None:  # noqa: ANN401 -- the library has no types
        self._tool = crypt_sm2(private_key="", public_key="")

    def multiply(self, factor: int, point: Point) -> Point:
        """Multiply a finite point by 1 to n - 1; the time depends on ``factor``.

        Raises:
            ProviderFailureError: ``factor`` is out of range, or gmssl gave no point.
        """
        if point is None or not 1 <= factor < N:
            raise ProviderFailureError("gmssl: no multiplication by {factor}", factor="0 or n")
        encoded = self._tool._kg(factor, curve_points.encode(point)[1:].hex())  # noqa: SLF001 -- see above
        if encoded is None:
            raise ProviderFailureError("gmssl: the multiplication gave no point")
        return int(encoded[:_HEX_SIZE], 16), int(encoded[_HEX_SIZE:], 16)

    def multiply_base_blinded(self, secret: int) -> Point:
        """Multiply the base point by a secret 1 to n - 1, split into two random shares."""
        while True:
            share = _random_factor()
            rest = (secret - share) % N
            if rest:
                break
        base = curve_points.BASE
        return curve_points.add(self.multiply(share, base), self.multiply(rest, base))

    def sign_with_nonce(self, secret: int, digest: bytes, nonce: int) -> tuple[int, int] | None:
        """GB/T 32918.2-2016 clause 6.1, steps A4 to A6; ``None`` when another nonce is needed."""
        nonce_point = self.multiply_base_blinded(nonce)
        if nonce_point is None:
            return None
        r = (int.from_bytes(digest, "big") + nonce_point[0]) % N
        if r == 0 or r + nonce == N:
            return None
        mask = _random_factor()
        inverse = mask * pow(mask * (1 + secret), -1, N)
        s = inverse * (nonce - r * secret) % N
        return (r, s) if s else None


class _VerifyingKey:
    def __init__(self, gmssl: HardenedGmssl, point: bytes) -> None:
        self._gmssl = gmssl
        self._point: Point = coordinates(point)  # gmssl would compute with a point off the curve

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """GB/T 32918.2-2016 clause 7.1, steps B5 to B7."""
        r, s = parse_der(signature)
        total = curve_points.add(
            self._gmssl.multiply(s, curve_points.BASE),
            self._gmssl.multiply((r + s) % N, self._point),
        )
        if total is None:
            return False
        return (int.from_bytes(digest, "big") + total[0]) % N == r


class _SigningKey:
    def __init__(self, gmssl: HardenedGmssl, secret: bytes, point: bytes) -> None:
        self._gmssl = gmssl
        self._secret = int.from_bytes(secret, "big")
        self._own = _VerifyingKey(gmssl, point)

    def sign(self, digest: bytes) -> bytes:
        pair = None
        while pair is None:
            pair = self._gmssl.sign_with_nonce(self._secret, digest, _random_factor())
        signature = encode_der(*pair)
        if not self._own.verify(digest, signature):
            # A faulty signature could give the key away (GB/T 32918.2 has no randomised check).
            raise ProviderFailureError("gmssl: its own signature does not verify")
        return signature


class GmsslBackend:
    """SM2 over gmssl."""

    signing_refusal = "pure Python: its signing time depends on the private key"

    def __init__(self, gmssl: HardenedGmssl) -> None:
        self._gmssl = gmssl

    def verifying_key(self, point: bytes) -> _VerifyingKey:
        """Keep a 65-byte public point."""
        return _VerifyingKey(self._gmssl, point)

    def signing_key(self, secret: bytes, point: bytes) -> _SigningKey:
        """Keep a 32-byte private key and its public point."""
        return _SigningKey(self._gmssl, secret, point)

    def public_point(self, secret: bytes) -> bytes:
        """Compute the 65-byte public point of a 32-byte private key."""
        return curve_points.encode(self._gmssl.multiply_base_blinded(int.from_bytes(secret, "big")))


def load() -> GmsslBackend:
    """Import the library.

    Raises:
        ImportError: It is not installed.
    """
    from gmssl.sm2 import CryptSM2  # noqa: PLC0415 -- loaded only when its turn comes

    return GmsslBackend(HardenedGmssl(CryptSM2))


def _random_factor() -> int:
    return 1 + secrets.randbelow(N - 1)
