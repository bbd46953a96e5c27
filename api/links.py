"""Links that open the bundle of one entry each, for whoever was given the link."""

from trace_node.crypto.sm3 import hmac_sm3
from trace_node.ids import to_base64url


def link_code(secret: bytes, *, origin: str, index: int) -> str:
    """The unguessable part of the link to the bundle of one entry: 43 characters.

    It is a keyed digest, so links are not stored: they hold until the secret is replaced, and one
    tells nothing of another.

    Args:
        secret: The node's secret for links, 32 random bytes.
        origin: Origin of the log.
        index: Leaf index of the entry.
    """
    return to_base64url(hmac_sm3(secret, f"bundle:{origin}:{index}".encode("ascii")))
