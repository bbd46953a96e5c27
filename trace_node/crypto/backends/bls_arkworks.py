"""BLS by arkworks through py_arkworks_bls12381: compiled, some 150 times faster than py_ecc."""

from collections.abc import Sequence
from typing import Any

from trace_node.crypto.backends.bls_base import ORDER


class ArkworksBackend:
    """BLS by py_arkworks_bls12381."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 -- an optional library
        self._library = library

    def public_key(self, secret: int) -> bytes:
        """The public key of ``secret``."""
        return bytes((self._library.G1Point() * self._scalar(secret)).to_compressed_bytes())

    def sign(self, secret: int, message: bytes, tag: bytes) -> bytes:
        """Sign ``message``; returns 96 bytes."""
        hashed = self._library.G2Point.hash_to_curve(message, tag)
        return bytes((hashed * self._scalar(secret)).to_compressed_bytes())

    def is_public_key(self, public: bytes) -> bool:
        """Whether ``public`` is a point of the right subgroup."""
        return _is_point(self._library.G1Point, public)

    def is_signature(self, signature: bytes) -> bool:
        """Whether ``signature`` is a point of the right subgroup."""
        return _is_point(self._library.G2Point, signature)

    def verify(
        self, publics: Sequence[bytes], message: bytes, signature: bytes, tag: bytes
    ) -> bool:
        """Whether ``signature`` fits ``message`` under the sum of ``publics``."""
        group_1, group_2 = self._library.G1Point, self._library.G2Point
        total = _sum(group_1, publics)
        if total == group_1.identity():
            return False
        return bool(
            self._library.GT.pairing_check(
                [total, -group_1()],
                [group_2.hash_to_curve(message, tag), group_2.from_compressed_bytes(signature)],
            )
        )

    def aggregate(self, signatures: Sequence[bytes]) -> bytes:
        """Add up signatures."""
        return bytes(_sum(self._library.G2Point, signatures).to_compressed_bytes())

    def _scalar(self, secret: int) -> Any:  # noqa: ANN401 -- an optional library
        return self._library.Scalar.from_be_bytes((secret % ORDER).to_bytes(32, "big"))


def _sum(group: Any, encoded: Sequence[bytes]) -> Any:  # noqa: ANN401 -- an optional library
    total = group.identity()
    for raw in encoded:
        total += group.from_compressed_bytes(raw)
    return total


def _is_point(group: Any, raw: bytes) -> bool:  # noqa: ANN401 -- an optional library
    try:
        return bool(group.from_compressed_bytes(raw).is_in_subgroup())
    except ValueError:
        return False


def load() -> ArkworksBackend:
    """Import the library.

    Raises:
        ImportError: It is not installed.
    """
    import py_arkworks_bls12381  # noqa: PLC0415 -- an optional library, loaded in its turn

    return ArkworksBackend(py_arkworks_bls12381)
