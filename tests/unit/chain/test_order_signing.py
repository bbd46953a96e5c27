"""EIP-712 of the product: the example of the page, an independent hash, the contract, forgeries."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_orders
from support.evm import CHAIN_ID

from chain.order_signing import Eip712Orders, content_hash, sign_order, signing_digest
from chain.signer_key import AnchorKey
from trace_node.quota.ledger.errors import OrderSignatureError
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.signed_order import About, OrderSignature

PAGE = Path(__file__).resolve().parents[3] / "docs/spec/allowance-registry.md"
CONTRACT = b"\x11" * 20
KEY = AnchorKey(b"\x01" * 32)
NONE = bytes(32)
EXAMPLE = Order(
    chain_id=CHAIN_ID,
    order_id=(7).to_bytes(8) + ledger_orders.digest("the first order of the page")[8:],
    kind=Kind.LISTED,
    source=7,
    target=8,
    subject=0,
    parts=(Part(lot=21, quantity=400), Part(lot=22, quantity=100)),
    quantity=500,
    commitment=ledger_orders.digest("salt, price and counterparties"),
    registry_number=NONE,
    reason=NONE,
    not_before=0,
    deadline=1_900_000_000,
)
ORDERS = Eip712Orders()
NAMES = {About.ORDER: "Order", About.APPROVAL: "Approval", About.CANCELLATION: "Cancellation"}


def of_the_page() -> dict[str, str]:
    (block,) = re.findall(
        r"^```text example order\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    return dict(re.split(r"  +", line) for line in block.splitlines())


def test_the_example_of_the_page() -> None:
    shown = of_the_page()
    assert content_hash(EXAMPLE).hex() == shown["content hash"]
    for about, name in (
        (About.ORDER, "signed to propose"),
        (About.APPROVAL, "signed as Approval"),
        (About.CANCELLATION, "signed as Cancellation"),
    ):
        assert signing_digest(EXAMPLE, contract=CONTRACT, about=about).hex() == shown[name]
    signature = sign_order(EXAMPLE, KEY, contract=CONTRACT, about=About.ORDER)
    assert KEY.shown == shown["signer"]
    assert signature.value.hex() == shown["signature of the proposal"]


NUMBERS = st.integers(0, 2**53 - 1)
DIGESTS = st.binary(min_size=32, max_size=32)


@given(
    order=st.builds(
        Order,
        chain_id=NUMBERS,
        order_id=DIGESTS,
        kind=st.sampled_from(list(Kind)[1:]),
        source=NUMBERS,
        target=NUMBERS,
        subject=NUMBERS,
        parts=st.lists(
            st.builds(Part, lot=NUMBERS, quantity=st.integers(1, 10**12)), max_size=4
        ).map(tuple),
        quantity=st.integers(0, 10**12),
        commitment=DIGESTS,
        registry_number=DIGESTS,
        reason=DIGESTS,
        not_before=NUMBERS,
        deadline=NUMBERS,
    ),
    about=st.sampled_from(list(About)),
)
@settings(max_examples=40, deadline=None)
def test_it_signs_what_the_tests_of_the_contract_sign(order: Order, about: About) -> None:
    other = ledger_orders.Order(
        kind=int(order.kind),
        source=order.source,
        to=order.target,
        subject=order.subject,
        parts=tuple((part.lot, part.quantity) for part in order.parts),
        quantity=order.quantity,
        commitment=order.commitment,
        registry_number=order.registry_number,
        reason=order.reason,
        not_before=order.not_before,
        deadline=order.deadline,
        chain_id=order.chain_id,
        order_id=order.order_id,
        own_id=False,
    )
    account = ledger_orders.Account.from_key(b"\x01" * 32)
    expected = ledger_orders.sign(
        other, account, "0x" + "11" * 20, about=NAMES[about], chain_id=order.chain_id
    )
    found = sign_order(order, KEY, contract=CONTRACT, about=about)
    assert found.value == expected
    ORDERS.require_signed(order, contract=CONTRACT, about=about, signature=found)


def refused(
    signature: OrderSignature,
    *,
    order: Order = EXAMPLE,
    contract: bytes = CONTRACT,
    about: About = About.ORDER,
) -> None:
    with pytest.raises(OrderSignatureError) as refusal:
        ORDERS.require_signed(order, contract=contract, about=about, signature=signature)
    assert refusal.value.reason == "order.signature.mismatch"
    assert refusal.value.field == f"signatures.{about.value}"
    assert "order sign" in refusal.value.remedy


def test_a_signature_counts_for_one_order_one_purpose_one_chain_and_one_contract() -> None:
    good = sign_order(EXAMPLE, KEY, contract=CONTRACT, about=About.ORDER)
    refused(good, about=About.APPROVAL)
    refused(good, about=About.CANCELLATION)
    refused(good, contract=b"\x12" * 20)
    refused(good, order=replace(EXAMPLE, chain_id=1))
    refused(good, order=replace(EXAMPLE, quantity=501))
    refused(replace(good, signer=b"\x01" * 20))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\x00",
        lambda raw: raw[:64] + bytes([raw[64] - 27]),
        lambda raw: raw[:64] + b"\x1d",
        lambda raw: bytes(32) + raw[32:],
        lambda raw: raw[:32] + bytes(32) + raw[64:],
        lambda raw: b"\xff" * 32 + raw[32:],
        # the same signature with the higher s, which the curve accepts and the contract does not
        lambda raw: (
            raw[:32]
            + (
                0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
                - int.from_bytes(raw[32:64])
            ).to_bytes(32)
            + bytes([55 - raw[64]])
        ),
    ],
)
def test_spoilt_signatures_are_refused(spoil: object) -> None:
    good = sign_order(EXAMPLE, KEY, contract=CONTRACT, about=About.ORDER)
    refused(replace(good, value=spoil(good.value)))  # type: ignore[operator]
