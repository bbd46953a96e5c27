"""What a library must offer to serve BLS signatures over BLS12-381.

Public keys lie in G1 (48 bytes), signatures in G2 (96 bytes), both compressed. ``tag`` is the
domain separation tag of the ciphersuite. The bytes handed in have passed ``compressed_fault``.
"""

from collections.abc import Sequence
from typing import Protocol

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
FIELD = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
    "1eabfffeb153ffffb9feffffffffaaab",
    16,
)


class BlsBackend(Protocol):
    """One library that can serve BLS."""

    def public_key(self, secret: int) -> bytes:
        """The public key of ``secret``, 1 to the group order - 1."""

    def sign(self, secret: int, message: bytes, tag: bytes) -> bytes:
        """Sign ``message``; returns 96 bytes."""

    def is_public_key(self, public: bytes) -> bool:
        """Whether ``public`` is a point of the right subgroup."""

    def is_signature(self, signature: bytes) -> bool:
        """Whether ``signature`` is a point of the right subgroup."""

    def verify(
        self, publics: Sequence[bytes], message: bytes, signature: bytes, tag: bytes
    ) -> bool:
        """Whether ``signature`` fits under the sum of ``publics``, all of them checked."""

    def aggregate(self, signatures: Sequence[bytes]) -> bytes:
        """Add up signatures, all of them checked."""
