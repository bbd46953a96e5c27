"""Names for the plain values that identify things, so that a type checker keeps them apart."""

import base64
import binascii
import re
from typing import NewType

from trace_node.errors import InputError

Origin = NewType("Origin", str)  # first line of a checkpoint; ends in the hash name
KeyId = NewType("KeyId", str)  # 32 hex digits: first half of SM3 over the public point
DeviceId = NewType("DeviceId", str)
RegisterId = NewType("RegisterId", str)
OrganisationId = NewType("OrganisationId", str)
LeafIndex = NewType("LeafIndex", int)
TreeSize = NewType("TreeSize", int)

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def to_base64url(raw: bytes) -> str:
    """Write bytes as base64url (RFC 4648 section 5) without padding."""
    return binascii.b2a_base64(raw, newline=False).translate(_TO_URL, b"=").decode("ascii")


def from_base64url(text: str, *, size: int | None, field: str) -> bytes:
    """Read base64url without padding, accepting only the canonical spelling.

    Args:
        text: The text.
        size: The number of bytes it must hold; ``None`` for any number.
        field: The name of the field, for the error.

    Raises:
        InputError: Other characters, padding, unused bits that are not zero, or another length.
    """
    try:
        if not _BASE64URL.fullmatch(text):
            raise InputError("{field}: not base64url without padding", field=field)
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise InputError("{field}: not base64url without padding", field=field) from error
    if to_base64url(raw) != text:
        raise InputError("{field}: not the canonical base64url spelling", field=field)
    if size is not None and len(raw) != size:
        raise InputError(
            "{field}: holds {length} bytes, must hold {size}",
            field=field,
            length=len(raw),
            size=size,
        )
    return raw


def require_name(text: str, *, field: str) -> str:
    """Return ``text`` if it is a name: 1 to 64 of letters, digits and ``. _ : -``.

    Raises:
        InputError: It is not.
    """
    if not NAME_PATTERN.fullmatch(text):
        raise InputError(
            "{field}: must be 1 to 64 letters, digits or . _ : - and begin with a letter or digit",
            field=field,
            remedy="choose another name",
        )
    return text
