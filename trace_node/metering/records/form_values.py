"""What the text means that ``reading_form`` matched; nothing is checked again.

Within a delivery the same few times, boots and contexts come again and again: they are kept.
"""

from binascii import a2b_base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
_URL_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


@lru_cache(maxsize=4096)
def milliseconds(text: str) -> int | None:
    """Milliseconds since the epoch; None if there is no such day or hour."""
    try:
        return (datetime.fromisoformat(text) - EPOCH) // MILLISECOND
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def boot_bytes(text: str) -> bytes:
    """The 16 bytes of a boot id."""
    return a2b_base64(text.encode("ascii").translate(_URL_TO_STANDARD) + b"==")


@lru_cache(maxsize=1024)
def context_bytes(text: str) -> bytes:
    """The 32 bytes of the digest of a context."""
    return digest_bytes(text)


def digest_bytes(text: str) -> bytes:
    """The 32 bytes of a digest that hardly ever comes twice."""
    return a2b_base64(text.encode("ascii").translate(_URL_TO_STANDARD) + b"=")
