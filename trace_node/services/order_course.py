"""Where an order stands, and which step is next: pure functions of what is known of it."""

from dataclasses import replace
from typing import Final

from trace_node.ports.orders import OrderPhase, OrderStep, Relayed, Standing, StoredOrder
from trace_node.quota.ledger.kinds import Kind, OrderState
from trace_node.quota.ledger.order_file import decode_order, encode_order
from trace_node.quota.ledger.order_texts import NO_DIGEST
from trace_node.quota.ledger.shapes import SHAPES
from trace_node.quota.ledger.signed_order import About, SignedOrder

LATER: Final = 2  # seconds until a block is looked at again that can still be taken back
SKEW: Final = 300  # seconds by which the clock of a chain may be behind ours
_PHASES: Final = {
    OrderState.PROPOSED: OrderPhase.PROPOSED,
    OrderState.APPROVED: OrderPhase.APPROVED,
    OrderState.EXECUTED: OrderPhase.EXECUTED,
    OrderState.CANCELLED: OrderPhase.CANCELLED,
    OrderState.EXPIRED: OrderPhase.EXPIRED,
}
_ENDS: Final = (OrderState.EXECUTED, OrderState.CANCELLED, OrderState.EXPIRED)
_DONE: Final = {
    OrderPhase.PROPOSED: frozenset({About.ORDER}),
    OrderPhase.APPROVED: frozenset({About.ORDER, About.APPROVAL}),
    OrderPhase.EXECUTED: frozenset({About.ORDER, About.APPROVAL}),
    OrderPhase.UNCONFIRMED: frozenset({About.ORDER, About.APPROVAL}),
    OrderPhase.CONFIRMED: frozenset({About.ORDER, About.APPROVAL}),
    OrderPhase.CANCELLED: frozenset(About),
    OrderPhase.EXPIRED: frozenset(About),
}


def done_of(phase: OrderPhase) -> frozenset[About]:
    """The signatures whose step was taken."""
    return _DONE.get(phase, frozenset())


def final_phase(kind: Kind, confirmation: bytes) -> OrderPhase:
    """The phase of an order that was carried out for good.

    Args:
        kind: What it does; some kinds no registry and no exchange answers to.
        confirmation: 32-byte digest of the outside number; zeros while there is none.
    """
    if not SHAPES[kind].confirmed:
        return OrderPhase.EXECUTED
    return OrderPhase.UNCONFIRMED if confirmation == NO_DIGEST else OrderPhase.CONFIRMED


def is_done(stored: StoredOrder) -> bool:
    """Whether an order was carried out for good, and no outside number is due."""
    return stored.final and stored.phase is OrderPhase.EXECUTED


def without_cancellation(stored: StoredOrder, refused: SignedOrder) -> StoredOrder:
    """The stored order without the cancellation that was refused; another one stays."""
    kept = decode_order(stored.file)
    if kept.signatures.get(About.CANCELLATION) != refused.signatures[About.CANCELLATION]:
        return stored
    left = {**kept.signatures}
    del left[About.CANCELLATION]
    return replace(stored, file=encode_order(replace(kept, signatures=left)), due=0)


def next_step(
    signed: SignedOrder, state: OrderState, *, executable_at: int, now: int
) -> OrderStep | None:
    """The step that can be taken now; None when nothing can.

    Args:
        signed: The order with its signatures.
        state: How the contract sees it.
        executable_at: First second at which an approved one may be executed.
        now: Seconds since the epoch.
    """
    late = now > signed.order.deadline
    has = signed.signatures
    both = OrderStep.SUBMIT if About.APPROVAL in has else None
    step = None
    if state is OrderState.NONE:
        if not late and About.ORDER in has:
            step = both or OrderStep.PROPOSE
    elif state not in _ENDS:
        if About.CANCELLATION in has:
            step = OrderStep.CANCEL
        elif late:
            step = OrderStep.EXPIRE
        elif state is OrderState.PROPOSED:
            step = both
        elif now >= executable_at:
            step = OrderStep.EXECUTE
    return step


def course_of(
    stored: StoredOrder,
    signed: SignedOrder,
    standing: Standing,
    *,
    relayed: Relayed | None,
    now: int,
) -> StoredOrder:
    """The stored order with what the chain says of it.

    A refusal stands until a step succeeds or the order has ended.
    """
    if standing.content_hash not in (NO_DIGEST, stored.content_hash):
        return stored
    if standing.state is OrderState.NONE:
        return _unproposed(stored, signed, relayed=relayed, now=now)
    ended = standing.state in _ENDS
    refused = stored.phase is OrderPhase.REFUSED and relayed is None and not ended
    final = standing.final and ended
    return replace(
        stored,
        phase=OrderPhase.REFUSED if refused else _phase(signed, standing),
        reason=stored.reason if refused else "",
        detail=stored.detail if refused else "",
        transaction=stored.transaction if relayed is None else relayed.transaction,
        block=stored.block if relayed is None else relayed.block,
        final=final,
        due=0 if final else _due(signed, standing, refused=refused, now=now),
    )


def _unproposed(
    stored: StoredOrder, signed: SignedOrder, *, relayed: Relayed | None, now: int
) -> StoredOrder:
    """The contract does not know the order: not yet, or not any more."""
    closing = signed.order.deadline + SKEW
    if now > closing and relayed is None:
        return replace(stored, phase=OrderPhase.EXPIRED, final=True, due=0)
    if relayed is not None:  # handed in, and in no block yet
        return replace(
            stored, phase=OrderPhase.SUBMITTED, reason="", detail="", final=False, due=now + LATER
        )
    if stored.phase is OrderPhase.REFUSED:
        return replace(stored, due=closing + 1)
    due = closing + 1 if now > signed.order.deadline else 0
    return replace(stored, phase=OrderPhase.SIGNED, final=False, due=due)


def _phase(signed: SignedOrder, standing: Standing) -> OrderPhase:
    if standing.state is OrderState.EXECUTED and standing.final:
        return final_phase(signed.order.kind, standing.confirmation)
    return _PHASES[standing.state]


def _due(signed: SignedOrder, standing: Standing, *, refused: bool, now: int) -> int:
    if standing.state in _ENDS:
        return now + LATER
    late = signed.order.deadline + 1
    if refused or standing.state is OrderState.PROPOSED:
        return late
    return min(max(standing.executable_at, now + 1), late)
