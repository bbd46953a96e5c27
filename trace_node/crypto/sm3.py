"""SM3 (GB/T 32905-2016) and HMAC over it, served by the first library that passes its self-test."""

from functools import cache

from trace_node.crypto.choice import choose
from trace_node.crypto.sm3_providers import PROVIDERS, NewSm3, Sm3Hash

DIGEST_SIZE = 32
BLOCK_SIZE = 64

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))

__all__ = ["BLOCK_SIZE", "DIGEST_SIZE", "Sm3Hash", "hmac_sm3", "new_sm3", "provider_name", "sm3"]


@cache
def _chosen() -> tuple[str, NewSm3]:
    return choose("SM3", PROVIDERS)


def provider_name() -> str:
    """The name of the library that serves SM3 in this process.

    Raises:
        NoProviderError: No library gives the known answers.
    """
    return _chosen()[0]


def new_sm3(prefix: bytes = b"") -> Sm3Hash:
    """Begin an SM3 computation that has already taken in ``prefix``.

    For many short messages keep the result as a template: ``h = template.copy(); h.update(message);
    h.digest()``. The prefix then costs nothing per message.

    Raises:
        NoProviderError: No library gives the known answers.
    """
    running = _chosen()[1]()
    if prefix:
        running.update(prefix)
    return running


def sm3(data: bytes) -> bytes:
    """Return the 32-byte SM3 digest (杂凑值) of ``data``, as GB/T 32905-2016 defines it.

    Raises:
        NoProviderError: No library gives the known answers.
    """
    running = _chosen()[1]()
    running.update(data)
    return running.digest()


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """Return the 32-byte HMAC (RFC 2104, GB/T 15852.2) of ``message`` under ``key`` with SM3.

    Compare a received code with ``hmac.compare_digest``, never with ``==``.

    Raises:
        NoProviderError: No library gives the known answers.
    """
    block = (sm3(key) if len(key) > BLOCK_SIZE else key).ljust(BLOCK_SIZE, b"\0")
    inner = new_sm3(block.translate(_INNER))
    inner.update(message)
    outer = new_sm3(block.translate(_OUTER))
    outer.update(inner.digest())
    return outer.digest()
