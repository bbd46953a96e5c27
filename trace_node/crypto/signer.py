"""Who can sign: a private key in this process, or later a device that keeps it."""

from typing import Protocol

from trace_node.crypto.sm2 import PublicKey


class Signer(Protocol):
    """Signs with SM2 under the default user id; ``sm2.PrivateKey`` is one (签名者)."""

    @property
    def public(self) -> PublicKey:
        """The public key that verifies what this signs."""

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns strict DER.

        Raises:
            NoProviderError: No library may sign.
            ProviderFailureError: The library or device broke down.
        """
