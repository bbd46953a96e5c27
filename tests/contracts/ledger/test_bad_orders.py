"""Each thing that can be wrong with an order is refused by its own name, and nothing is half done."""

from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from support.evm import CHAIN_ID, sender
from support.ledger import (
    ADMIN_1,
    EXCHANGE,
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    VERIFIER,
    Ledger,
    Parties,
    approver_key,
    initiator_key,
)
from support.ledger_copies import Prepared
from support.ledger_orders import (
    DAY,
    NONE,
    AccountKind,
    Instrument,
    Kind,
    Order,
    Place,
    digest,
    sign,
)
from web3.exceptions import MismatchedABI

REASON = digest("reason")
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def moved(parties: Parties, *parts: tuple[int, int], **fields: Any) -> Order:
    """A move from the registry to trading within the seller's account."""
    common = {
        "kind": Kind.MOVE,
        "source": parties.seller,
        "to": parties.seller,
        "subject": Place.TRADING,
    }
    return Order(**(common | fields), parts=parts)


# Amounts.


def test_zero_amount(ledger: Ledger, parties: Parties) -> None:
    assert ledger.propose_refused(moved(parties, (parties.lot(), 0))) == ("ZeroAmount", ())
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=0)
    assert ledger.propose_refused(issue) == ("ZeroAmount", ())


@pytest.mark.parametrize("amount", [2**255, 2**256 - 1])
def test_negative_amount(ledger: Ledger, parties: Parties, amount: int) -> None:
    """In two's complement; -1 and the lowest number there is."""
    order = moved(parties, (parties.lot(), amount))
    assert ledger.propose_refused(order) == ("NegativeAmount", (amount,))
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=amount)
    assert ledger.propose_refused(issue) == ("NegativeAmount", (amount,))


@pytest.mark.parametrize("amount", [10**12 + 1, 2**64, 2**64 + 1, 2**255 - 1])
def test_oversized_amount(ledger: Ledger, parties: Parties, amount: int) -> None:
    order = moved(parties, (parties.lot(), amount))
    assert ledger.propose_refused(order) == ("AmountTooLarge", (amount,))
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=amount)
    assert ledger.propose_refused(issue) == ("AmountTooLarge", (amount,))


def test_fractional_amount_has_no_encoding(ledger: Ledger, parties: Parties) -> None:
    """The chain knows whole tonnes only: there is no call that could carry half a one."""
    types = {item["name"]: item for item in ledger.orders.abi if item["type"] == "function"}
    (order, _, _) = types["propose"]["inputs"]
    (parts,) = (each for each in order["components"] if each["name"] == "parts")
    assert {each["type"] for each in parts["components"]} == {"uint64", "uint256"}
    with pytest.raises(MismatchedABI):
        ledger.orders.encode_abi("execute", args=[moved(parties, (1, 0.5)).tuple])  # type: ignore[arg-type]


def test_insufficient_lot(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000)
    assert ledger.propose_refused(moved(parties, (lot, 1_001))) == (
        "InsufficientLot",
        (lot, 1_000, 1_001),
    )


def test_the_sum_is_what_was_signed(ledger: Ledger, parties: Parties) -> None:
    order = moved(parties, (parties.lot(), 400), quantity=399)
    assert ledger.propose_refused(order) == ("QuantityMismatch", (400, 399))


# Lots.


def test_double_spend_race_of_two_clients(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    first, second = parties.sale((lot, 1_000)), parties.sale((lot, 1_000))
    ledger.propose(first)
    number = ledger.status(first)["number"]
    assert ledger.propose_refused(second) == ("LotReserved", (lot, number))
    ledger.approve(first)
    ledger.execute(first)
    assert ledger.propose_refused(second) == ("NotInAccount", (lot, parties.buyer))


def test_double_spend_of_a_part(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000)
    ledger.propose(moved(parties, (lot, 700)))
    assert ledger.propose_refused(moved(parties, (lot, 301))) == (
        "InsufficientLot",
        (lot, 300, 301),
    )


def test_no_lots(ledger: Ledger, parties: Parties) -> None:
    assert ledger.propose_refused(moved(parties)) == ("NoLots", ())


def test_too_many_lots(ledger: Ledger, parties: Parties) -> None:
    order = moved(parties, *((lot, 1) for lot in range(1, 66)))
    assert ledger.propose_refused(order) == ("TooManyLots", (65, 64))
    issue = Order(
        kind=Kind.ISSUE,
        to=parties.seller,
        subject=parties.class_id,
        parts=((parties.lot(), 1),),
    )
    assert ledger.propose_refused(issue) == ("TooManyLots", (1, 0))


def test_lots_not_ascending(ledger: Ledger, parties: Parties) -> None:
    first, second = parties.lot(), parties.lot()
    for parts in (((first, 1), (first, 1)), ((second, 1), (first, 1)), ((0, 1),)):
        refusal = ledger.propose_refused(moved(parties, *parts))
        assert refusal == ("LotsNotAscending", (parts[-1][0],))


def test_unknown_lot(ledger: Ledger, parties: Parties) -> None:
    assert ledger.propose_refused(moved(parties, (99_999, 1))) == ("UnknownLot", (99_999,))


def test_lot_of_another_account(ledger: Ledger, parties: Parties) -> None:
    lot = ledger.issue(parties.buyer, parties.class_id, 10)
    assert ledger.propose_refused(moved(parties, (lot, 1))) == (
        "NotInAccount",
        (lot, parties.buyer),
    )


def test_lot_in_the_wrong_place(ledger: Ledger, parties: Parties) -> None:
    """What is to be traded is moved to trading first."""
    lot = parties.lot()
    refusal = ledger.propose_refused(parties.sale((lot, 1)))
    assert refusal == ("WrongPlace", (lot, Place.REGISTRY))


# Classes.


@pytest.mark.parametrize("class_id", [0, 99_999, 2**32 + 1])
def test_unknown_vintage(ledger: Ledger, parties: Parties, class_id: int) -> None:
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=class_id, quantity=1)
    assert ledger.propose_refused(issue) == ("UnknownClass", (class_id,))


def test_class_registered_twice(ledger: Ledger, parties: Parties) -> None:
    code = bytes(ledger.class_of(parties.class_id)["code"])
    again = Order(kind=Kind.REGISTER_CLASS, subject=1, quantity=2025, registry_number=code)
    ledger.propose(again)
    ledger.approve(again)
    assert ledger.execute_refused(again) == ("ClassExists", (parties.class_id,))


@pytest.mark.parametrize("instrument", [0, 4, 2**32])
def test_unknown_instrument(ledger: Ledger, instrument: int) -> None:
    order = Order(
        kind=Kind.REGISTER_CLASS, subject=instrument, quantity=2025, registry_number=REASON
    )
    assert ledger.propose_refused(order) == ("UnknownInstrument", (instrument,))
    nameless = Order(kind=Kind.REGISTER_CLASS, subject=1, quantity=2025)
    assert ledger.propose_refused(nameless) == ("NoDigest", ())
    yearless = Order(
        kind=Kind.REGISTER_CLASS, subject=1, quantity=2**32, registry_number=digest("x")
    )
    assert ledger.propose_refused(yearless) == ("AmountTooLarge", (2**32,))


def test_ccer_units_stay_in_their_own_accounts(ledger: Ledger, parties: Parties) -> None:
    ccer = ledger.register(f"CCER {parties.seller}", Instrument.CCER, 2024)
    account = ledger.open(parties.seller_organisation, AccountKind.CCER)
    for to, class_id, kind in (
        (parties.seller, ccer, AccountKind.HOLDING),
        (account, parties.class_id, AccountKind.CCER),
    ):
        order = Order(kind=Kind.ISSUE, to=to, subject=class_id, quantity=1)
        assert ledger.propose_refused(order) == ("WrongAccountKind", (to, kind))
    lot = ledger.issue(account, ccer, 10)
    mixed = moved(parties, (lot, 1), source=account, subject=Place.REGISTRY)
    refusal = ledger.propose_refused(mixed)
    assert refusal == ("WrongAccountKind", (parties.seller, AccountKind.HOLDING))


# Accounts.


def test_frozen_account(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(1_000, trading=True)
    ledger.do(ledger.access, "freezeAccount", own.seller, REASON, by=REGULATOR_1)
    assert ledger.propose_refused(own.sale((lot, 1))) == ("AccountFrozen", (own.seller,))
    issue = Order(kind=Kind.ISSUE, to=own.seller, subject=own.class_id, quantity=1)
    assert ledger.propose_refused(issue) == ("AccountFrozen", (own.seller,))
    ledger.do(ledger.access, "closeAccount", own.seller, REASON, by=REGISTRY_1)
    assert ledger.propose_refused(issue) == ("AccountIsClosed", (own.seller,))
    assert ledger.propose_refused(own.sale((lot, 1))) == ("AccountIsClosed", (own.seller,))


def test_frozen_receiver(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(1_000, trading=True)
    ledger.do(ledger.access, "freezeAccount", own.buyer, REASON, by=REGULATOR_1)
    assert ledger.propose_refused(own.sale((lot, 1))) == ("AccountFrozen", (own.buyer,))


def test_unknown_account(ledger: Ledger, parties: Parties) -> None:
    sale = parties.sale((parties.lot(), 1), to=99_999)
    assert ledger.propose_refused(sale) == ("UnknownAccount", (99_999,))
    issue = Order(kind=Kind.ISSUE, to=0, subject=parties.class_id, quantity=1)
    assert ledger.propose_refused(issue) == ("UnknownAccount", (0,))


def test_account_of_the_wrong_kind(ledger: Ledger, parties: Parties) -> None:
    sale = parties.sale((parties.lot(), 1), to=parties.cancellation)
    expected = ("WrongAccountKind", (parties.cancellation, AccountKind.CANCELLATION))
    assert ledger.propose_refused(sale) == expected


def test_a_compliance_account_does_not_trade(ledger: Ledger, parties: Parties) -> None:
    account = ledger.open(parties.seller_organisation, AccountKind.COMPLIANCE)
    sale = parties.sale((parties.lot(), 1), source=account)
    expected = ("WrongAccountKind", (account, AccountKind.COMPLIANCE))
    assert ledger.propose_refused(sale) == expected


def test_sale_to_oneself(ledger: Ledger, parties: Parties) -> None:
    sale = parties.sale((parties.lot(), 1), to=parties.seller)
    assert ledger.propose_refused(sale) == ("SameAccount", (parties.seller,))


def test_counterparty_not_on_the_list(ledger: Ledger, parties: Parties) -> None:
    stranger = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    lot = parties.lot(1_000, trading=True)
    sale = parties.sale((lot, 1), to=stranger)
    expected = ("CounterpartyNotAllowed", (parties.seller, stranger))
    assert ledger.propose_refused(sale) == expected
    parties.allow(parties.seller, stranger)
    allowed = ledger.orders.functions.counterpartyAllowed(parties.seller, stranger)
    assert allowed.call()
    ledger.propose(sale)
    ledger.approve(sale)
    parties.allow(parties.seller, stranger, allowed=False)
    assert not allowed.call()
    assert ledger.execute_refused(sale) == expected


def test_units_move_freely_within_an_organisation_only(ledger: Ledger, parties: Parties) -> None:
    order = moved(parties, (parties.lot(), 1), to=parties.buyer)
    expected = ("AnotherOrganisation", (parties.buyer, parties.buyer_organisation))
    assert ledger.propose_refused(order) == expected
    for place in (0, Place.FROZEN, Place.SURRENDERED, 99):
        order = moved(parties, (parties.lot(), 1), subject=place)
        assert ledger.propose_refused(order) == ("UnknownPlace", (place,))


# Signatures.


def test_approver_equal_to_initiator(ledger: Ledger, parties: Parties) -> None:
    both = sender(f"both rights on {ledger.engine.name}")
    ledger.set_key(parties.seller, both, 3)
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    ledger.propose(order, by=both)
    assert ledger.approve_refused(order, by=both) == ("ApproverIsInitiator", (both.address,))
    ledger.approve(order)


def test_regulators_order_needs_two_regulators(ledger: Ledger, parties: Parties) -> None:
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=1)
    ledger.propose(issue)
    expected = ("ApproverIsInitiator", (REGULATOR_1.address,))
    assert ledger.approve_refused(issue, by=REGULATOR_1) == expected


def test_replayed_signature_of_the_initiator_as_approval(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    ledger.propose(order)
    key = approver_key(parties.seller)
    replayed = sign(order, key, ledger.orders.address)  # over the order, not over Approval(order)
    arguments = (order.tuple, key.address, replayed)
    refusal = ledger.refused(ledger.orders, "approve", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_replayed_approval_as_cancellation(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    ledger.propose(order)
    ledger.approve(order)
    key = approver_key(parties.seller)
    arguments = ledger.arguments(order, key, "Approval")
    refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_replayed_signature_on_another_order(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 1))
    ledger.run(order)
    key = initiator_key(parties.seller)
    signature = sign(order, key, ledger.orders.address)
    other = order.but(order_id=digest(f"copy of {order.order_id.hex()}"))
    arguments = (other.tuple, key.address, signature)
    refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_replayed_signatures_of_an_executed_order_do_nothing(
    ledger: Ledger, parties: Parties
) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    ledger.run(order)
    balance = ledger.balance(parties.buyer, parties.class_id)
    assert not ledger.propose(order).events
    assert not ledger.execute(order).events
    assert not ledger.approve(order).events
    assert not ledger.run(order).events
    assert ledger.balance(parties.buyer, parties.class_id) == balance


@pytest.mark.parametrize("domain", ["another contract", "another chain"])
def test_signature_for_another_domain(ledger: Ledger, parties: Parties, domain: str) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    key = initiator_key(parties.seller)
    contract, chain_id = ledger.orders.address, CHAIN_ID
    if domain == "another contract":
        contract = ledger.access.address
    else:
        chain_id += 1
    arguments = (order.tuple, key.address, sign(order, key, contract, chain_id=chain_id))
    refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_wrong_chain_id(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(), 1), chain_id=1)
    assert ledger.propose_refused(order) == ("WrongChain", (CHAIN_ID, 1))
    assert ledger.approve_refused(order) == ("WrongChain", (CHAIN_ID, 1))
    assert ledger.execute_refused(order) == ("WrongChain", (CHAIN_ID, 1))


def _variants(signature: bytes) -> dict[str, bytes]:
    r, s, v = signature[:32], signature[32:64], signature[64]
    high = (CURVE_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    return {
        "malleated": r + high + bytes([55 - v]),
        "64 bytes": signature[:64],
        "66 bytes": signature + b"\0",
        "empty": b"",
        "zeros": bytes(65),
        "v of 29": r + s + b"\x1d",
    }


@pytest.mark.parametrize("defect", list(_variants(bytes(65))))
def test_spoilt_signature(ledger: Ledger, parties: Parties, defect: str) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    key = initiator_key(parties.seller)
    signature = sign(order, key, ledger.orders.address)
    arguments = (order.tuple, key.address, _variants(signature)[defect])
    refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_signature_of_somebody_else(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    key = initiator_key(parties.seller)
    arguments = (order.tuple, key.address, sign(order, RELAY, ledger.orders.address))
    refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def _wrong_signers(parties: Parties) -> dict[str, LocalAccount]:
    return {
        "stranger": Account.from_key(digest("stranger")),
        "key of the other side": initiator_key(parties.buyer),
        "key without this right": approver_key(parties.seller),
        "regulator": REGULATOR_1,
        "exchange": EXCHANGE,
        "administrator": ADMIN_1,
    }


def test_officers_and_strangers_do_not_trade(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 1))
    for signer in _wrong_signers(parties).values():
        assert ledger.propose_refused(order, by=signer) == ("NotAuthorised", (signer.address,))
    ledger.propose(order)
    for signer in (REGULATOR_1, EXCHANGE, VERIFIER, approver_key(parties.buyer)):
        assert ledger.approve_refused(order, by=signer) == ("NotAuthorised", (signer.address,))


def test_traders_and_other_officers_do_not_issue(ledger: Ledger, parties: Parties) -> None:
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=1)
    for signer in (initiator_key(parties.seller), ADMIN_1, REGISTRY_1, EXCHANGE, VERIFIER):
        assert ledger.propose_refused(issue, by=signer) == ("NotAuthorised", (signer.address,))


# The order as such.


@pytest.mark.parametrize("kind", [0, 30, 255])
def test_unknown_kind(ledger: Ledger, kind: int) -> None:
    order = Order(kind=kind)
    arguments = ledger.arguments(order, REGULATOR_1)
    refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
    assert refusal == ("UnknownKind", (kind,))


def test_order_without_an_id(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(), 1), order_id=NONE)
    assert ledger.propose_refused(order) == ("NoOrderId", ())


def test_order_after_its_deadline(ledger: Ledger, parties: Parties) -> None:
    deadline = ledger.engine.now - DAY
    order = parties.sale((parties.lot(), 1), deadline=deadline)
    assert ledger.propose_refused(order) == ("OrderExpired", (order.order_id, deadline))


def test_corrections_freezes_and_cancellations_say_why(ledger: Ledger, parties: Parties) -> None:
    part = ((parties.lot(), 1),)
    source = parties.seller
    for order in (
        Order(kind=Kind.FREEZE, source=source, parts=part),
        Order(
            kind=Kind.CANCEL,
            source=source,
            to=parties.cancellation,
            parts=part,
            commitment=digest("beneficiary"),
        ),
        Order(kind=Kind.CORRECT_MOVE, source=source, to=parties.buyer, parts=part),
        Order(kind=Kind.CORRECT_REMOVE, source=source, to=parties.cancellation, parts=part),
        Order(kind=Kind.CORRECT_RESTORE, source=source, to=source, parts=part),
        Order(kind=Kind.CLOSE_LEDGER),
    ):
        assert ledger.propose_refused(order) == ("NoDigest", ())


def test_a_counterparty_is_allowed_or_not(ledger: Ledger, parties: Parties) -> None:
    order = Order(kind=Kind.SET_COUNTERPARTY, source=parties.seller, to=parties.buyer, quantity=2)
    assert ledger.propose_refused(order) == ("AmountTooLarge", (2,))


def test_everything_stops_while_paused(own_ledger: Ledger) -> None:
    ledger = own_ledger
    parties = Parties(ledger)
    lot = parties.lot(1_000)
    waiting = moved(parties, (lot, 400))
    ledger.propose(waiting)
    ledger.do(ledger.access, "pause", REASON, by=ADMIN_1)
    paused = ("LedgerPaused", ())
    assert ledger.propose_refused(moved(parties, (lot, 1))) == paused
    assert ledger.approve_refused(waiting) == paused
    assert ledger.execute_refused(waiting) == paused
    arguments = ledger.arguments(waiting, REGULATOR_2, "Cancellation")
    assert ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY) == paused
    assert ledger.refused(ledger.orders, "expire", waiting.tuple, by=RELAY) == paused
    for arguments in (("confirm", waiting.order_id, REASON),):
        assert ledger.refused(ledger.orders, *arguments, by=REGISTRY_1) == paused
    assert ledger.refused(ledger.lots, "numberLot", lot, REASON, by=REGISTRY_1) == paused
    record = (parties.seller_organisation, 2025, 1, 5, REASON)
    assert ledger.refused(ledger.obligations, "proposeRecord", *record, by=VERIFIER) == paused


def test_only_the_ledger_writes_its_books(ledger: Ledger) -> None:
    expected = ("NotLedger", (REGULATOR_1.address,))
    calls: list[tuple[Any, str, tuple[Any, ...]]] = [
        (ledger.lots, "registerClass", (1, 2025, REASON, REASON, REASON)),
        (ledger.lots, "issue", (1, 1, 1, NONE, NONE)),
        (ledger.lots, "take", (1, 1, 1)),
        (ledger.lots, "release", ([1],)),
        (ledger.lots, "move", ([1], 1, 1, 0, False, 0, NONE)),
        (ledger.obligations, "surrender", (1, 1, 1)),
        (ledger.obligations, "restoreSurrender", (1, 1)),
        (ledger.obligations, "reserveOffset", (1, 1, 1)),
        (ledger.obligations, "releaseOffset", (1, 1, 1)),
        (ledger.obligations, "useOffset", (1, 1)),
        (ledger.obligations, "openArrear", (1, 1, 1)),
        (ledger.obligations, "settleArrear", (1, 1, 1)),
        (ledger.obligations, "useCarryOver", (1, 2025, 1)),
        (ledger.obligations, "restoreCarryOver", (1, 2025, 1)),
    ]
    for contract, name, arguments in calls:
        assert ledger.refused(contract, name, *arguments, by=REGULATOR_1) == expected
