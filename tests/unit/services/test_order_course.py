"""Which step is next, and what is kept of what the chain says: every case by a table written out."""

from dataclasses import replace

import pytest

from trace_node.ports.orders import OrderPhase, OrderStep, Relayed, Standing, StoredOrder
from trace_node.quota.ledger.kinds import Kind, OrderState
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.signed_order import About, OrderSignature, SignedOrder
from trace_node.services.order_course import LATER, SKEW, course_of, is_done, next_step

DEADLINE = 1_000
HASH, NONE = b"\x0c" * 32, bytes(32)
ORDER, APPROVAL, CANCELLATION = About.ORDER, About.APPROVAL, About.CANCELLATION
SUBMIT, PROPOSE, EXECUTE = OrderStep.SUBMIT, OrderStep.PROPOSE, OrderStep.EXECUTE
CANCEL, EXPIRE = OrderStep.CANCEL, OrderStep.EXPIRE


def signed(*abouts: About, kind: Kind = Kind.LISTED) -> SignedOrder:
    signature = OrderSignature(signer=b"\x01" * 20, value=b"\x02" * 65)
    order = Order(
        chain_id=1,
        order_id=(7).to_bytes(8) + b"\x05" * 24,
        kind=kind,
        source=7,
        target=8,
        subject=0,
        parts=(Part(lot=1, quantity=5),),
        quantity=5,
        commitment=NONE,
        registry_number=NONE,
        reason=NONE,
        not_before=0,
        deadline=DEADLINE,
    )
    return SignedOrder(
        order=order, contract=b"\x03" * 20, signatures=dict.fromkeys(abouts, signature)
    )


@pytest.mark.parametrize(
    ("abouts", "state", "now", "step"),
    [
        ((), OrderState.NONE, 0, None),
        ((APPROVAL,), OrderState.NONE, 0, None),
        ((ORDER,), OrderState.NONE, 0, PROPOSE),
        ((ORDER, APPROVAL), OrderState.NONE, DEADLINE, SUBMIT),
        ((ORDER, APPROVAL), OrderState.NONE, DEADLINE + 1, None),
        ((ORDER,), OrderState.PROPOSED, 0, None),
        ((ORDER, APPROVAL), OrderState.PROPOSED, 0, SUBMIT),
        ((ORDER, APPROVAL), OrderState.PROPOSED, DEADLINE + 1, EXPIRE),
        ((ORDER,), OrderState.PROPOSED, DEADLINE + 1, EXPIRE),
        ((ORDER, CANCELLATION), OrderState.PROPOSED, 0, CANCEL),
        ((ORDER, APPROVAL, CANCELLATION), OrderState.APPROVED, 600, CANCEL),
        ((ORDER, CANCELLATION), OrderState.PROPOSED, DEADLINE + 1, CANCEL),
        ((ORDER, APPROVAL), OrderState.APPROVED, 499, None),
        ((ORDER, APPROVAL), OrderState.APPROVED, 500, EXECUTE),
        ((), OrderState.APPROVED, 500, EXECUTE),  # others proposed and approved it
        ((ORDER, APPROVAL), OrderState.APPROVED, DEADLINE + 1, EXPIRE),
        *(
            ((ORDER, APPROVAL, CANCELLATION), state, now, None)
            for state in (OrderState.EXECUTED, OrderState.CANCELLED, OrderState.EXPIRED)
            for now in (0, DEADLINE + 1)
        ),
    ],
)
def test_the_next_step(
    abouts: tuple[About, ...], state: OrderState, now: int, step: OrderStep | None
) -> None:
    assert next_step(signed(*abouts), state, executable_at=500, now=now) is step


STORED = StoredOrder(
    order_id=b"\x05" * 32, content_hash=HASH, file=b"{}", organisation=1, phase=OrderPhase.SIGNED
)
REFUSED = replace(
    STORED, phase=OrderPhase.REFUSED, reason="ledger.refused.x", detail="no", due=DEADLINE + 1
)


def standing(state: OrderState, *, final: bool = True, confirmation: bytes = NONE) -> Standing:
    return Standing(
        state=state,
        content_hash=NONE if state is OrderState.NONE else HASH,
        executable_at=500,
        initiator=b"\x01" * 20,
        approver=b"\x02" * 20,
        confirmation=confirmation,
        final=final,
        block=9,
    )


@pytest.mark.parametrize(
    ("state", "final", "phase", "ended", "due"),
    [
        (OrderState.NONE, True, OrderPhase.SIGNED, False, 0),
        (OrderState.PROPOSED, True, OrderPhase.PROPOSED, False, DEADLINE + 1),
        (OrderState.APPROVED, True, OrderPhase.APPROVED, False, 500),
        (OrderState.EXECUTED, False, OrderPhase.EXECUTED, False, 100 + LATER),
        (OrderState.EXECUTED, True, OrderPhase.UNCONFIRMED, True, 0),
        (OrderState.CANCELLED, False, OrderPhase.CANCELLED, False, 100 + LATER),
        (OrderState.CANCELLED, True, OrderPhase.CANCELLED, True, 0),
        (OrderState.EXPIRED, True, OrderPhase.EXPIRED, True, 0),
    ],
)
def test_what_is_kept_of_what_the_chain_says(
    state: OrderState, *, final: bool, phase: OrderPhase, ended: bool, due: int
) -> None:
    seen = course_of(STORED, signed(ORDER), standing(state, final=final), relayed=None, now=100)
    assert (seen.phase, seen.final, seen.due) == (phase, ended, due)


def test_a_number_of_the_registry_confirms_and_some_kinds_need_none() -> None:
    told = standing(OrderState.EXECUTED, confirmation=b"\x01" * 32)
    seen = course_of(STORED, signed(ORDER), told, relayed=None, now=100)
    assert seen.phase is OrderPhase.CONFIRMED
    other = signed(ORDER, kind=Kind.SET_COUNTERPARTY)
    for seen_at in (told, standing(OrderState.EXECUTED)):
        ended = course_of(STORED, other, seen_at, relayed=None, now=100)
        assert (ended.phase, ended.final, is_done(ended)) == (OrderPhase.EXECUTED, True, True)
    early = course_of(
        STORED, other, standing(OrderState.EXECUTED, final=False), relayed=None, now=1
    )
    assert (early.phase, is_done(early)) == (OrderPhase.EXECUTED, False)


def test_a_refusal_stands_until_a_step_succeeds_or_the_order_ends() -> None:
    proposed, done = standing(OrderState.PROPOSED), standing(OrderState.EXECUTED)
    relayed = Relayed(transaction=b"\x09" * 32, block=9)
    kept = course_of(REFUSED, signed(ORDER), proposed, relayed=None, now=100)
    assert (kept.phase, kept.reason) == (OrderPhase.REFUSED, "ledger.refused.x")
    after = course_of(REFUSED, signed(ORDER), proposed, relayed=relayed, now=100)
    assert (after.phase, after.reason, after.block) == (OrderPhase.PROPOSED, "", 9)
    ended = course_of(REFUSED, signed(ORDER), done, relayed=None, now=100)
    assert (ended.phase, ended.reason, ended.final) == (OrderPhase.UNCONFIRMED, "", True)


def test_an_order_that_was_taken_back_begins_again() -> None:
    was = replace(STORED, phase=OrderPhase.EXECUTED, block=9)
    seen = course_of(was, signed(ORDER), standing(OrderState.NONE), relayed=None, now=100)
    assert (seen.phase, seen.final, seen.due) == (OrderPhase.SIGNED, False, 0)


def test_an_order_that_was_never_proposed_ends_when_no_clock_can_let_it_in() -> None:
    nothing = standing(OrderState.NONE)
    for now, final in ((DEADLINE + SKEW, False), (DEADLINE + SKEW + 1, True)):
        seen = course_of(STORED, signed(ORDER), nothing, relayed=None, now=now)
        assert seen.final is final
    assert seen.phase is OrderPhase.EXPIRED


def test_what_others_put_under_the_id_is_not_taken_for_ours() -> None:
    foreign = replace(standing(OrderState.EXECUTED), content_hash=b"\x0d" * 32)
    assert course_of(STORED, signed(ORDER), foreign, relayed=None, now=100) == STORED
