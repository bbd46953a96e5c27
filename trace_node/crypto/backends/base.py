"""What a library must offer to serve SM2: digest in, signature out, over keys it has parsed once.

The backends get e = SM3(Z_A ‖ M), never the message: Z_A and SM3 are computed in one place
(``trace_node.crypto.sm2``), so no backend can leave the user id out or put another in its place.
Arguments have been checked before: points lie on the curve, secrets and signatures are in range.
"""

from typing import Protocol


class VerifyingKey(Protocol):
    """A public key as a library holds it."""

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Whether the DER ``signature`` fits the 32-byte ``digest``.

        Raises:
            ProviderFailureError: The library broke down, so nothing is known about the signature.
        """


class SigningKey(Protocol):
    """A private key as a library holds it."""

    def sign(self, digest: bytes) -> bytes:
        """Sign the 32-byte ``digest``; returns DER.

        Raises:
            ProviderFailureError: The library broke down.
        """


class Sm2Backend(Protocol):
    """One library that can serve SM2."""

    @property
    def signing_refusal(self) -> str:
        """Why this library should not sign outside development; empty when it may."""

    def verifying_key(self, point: bytes) -> VerifyingKey:
        """Parse a 65-byte public point."""

    def signing_key(self, secret: bytes, point: bytes) -> SigningKey:
        """Parse a 32-byte private key and its public point."""

    def public_point(self, secret: bytes) -> bytes:
        """Compute the 65-byte public point of a 32-byte private key."""
