"""Digests by which records point at each other and at the raw exchange with an instrument."""

from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError

NONCE_BYTES = 16


def record_digest(raw: bytes) -> bytes:
    """The digest of a record, which is also its leaf hash: SM3(0x00 ‖ record bytes)."""
    return sm3(b"\x00" + raw)


def exchange_digest(exchange: bytes, *, nonce: bytes) -> bytes:
    """The digest of a raw exchange (原始报文): SM3(0x02 ‖ nonce ‖ bytes sent and received).

    The nonce keeps a short exchange from being guessed from its digest; keep it with the exchange.

    Args:
        exchange: The bytes sent, then the bytes received.
        nonce: 16 random bytes.

    Raises:
        InputError: ``nonce`` has another length.
    """
    if len(nonce) != NONCE_BYTES:
        raise InputError(
            "{field}: must be {size} random bytes",
            field="nonce",
            size=NONCE_BYTES,
            remedy="draw it from the operating system's random source",
        )
    return sm3(b"\x02" + nonce + exchange)
