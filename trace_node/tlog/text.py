"""The two value forms of all C2SP texts, base64 and decimal, each in its one canonical spelling."""

import base64
import binascii
import re

from trace_node.tlog.errors import FormatError, OversizeError

MAX_SIZE = 2**63 - 1  # C2SP: sizes, indexes and times are below 2^63

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def to_base64(value: bytes) -> str:
    """Write bytes as base64 (RFC 4648 section 4) with padding."""
    return base64.b64encode(value).decode("ascii")


def from_base64(
    text: str, *, field: str, error: type[FormatError], size: int | None = None
) -> bytes:
    """Read base64 with padding in its canonical spelling.

    Args:
        text: The text, already bounded in length by the caller.
        field: Name of the field, for the error.
        error: Which error to raise.
        size: The number of bytes it must hold; ``None`` for any number.

    Raises:
        FormatError: Other characters, no padding, unused bits that are not zero, or another length.
    """
    if not _BASE64.fullmatch(text):
        raise error("{field}: not base64 with padding", field=field)
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error as failure:
        raise error("{field}: not base64 with padding", field=field) from failure
    if to_base64(value) != text:
        raise error("{field}: not the canonical base64 spelling", field=field)
    if size is not None and len(value) != size:
        raise error(
            "{field}: holds {length} bytes, must hold {size}",
            field=field,
            length=len(value),
            size=size,
        )
    return value


def from_decimal(
    text: str, *, field: str, error: type[FormatError], maximum: int = MAX_SIZE
) -> int:
    """Read a decimal number without sign or leading zeros, 0 to ``maximum``.

    Raises:
        FormatError: Another spelling, or a larger number.
    """
    if not _DECIMAL.fullmatch(text):
        raise error("{field}: not a decimal number without leading zeros", field=field)
    value = int(text)
    if value > maximum:
        raise error("{field}: must be at most {maximum}", field=field, maximum=maximum)
    return value


def decode_utf8(raw: bytes, *, bound: int, what: str, error: type[FormatError]) -> str:
    """Read bounded UTF-8 text without control characters other than the newline.

    Raises:
        OversizeError: More than ``bound`` bytes; nothing was decoded.
        FormatError: Not UTF-8, or a control character below U+0020.
    """
    if len(raw) > bound:
        raise OversizeError(
            "{field}: has {length} bytes, at most {bound} are read",
            field=what,
            length=len(raw),
            bound=bound,
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise error("{field}: not UTF-8", field=what) from failure
    if any(byte < 0x20 and byte != 0x0A for byte in raw):  # noqa: PLR2004 (space and newline)
        raise error("{field}: holds a control character other than newline", field=what)
    return text
