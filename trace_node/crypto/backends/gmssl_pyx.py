"""SM2 by GmSSL 3 through gmssl_pyx, whose digest calls take e itself and add no Z_A of their own.

A failed verification makes the C library write trace lines to standard error. They cannot be
switched off, and redirecting a file descriptor would be visible to every thread.
"""

from collections.abc import Iterator
from typing import Any

from trace_node.crypto import curve_points
from trace_node.crypto.curve import POINT_SIZE, SCALAR_SIZE, N, P
from trace_node.crypto.errors import ProviderFailureError
from trace_node.crypto.sm2_signature import parse_der

_DIGESTS = (bytes(SCALAR_SIZE), b"\1" * SCALAR_SIZE)


class _Key:
    """A key of gmssl_pyx, which keeps no parsed form."""

    def __init__(self, *, library: Any, secret: bytes, point: bytes) -> None:  # noqa: ANN401 -- as below
        self._library = library
        self._secret = secret
        self._coordinates = point[1:]

    def verify(self, digest: bytes, signature: bytes) -> bool:
        try:
            return bool(self._library.sm2_verify_sm3_digest(self._coordinates, digest, signature))
        except self._library.GmsslInnerError as error:
            raise ProviderFailureError("gmssl_pyx: {detail}", detail=str(error)) from error

    def sign(self, digest: bytes) -> bytes:
        try:
            return bytes(self._library.sm2_sign_sm3_digest(self._secret, digest))
        except self._library.GmsslInnerError as error:
            raise ProviderFailureError("gmssl_pyx: {detail}", detail=str(error)) from error


class GmsslPyxBackend:
    """SM2 by gmssl_pyx."""

    signing_refusal = ""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 -- the library has no usable types
        self._library = library

    def verifying_key(self, point: bytes) -> _Key:
        """Keep a 65-byte public point."""
        return _Key(library=self._library, secret=b"", point=point)

    def signing_key(self, secret: bytes, point: bytes) -> _Key:
        """Keep a 32-byte private key and its public point."""
        return _Key(library=self._library, secret=secret, point=point)

    def public_point(self, secret: bytes) -> bytes:
        """Compute the 65-byte public point of a 32-byte private key.

        The library has no such call, but a signature determines the key that made it up to a few
        candidates: with kG = (x, y) and x = r - e, the key is (kG - sG) / (r + s). A second
        signature tells them apart. All of this is arithmetic on public values; the private key is
        touched by the library alone.
        """
        signing = self.signing_key(secret, bytes(POINT_SIZE))
        first, second = signing.sign(_DIGESTS[0]), signing.sign(_DIGESTS[1])
        for point in _possible_signers(*parse_der(first), e=int.from_bytes(_DIGESTS[0], "big")):
            if self.verifying_key(point).verify(_DIGESTS[1], second):
                return point
        raise ProviderFailureError("gmssl_pyx: its signatures do not lead back to a key")


def _possible_signers(r: int, s: int, *, e: int) -> Iterator[bytes]:
    minus_s_base = curve_points.negate(curve_points.multiply(s, curve_points.BASE))
    inverse = pow(r + s, -1, N)
    for x in ((r - e) % N, (r - e) % N + N):
        for nonce_point in curve_points.with_x(x) if x < P else ():
            key = curve_points.multiply(inverse, curve_points.add(nonce_point, minus_s_base))
            if key is not None:
                yield curve_points.encode(key)


def load() -> GmsslPyxBackend:
    """Import the library.

    Raises:
        ImportError: It is not installed.
    """
    import gmssl_pyx  # noqa: PLC0415 -- an optional library, loaded only when its turn comes

    return GmsslPyxBackend(gmssl_pyx)
