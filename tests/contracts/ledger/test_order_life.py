"""An order is proposed, approved by somebody else, executed after its delay; or ends otherwise."""

from support.evm import sender
from support.ledger import (
    REGISTRY_1,
    REGULATOR_1,
    RELAY,
    Ledger,
    Parties,
    approver_key,
    event_args,
    initiator_key,
)
from support.ledger_orders import (
    DAY,
    HOUR,
    NONE,
    AccountKind,
    Kind,
    Order,
    OrderState,
    Place,
    digest,
)

REASON = digest("reason")


def test_a_proposal_reserves_exactly_its_quantity(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 400))
    ledger.propose(order)
    (reserved,) = ledger.split_of(order)
    part, rest = ledger.lot(reserved), ledger.lot(lot)
    assert (part["quantity"], rest["quantity"]) == (400, 600)
    assert part["firstSerial"] + 400 == rest["firstSerial"]
    assert part["order"] == ledger.status(order)["number"]
    assert rest["order"] == 0


def test_a_whole_lot_is_reserved_without_a_split(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 1_000))
    before = ledger.lots.functions.lotCount().call()
    ledger.propose(order)
    assert ledger.split_of(order) == [lot]
    assert ledger.lots.functions.lotCount().call() == before


def test_an_executed_order_moves_its_lots(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 400), commitment=digest("salted price and counterparties"))
    before = ledger.balance(parties.buyer, parties.class_id)
    ledger.propose(order)
    (reserved,) = ledger.split_of(order)
    ledger.approve(order)
    sent = ledger.execute(order)
    assert event_args(sent, "OrderEnded")["quantity"] == 400
    moved = ledger.lot(reserved)
    assert (moved["account"], moved["place"], moved["order"]) == (parties.buyer, Place.TRADING, 0)
    after = ledger.balance(parties.buyer, parties.class_id)
    assert after == (before[0], before[1] + 400, before[2], before[3])
    assert ledger.status(order)["state"] == OrderState.EXECUTED


def test_each_step_twice_is_once(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    for step in (ledger.propose, ledger.approve, ledger.execute):
        first, second = step(order), step(order)
        assert first.events
        assert not second.events
    assert not ledger.propose(order).events


def test_two_signatures_at_hand_are_one_transaction(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    sent = ledger.run(order)
    assert [name for name, _ in sent.events] == ["OrderProposed", "OrderApproved", "OrderEnded"]
    assert ledger.status(order)["state"] == OrderState.EXECUTED
    assert not ledger.run(order).events


def test_an_order_submitted_early_waits_approved(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 400), not_before=ledger.engine.now + DAY)
    ledger.run(order)
    assert ledger.status(order)["state"] == OrderState.APPROVED
    assert not ledger.run(order).events
    ledger.engine.advance(DAY)
    assert [name for name, _ in ledger.run(order).events] == ["OrderEnded"]


def test_a_submission_is_all_or_nothing(ledger: Ledger, parties: Parties) -> None:
    """A bad approval takes the proposal, and what it reserved, back with it."""
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    content, initiator, proposal, *_ = ledger.submission(order)
    arguments = (content, initiator, proposal, initiator, proposal)
    refusal = ledger.refused(ledger.orders, "submit", *arguments, by=RELAY)
    assert refusal == ("ApproverIsInitiator", (initiator,))
    assert ledger.status(order)["state"] == OrderState.NONE


def test_an_order_id_with_another_content_is_a_conflict(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 400))
    ledger.propose(order)
    other = order.but(parts=((lot, 401),), quantity=401)
    expected = ("OrderConflict", (order.order_id,))
    assert ledger.propose_refused(other) == expected
    assert ledger.approve_refused(other) == expected
    assert ledger.execute_refused(other) == expected


def test_an_order_of_which_nobody_knows_is_not_approved(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(), 400))
    expected = ("UnknownOrder", (order.order_id,))
    assert ledger.approve_refused(order) == expected
    assert ledger.execute_refused(order) == expected
    assert ledger.refused(ledger.orders, "confirm", order.order_id, REASON, by=REGISTRY_1) == (
        expected
    )


def test_an_order_is_not_executed_before_it_is_approved(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    ledger.propose(order)
    assert ledger.execute_refused(order) == ("OrderNotApproved", (order.order_id,))


def test_the_second_approver_comes_too_late(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    second = sender(f"second approver on {ledger.engine.name}")
    ledger.set_key(parties.seller, second, 2)
    ledger.propose(order)
    ledger.approve(order)
    refusal = ledger.approve_refused(order, by=second)
    assert refusal == ("OrderClosed", (order.order_id, OrderState.APPROVED))


def test_the_order_says_when_it_may_be_executed(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    not_before = ledger.engine.now + DAY
    order = parties.sale((lot, 400), not_before=not_before)
    ledger.propose(order)
    sent = ledger.approve(order)
    assert event_args(sent, "OrderApproved")["executableAt"] == not_before
    assert ledger.execute_refused(order) == ("TooEarly", (not_before,))
    ledger.engine.advance(DAY)
    ledger.execute(order)


def test_the_account_demands_a_delay(ledger: Ledger, parties: Parties) -> None:
    organisation = ledger.organisation()
    slow = ledger.open(organisation, AccountKind.HOLDING, delay=HOUR)
    order = Order(kind=Kind.SET_COUNTERPARTY, source=slow, to=parties.buyer, quantity=1)
    ledger.propose(order)
    executable_at = event_args(ledger.approve(order), "OrderApproved")["executableAt"]
    assert executable_at == ledger.engine.now + HOUR
    assert ledger.execute_refused(order) == ("TooEarly", (executable_at,))
    ledger.engine.advance(HOUR)
    ledger.execute(order)


def test_either_key_cancels_inside_the_window(ledger: Ledger, parties: Parties) -> None:
    for key in (initiator_key, approver_key):
        for approved in (False, True):
            lot = parties.lot(1_000, trading=True)
            order = parties.sale((lot, 400))
            ledger.propose(order)
            (reserved,) = ledger.split_of(order)
            if approved:
                ledger.approve(order)
            sent = ledger.cancel(order, by=key(parties.seller))
            assert event_args(sent, "OrderEnded")["state"] == OrderState.CANCELLED
            assert ledger.lot(reserved)["order"] == 0
            assert not ledger.cancel(order).events
            closed = ("OrderClosed", (order.order_id, OrderState.CANCELLED))
            assert ledger.execute_refused(order) == closed
            assert ledger.approve_refused(order) == closed


def test_a_regulator_cancels_and_nobody_else(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    ledger.propose(order)
    for signer in (RELAY, REGISTRY_1, initiator_key(parties.buyer)):
        arguments = ledger.arguments(order, signer, "Cancellation")
        refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
        assert refusal == ("NotAuthorised", (signer.address,))
    ledger.cancel(order, by=REGULATOR_1)


def test_an_account_does_not_cancel_what_officers_order(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000)
    freeze = Order(kind=Kind.FREEZE, source=parties.seller, parts=((lot, 1_000),), reason=REASON)
    ledger.propose(freeze)
    for key in (initiator_key(parties.seller), approver_key(parties.seller)):
        arguments = ledger.arguments(freeze, key, "Cancellation")
        refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
        assert refusal == ("NotAuthorised", (key.address,))
    ledger.approve(freeze)
    ledger.execute(freeze)


def test_a_key_that_lost_its_rights_cancels_nothing(ledger: Ledger, parties: Parties) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    order = Order(kind=Kind.SET_COUNTERPARTY, source=account, to=parties.buyer, quantity=1)
    ledger.propose(order)
    key = initiator_key(account)
    ledger.set_key(account, key, 0)
    arguments = ledger.arguments(order, key, "Cancellation")
    refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
    assert refusal == ("NotAuthorised", (key.address,))


def test_an_executed_order_is_not_cancelled(ledger: Ledger, parties: Parties) -> None:
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    ledger.run(order)
    arguments = ledger.arguments(order, initiator_key(parties.seller), "Cancellation")
    refusal = ledger.refused(ledger.orders, "cancel", *arguments, by=RELAY)
    assert refusal == ("OrderClosed", (order.order_id, OrderState.EXECUTED))
    refusal = ledger.refused(ledger.orders, "expire", order.tuple, by=RELAY)
    assert refusal == ("OrderClosed", (order.order_id, OrderState.EXECUTED))


def test_released_parts_are_free_for_another_order(ledger: Ledger, parties: Parties) -> None:
    lot = parties.lot(1_000, trading=True)
    order = parties.sale((lot, 400))
    ledger.propose(order)
    (part,) = ledger.split_of(order)
    ledger.cancel(order)
    both = sorted([(lot, 600), (part, 400)])
    ledger.run(parties.sale(*both))
    assert {ledger.lot(each)["account"] for each in (lot, part)} == {parties.buyer}


def test_anybody_expires_an_order_after_its_deadline(ledger: Ledger, parties: Parties) -> None:
    deadline = ledger.engine.now + DAY
    order = parties.sale((parties.lot(1_000, trading=True), 400), deadline=deadline)
    ledger.propose(order)
    ledger.approve(order)
    (reserved,) = ledger.split_of(order)
    refusal = ledger.refused(ledger.orders, "expire", order.tuple, by=RELAY)
    assert refusal == ("NotExpired", (order.order_id, deadline))
    ledger.engine.advance(2 * DAY)
    assert ledger.execute_refused(order) == ("OrderExpired", (order.order_id, deadline))
    sent = ledger.do(ledger.orders, "expire", order.tuple, by=RELAY)
    assert event_args(sent, "OrderEnded")["state"] == OrderState.EXPIRED
    assert ledger.lot(reserved)["order"] == 0
    assert not ledger.do(ledger.orders, "expire", order.tuple, by=RELAY).events


def test_after_the_deadline_nothing_is_proposed_or_approved(
    ledger: Ledger, parties: Parties
) -> None:
    deadline = ledger.engine.now + DAY
    lot = parties.lot(1_000, trading=True)
    waiting = parties.sale((lot, 400), deadline=deadline)
    ledger.propose(waiting)
    ledger.engine.advance(2 * DAY)
    expected = ("OrderExpired", (waiting.order_id, deadline))
    assert ledger.approve_refused(waiting) == expected
    late = parties.sale((lot, 100), deadline=deadline)
    assert ledger.propose_refused(late) == ("OrderExpired", (late.order_id, deadline))


def test_an_order_without_time_to_execute_is_refused(ledger: Ledger, parties: Parties) -> None:
    now = ledger.engine.now
    order = parties.sale((parties.lot(), 400), not_before=now + 2 * DAY, deadline=now + DAY)
    assert ledger.propose_refused(order) == ("NoTimeToExecute", (now + 2 * DAY, now + DAY))
    slow = ledger.open(ledger.organisation(), AccountKind.HOLDING, delay=7 * DAY)
    hasty = Order(
        kind=Kind.SET_COUNTERPARTY, source=slow, to=parties.buyer, quantity=1, deadline=now + DAY
    )
    ledger.propose(hasty)
    assert ledger.approve_refused(hasty)[0] == "NoTimeToExecute"


def test_a_key_that_lost_its_right_stops_the_order(ledger: Ledger, parties: Parties) -> None:
    organisation = ledger.organisation()
    account = ledger.open(organisation, AccountKind.HOLDING)
    for key in (initiator_key(account), approver_key(account)):
        order = Order(kind=Kind.SET_COUNTERPARTY, source=account, to=parties.buyer, quantity=1)
        ledger.propose(order)
        ledger.approve(order)
        ledger.set_key(account, key, 0)
        assert ledger.execute_refused(order) == ("NotAuthorised", (key.address,))
        ledger.set_key(account, key, 1 if key == initiator_key(account) else 2)
        ledger.execute(order)


def test_an_account_frozen_meanwhile_stops_the_order(ledger: Ledger, parties: Parties) -> None:
    account = ledger.open(ledger.organisation(), AccountKind.HOLDING)
    order = Order(kind=Kind.SET_COUNTERPARTY, source=account, to=parties.buyer, quantity=1)
    ledger.propose(order)
    ledger.approve(order)
    ledger.do(ledger.access, "freezeAccount", account, REASON, by=REGULATOR_1)
    assert ledger.execute_refused(order) == ("AccountFrozen", (account,))


def test_the_registrys_number_confirms_an_executed_order(ledger: Ledger, parties: Parties) -> None:
    number = digest("number in the registry")
    order = parties.sale((parties.lot(1_000, trading=True), 400))
    ledger.propose(order)
    arguments = (order.order_id, number)
    expected = ("NothingToConfirm", (order.order_id,))
    assert ledger.refused(ledger.orders, "confirm", *arguments, by=REGISTRY_1) == expected
    ledger.approve(order)
    ledger.execute(order)
    assert ledger.status(order)["confirmation"] == NONE
    refusal = ledger.refused(ledger.orders, "confirm", *arguments, by=REGULATOR_1)
    assert refusal == ("NotOfficer", (REGULATOR_1.address,))
    nothing = (order.order_id, NONE)
    assert ledger.refused(ledger.orders, "confirm", *nothing, by=REGISTRY_1) == ("NoDigest", ())
    ledger.do(ledger.orders, "confirm", *arguments, by=REGISTRY_1)
    assert ledger.status(order)["confirmation"] == number
    assert not ledger.do(ledger.orders, "confirm", *arguments, by=REGISTRY_1).events
    refusal = ledger.refused(ledger.orders, "confirm", order.order_id, REASON, by=REGISTRY_1)
    assert refusal == ("AlreadyConfirmed", (order.order_id, number))


def test_what_no_registry_makes_is_not_confirmed(ledger: Ledger, parties: Parties) -> None:
    order = Order(kind=Kind.SET_COUNTERPARTY, source=parties.seller, to=parties.buyer, quantity=1)
    ledger.run(order)
    refusal = ledger.refused(ledger.orders, "confirm", order.order_id, REASON, by=REGISTRY_1)
    assert refusal == ("NothingToConfirm", (order.order_id,))


def test_a_lot_carries_the_registrys_serial_reference(ledger: Ledger, parties: Parties) -> None:
    number = digest("CEA25 000001-001000")
    order = Order(
        kind=Kind.ISSUE,
        to=parties.seller,
        subject=parties.class_id,
        quantity=1_000,
        registry_number=number,
    )
    ledger.run(order)
    lot = ledger.lots.functions.lotCount().call()
    assert ledger.lot(lot)["registryNumber"] == number
    move = Order(
        kind=Kind.MOVE,
        source=parties.seller,
        to=parties.seller,
        subject=Place.TRADING,
        parts=((lot, 10),),
    )
    ledger.propose(move)
    (part,) = ledger.split_of(move)
    assert ledger.lot(part)["registryNumber"] == number
    ledger.do(ledger.lots, "numberLot", part, REASON, by=REGISTRY_1)
    assert ledger.lot(part)["registryNumber"] == REASON
    for arguments, by, expected in (
        ((part, NONE), REGISTRY_1, ("NoDigest", ())),
        ((99_999, REASON), REGISTRY_1, ("UnknownLot", (99_999,))),
        ((part, REASON), REGULATOR_1, ("NotOfficer", (REGULATOR_1.address,))),
    ):
        assert ledger.refused(ledger.lots, "numberLot", *arguments, by=by) == expected
