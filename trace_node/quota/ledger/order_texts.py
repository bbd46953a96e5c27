"""Texts that an order or an officer's act names by digest (指令文本摘要)."""

from typing import Final

from trace_node.canonical_json import JsonObject, encode
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.quota.ledger.errors import OrderFileError

REASON_TYPE: Final = "order-reason@1"
SALT_BYTES: Final = 16
MAX_TEXT: Final = 1_000  # characters of a reason
MAX_NUMBER: Final = 200  # characters of a number of the registry or the exchange
NAME_BYTES: Final = 32
NO_DIGEST: Final = bytes(NAME_BYTES)


def number_digest(text: str) -> bytes:
    """SM3 over the UTF-8 bytes of a number that the registry or the exchange gave.

    It has no salt: whoever knows the number finds the lot or order that carries it.
    """
    return sm3(text.encode())


def name_bytes(text: str, *, field: str) -> bytes:
    """A name of at most 32 ASCII characters as the contracts hold it: padded with zeros.

    Raises:
        OrderFileError: It is empty, longer, or has other characters; code ``order.name``.
    """
    if not (0 < len(text) <= NAME_BYTES and text.isascii() and text.isprintable()):
        raise OrderFileError(
            "{field}: must be 1 to {bound} printable ASCII characters",
            field=field,
            bound=NAME_BYTES,
            remedy="shorten it, or use other characters",
            code="order.name",
        )
    return text.encode().ljust(NAME_BYTES, b"\0")


def reason_record(text: str, *, salt: bytes) -> JsonObject:
    """The record of a reason; the salt keeps its digest from being guessed.

    Args:
        text: The reason, 1 to 1,000 characters.
        salt: 16 random bytes.

    Raises:
        OrderFileError: The text is empty or longer; code ``order.text``.
    """
    return {
        "salt": to_base64url(salt),
        "text": require_text(text, field="reason", bound=MAX_TEXT),
        "type": REASON_TYPE,
    }


def record_digest(record: JsonObject) -> bytes:
    """SM3 over the canonical form of a record."""
    return sm3(encode(record))


def require_text(text: str, *, field: str, bound: int) -> str:
    """Return a text of 1 to ``bound`` characters without control characters.

    Raises:
        OrderFileError: It is none; code ``order.text``.
    """
    if not 0 < len(text) <= bound or not text.isprintable():
        raise OrderFileError(
            "{field}: must be 1 to {bound} characters, none of them a control character",
            field=field,
            bound=bound,
            remedy="shorten the text, or keep it elsewhere and give its digest",
            code="order.text",
        )
    return text
