"""Links that open one bundle or the page of one batch, for whoever was given the link."""

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


def batch_code(secret: bytes, *, origin: str, batch: str) -> str:
    """The unguessable part of the link to the public page of a batch: 43 characters.

    Args:
        secret: The node's secret for links, 32 random bytes.
        origin: Origin of the log.
        batch: Name of the batch.
    """
    return to_base64url(hmac_sm3(secret, f"batch:{origin}:{batch}".encode("ascii")))


def batch_path(secret: bytes, *, origin: str, batch: str, what: str = "") -> str:
    """Path and query of that page, or of ``what`` beside it: ``qr``, ``record`` or ``proof``."""
    code = batch_code(secret, origin=origin, batch=batch)
    beside = f"/{what}" if what else ""
    return f"/evidence/v1/batches/{batch}{beside}?link={code}"
