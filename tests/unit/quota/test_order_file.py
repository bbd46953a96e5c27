"""The order file: the example of its page, what is refused and how, and the table of kinds."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from support import ledger_orders
from support.ledger_table import TABLE

from chain.order_signing import sign_order
from chain.signer_key import AnchorKey
from trace_node.canonical_json import MAX_DEPTH
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.quota.commitment import make_opening
from trace_node.quota.ledger.amounts import MAX_TONNES, read_tonnes
from trace_node.quota.ledger.errors import AmountError, OrderFileError
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.order_file import MAX_FILE_BYTES, decode_order, encode_order
from trace_node.quota.ledger.order_texts import (
    name_bytes,
    number_digest,
    reason_record,
    record_digest,
)
from trace_node.quota.ledger.shapes import SHAPES
from trace_node.quota.ledger.signed_order import About, SignedOrder

PAGE = Path(__file__).resolve().parents[3] / "docs/spec/order-file.md"
CONTRACT = b"\x11" * 20
INITIATOR, APPROVER = AnchorKey(b"\x01" * 32), AnchorKey(b"\x02" * 32)
REASON = reason_record("beneficiary asked for it", salt=bytes(range(16)))
ORDER_ID = (7).to_bytes(8) + keccak(b"the example of the page of order files")[8:]
OPENING = make_opening(
    order_id=ORDER_ID, salt=bytes(range(16, 32)), content={"beneficiary": "Example Steel"}
)


def example() -> SignedOrder:
    """A cancellation of 500 t, signed by two persons."""
    order = Order(
        chain_id=31_337,
        order_id=ORDER_ID,
        kind=Kind.CANCEL,
        source=7,
        target=9,
        subject=0,
        parts=(Part(lot=21, quantity=400), Part(lot=22, quantity=100)),
        quantity=500,
        commitment=OPENING.commitment,
        registry_number=number_digest("CEA-2026-000123"),
        reason=record_digest(REASON),
        not_before=0,
        deadline=1_900_000_000,
    )
    made = SignedOrder(
        order=order, contract=CONTRACT, reason=REASON, registry_number="CEA-2026-000123"
    )
    for about, key in ((About.ORDER, INITIATOR), (About.APPROVAL, APPROVER)):
        made = made.signed(about, sign_order(order, key, contract=CONTRACT, about=about))
    return made


def derived() -> dict[str, str]:
    made = example()
    raw = encode_order(made)
    return {
        "example order file": raw.decode() + "\n",
        "digests of the example": "".join(
            f"{name:<24} {value}\n"
            for name, value in {
                "bytes": str(len(raw)),
                "sm3 of the file": sm3(raw).hex(),
                "reason": made.order.reason.hex(),
                "registry number": made.order.registry_number.hex(),
                "commitment": made.order.commitment.hex(),
            }.items()
        ),
        "opening of the example": OPENING.to_bytes().decode() + "\n",
    }


def test_the_page_shows_what_is_derived() -> None:
    blocks = re.findall(
        r"^```text ([^\n]+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert dict(blocks) == derived()


def test_a_file_is_read_back_as_it_was() -> None:
    assert decode_order(encode_order(example())) == example()


# -- the table of kinds ------------------------------------------------------------------------


def test_the_table_of_kinds_is_that_of_the_contracts() -> None:
    assert set(SHAPES) == set(Kind) - {Kind.NONE}
    for kind, shape in SHAPES.items():
        row = TABLE[ledger_orders.Kind(kind)]
        assert (shape.initiator, shape.approver) == (row.initiator, row.approver), kind
        assert (shape.source, shape.target) == (bool(row.source), bool(row.to)), kind
        assert [int(each) for each in shape.places] == [int(each) for each in row.places], kind
        if row.places:
            assert {int(each) for each in shape.holds} == {int(each) for each in row.holds}, kind
        assert shape.confirmed == row.confirmed, kind


# -- amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0", "order.amount.zero"),
        ("-1", "order.amount.negative"),
        ("-0.5", "order.amount.negative"),
        ("0.5", "order.amount.fractional"),
        ("1.0", "order.amount.fractional"),
        ("1000000000001", "order.amount.too_large"),
        (str(2**256 - 1), "order.amount.too_large"),
        ("", "order.amount"),
        ("1e3", "order.amount"),
        ("01", "order.amount"),
        ("+1", "order.amount"),
        (" 1", "order.amount"),
        ("1\n", "order.amount"),
        ("\u0661", "order.amount"),
        ("9" * 100_000, "order.amount"),
    ],
)
def test_what_is_no_whole_positive_number_of_tonnes_has_its_own_code(text: str, code: str) -> None:
    with pytest.raises(AmountError) as refusal:
        read_tonnes(text, field="quantity")
    assert refusal.value.reason == code
    assert refusal.value.field == "quantity"
    assert "whole tonnes" in refusal.value.remedy
    assert len(refusal.value.message) < 200


@given(st.integers(1, MAX_TONNES))
def test_every_whole_amount_up_to_the_bound_is_read(tonnes: int) -> None:
    assert read_tonnes(str(tonnes), field="quantity") == tonnes


# -- bad files -----------------------------------------------------------------------------------


def changed(path: str, value: Any) -> bytes:
    """The example with one member set, or left out."""
    fields = json.loads(encode_order(example()))
    *places, last = path.split(".")
    spot = fields
    for place in places:
        spot = spot[int(place)] if place.isdecimal() else spot[place]
    if value is None:
        del spot[last]
    else:
        spot[last] = value
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


BAD_MEMBERS: list[tuple[str, Any, str, str]] = [
    ("type", "ledger-order@2", "order.file.version", "type"),
    ("type", 1, "order.file.version", "type"),
    ("more", 1, "order.file.member", "$.more"),
    ("texts", None, "order.file.member", "$.texts"),
    ("order.more", 1, "order.file.member", "order.more"),
    ("order.deadline", None, "order.file.member", "order.deadline"),
    ("order", [], "order.file.value", "order"),
    ("ledger.chain_id", "31337", "order.file.value", "ledger.chain_id"),
    ("ledger.chain_id", True, "order.file.value", "ledger.chain_id"),
    ("ledger.contract", "0x" + "1" * 39, "order.file.value", "ledger.contract"),
    ("ledger.contract", "0x" + "A" * 40, "order.file.value", "ledger.contract"),
    ("order.order_id", "0x" + "00" * 32, "order.id", "order_id"),
    ("order.order_id", "0x" + "01" * 32, "order.id", "order_id"),
    ("order.commitment", "0x" + "00" * 32, "order.commitment", "commitment"),
    ("order.order_id", "00" * 32, "order.file.value", "order.order_id"),
    ("order.from", -1, "order.file.value", "order.from"),
    ("order.from", 0, "order.id", "order_id"),
    ("order.to", 0, "order.account", "to"),
    ("order.subject", 5, "order.subject", "subject"),
    ("order.kind", "GIVE", "order.kind", "order.kind"),
    ("order.kind", "NONE", "order.kind", "order.kind"),
    ("order.kind", 24, "order.kind", "order.kind"),
    ("order.parts", {}, "order.file.value", "order.parts"),
    ("order.parts", [], "order.parts", "parts"),
    ("order.parts.0.lot", 22, "order.parts.order", "parts"),
    ("order.parts.0.lot", 23, "order.parts.order", "parts"),
    ("order.parts.0.lot", 0, "order.parts.order", "parts"),
    ("order.parts.0.quantity", 400, "order.amount", "order.parts[0].quantity"),
    ("order.parts.0.quantity", "-400", "order.amount.negative", "order.parts[0].quantity"),
    ("order.parts.0.quantity", "0", "order.amount.zero", "order.parts[0].quantity"),
    ("order.parts.0.quantity", "0.5", "order.amount.fractional", "order.parts[0].quantity"),
    (
        "order.parts.0.quantity",
        str(10**12 + 1),
        "order.amount.too_large",
        "order.parts[0].quantity",
    ),
    ("order.parts.0.more", 1, "order.file.member", "order.parts[0].more"),
    ("order.quantity", "501", "order.quantity", "quantity"),
    ("order.deadline", 0, "order.deadline", "deadline"),
    ("order.not_before", 1_900_000_001, "order.deadline", "deadline"),
    ("order.reason", "0x" + "00" * 32, "order.reason", "reason"),
    ("order.reason", "0x" + "01" * 32, "order.text.digest", "texts.reason"),
    ("texts.reason.text", "another reason", "order.text.digest", "texts.reason"),
    ("texts.reason.text", "", "order.text", "texts.reason"),
    ("texts.reason.text", "\x1b[2J", "order.text", "texts.reason"),
    ("texts.reason.type", "order-reason@2", "order.file.value", "texts.reason.type"),
    ("texts.reason.salt", "AA", "input", "texts.reason.salt"),
    ("texts.registry_number", "CEA-2026-000124", "order.text.digest", "texts.registry_number"),
    ("texts.registry_number", 5, "order.file.value", "texts.registry_number"),
    ("texts.note", "x", "order.file.member", "texts.note"),
    ("signatures.another", {}, "order.file.member", "signatures.another"),
    ("signatures.order.signer", None, "order.file.member", "signatures.order.signer"),
    ("signatures.order.value", "0x00", "order.file.value", "signatures.order.value"),
]


@pytest.mark.parametrize(("path", "value", "code", "field"), BAD_MEMBERS)
def test_a_bad_member_is_named(path: str, value: Any, code: str, field: str) -> None:
    with pytest.raises(InputError) as refusal:
        decode_order(changed(path, value))
    assert (refusal.value.reason, refusal.value.field) == (code, field)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda raw: raw + b"\n", "input.canonical"),
        (lambda raw: raw + b"{}", "input.canonical"),
        (lambda raw: b" " + raw, "input.canonical"),
        (lambda raw: raw[:-1], "input.canonical"),
        (lambda raw: raw.replace(b'"to":9', b'"to":9,"to":9'), "input.canonical.repeated_key"),
        (lambda raw: raw.replace(b'"to":9', b'"to":9.0'), "input.canonical"),
        (lambda raw: raw.replace(b'"to":9', b'"to":9007199254740993'), "input.canonical"),
        (lambda raw: raw.replace(b'"to":9', b'"to":' + b"[" * (MAX_DEPTH + 1)), "input.canonical"),
        (lambda raw: b"\xff" + raw, "input.canonical"),
        (lambda _raw: b"[]", "input.canonical"),
        (lambda _raw: b"", "input.canonical"),
        (lambda raw: raw + b" " * MAX_FILE_BYTES, "input.too_large"),
    ],
)
def test_other_bytes_are_refused(spoil: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(InputError) as refusal:
        decode_order(spoil(encode_order(example())))
    assert refusal.value.reason == code


@given(st.data())
def test_no_altered_byte_is_read_as_the_same_order(data: st.DataObject) -> None:
    raw = bytearray(encode_order(example()))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode_order(bytes(raw))
    except InputError:
        return
    assert encode_order(found) == bytes(raw)
    assert (found == example()) == (bytes(raw) == encode_order(example()))


def test_sixty_four_lots_fit_and_no_more() -> None:
    def of(count: int) -> SignedOrder:
        parts = tuple(Part(lot=2**53 - 65 + n, quantity=10**10) for n in range(count))
        order = replace(example().order, parts=parts, quantity=count * 10**10)
        return replace(example(), order=order)

    assert decode_order(encode_order(of(64))) == of(64)
    with pytest.raises(OrderFileError) as refusal:
        encode_order(of(65))
    assert refusal.value.reason == "order.parts.many"


def test_what_would_not_be_read_is_not_written() -> None:
    with pytest.raises(OrderFileError):
        encode_order(replace(example(), registry_number="another"))


@pytest.mark.parametrize("text", ["", "x" * 33, "编号", "a\n"])
def test_a_name_is_short_and_plain(text: str) -> None:
    with pytest.raises(OrderFileError) as refusal:
        name_bytes(text, field="code")
    assert refusal.value.reason == "order.name"


def test_the_salt_keeps_equal_reasons_apart() -> None:
    one, other = (reason_record("the same", salt=bytes([n]) * 16) for n in (1, 2))
    assert record_digest(one) != record_digest(other)
