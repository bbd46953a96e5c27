"""Orders that bring the ledger to what the registry says; drafts to be signed, never edits.

A draft is the content of an order. An officer of the registry signs it first and a regulator
approves it, like any other (`docs/spec/allowance-registry.md`, kinds 26 to 28).
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order, Part
from trace_node.quota.ledger.order_shape import CHOSEN_BYTES, MAX_LOTS, order_id_of
from trace_node.quota.ledger.order_texts import NO_DIGEST, number_digest
from trace_node.quota.registry.ledger_side import LedgerLot
from trace_node.quota.registry.outcome import Cause, Difference

_WHERE_CORRECTIONS_END: Final = "registry"


class Why(StrEnum):
    """Why there is no draft for a difference.

    Attributes:
        RESERVED: An open order holds the lot: end it first.
        NO_ACCOUNT: The ledger has no such account: open it first.
        NOT_HERE: Nothing in the ledger can become these units: they have to be issued.
        NO_CANCELLATION: No cancellation account was named.
        ORDINARY: An order of the account's keys or of a regulator does it: move, freeze, unfreeze.
    """

    RESERVED = "reserved"
    NO_ACCOUNT = "no_account"
    NOT_HERE = "not_here"
    NO_CANCELLATION = "no_cancellation"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undrafted:
    """A difference that no correction removes.

    Attributes:
        difference: The difference.
        quantity: Tonnes of it.
        why: Why.
    """

    difference: Difference
    quantity: int
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every draft is given.

    Attributes:
        chain_id: Chain of the ledger.
        cancellation: Account that takes what the registry does not have; 0 for none.
        deadline: Last second at which the orders may be executed.
        evidence: 32-byte digest over the files compared: the reason of the orders.
    """

    chain_id: int
    cancellation: int
    deadline: int
    evidence: bytes


@dataclass(frozen=True, slots=True)
class _Way:
    kind: Kind
    source: int
    target: int
    statement: str


@dataclass(slots=True)
class _Lack:
    difference: Difference
    open: int


def draft_corrections(
    differences: Sequence[Difference], *, ended: Sequence[LedgerLot], frame: Frame
) -> tuple[tuple[Order, ...], tuple[Undrafted, ...]]:
    """Orders that remove the differences, and what no order of these removes.

    Tonnes that one account lacks and another has too many of are moved; what is left over is
    removed, what is lacking restored where it ended in the ledger.

    Args:
        differences: Of one comparison.
        ended: Lots that ended in the ledger and carry no number of the registry.
        frame: What every draft is given.
    """
    drafting = _Drafting(frame=frame)
    for each in differences:
        if each.cause is Cause.MISSING:
            drafting.lacking.append(_Lack(each, each.quantity))
    for each in differences:
        if each.cause is Cause.UNKNOWN_ACCOUNT:
            drafting.leave(each, each.quantity, Why.NO_ACCOUNT)
        elif each.reserved:
            drafting.leave(each, each.quantity, Why.RESERVED)
        elif each.cause is Cause.SURPLUS:
            drafting.surplus(each)
        elif each.cause is not Cause.MISSING:
            drafting.elsewhere(each)
    drafting.restore(ended)
    for lack in drafting.lacking:
        if lack.open:
            drafting.leave(lack.difference, lack.open, Why.NOT_HERE)
    return tuple(drafting.orders()), tuple(drafting.undrafted)


@dataclass(slots=True)
class _Drafting:
    """Drafts under way: tonnes by lot for each kind, source, target and statement."""

    frame: Frame
    lacking: list[_Lack] = field(default_factory=list)
    parts: dict[_Way, dict[int, int]] = field(default_factory=dict)
    undrafted: list[Undrafted] = field(default_factory=list)
    queues: dict[str, deque[_Lack]] = field(default_factory=lambda: defaultdict(deque))

    def leave(self, difference: Difference, quantity: int, why: Why) -> None:
        """Note what no draft removes."""
        self.undrafted.append(Undrafted(difference=difference, quantity=quantity, why=why))

    def surplus(self, each: Difference) -> None:
        """Move what another account lacks, and remove the rest."""
        left = each.quantity
        queue = self._queue(each.product)
        while left and queue:
            lack = queue[0]
            moved = min(left, lack.open)
            way = _Way(Kind.CORRECT_MOVE, each.account, lack.difference.account, each.statement)
            self._add(way, each.lot, moved)
            lack.open -= moved
            left -= moved
            if not lack.open:
                queue.popleft()
        if left and self.frame.cancellation:
            target = self.frame.cancellation
            way = _Way(Kind.CORRECT_REMOVE, each.account, target, each.statement)
            self._add(way, each.lot, left)
        elif left:
            self.leave(each, left, Why.NO_CANCELLATION)

    def elsewhere(self, each: Difference) -> None:
        """Bring a known lot to the account, or back from its end; a correction ends in registry."""
        if each.cause is Cause.PLACE and each.place != _WHERE_CORRECTIONS_END:
            self.leave(each, each.quantity, Why.ORDINARY)
            return
        kind = Kind.CORRECT_RESTORE if each.cause is Cause.ENDED else Kind.CORRECT_MOVE
        self._add(_Way(kind, each.held_in, each.account, each.statement), each.lot, each.quantity)

    def restore(self, ended: Sequence[LedgerLot]) -> None:
        """Restore what is lacking from lots that ended in the same account, newest first."""
        open_by: dict[tuple[int, str], deque[_Lack]] = defaultdict(deque)
        for lack in self.lacking:
            if lack.open:
                open_by[lack.difference.account, lack.difference.product].append(lack)
        for lot in sorted(ended, key=lambda each: each.number, reverse=True):
            left, queue = lot.quantity, open_by[lot.account, lot.product]
            while left and queue:
                lack = queue[0]
                taken = min(left, lack.open)
                statement = lack.difference.statement
                way = _Way(Kind.CORRECT_RESTORE, lot.account, lot.account, statement)
                self._add(way, lot.number, taken)
                lack.open -= taken
                left -= taken
                if not lack.open:
                    queue.popleft()

    def orders(self) -> Iterator[Order]:
        """The drafts, each of at most 64 parts."""
        for way, lots in self.parts.items():
            ordered = [Part(lot=lot, quantity=lots[lot]) for lot in sorted(lots)]
            for first in range(0, len(ordered), MAX_LOTS):
                yield self._order(way, tuple(ordered[first : first + MAX_LOTS]))

    def _queue(self, product: str) -> deque[_Lack]:
        """What is lacking of a product, in the order of the statements."""
        if not self.queues:
            for lack in self.lacking:
                self.queues[lack.difference.product].append(lack)
        return self.queues[product]

    def _add(self, way: _Way, lot: int, quantity: int) -> None:
        lots = self.parts.setdefault(way, {})
        lots[lot] = lots.get(lot, 0) + quantity

    def _order(self, way: _Way, parts: tuple[Part, ...]) -> Order:
        draft = Order(
            chain_id=self.frame.chain_id,
            order_id=NO_DIGEST,
            kind=way.kind,
            source=way.source,
            target=way.target,
            subject=0,
            parts=parts,
            quantity=sum(part.quantity for part in parts),
            commitment=NO_DIGEST,
            registry_number=number_digest(way.statement),
            reason=self.frame.evidence,
            not_before=0,
            deadline=self.frame.deadline,
        )
        return replace(draft, order_id=order_id_of(draft, _chosen(way, parts, self.frame)))


def _chosen(way: _Way, parts: Sequence[Part], frame: Frame) -> bytes:
    """The same files and lots give the same id: a correction drafted twice is one order."""
    content: JsonObject = {
        "chain_id": frame.chain_id,
        "evidence": to_base64url(frame.evidence),
        "from": way.source,
        "kind": int(way.kind),
        "parts": [[part.lot, part.quantity] for part in parts],
        "statement": way.statement,
        "to": way.target,
        "type": "correction-id@1",
    }
    return sm3(canonical_json.encode(content))[:CHOSEN_BYTES]
