"""Commitments: price and counterparties of a trade on the chain as a salted digest (承诺值).

The chain holds 32 bytes; who has the opening can show what was committed to, and nobody can open
them to anything else. Form and example: docs/spec/commitment.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, IntegrityError, TooLargeError
from trace_node.ids import from_base64url, to_base64url

OPENING_TYPE: Final = "order-opening@1"
SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32
MAX_OPENING_BYTES: Final = 16_384
MAX_TEXTS: Final = 16
MAX_TEXT: Final = 1_000
PRICE: Final = "price"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ORDER_ID: Final = re.compile(r"0x[0-9a-f]{64}")
_PRICE: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,4})?", re.ASCII)


class OpeningError(InputError):
    """An opening has not the form."""

    code: ClassVar[str] = "opening"


class CommitmentError(IntegrityError):
    """An opening is that of another commitment: a member or the salt was altered."""

    code: ClassVar[str] = "opening.commitment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What was committed to.

    Attributes:
        order_id: 32-byte id of the order, so that an opening serves one order only.
        salt: 16 random bytes: without them a price could be guessed by trying all of them.
        content: Texts by name, such as ``price`` (CNY a tonne), ``buyer``, ``seller``.
    """

    order_id: bytes
    salt: bytes
    content: Mapping[str, str]

    @property
    def commitment(self) -> bytes:
        """SM3 of its canonical JSON, as it stands in the order."""
        return sm3(self.to_bytes())

    @property
    def price(self) -> Decimal | None:
        """CNY a tonne; None where none is stated."""
        text = self.content.get(PRICE)
        return None if text is None else Decimal(text)

    def to_bytes(self) -> bytes:
        """Its canonical JSON: what is hashed, kept and handed over."""
        form: JsonObject = {
            "content": {**self.content},
            "order_id": "0x" + self.order_id.hex(),
            "salt": to_base64url(self.salt),
            "type": OPENING_TYPE,
        }
        return canonical_json.encode(form)


def make_opening(*, order_id: bytes, salt: bytes, content: Mapping[str, str]) -> Opening:
    """An opening of new content; ``commitment`` goes into the order.

    Args:
        order_id: 32 bytes.
        salt: 16 random bytes.
        content: Texts by name.

    Raises:
        OpeningError: A member breaks its rule.
    """
    if len(order_id) != DIGEST_BYTES or len(salt) != SALT_BYTES:
        raise _refusal("order_id", "must be 32 bytes, and salt 16 random ones")
    opening = Opening(order_id=order_id, salt=salt, content=dict(content))
    return parse_opening(opening.to_bytes())


def parse_opening(raw: bytes) -> Opening:
    """Read an opening as strictly as a record.

    Raises:
        TooLargeError: More than 16 KiB; it was not parsed.
        CanonicalFormError: Not in canonical form.
        OpeningError: A member is missing, unknown, or breaks its rule.
    """
    if len(raw) > MAX_OPENING_BYTES:
        raise TooLargeError(
            "{field}: {size} bytes, more than {bound}",
            field="opening",
            size=len(raw),
            bound=MAX_OPENING_BYTES,
            remedy="say less in it",
        )
    fields = canonical_json.decode_object(raw)
    if fields.keys() != {"content", "order_id", "salt", "type"}:
        raise _refusal("opening", "must have content, order_id, salt and type")
    if fields["type"] != OPENING_TYPE:
        raise _refusal("type", "must be " + OPENING_TYPE)
    order_id, salt = fields["order_id"], fields["salt"]
    if not isinstance(order_id, str) or not _ORDER_ID.fullmatch(order_id):
        raise _refusal("order_id", "must be 0x and 64 lower-case hex digits")
    if not isinstance(salt, str):
        raise _refusal("salt", "must be 16 bytes as base64url")
    return Opening(
        order_id=bytes.fromhex(order_id[2:]),
        salt=from_base64url(salt, size=SALT_BYTES, field="salt"),
        content=_content(fields["content"]),
    )


def require_opens(opening: Opening, commitment: bytes) -> None:
    """Require an opening to be that of a commitment.

    Raises:
        CommitmentError: It is that of another.
    """
    if opening.commitment != commitment:
        raise CommitmentError(
            "{field}: the opening gives {computed}, the order holds {expected}",
            field="commitment",
            computed=opening.commitment.hex(),
            expected=commitment.hex(),
            remedy="hand in the opening as it was made, byte for byte",
        )


def _content(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not 1 <= len(value) <= MAX_TEXTS:
        raise _refusal("content", "must be an object of 1 to 16 texts")
    content: dict[str, str] = {}
    for name, text in value.items():
        if not _NAME.fullmatch(name):
            raise _refusal("content", "has a name that is not of a-z, 0-9 and _")
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT or not text.isprintable():
            raise _refusal(f"content.{name}", "must be 1 to 1,000 printable characters")
        content[name] = text
    if not _PRICE.fullmatch(content.get(PRICE, "0")):
        raise _refusal("content.price", "must be CNY a tonne with at most four places")
    return content


def _refusal(field: str, why: str) -> OpeningError:
    return OpeningError(
        "{field} " + why, field=field, remedy="see docs/spec/commitment.md for the form"
    )
