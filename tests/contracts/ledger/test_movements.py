"""What the orders that issue, move, freeze, cancel and correct do to lots, balances and totals."""

from typing import Any

import pytest
from support.ledger import (
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    RELAY,
    Ledger,
    Parties,
    approver_key,
    event_args,
    initiator_key,
)
from support.ledger_copies import Prepared
from support.ledger_orders import (
    AccountKind,
    Hold,
    Instrument,
    Kind,
    Order,
    Place,
    digest,
)

REASON = digest("reason")
NUMBER = digest("statement of the registry")


def moved(kind: Kind, source: int, *parts: tuple[int, int], **fields: Any) -> Order:
    return Order(kind=kind, source=source, parts=parts, **fields)


def test_serials_of_a_class_follow_each_other(ledger: Ledger, parties: Parties) -> None:
    class_id = ledger.register(f"serials {parties.class_id}", Instrument.ALLOWANCE, 2024)
    lots = [ledger.issue(parties.seller, class_id, quantity) for quantity in (5, 1, 10**12)]
    ranges = [(lot["firstSerial"], lot["quantity"]) for lot in map(ledger.lot, lots)]
    assert ranges == [(1, 5), (6, 1), (7, 10**12)]
    found = ledger.class_of(class_id)
    assert found["nextSerial"] == 10**12 + 7
    assert found["held"] == 10**12 + 6


def test_other_instruments_need_no_new_contract(ledger: Ledger, parties: Parties) -> None:
    fund = ledger.register(f"carbon fund {parties.class_id}", Instrument.OTHER, 2026)
    lot = ledger.issue(parties.seller, fund, 10)
    to_trading = moved(Kind.MOVE, parties.seller, (lot, 10), to=parties.seller, subject=2)
    ledger.run(to_trading)
    ledger.run(parties.sale((lot, 10)))
    assert ledger.balance(parties.buyer, fund) == (0, 10, 0, 0)


@pytest.mark.parametrize("kind", [Kind.PRE_ALLOCATE, Kind.ISSUE])
def test_an_allocation_names_its_sheet(ledger: Ledger, parties: Parties, kind: Kind) -> None:
    order = Order(kind=kind, to=parties.seller, subject=parties.class_id, quantity=7, reason=REASON)
    sent = ledger.propose(order)
    content = event_args(sent, "OrderProposed")["content"]
    assert (content["kind"], content["reason"]) == (kind, REASON)
    ledger.approve(order)
    ledger.execute(order)


def test_units_are_allocated_from_the_issuance_account(ledger: Ledger, parties: Parties) -> None:
    lot = ledger.issue(parties.issuance, parties.class_id, 100)
    ledger.run(moved(Kind.ALLOCATE, parties.issuance, (lot, 100), to=parties.buyer))
    assert ledger.lot(lot)["account"] == parties.buyer


@pytest.mark.parametrize("kind", [Kind.LISTED, Kind.BLOCK, Kind.AUCTION])
def test_trades_end_in_trading(ledger: Ledger, parties: Parties, kind: Kind) -> None:
    lot = parties.lot(100, trading=True)
    ledger.run(parties.sale((lot, 100), kind=kind, commitment=digest("price and parties")))
    found = ledger.lot(lot)
    assert (found["account"], found["place"]) == (parties.buyer, Place.TRADING)


def test_a_primary_auction_sells_from_the_issuance_account(
    ledger: Ledger, parties: Parties
) -> None:
    lot = ledger.issue(parties.issuance, parties.class_id, 100)
    order = moved(Kind.PRIMARY_AUCTION, parties.issuance, (lot, 60), to=parties.buyer)
    ledger.propose(order)
    (part,) = ledger.split_of(order)
    ledger.approve(order)
    ledger.execute(order)
    assert ledger.lot(part)["account"] == parties.buyer
    refusal = ledger.propose_refused(order.but(source=parties.seller, order_id=REASON))
    assert refusal[0] == "WrongAccountKind"


def test_units_are_put_aside_in_the_compliance_account(ledger: Ledger, parties: Parties) -> None:
    compliance = ledger.open(parties.seller_organisation, AccountKind.COMPLIANCE)
    lot = parties.lot(100)
    ledger.run(moved(Kind.MOVE, parties.seller, (lot, 100), to=compliance, subject=1))
    assert ledger.balance(compliance, parties.class_id) == (100, 0, 0, 0)


def test_a_freeze_holds_until_two_regulators_lift_it(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(100, trading=True)
    freeze = moved(Kind.FREEZE, parties.seller, (lot, 100), reason=REASON)
    ledger.run(freeze)
    found = ledger.lot(lot)
    assert (found["place"], found["hold"]) == (Place.FROZEN, Hold.JUDICIAL)
    refusal = ledger.propose_refused(parties.sale((lot, 1)))
    assert refusal == ("WrongPlace", (lot, Place.FROZEN))
    ledger.run(moved(Kind.UNFREEZE, parties.seller, (lot, 100)))
    assert ledger.lot(lot)["place"] == Place.REGISTRY


def test_a_freeze_goes_before_an_open_order(prepared: Prepared) -> None:
    """The order that reserves the lots is cancelled by the regulator, and then they are frozen."""
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(100, trading=True)
    sale = own.sale((lot, 100))
    ledger.propose(sale)
    freeze = moved(Kind.FREEZE, own.seller, (lot, 100), reason=REASON)
    assert ledger.propose_refused(freeze)[0] == "LotReserved"
    ledger.do(ledger.access, "freezeAccount", own.seller, REASON, by=REGULATOR_1)
    ledger.cancel(sale, by=REGULATOR_2)
    ledger.run(freeze)
    assert ledger.lot(lot)["hold"] == Hold.JUDICIAL


def test_a_pledge_is_lifted_by_the_pledgee_alone(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(100)
    ledger.run(moved(Kind.PLEDGE, parties.seller, (lot, 60), to=parties.buyer))
    (pledged,) = [
        each
        for each in range(lot, ledger.lots.functions.lotCount().call() + 1)
        if ledger.lot(each)["hold"] == Hold.PLEDGE and ledger.lot(each)["quantity"] == 60
    ]
    found = ledger.lot(pledged)
    assert (found["account"], found["subject"]) == (parties.seller, parties.buyer)
    release = moved(Kind.UNPLEDGE, parties.seller, (pledged, 60), to=parties.buyer)
    for key in (initiator_key(parties.seller), REGULATOR_1):
        assert ledger.propose_refused(release, by=key) == ("NotAuthorised", (key.address,))
    unfreeze = moved(Kind.UNFREEZE, parties.seller, (pledged, 60))
    assert ledger.propose_refused(unfreeze) == (
        "WrongHold",
        (pledged, Hold.PLEDGE, parties.buyer),
    )
    ledger.propose(release)
    assert ledger.approve_refused(release, by=approver_key(parties.seller))[0] == "NotAuthorised"
    ledger.approve(release)
    ledger.execute(release)
    assert ledger.lot(pledged)["place"] == Place.REGISTRY


def test_another_pledgee_lifts_nothing(ledger: Ledger, parties: Parties) -> None:
    other = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    lot = parties.lot(100)
    ledger.run(moved(Kind.PLEDGE, parties.seller, (lot, 100), to=parties.buyer))
    theft = moved(Kind.UNPLEDGE, parties.seller, (lot, 100), to=other)
    assert ledger.propose_refused(theft) == ("WrongHold", (lot, Hold.PLEDGE, parties.buyer))
    oneself = moved(Kind.PLEDGE, parties.seller, (parties.lot(), 1), to=parties.seller)
    assert ledger.propose_refused(oneself) == ("SameOrganisation", (parties.seller,))


def test_a_cancellation_is_final(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(100)
    before = ledger.class_of(parties.class_id)
    order = moved(
        Kind.CANCEL,
        parties.seller,
        (lot, 100),
        to=parties.cancellation,
        reason=REASON,
        commitment=digest("beneficiary"),
    )
    ledger.run(order)
    after = ledger.class_of(parties.class_id)
    assert after["cancelled"] == before["cancelled"] + 100
    assert after["held"] == before["held"] - 100
    found = ledger.lot(lot)
    assert (found["account"], found["place"]) == (parties.cancellation, Place.CANCELLED)
    again = moved(Kind.CANCEL, parties.cancellation, (lot, 1), to=parties.cancellation)
    assert ledger.propose_refused(again, by=REGULATOR_1)[0] == "NotAuthorised"


def test_a_claw_back_takes_back_what_is_there(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(100)
    order = moved(
        Kind.CLAW_BACK,
        parties.seller,
        (lot, 30),
        to=parties.issuance,
        subject=parties.class_id,
    )
    ledger.run(order)
    assert ledger.lot(lot)["quantity"] == 70
    more = order.but(quantity=20, order_id=digest("fewer than its parts"))
    assert ledger.propose_refused(more) == ("QuantityMismatch", (30, 20))
    other = ledger.register(f"another class {lot}", Instrument.ALLOWANCE, 2024)
    wrong = order.but(subject=other, order_id=digest("of another class"))
    assert ledger.propose_refused(wrong) == ("WrongClass", (lot, parties.class_id))


def test_a_claw_back_above_the_holding_is_an_arrear(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(100)
    kept = ledger.issue(own.seller, own.class_id, 5)
    order = moved(
        Kind.CLAW_BACK,
        own.seller,
        (lot, 100),
        to=own.issuance,
        subject=own.class_id,
        quantity=160,
    )
    ledger.propose(order)
    ledger.approve(order)
    # Something of the class is left in the account: the order must name it too.
    assert ledger.execute_refused(order) == ("NotShort", (own.seller, 5))
    ledger.cancel(order, by=REGULATOR_1)
    whole = order.but(parts=((lot, 100), (kept, 5)), order_id=digest(f"all of {lot}"))
    ledger.run(whole)
    arrears = [ledger.obligations.functions.arrearOf(each).call() for each in range(1, 20)]
    (found,) = [each for each in arrears if each[0] == own.seller_organisation]
    assert tuple(found) == (own.seller_organisation, own.class_id, 55)


def test_an_arrear_stays_open_until_it_is_settled(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    claw_back = Order(
        kind=Kind.CLAW_BACK, source=own.seller, to=own.issuance, subject=own.class_id, quantity=50
    )
    ledger.run(claw_back)
    arrear = next(
        each
        for each in range(1, 20)
        if ledger.obligations.functions.arrearOf(each).call()[0] == own.seller_organisation
    )
    lot = own.lot(60)
    foreign = ledger.issue(own.buyer, own.class_id, 60)
    paid = moved(Kind.SETTLE_ARREAR, own.seller, (lot, 20), to=own.issuance, subject=arrear)
    ledger.run(paid)
    assert ledger.obligations.functions.arrearOf(arrear).call()[2] == 30
    for order, expected in (
        (
            moved(Kind.SETTLE_ARREAR, own.seller, (lot, 31), to=own.issuance, subject=arrear),
            ("ExceedsArrear", (arrear, 30, 31)),
        ),
        (
            moved(Kind.SETTLE_ARREAR, own.buyer, (foreign, 1), to=own.issuance, subject=arrear),
            ("ArrearOfAnother", (arrear, own.seller_organisation)),
        ),
    ):
        ledger.propose(order)
        ledger.approve(order)
        assert ledger.execute_refused(order) == expected
        ledger.cancel(order)
    unknown = moved(Kind.SETTLE_ARREAR, own.seller, (lot, 1), to=own.issuance, subject=99_999)
    assert ledger.propose_refused(unknown) == ("UnknownArrear", (99_999,))


def test_the_registry_wins_by_a_correction(prepared: Prepared) -> None:
    """A sale that the registry did not make goes back, even from a frozen account."""
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(100, trading=True)
    ledger.run(own.sale((lot, 100)))
    ledger.do(ledger.access, "freezeAccount", own.buyer, REASON, by=REGULATOR_1)
    correction = moved(
        Kind.CORRECT_MOVE, own.buyer, (lot, 100), to=own.seller, registry_number=NUMBER
    )
    ledger.run(correction)
    found = ledger.lot(lot)
    assert (found["account"], found["place"]) == (own.seller, Place.REGISTRY)
    refusal = ledger.refused(ledger.orders, "confirm", correction.order_id, NUMBER, by=REGISTRY_1)
    assert refusal == ("NothingToConfirm", (correction.order_id,))


def test_what_the_registry_does_not_know_is_removed_and_restored(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lot = own.lot(100)
    ledger.run(
        moved(
            Kind.CORRECT_REMOVE, own.seller, (lot, 100), to=own.cancellation, registry_number=NUMBER
        )
    )
    assert ledger.class_of(own.class_id)["cancelled"] == 100
    ledger.run(
        moved(
            Kind.CORRECT_RESTORE,
            own.cancellation,
            (lot, 40),
            to=own.seller,
            registry_number=NUMBER,
        )
    )
    totals = ledger.class_of(own.class_id)
    assert (totals["cancelled"], totals["held"]) == (60, 40)
    assert ledger.balance(own.seller, own.class_id) == (40, 0, 0, 0)


def test_a_closed_ledger_is_closed(own_ledger: Ledger) -> None:
    ledger = own_ledger
    own = Parties(ledger)
    lot = own.lot(100)
    closing = Order(kind=Kind.CLOSE_LEDGER, registry_number=NUMBER)
    ledger.run(closing)
    assert ledger.orders.functions.finalState().call() == NUMBER
    closed = ("LedgerIsClosed", (NUMBER,))
    assert ledger.propose_refused(own.sale((lot, 1))) == closed
    assert ledger.refused(ledger.lots, "numberLot", lot, REASON, by=REGISTRY_1) == closed
    refusal = ledger.refused(ledger.orders, "execute", closing.tuple, by=RELAY)
    assert refusal == closed


def test_a_successor_opens_on_a_closed_predecessor_only(own_ledger: Ledger) -> None:
    ledger = own_ledger
    addresses = (ledger.access.address, ledger.rules.address, ledger.orders.address)
    with pytest.raises(AssertionError):
        ledger.deploy_orders(*addresses)
    ledger.run(Order(kind=Kind.CLOSE_LEDGER, registry_number=NUMBER))
    successor = ledger.deploy_orders(*addresses)
    assert successor.functions.predecessor().call() == ledger.orders.address


def test_the_largest_order_fits_into_a_transaction(prepared: Prepared) -> None:
    """64 lots, each split: below the 2**24 gas that newer engines allow one transaction."""
    own = prepared(Parties)
    ledger = own.ledger
    lots = [ledger.issue(own.seller, own.class_id, 10) for _ in range(64)]
    order = moved(
        Kind.MOVE,
        own.seller,
        *((lot, 4) for lot in lots),
        to=own.seller,
        subject=Place.TRADING,
    )
    sent = ledger.run(order)
    assert sent.gas < 2**24
    assert ledger.balance(own.seller, own.class_id) == (64 * 6, 64 * 4, 0, 0)


def test_the_cost_of_a_move_does_not_grow_with_the_account(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    gas = []
    for _ in range(3):
        lot = own.lot(10, trading=True)
        sale = own.sale((lot, 10))
        steps = (ledger.propose(sale), ledger.approve(sale), ledger.execute(sale))
        gas.append([sent.gas for sent in steps])
        for _ in range(10):
            ledger.issue(own.seller, own.class_id, 1)
    # The first sale fills the buyer's balance; the others differ by the bytes of their numbers.
    for first, second in zip(gas[1], gas[2], strict=True):
        assert abs(first - second) < 200
