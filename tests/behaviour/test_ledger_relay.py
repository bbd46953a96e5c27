"""The relay on the embedded chain: every step once, whatever is lost; every refusal by its name."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.evm import sender
from support.ledger import REGULATOR_1, initiator_key
from support.ledger_orders import AccountKind, Kind
from support.order_desk import Breaking, Counter
from support.order_world import SEND, OrderWorld, order_world

from chain.errors import ChainUnavailableError
from chain.ledger_refusals import LedgerRefusalError
from trace_node.ports.orders import OrderStep
from trace_node.quota.ledger.errors import OrderSignatureError
from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.signed_order import About, SignedOrder


@pytest.fixture
def world(tmp_path: Path) -> Iterator[OrderWorld]:
    """A ledger with parties, a relay and an outbox of the test's own."""
    with order_world(tmp_path) as world:
        yield world


def refused(world: OrderWorld, signed: SignedOrder, step: OrderStep = OrderStep.SUBMIT) -> str:
    """The code of a refusal, which must have changed nothing."""
    before = (world.held(), world.state(signed), counts(world))
    with pytest.raises(LedgerRefusalError) as refusal:
        world.relay.relay(signed, step)
    assert before == (world.held(), world.state(signed), counts(world))
    assert refusal.value.remedy
    return refusal.value.reason.removeprefix("ledger.refused.")


def counts(world: OrderWorld) -> list[int]:
    return [each.functions.eventCount().call() for each in world.ledger.contracts]


def test_an_order_of_two_signatures_is_one_transaction(world: OrderWorld) -> None:
    signed = world.sale(100)
    found = world.relay.relay(signed, OrderStep.SUBMIT)
    assert found.block == world.engine.web3.eth.block_number
    assert world.state(signed) == "EXECUTED"
    assert world.held() == (900, 100)
    standing = world.relay.standing(signed.order.order_id)
    assert (standing.state, standing.final) == (OrderState.EXECUTED, True)
    assert standing.initiator == signed.signatures[About.ORDER].signer
    assert standing.approver == signed.signatures[About.APPROVAL].signer


def test_step_by_step(world: OrderWorld) -> None:
    signed = world.sale(100)
    for step, state in (
        (OrderStep.PROPOSE, "PROPOSED"),
        (OrderStep.APPROVE, "APPROVED"),
        (OrderStep.EXECUTE, "EXECUTED"),
    ):
        world.relay.relay(signed, step)
        assert world.state(signed) == state
    assert world.held() == (900, 100)


def test_a_step_again_sends_nothing(world: OrderWorld) -> None:
    signed = world.sale(100)
    first = world.relay.relay(signed, OrderStep.SUBMIT)
    sent = world.sent()
    assert world.relay.relay(signed, OrderStep.SUBMIT) == first
    world.restart()
    assert world.relay.relay(signed, OrderStep.SUBMIT) == first
    assert world.sent() == sent
    assert world.held() == (900, 100)


def test_cancelled_by_a_signature_and_expired_by_anybody(world: OrderWorld) -> None:
    order = world.parties.sale((world.parties.lot(trading=True), 10))
    signed = world.signed(order, only=(About.ORDER, About.CANCELLATION))
    world.relay.relay(signed, OrderStep.PROPOSE)
    world.relay.relay(signed, OrderStep.CANCEL)
    assert world.state(signed) == "CANCELLED"
    late = world.sale(10, deadline=world.engine.now + 100)
    world.relay.relay(late, OrderStep.PROPOSE)
    assert refused(world, late, OrderStep.EXPIRE) == "not_expired"
    world.engine.advance(200)
    world.relay.relay(late, OrderStep.EXPIRE)
    assert world.state(late) == "EXPIRED"


def test_a_missing_signature_is_named_before_anything_is_sent(world: OrderWorld) -> None:
    order = world.parties.sale((world.parties.lot(trading=True), 10))
    signed = world.signed(order, only=(About.ORDER,))
    for step in (OrderStep.SUBMIT, OrderStep.APPROVE, OrderStep.CANCEL):
        with pytest.raises(OrderSignatureError) as refusal:
            world.relay.relay(signed, step)
        assert refusal.value.reason == "order.signature.missing"
    assert world.sent() == 0


@pytest.mark.parametrize("step", [OrderStep.SUBMIT, OrderStep.PROPOSE])
@pytest.mark.parametrize("when", ["lost_before", "lost_after"])
def test_a_lost_answer_to_the_sending_is_made_good(
    world: OrderWorld, step: OrderStep, when: str
) -> None:
    signed = world.sale(100)
    getattr(world.wire, when).append(SEND)
    try:
        world.relay.relay(signed, step)
    except ChainUnavailableError:
        world.relay.relay(signed, step)
    assert world.sent() == 1
    assert world.state(signed) == ("EXECUTED" if step is OrderStep.SUBMIT else "PROPOSED")


def test_a_new_order_asks_and_stores_no_more_than_it_must(world: OrderWorld) -> None:
    """Each question is a way to the chain and back, each write waits for the disk."""
    signed, counter = world.sale(100), Counter()
    writes = ("add", "update", "count_send", "add_attempt")
    world.wrap = lambda outbox: Breaking(outbox, counter, writes)
    world.restart()
    world.relay.relay(signed, OrderStep.SUBMIT)
    assert world.wire.asked == [
        *["eth_getTransactionCount"] * 2,  # one batch
        *[SEND, "eth_getTransactionReceipt", "eth_getBlockByNumber"],  # another
    ]
    assert counter.calls == 2  # what is sent, before it is sent; what came of it
    world.wire.asked.clear()
    assert world.relay.standing(signed.order.order_id).final
    assert world.wire.asked == ["eth_blockNumber", "eth_call"]  # the third and last
    (attempt,) = world.outbox.attempts(world.outbox.at_nonce(world.key.address, 0).request_id)
    assert attempt.sends == 1


METHODS = [
    "eth_getTransactionCount",
    SEND,
    "eth_getTransactionReceipt",
    "eth_getBlockByNumber",
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("when", ["lost_before", "lost_after"])
def test_a_crash_at_any_question_ends_in_one_transfer(
    world: OrderWorld, method: str, when: str
) -> None:
    signed = world.sale(100)
    # Asked or not on this way, and how often, is the sender's own matter; two faults reach deeper.
    for _ in range(2):
        getattr(world.wire, when).append(method)
        with contextlib.suppress(ChainUnavailableError):
            world.relay.relay(signed, OrderStep.SUBMIT)
        getattr(world.wire, when).clear()  # what was not asked any more
        world.restart()
    world.relay.settle()
    world.relay.relay(signed, OrderStep.SUBMIT)
    assert (world.sent(), world.held()) == (1, (900, 100))


def test_what_was_stored_is_carried_on_by_settling_alone(world: OrderWorld) -> None:
    signed = world.sale(100)
    world.wire.lost_before.append(SEND)
    with pytest.raises(ChainUnavailableError):
        world.relay.relay(signed, OrderStep.SUBMIT)
    assert world.state(signed) == "NONE"
    world.restart()
    world.relay.settle()
    assert world.state(signed) == "EXECUTED"


class TestRefusals:
    """The bad input of the ledger, at the relay: each by its name, and nothing half done."""

    def test_amounts_and_lots(self, world: OrderWorld) -> None:
        lot = world.parties.lot(100, trading=True)
        sale = world.parties.sale
        for parts, fields, name in (
            ([(lot, 101)], {}, "insufficient_lot"),
            ([(lot, 0)], {}, "zero_amount"),
            ([(lot, 2**256 - 1)], {}, "negative_amount"),
            ([(lot, 10**12 + 1)], {}, "amount_too_large"),
            ([(lot, 10)], {"quantity": 11}, "quantity_mismatch"),
            ([(lot + 1_000, 10)], {}, "unknown_lot"),
            ([(lot, 10), (lot, 10)], {}, "lots_not_ascending"),
            ([(lot + n, 1) for n in range(65)], {}, "too_many_lots"),
            ([], {}, "no_lots"),
        ):
            assert refused(world, world.signed(sale(*parts, **fields))) == name

    def test_an_unknown_vintage(self, world: OrderWorld) -> None:
        order = world.parties.sale(kind=Kind.ISSUE, source=0, subject=999, quantity=5)
        assert refused(world, world.signed(order)) == "unknown_class"

    def test_the_approver_is_another_person(self, world: OrderWorld) -> None:
        order = world.parties.sale((world.parties.lot(trading=True), 1))
        who = initiator_key(world.parties.seller)
        signed = world.signed(order, by={About.APPROVAL: who})
        assert refused(world, signed) == "approver_is_initiator"

    def test_who_may_not_sign(self, world: OrderWorld) -> None:
        order = world.parties.sale((world.parties.lot(trading=True), 1))
        stranger = sender("a stranger")
        signed = world.signed(order, by={About.ORDER: stranger})
        assert refused(world, signed) == "not_authorised"
        signed = world.signed(order, by={About.APPROVAL: REGULATOR_1})
        assert refused(world, signed) == "not_authorised"

    def test_a_signature_of_another_order(self, world: OrderWorld) -> None:
        one, other = world.sale(1), world.sale(1)
        mixed = replace(other, signatures=one.signatures)
        assert refused(world, mixed) == "signature_mismatch"

    def test_another_chain(self, world: OrderWorld) -> None:
        order = world.parties.sale((world.parties.lot(trading=True), 1), chain_id=1)
        assert refused(world, world.signed(order)) == "wrong_chain"

    def test_a_frozen_account(self, world: OrderWorld) -> None:
        signed = world.sale(1)
        world.ledger.do(
            world.ledger.access, "freezeAccount", world.parties.seller, b"\x01" * 32, by=REGULATOR_1
        )
        assert refused(world, signed) == "account_frozen"

    def test_a_counterparty_that_is_not_on_the_list(self, world: OrderWorld) -> None:
        third = world.ledger.open(world.ledger.organisation(), AccountKind.HOLDING)
        order = world.parties.sale((world.parties.lot(trading=True), 1), to=third)
        assert refused(world, world.signed(order)) == "counterparty_not_allowed"

    def test_a_deadline_that_passed(self, world: OrderWorld) -> None:
        assert refused(world, world.sale(1, deadline=world.engine.now - 1)) == "order_expired"

    def test_the_same_id_with_another_content(self, world: OrderWorld) -> None:
        signed = world.sale(1)
        world.relay.relay(signed, OrderStep.SUBMIT)
        again = world.sale(2, order_id=signed.order.order_id)
        assert refused(world, again) == "order_conflict"

    def test_what_was_refused_is_done_once_it_may_be(self, world: OrderWorld) -> None:
        lot = world.parties.lot(100, trading=True)
        blocking = world.parties.sale((lot, 100))
        first = world.signed(blocking, only=(About.ORDER, About.CANCELLATION))
        second = world.signed(world.parties.sale((lot, 60)))
        world.relay.relay(first, OrderStep.PROPOSE)
        assert refused(world, second) == "lot_reserved"
        world.relay.relay(first, OrderStep.CANCEL)
        world.relay.relay(second, OrderStep.SUBMIT)
        assert world.held() == (40, 60)


def test_two_clients_cannot_spend_a_lot_twice(world: OrderWorld) -> None:
    lot = world.parties.lot(100, trading=True)
    orders = [world.signed(world.parties.sale((lot, 100))) for _ in range(8)]
    start = threading.Barrier(len(orders))

    def spend(signed: SignedOrder) -> str:
        start.wait()
        try:
            world.relay.relay(signed, OrderStep.SUBMIT)
        except LedgerRefusalError as refusal:
            return refusal.reason
        return "done"

    with ThreadPoolExecutor(len(orders)) as pool:
        found: list[Any] = list(pool.map(spend, orders))
    assert found.count("done") == 1
    assert set(found) == {"done", "ledger.refused.not_in_account"}
    assert world.held() == (0, 100)


def test_an_engine_that_is_not_at_once_is_asked_before_anything_is_sent(world: OrderWorld) -> None:
    world.restart(engine="evm")
    signed = world.sale(1, deadline=world.engine.now - 1)
    assert refused(world, signed) == "order_expired"
    assert world.sent() == 0
    assert world.outbox.next_nonce(world.key.address) == 0
