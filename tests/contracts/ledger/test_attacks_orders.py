"""Attacks on orders: their ids, signatures, delays, lists; and lots that take a way round."""

from typing import Any

import pytest
from eth_account import Account
from support.ledger import (
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    Ledger,
    Parties,
    approver_key,
    initiator_key,
)
from support.ledger_copies import Prepared
from support.ledger_orders import (
    DAY,
    HOUR,
    AccountKind,
    Hold,
    Instrument,
    Kind,
    Order,
    OrderState,
    Place,
    digest,
    sign,
)

REASON = digest("reason")
NUMBER = digest("statement of the registry")


def _move(account: int, *parts: tuple[int, int], **fields: Any) -> Order:
    common = {"kind": Kind.MOVE, "source": account, "to": account, "subject": Place.TRADING}
    return Order(**(common | fields), parts=parts)


# Ids.


def test_an_outsider_takes_no_id(ledger: Ledger, parties: Parties) -> None:
    """Whoever relays may see an order early; without a key of an account it can enter nothing."""
    lot = parties.lot(10, trading=True)
    order = parties.sale((lot, 10))
    outsider = Account.from_key(digest("outsider"))
    bait = Order(kind=Kind.SET_COUNTERPARTY, source=parties.seller, to=parties.buyer, quantity=1)
    bait = bait.but(order_id=order.order_id)
    assert ledger.propose_refused(bait, by=outsider) == ("NotAuthorised", (outsider.address,))
    ledger.run(order)


def test_an_enterprise_takes_no_id_of_another(ledger: Ledger, parties: Parties) -> None:
    """It saw the order on its way into a block, and would make its two signers sign once more."""
    lot = parties.lot(10, trading=True)
    order = parties.sale((lot, 10))
    bait = Order(
        kind=Kind.SET_COUNTERPARTY,
        source=parties.buyer,
        to=parties.seller,
        quantity=1,
        order_id=order.order_id,
        own_id=False,
    )
    refusal = ledger.propose_refused(bait)
    assert refusal == ("OrderIdOfAnother", (order.order_id, parties.buyer))
    ledger.run(order)


def test_a_freeze_is_not_delayed_by_taking_its_id(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(10)
    freeze = Order(kind=Kind.FREEZE, source=own.seller, parts=((lot, 10),), reason=REASON)
    bait = Order(
        kind=Kind.SET_COUNTERPARTY,
        source=own.seller,
        to=own.buyer,
        quantity=1,
        order_id=freeze.order_id,
        own_id=False,
    )
    refusal = ledger.propose_refused(bait)
    assert refusal == ("OrderIdOfAnother", (freeze.order_id, own.seller))
    ledger.run(freeze)
    assert ledger.lot(lot)["hold"] == Hold.JUDICIAL


def test_a_pledgee_has_ids_of_its_own(ledger: Ledger, parties: Parties) -> None:
    """UNPLEDGE is proposed by the keys of the receiver: the id is one of its account."""
    lot = parties.lot(10)
    ledger.run(Order(kind=Kind.PLEDGE, source=parties.seller, to=parties.buyer, parts=((lot, 10),)))
    release = Order(kind=Kind.UNPLEDGE, source=parties.seller, to=parties.buyer, parts=((lot, 10),))
    foreign = parties.seller.to_bytes(8, "big") + release.order_id[8:]
    other = release.but(order_id=foreign, own_id=False)
    assert ledger.propose_refused(other) == ("OrderIdOfAnother", (foreign, parties.buyer))
    ledger.run(release)


# Signatures.


def test_a_signature_serves_one_ledger_only(own_ledger: Ledger) -> None:
    """Two ledgers on one chain with the same offices, accounts and lots: no order goes over."""
    ledger = own_ledger
    other = ledger.deploy_orders(ledger.access.address, ledger.rules.address, "0x" + "00" * 20)
    order = Order(
        kind=Kind.REGISTER_CLASS,
        subject=Instrument.ALLOWANCE,
        quantity=2025,
        registry_number=NUMBER,
    )
    arguments = ledger.submission(order)
    ledger.do(ledger.orders, "submit", *arguments, by=RELAY)
    refusal = ledger.refused(other, "submit", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (REGISTRY_1.address,))


def test_every_signed_field_is_signed(ledger: Ledger, parties: Parties) -> None:
    """A relayer that changes any one field has no signature for what it sends."""
    lot = parties.lot(10, trading=True)
    order = parties.sale((lot, 10))
    key = initiator_key(parties.seller)
    signature = sign(order, key, ledger.orders.address)
    changes: dict[str, Any] = {
        "kind": Kind.BLOCK,
        "to": parties.seller,
        "subject": 1,
        "parts": ((lot, 9),),
        "quantity": 9,
        "commitment": REASON,
        "registry_number": REASON,
        "reason": REASON,
        "not_before": 1,
        "deadline": order.deadline - 1,
        "order_id": digest("changed by the relayer"),
    }
    for name, value in changes.items():
        changed = order.but(**{name: value})
        arguments = (changed.tuple, key.address, signature)
        refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
        assert refusal == ("SignatureMismatch", (key.address,)), name


def test_a_dead_order_stays_dead(ledger: Ledger, parties: Parties) -> None:
    """Cancelled or expired, with every signature ever made for it: it neither moves nor reserves."""
    lot = parties.lot(10, trading=True)
    deadline = ledger.engine.now + HOUR
    cancelled, expired = parties.sale((lot, 10)), parties.sale((lot, 10), deadline=deadline)
    ledger.propose(cancelled)
    ledger.approve(cancelled)
    ledger.cancel(cancelled)
    ledger.propose(expired)
    ledger.approve(expired)
    ledger.engine.advance(2 * HOUR)
    ledger.do(ledger.orders, "expire", expired.tuple, by=RELAY)
    for order, state in ((cancelled, OrderState.CANCELLED), (expired, OrderState.EXPIRED)):
        closed = ("OrderClosed", (order.order_id, state))
        arguments = ledger.submission(order)
        assert ledger.refused(ledger.orders, "submit", *arguments, by=RELAY) == closed
        assert not ledger.propose(order).events
        assert ledger.approve_refused(order) == closed
        assert ledger.execute_refused(order) == closed
    assert ledger.lot(lot)["order"] == 0


def test_a_cancellation_signed_beforehand_is_no_use_for_a_like_order(
    ledger: Ledger, parties: Parties
) -> None:
    lot = parties.lot(10, trading=True)
    first, second = parties.sale((lot, 10)), parties.sale((lot, 10))
    key = initiator_key(parties.seller)
    signature = sign(first, key, ledger.orders.address, about="Cancellation")
    ledger.propose(second)
    arguments = (second.tuple, key.address, signature)
    refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
    assert refusal == ("SignatureMismatch", (key.address,))


def test_the_zero_address_signs_nothing(ledger: Ledger, parties: Parties) -> None:
    """What recovers to nobody is not the signature of an address that nobody holds."""
    order = parties.sale((parties.lot(10, trading=True), 10))
    nobody = "0x" + "00" * 20
    for signature in (bytes(65), b"\xff" * 64 + b"\x1b", b""):
        arguments = (order.tuple, nobody, signature)
        refusal = ledger.refused(ledger.orders, "propose", *arguments, by=RELAY)
        assert refusal == ("SignatureMismatch", (nobody,))


# Delays and accounts.


def test_an_accounts_own_delay_does_not_hold_a_freeze_up(prepared: Prepared) -> None:
    """The delay is for orders of the account's keys, not for what officers order about it."""
    own = prepared(Parties)
    ledger = own.ledger
    slow = ledger.open(own.seller_organisation, AccountKind.HOLDING, delay=30 * DAY)
    lot = ledger.issue(slow, own.class_id, 10)
    freeze = Order(kind=Kind.FREEZE, source=slow, parts=((lot, 10),), reason=REASON)
    ledger.run(freeze)
    assert ledger.status(freeze)["state"] == OrderState.EXECUTED
    assert ledger.lot(lot)["hold"] == Hold.JUDICIAL


def test_a_pledgees_own_delay_holds_its_release_up(ledger: Ledger, parties: Parties) -> None:
    """The delay is that of the account whose keys sign, which here is the receiver's."""
    slow = ledger.open(ledger.organisation(), AccountKind.HOLDING, delay=HOUR)
    lot = parties.lot(10)
    ledger.run(Order(kind=Kind.PLEDGE, source=parties.seller, to=slow, parts=((lot, 10),)))
    release = Order(kind=Kind.UNPLEDGE, source=parties.seller, to=slow, parts=((lot, 10),))
    ledger.run(release)
    assert ledger.status(release)["state"] == OrderState.APPROVED
    ledger.engine.advance(HOUR)
    ledger.execute(release)


def test_an_order_names_no_account_that_it_does_not_use(ledger: Ledger, parties: Parties) -> None:
    """A device shows what is signed; an account there that means nothing misleads its reader."""
    lot = parties.lot(10)
    issue = Order(kind=Kind.ISSUE, to=parties.seller, subject=parties.class_id, quantity=1)
    refusal = ledger.propose_refused(issue.but(source=parties.buyer))
    assert refusal == ("WrongAccountKind", (parties.buyer, AccountKind.HOLDING))
    freeze = Order(kind=Kind.FREEZE, source=parties.seller, parts=((lot, 10),), reason=REASON)
    refusal = ledger.propose_refused(freeze.but(to=parties.buyer))
    assert refusal == ("WrongAccountKind", (parties.buyer, AccountKind.HOLDING))
    assert ledger.propose_refused(freeze.but(to=99_999)) == ("UnknownAccount", (99_999,))


def test_nobody_pledges_to_its_own_organisation(prepared: Prepared) -> None:
    """It would hide its units from a claw-back, and free them when it likes."""
    own = prepared(Parties)
    ledger = own.ledger
    second = ledger.open(own.seller_organisation, AccountKind.HOLDING)
    lot = own.lot(10)
    pledge = Order(kind=Kind.PLEDGE, source=own.seller, to=second, parts=((lot, 10),))
    assert ledger.propose_refused(pledge) == ("SameOrganisation", (second,))


# Lots that take a way round.


def _held(ledger: Ledger, own: Parties, hold: Hold) -> int:
    lot = own.lot(10)
    if hold is Hold.JUDICIAL:
        order = Order(kind=Kind.FREEZE, source=own.seller, parts=((lot, 10),), reason=REASON)
    else:
        order = Order(kind=Kind.PLEDGE, source=own.seller, to=own.buyer, parts=((lot, 10),))
    ledger.run(order)
    return lot


@pytest.mark.parametrize("hold", [Hold.JUDICIAL, Hold.PLEDGE])
def test_a_held_lot_leaves_by_no_order_of_a_key(
    ledger: Ledger, parties: Parties, hold: Hold
) -> None:
    """Every kind that an account's own keys start, on a lot that is frozen or pledged."""
    lot = _held(ledger, parties, hold)
    fields: dict[Kind, dict[str, Any]] = {
        Kind.SETTLE_ARREAR: {"to": parties.issuance},
        Kind.LISTED: {"to": parties.buyer},
        Kind.BLOCK: {"to": parties.buyer},
        Kind.AUCTION: {"to": parties.buyer},
        Kind.MOVE: {"to": parties.seller, "subject": Place.REGISTRY},
        Kind.PLEDGE: {"to": parties.buyer},
        Kind.SURRENDER: {"subject": 1},
        Kind.CANCEL: {"to": parties.cancellation, "reason": REASON, "commitment": REASON},
        Kind.CARRY_OVER: {"subject": parties.class_id},
    }
    for kind, more in fields.items():
        order = Order(**({"kind": kind, "source": parties.seller} | more), parts=((lot, 10),))
        assert ledger.propose_refused(order) == ("WrongPlace", (lot, Place.FROZEN)), kind.name


def test_a_friendly_pledgee_does_not_outwit_a_frozen_account(prepared: Prepared) -> None:
    """A freeze takes free lots only; what the pledgee then frees is in an account that is frozen."""
    own = prepared(Parties)
    ledger = own.ledger
    lot = _held(ledger, own, Hold.PLEDGE)
    freeze = Order(kind=Kind.FREEZE, source=own.seller, parts=((lot, 10),), reason=REASON)
    assert ledger.propose_refused(freeze) == ("WrongPlace", (lot, Place.FROZEN))
    ledger.do(ledger.access, "freezeAccount", own.seller, REASON, by=REGULATOR_1)
    ledger.run(Order(kind=Kind.UNPLEDGE, source=own.seller, to=own.buyer, parts=((lot, 10),)))
    away = _move(own.seller, (lot, 10))
    assert ledger.propose_refused(away) == ("AccountFrozen", (own.seller,))
    ledger.run(freeze)
    assert ledger.lot(lot)["hold"] == Hold.JUDICIAL


def test_a_lot_that_the_order_itself_splits_off_is_taken(ledger: Ledger, parties: Parties) -> None:
    """The number of the new lot can be foreseen; naming it in the same order does not spend twice."""
    lot = parties.lot(10)
    coming = ledger.lots.functions.lotCount().call() + 1
    name, values = ledger.propose_refused(_move(parties.seller, (lot, 4), (coming, 4)))
    assert (name, values[0]) == ("LotReserved", coming)
    assert ledger.lots.functions.lotCount().call() == coming - 1


def test_ccer_units_leave_their_accounts_on_no_way(ledger: Ledger, parties: Parties) -> None:
    """Neither issued to the regulator and allocated, nor by a correction."""
    ccer = ledger.register(f"CCER on its way {parties.lot()}", Instrument.CCER, 2024)
    account = ledger.open(parties.seller_organisation, AccountKind.CCER)
    issue = Order(kind=Kind.ISSUE, to=parties.issuance, subject=ccer, quantity=10)
    expected = ("WrongAccountKind", (parties.issuance, AccountKind.ISSUANCE))
    assert ledger.propose_refused(issue) == expected
    lot = ledger.issue(account, ccer, 10)
    for source, to, moved in (
        (account, parties.seller, lot),
        (parties.seller, account, parties.lot(10)),
    ):
        order = Order(
            kind=Kind.CORRECT_MOVE,
            source=source,
            to=to,
            parts=((moved, 10),),
            registry_number=NUMBER,
        )
        name, values = ledger.propose_refused(order)
        assert (name, values[0]) == ("WrongAccountKind", to)


# Lists and numbers.


def test_a_very_long_list_is_stopped_cleanly(ledger: Ledger, parties: Parties) -> None:
    """By the bound of 64 lots, or by the gas that the sender gave; nothing is reserved either way."""
    lot = parties.lot(2_000)
    parts = tuple((each, 1) for each in range(lot, lot + 2_000))
    order = _move(parties.seller, *parts)
    assert ledger.propose_refused(order) == ("TooManyLots", (2_000, 64))
    key = initiator_key(parties.seller)
    arguments = ledger.arguments(order, key)
    data = ledger.orders.encode_abi("propose", args=list(arguments))
    engine = ledger.engine
    raw = engine.sign(RELAY, to=ledger.orders.address, data=data, gas=5_000_000)
    assert engine.receipt(engine.web3.eth.send_raw_transaction(raw))["status"] == 0
    assert ledger.lot(lot)["order"] == 0


def test_gas_that_runs_out_half_way_leaves_nothing_half_done(
    ledger: Ledger, parties: Parties
) -> None:
    lots = [parties.lot(10) for _ in range(20)]
    order = _move(parties.seller, *((lot, 4) for lot in lots))
    data = ledger.orders.encode_abi("submit", args=list(ledger.submission(order)))
    engine = ledger.engine
    before = [each.functions.eventCount().call() for each in ledger.contracts]
    for gas in (500_000, 1_000_000, 2_000_000):
        raw = engine.sign(RELAY, to=ledger.orders.address, data=data, gas=gas)
        assert engine.receipt(engine.web3.eth.send_raw_transaction(raw))["status"] == 0
    assert before == [each.functions.eventCount().call() for each in ledger.contracts]
    assert {ledger.lot(lot)["order"] for lot in lots} == {0}
    ledger.run(order)


@pytest.mark.parametrize("amount", [1, 10**12])
def test_serials_at_the_bounds_of_a_lot(ledger: Ledger, parties: Parties, amount: int) -> None:
    """The smallest and the largest lot, split as far as they go: no serial twice, none lost."""
    class_id = ledger.register(f"bounds {amount} {parties.lot()}", Instrument.ALLOWANCE, 2025)
    lot = ledger.issue(parties.seller, class_id, amount)
    taken = [lot]
    for quantity in (1, 1, amount - 3):
        if amount > 1:
            order = _move(parties.seller, (lot, quantity))
            ledger.propose(order)
            taken += ledger.split_of(order)
    ranges = sorted((each["firstSerial"], each["quantity"]) for each in map(ledger.lot, taken))
    expected = [(1, 1)] if amount == 1 else [(1, 1), (2, 1), (3, amount - 3), (amount, 1)]
    assert ranges == expected


@pytest.mark.parametrize("field", ["from", "to", "subject", "deadline"])
def test_a_number_wider_than_its_field_is_refused(
    ledger: Ledger, parties: Parties, field: str
) -> None:
    """Dirty upper bits do not make a second encoding of the same order."""
    order = parties.sale((parties.lot(10, trading=True), 10))
    key = initiator_key(parties.seller)
    data = ledger.orders.encode_abi("propose", args=list(ledger.arguments(order, key)))
    place = {"from": 3, "to": 4, "subject": 5, "deadline": 12}[field]
    start = 10 + 64 * (3 + place)  # 0x, selector, then three words of the head
    dirty = data[:start] + "ff" + data[start + 2 :]
    engine = ledger.engine
    raw = engine.sign(RELAY, to=ledger.orders.address, data=dirty)
    assert engine.receipt(engine.web3.eth.send_raw_transaction(raw))["status"] == 0
    assert ledger.status(order)["state"] == OrderState.NONE
    raw = engine.sign(RELAY, to=ledger.orders.address, data=data)
    assert engine.receipt(engine.web3.eth.send_raw_transaction(raw))["status"] == 1


def test_a_cancellation_says_for_whom(ledger: Ledger, parties: Parties) -> None:
    order = Order(
        kind=Kind.CANCEL,
        source=parties.seller,
        to=parties.cancellation,
        parts=((parties.lot(10), 10),),
        reason=REASON,
    )
    assert ledger.propose_refused(order) == ("NoDigest", ())
    ledger.run(order.but(commitment=digest("salted beneficiary")))


def test_a_reservation_does_not_save_from_a_claw_back(prepared: Prepared) -> None:
    """Own open orders on all lots: the account is frozen, they are cancelled, all is taken."""
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(100)
    shield = _move(own.seller, (lot, 100))
    ledger.propose(shield)
    claw_back = Order(
        kind=Kind.CLAW_BACK,
        source=own.seller,
        to=own.issuance,
        subject=own.class_id,
        quantity=150,
        parts=((lot, 100),),
    )
    assert ledger.propose_refused(claw_back)[0] == "LotReserved"
    bare = claw_back.but(parts=(), order_id=digest(f"bare {lot}"))
    ledger.propose(bare)
    ledger.approve(bare)
    assert ledger.execute_refused(bare) == ("NotShort", (own.seller, 100))
    ledger.do(ledger.access, "freezeAccount", own.seller, REASON, by=REGULATOR_1)
    ledger.cancel(shield, by=REGULATOR_2)
    again = _move(own.seller, (lot, 100))
    assert ledger.propose_refused(again) == ("AccountFrozen", (own.seller,))
    ledger.run(claw_back)
    assert ledger.lot(lot)["account"] == own.issuance
    assert ledger.balance(own.seller, own.class_id) == (0, 0, 0, 0)


def test_the_approver_of_one_side_is_not_of_the_other(ledger: Ledger, parties: Parties) -> None:
    """The buyer's approver does not approve what leaves the seller's account."""
    order = parties.sale((parties.lot(10, trading=True), 10))
    ledger.propose(order)
    buyer = approver_key(parties.buyer)
    assert ledger.approve_refused(order, by=buyer) == ("NotAuthorised", (buyer.address,))
