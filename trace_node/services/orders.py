"""Takes signed orders, keeps them, and carries each on until it has ended for good.

An order is committed to disk before anything of it is sent. What is to be done next follows from
two things alone: the file that was kept and what the contract says of the order. So a crash at any
point is made good by looking again: ``carry_on`` does that, and so does the same file sent again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from trace_node.clock import Clock
from trace_node.errors import ConflictError, StateError, UnavailableError
from trace_node.period import to_ms
from trace_node.ports.ledger_mirror_head import Stop
from trace_node.ports.orders import (
    OrderBook,
    OrderPhase,
    OrderRelay,
    OrderSignatures,
    OrderStep,
    Relayed,
    Standing,
    StoredOrder,
)
from trace_node.quota.ledger.errors import OrderConflictError
from trace_node.quota.ledger.kinds import OrderState
from trace_node.quota.ledger.order_file import decode_order, encode_order
from trace_node.quota.ledger.signed_order import About, SignedOrder
from trace_node.services.order_checks import (
    contested,
    joined,
    require_initiator,
    require_ledger,
    require_same_content,
    require_sound,
)
from trace_node.services.order_course import (
    course_of,
    done_of,
    is_done,
    next_step,
    without_cancellation,
)

logger = logging.getLogger(__name__)

_MOST_STEPS = 4  # propose, approve, execute, and one look at what came of it
_AT_A_TIME = 200
_MOST_CHANGES = 20  # of one row by others between our reading and our writing
_MOST_FAILURES = 3  # of one round, until the chain is taken to be down
_NO_RIGHT = "ledger.refused.not_authorised"
_REFUSED = ("ledger.refused", "chain.refused")


class OrderDesk:
    """The orders of one ledger at this node; safe to share between threads.

    Args:
        book: Keeps them.
        relay: Hands them to the chain.
        signatures: Checks who signed.
        stopped: Why no order may be sent now, as the mirror says; None while orders may be.
        clock: Time.
    """

    def __init__(
        self,
        *,
        book: OrderBook,
        relay: OrderRelay,
        signatures: OrderSignatures,
        stopped: Callable[[], Stop | None],
        clock: Clock,
    ) -> None:
        self._book = book
        self._relay = relay
        self._signatures = signatures
        self._stopped = stopped
        self._clock = clock

    def examine(self, raw: bytes) -> SignedOrder:
        """Read an order file and check all that needs no chain.

        Raises:
            InputError: The file breaks a rule.
            AccessError: A signature is not of its signer, or one person signed twice.
            ConflictError: It is for another ledger.
        """
        signed = decode_order(raw)
        require_ledger(signed, chain_id=self._relay.chain_id, contract=self._relay.contract)
        require_sound(signed, self._signatures)
        return signed

    def take(self, signed: SignedOrder, *, organisation: int | None = None) -> StoredOrder:
        """Keep an examined order, or further signatures of one, and carry it on.

        The chain may not answer: then the order is kept all the same, and carried on later.

        Args:
            signed: What ``examine`` gave.
            organisation: Number of the organisation that hands it in; None where none does.

        Raises:
            ConflictError: Its id is there with another content (``order.conflict``), or the
                contract refuses the next step (``ledger.refused.…``), which is kept too.
            AccessError: The initiator's signature is neither here nor there.
            StateError: Orders are stopped; code ``order.stopped``.
        """
        self._require_running()
        stored = self._keep(signed, organisation=organisation)
        try:
            return self._advance(stored)
        except UnavailableError as error:
            logger.warning("order waits for the chain", extra={"detail": error.message})
            return self._book.find(stored.order_id) or stored

    def look(self, order_id: bytes) -> StoredOrder | None:
        """An order that was taken here, as the chain sees it now; nothing is sent.

        While the chain does not answer, as it was last seen.
        """
        stored = self._book.find(order_id)
        if stored is None or stored.phase is OrderPhase.CONFIRMED or is_done(stored):
            return stored
        try:
            standing = self._relay.standing(order_id)
        except UnavailableError:
            return stored
        return self._note(stored, standing)

    def newest(self, *, organisation: int | None, limit: int) -> Sequence[StoredOrder]:
        """The newest orders that were handed in here, as they were last seen."""
        return self._book.newest(organisation=organisation, before_ms=None, limit=limit)

    def carry_on(self) -> None:
        """Do what is due for every order that has not ended for good.

        Raises:
            UnavailableError: The chain does not answer; the next round goes on.
        """
        self._relay.settle()
        if self._stopped() is not None:
            return
        failures: list[UnavailableError] = []
        for stored in self._book.due(now=self._now(), limit=_AT_A_TIME):
            try:
                self._advance(stored)
            except ConflictError as error:
                logger.warning(
                    "order refused",
                    extra={"order": stored.order_id.hex(), "reason": error.reason},
                )
            except UnavailableError as error:  # one order must not hold up the others
                failures.append(error)
                if len(failures) == _MOST_FAILURES:
                    break
        if failures:
            raise failures[0]

    def _require_running(self) -> None:
        stop = self._stopped()
        if stop is not None:
            raise StateError(
                "{field}: orders are stopped since block {block} ({cause}); nothing was sent",
                field="ledger",
                block=stop.block,
                cause=stop.cause.value,
                remedy="ask the operator, who sees it in trace-node ledger status and the evidence",
                code="order.stopped",
            )

    def _keep(self, signed: SignedOrder, *, organisation: int | None) -> StoredOrder:
        content = self._signatures.content_hash(signed.order)
        now = to_ms(self._clock.now())
        fresh = StoredOrder(
            order_id=signed.order.order_id,
            content_hash=content,
            file=encode_order(signed),
            organisation=organisation,
            phase=OrderPhase.SIGNED,
            taken_ms=now,
            changed_ms=now,
        )
        if About.ORDER not in signed.signatures and self._book.find(fresh.order_id) is None:
            require_initiator(signed)
        stored = self._book.put(fresh)
        if stored.content_hash != content:
            raise OrderConflictError(
                "{field}: order {order} is here with another content",
                field="order.order_id",
                order="0x" + stored.order_id.hex(),
                remedy="give a new order a new id: trace-node order new",
            )
        return stored if stored.file == fresh.file else self._join(stored, signed)

    def _join(self, stored: StoredOrder, signed: SignedOrder) -> StoredOrder:
        """Add signatures and texts to an order that is kept."""
        for _ in range(_MOST_CHANGES):
            kept = decode_order(stored.file)
            both = joined(kept, signed, done=done_of(stored.phase))
            require_sound(both, self._signatures)
            raw = encode_order(both)
            changed = replace(stored, file=raw, due=0)
            if raw == stored.file or self._book.replace(changed):
                return replace(changed, revision=stored.revision + (raw != stored.file))
            stored = self._book.find(stored.order_id) or stored
        raise contested(stored.order_id)

    def _advance(self, stored: StoredOrder) -> StoredOrder:
        """Take every step that can be taken now."""
        signed = decode_order(stored.file)
        relayed: Relayed | None = None
        # An order that is new here is handed in without asking for it first: that is the rule.
        standing = (
            None if stored.phase is OrderPhase.SIGNED else self._relay.standing(stored.order_id)
        )
        for _ in range(_MOST_STEPS):
            if standing is not None:
                stored = self._note(stored, standing, relayed=relayed)
            step = self._next(signed, standing, stored)
            if step is None or (relayed is not None and relayed.block is None):
                break
            relayed = self._relay_step(stored, signed, step)
            if relayed is None:
                break
            standing = self._relay.standing(stored.order_id)
        if standing is None:
            standing = self._relay.standing(stored.order_id)
        return self._note(stored, standing, relayed=relayed)

    def _relay_step(
        self, stored: StoredOrder, signed: SignedOrder, step: OrderStep
    ) -> Relayed | None:
        """Take a step; None when the chain's clock says that it is too early."""
        try:
            return self._relay.relay(signed, step)
        except ConflictError as error:
            if error.reason == "ledger.refused.too_early":
                return None
            if step is OrderStep.CANCEL and error.reason == _NO_RIGHT:
                # Whoever may not end an order shall not keep it from being carried out either.
                self._change(stored, lambda each: without_cancellation(each, signed))
            elif error.reason.startswith(_REFUSED):
                self._refuse(stored, error)
            raise

    def _next(
        self, signed: SignedOrder, standing: Standing | None, stored: StoredOrder
    ) -> OrderStep | None:
        if standing is not None:
            try:
                require_same_content(standing, stored.content_hash, order_id=stored.order_id)
            except OrderConflictError as error:
                self._refuse(stored, error)
                raise
        state = OrderState.NONE if standing is None else standing.state
        executable_at = 0 if standing is None else standing.executable_at
        return next_step(signed, state, executable_at=executable_at, now=self._now())

    def _note(
        self, stored: StoredOrder, standing: Standing, *, relayed: Relayed | None = None
    ) -> StoredOrder:
        """Keep what the chain says of an order."""
        now = self._now()
        return self._change(
            stored,
            lambda each: course_of(
                each, decode_order(each.file), standing, relayed=relayed, now=now
            ),
        )

    def _refuse(self, stored: StoredOrder, error: ConflictError) -> None:
        """Keep why the contract refused; a later look or file goes on from there."""
        late = decode_order(stored.file).order.deadline + 1
        why, words = error.reason, error.message
        self._change(
            stored,
            lambda each: replace(
                each, phase=OrderPhase.REFUSED, reason=why, detail=words, due=late
            ),
        )

    def _change(
        self, stored: StoredOrder, change: Callable[[StoredOrder], StoredOrder]
    ) -> StoredOrder:
        """Write a change, made anew of what others wrote meanwhile."""
        for _ in range(_MOST_CHANGES):
            seen = change(stored)
            if seen == stored:
                return stored
            changed = replace(seen, changed_ms=to_ms(self._clock.now()))
            if self._book.replace(changed):
                return replace(changed, revision=changed.revision + 1)
            stored = self._book.find(stored.order_id) or stored
        raise contested(stored.order_id)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
