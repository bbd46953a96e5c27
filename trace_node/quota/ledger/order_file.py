"""``ledger-order@1``: the bytes of an order file (docs/spec/order-file.md).

Canonical JSON without anything after it. One order with given signatures has one byte form, so that
two persons can compare files by their digest, and what is not that form is refused.
"""

import re
from typing import Final

from trace_node.canonical_json import MAX_INTEGER, JsonObject, JsonValue, decode_object, encode
from trace_node.ids import from_base64url
from trace_node.quota.ledger.amounts import read_tonnes
from trace_node.quota.ledger.errors import AmountError, OrderFileError
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.order_shape import require_shape
from trace_node.quota.ledger.order_texts import (
    MAX_NUMBER,
    MAX_TEXT,
    REASON_TYPE,
    SALT_BYTES,
    name_bytes,
    number_digest,
    record_digest,
    require_text,
)
from trace_node.quota.ledger.signed_order import About, OrderSignature, SignedOrder

TYPE: Final = "ledger-order@1"
MAX_FILE_BYTES: Final = 16_384
_MEMBERS: Final = frozenset({"ledger", "order", "signatures", "texts", "type"})
_LEDGER: Final = frozenset({"chain_id", "contract"})
_NUMBERS: Final = ("from", "to", "subject", "not_before", "deadline")
_DIGESTS: Final = ("order_id", "commitment", "registry_number", "reason")
_ORDER: Final = frozenset({*_NUMBERS, *_DIGESTS, "kind", "parts", "quantity"})
_HEX = re.compile(r"0x([0-9a-f]{2})+")
ADDRESS_BYTES: Final = 20
DIGEST_BYTES: Final = 32
SIGNATURE_BYTES: Final = 65


def encode_order(signed: SignedOrder) -> bytes:
    """The bytes of the file.

    Raises:
        InputError: It would not be read back; see ``decode_order``.
    """
    raw = encode(_to_json(signed))
    decode_order(raw)
    return raw


def decode_order(raw: bytes) -> SignedOrder:
    """Read the bytes of a file; signatures are not verified here.

    Raises:
        TooLargeError: Longer than 16,384 bytes; it was not parsed.
        CanonicalFormError: Not canonical JSON: another spelling, a repeated key, trailing bytes.
        OrderFileError: Another version, a member too many or too few, a value out of its range; an
            amount has codes of its own.
    """
    fields = decode_object(raw, max_bytes=MAX_FILE_BYTES)
    if fields.get("type") != TYPE:
        raise OrderFileError(
            "{field}: is {found}, this program reads {expected}",
            field="type",
            found=repr(fields.get("type"))[:60],
            expected=TYPE,
            remedy="use the program that wrote the file, or a newer one",
            code="order.file.version",
        )
    _require_members(fields, _MEMBERS, "$")
    ledger = _object(fields["ledger"], "ledger")
    _require_members(ledger, _LEDGER, "ledger")
    content = _object(fields["order"], "order")
    _require_members(content, _ORDER, "order")
    order = _order(content, chain_id=_number(ledger["chain_id"], "ledger.chain_id"))
    require_shape(order)
    texts = _object(fields["texts"], "texts")
    return SignedOrder(
        order=order,
        contract=_bytes(ledger["contract"], ADDRESS_BYTES, "ledger.contract"),
        reason=_reason(texts, order),
        registry_number=_registry_number(texts, order),
        signatures=_signatures(_object(fields["signatures"], "signatures")),
    )


def _order(content: JsonObject, *, chain_id: int) -> Order:
    numbers = {name: _number(content[name], f"order.{name}") for name in _NUMBERS}
    digests = {name: _bytes(content[name], DIGEST_BYTES, f"order.{name}") for name in _DIGESTS}
    kind = _kind(content["kind"])
    return Order(
        chain_id=chain_id,
        order_id=digests["order_id"],
        kind=kind,
        source=numbers["from"],
        target=numbers["to"],
        subject=numbers["subject"],
        parts=_parts(content["parts"]),
        quantity=_tonnes(content["quantity"], "order.quantity", least=0),
        commitment=digests["commitment"],
        registry_number=digests["registry_number"],
        reason=digests["reason"],
        not_before=numbers["not_before"],
        deadline=numbers["deadline"],
    )


def _parts(value: JsonValue) -> tuple[Part, ...]:
    if not isinstance(value, list):
        raise _wrong("order.parts", "an array")
    parts = []
    for place, item in enumerate(value):
        part = _object(item, f"order.parts[{place}]")
        _require_members(part, frozenset({"lot", "quantity"}), f"order.parts[{place}]")
        parts.append(
            Part(
                lot=_number(part["lot"], f"order.parts[{place}].lot"),
                quantity=_tonnes(part["quantity"], f"order.parts[{place}].quantity", least=1),
            )
        )
    return tuple(parts)


def _kind(value: JsonValue) -> Kind:
    found = Kind.__members__.get(value) if isinstance(value, str) else None
    if found is None or found is Kind.NONE:
        raise OrderFileError(
            "{field}: there is no kind of order {kind}",
            field="order.kind",
            kind=repr(value)[:40],
            remedy="see the table of kinds in docs/spec/allowance-registry.md",
            code="order.kind",
        )
    return found


def _reason(texts: JsonObject, order: Order) -> JsonObject | None:
    """The record of the reason, whose digest the order must hold."""
    if "reason" not in texts:
        return None
    record = _object(texts["reason"], "texts.reason")
    _require_members(record, frozenset({"salt", "text", "type"}), "texts.reason")
    if record["type"] != REASON_TYPE:
        raise _wrong("texts.reason.type", REASON_TYPE)
    require_text(_text(record["text"], "texts.reason.text"), field="texts.reason", bound=MAX_TEXT)
    salt = _text(record["salt"], "texts.reason.salt")
    from_base64url(salt, size=SALT_BYTES, field="texts.reason.salt")
    _require_digest(record_digest(record), order.reason, "texts.reason")
    return record


def _registry_number(texts: JsonObject, order: Order) -> str | None:
    """The number of the registry, or a class's code, as the order must hold it."""
    _require_members(texts, frozenset({"reason", "registry_number"}) & set(texts), "texts")
    if "registry_number" not in texts:
        return None
    field = "texts.registry_number"
    number = require_text(
        _text(texts["registry_number"], field), field="texts.registry_number", bound=MAX_NUMBER
    )
    if order.kind is Kind.REGISTER_CLASS:
        held = name_bytes(number, field="texts.registry_number")
    else:
        held = number_digest(number)
    _require_digest(held, order.registry_number, "texts.registry_number")
    return number


def _require_digest(found: bytes, stated: bytes, field: str) -> None:
    if found != stated:
        raise OrderFileError(
            "{field}: is not what the order names by digest: it was changed after it was written",
            field=field,
            remedy="ask whoever wrote the order for the file as it was",
            code="order.text.digest",
        )


def _signatures(value: JsonObject) -> dict[About, OrderSignature]:
    found: dict[About, OrderSignature] = {}
    known = {about.value: about for about in About}
    _require_members(value, frozenset(known) & set(value), "signatures")
    for name, item in value.items():
        place = f"signatures.{name}"
        fields = _object(item, place)
        _require_members(fields, frozenset({"signer", "value"}), place)
        found[known[name]] = OrderSignature(
            signer=_bytes(fields["signer"], ADDRESS_BYTES, f"{place}.signer"),
            value=_bytes(fields["value"], SIGNATURE_BYTES, f"{place}.value"),
        )
    return found


def _to_json(signed: SignedOrder) -> JsonObject:
    order = signed.order
    parts: list[JsonValue] = [
        {"lot": part.lot, "quantity": str(part.quantity)} for part in order.parts
    ]
    texts: JsonObject = {}
    if signed.reason is not None:
        texts["reason"] = signed.reason
    if signed.registry_number is not None:
        texts["registry_number"] = signed.registry_number
    return {
        "type": TYPE,
        "ledger": {"chain_id": order.chain_id, "contract": "0x" + signed.contract.hex()},
        "order": {
            "order_id": "0x" + order.order_id.hex(),
            "kind": order.kind.name,
            "from": order.source,
            "to": order.target,
            "subject": order.subject,
            "parts": parts,
            "quantity": str(order.quantity),
            "commitment": "0x" + order.commitment.hex(),
            "registry_number": "0x" + order.registry_number.hex(),
            "reason": "0x" + order.reason.hex(),
            "not_before": order.not_before,
            "deadline": order.deadline,
        },
        "texts": texts,
        "signatures": {
            about.value: {"signer": "0x" + item.signer.hex(), "value": "0x" + item.value.hex()}
            for about, item in signed.signatures.items()
        },
    }


def _require_members(fields: JsonObject, names: frozenset[str], place: str) -> None:
    for name in sorted(set(fields) ^ names):
        if name in fields:
            raise OrderFileError(
                "{field}: there is no such member",
                field=f"{place}.{name}"[:80],
                remedy="leave it out",
                code="order.file.member",
            )
        raise OrderFileError(
            "{field}: missing",
            field=f"{place}.{name}",
            remedy="see docs/spec/order-file.md",
            code="order.file.member",
        )


def _object(value: JsonValue, field: str) -> JsonObject:
    if not isinstance(value, dict):
        raise _wrong(field, "an object")
    return value


def _text(value: JsonValue, field: str) -> str:
    if not isinstance(value, str):
        raise _wrong(field, "a string")
    return value


def _number(value: JsonValue, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise _wrong(field, "a whole number from 0 to 2^53 - 1")
    return value


def _tonnes(value: JsonValue, field: str, *, least: int) -> int:
    if not isinstance(value, str):
        raise AmountError(
            "{field}: must be a string of digits",
            field=field,
            remedy="write whole tonnes as digits, from 1 to 1000000000000",
        )
    return read_tonnes(value, field=field, least=least)


def _bytes(value: JsonValue, size: int, field: str) -> bytes:
    text = value if isinstance(value, str) else ""
    if len(text) != 2 + 2 * size or not _HEX.fullmatch(text):
        raise _wrong(field, f"0x and {2 * size} lower-case hex digits")
    return bytes.fromhex(text[2:])


def _wrong(field: str, expected: str) -> OrderFileError:
    return OrderFileError(
        "{field}: must be {expected}",
        field=field,
        expected=expected,
        remedy="see docs/spec/order-file.md",
        code="order.file.value",
    )
