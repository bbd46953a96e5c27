"""BLS by py_ecc: pure Python, the reference.

A private key is split into two random shares before it multiplies a point, because the time of a
multiplication depends on its factor.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from trace_node.crypto.backends.bls_base import ORDER
from trace_node.crypto.nesting import bound_nesting


class PyEccBackend:
    """BLS by py_ecc."""

    def __init__(self, *, suite: Any, curve: Any, primitives: Any, hash_to_g2: Any) -> None:  # noqa: ANN401 -- untyped
        self._suite = suite
        self._curve = curve
        self._primitives = primitives
        self._hash_to_g2 = hash_to_g2

    def public_key(self, secret: int) -> bytes:
        """The public key of ``secret``."""
        return bytes(self._primitives.G1_to_pubkey(self._multiply(self._curve.G1, secret)))

    def sign(self, secret: int, message: bytes, tag: bytes) -> bytes:
        """Sign ``message``; returns 96 bytes."""
        hashed = self._hash_to_g2(message, tag, self._suite.xmd_hash_function)
        return bytes(self._primitives.G2_to_signature(self._multiply(hashed, secret)))

    def is_public_key(self, public: bytes) -> bool:
        """Whether ``public`` is a point of the right subgroup."""
        return bool(self._suite.KeyValidate(public))

    def is_signature(self, signature: bytes) -> bool:
        """Whether ``signature`` is a point of the right subgroup."""
        try:
            point = self._primitives.signature_to_G2(signature)
        except ValueError:
            return False
        return bool(self._primitives.subgroup_check(point))

    def verify(
        self, publics: Sequence[bytes], message: bytes, signature: bytes, tag: bytes
    ) -> bool:
        """Whether ``signature`` fits ``message`` under the sum of ``publics``."""
        total = self._suite._AggregatePKs(publics)  # noqa: SLF001 -- no public way to give the tag
        return bool(self._suite._CoreVerify(total, message, signature, tag))  # noqa: SLF001 -- same

    def aggregate(self, signatures: Sequence[bytes]) -> bytes:
        """Add up signatures."""
        return bytes(self._suite.Aggregate(signatures))

    def _multiply(self, point: Any, secret: int) -> Any:  # noqa: ANN401 -- untyped library
        share = secrets.randbelow(ORDER)
        parts = (share, (secret - share) % ORDER)
        return self._curve.add(*(self._curve.multiply(point, part) for part in parts))


def load() -> PyEccBackend:
    """Import the library, which takes about half a second.

    Raises:
        ImportError: It is not installed.
    """
    bound_nesting()
    from py_ecc import optimized_bls12_381  # noqa: PLC0415 -- slow, loaded only in its turn
    from py_ecc.bls import g2_primitives  # noqa: PLC0415 -- same
    from py_ecc.bls.ciphersuites import G2ProofOfPossession  # noqa: PLC0415 -- same
    from py_ecc.bls.hash_to_curve import hash_to_G2  # noqa: PLC0415 -- same

    return PyEccBackend(
        suite=G2ProofOfPossession,
        curve=optimized_bls12_381,
        primitives=g2_primitives,
        hash_to_g2=hash_to_G2,
    )
