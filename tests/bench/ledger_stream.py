"""A long, consistent stream of ledger events from memory: many accounts that sell parts of lots."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

from trace_node.ports.ledger import BlockMark, LedgerIdentity, LedgerStep
from trace_node.quota.ledger import access_events as access
from trace_node.quota.ledger import lots_events as lots
from trace_node.quota.ledger import orders_events as orders
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import (
    AccountKind,
    Book,
    Hold,
    Instrument,
    Kind,
    OrderState,
    Place,
)
from trace_node.quota.ledger.order import Order, Part

ACCOUNTS = 500
LOTS_EACH = 4
QUANTITY = 1_000_000
EVENTS_A_BLOCK = 20
BLOCKS_A_STEP = 100
IDENTITY = LedgerIdentity(
    chain_id=1, genesis_hash=bytes(32), contracts={book: bytes(20) for book in Book}, first_block=1
)
KEY, OTHER = b"\x01" * 20, b"\x02" * 20


def _digest(number: int) -> bytes:
    return sha256(number.to_bytes(8, "big")).digest()


class Stream:
    """Events in order; an order is five: split, proposed, approved, moved, executed."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = Random(seed)
        self._sequences: Counter[Book] = Counter()
        self._lots: dict[int, list[int]] = {}  # account and tonnes of a lot
        self._orders = 0

    def contents(self) -> Iterator[tuple[Book, Any]]:
        """For ever."""
        yield from self._beginning()
        while True:
            yield from self._sale()

    def _say(self, book: Book, kind: Any, /, **content: Any) -> tuple[Book, Any]:
        self._sequences[book] += 1
        return book, kind(sequence=self._sequences[book], **content)

    def _beginning(self) -> Iterator[tuple[Book, Any]]:
        for account in range(1, ACCOUNTS + 1):
            yield self._say(
                Book.ACCESS,
                access.AccountOpened,
                account=account,
                organisation=account,
                kind=AccountKind.HOLDING,
                delay=0,
                registry_number=bytes(32),
            )
        code = b"CEA25".ljust(32, b"\0")
        what: dict[str, Any] = {"instrument": Instrument.ALLOWANCE, "vintage": 2025, "code": code}
        yield self._say(
            Book.LOTS,
            lots.ClassRegistered,
            class_id=1,
            record=bytes(32),
            order_id=_digest(0),
            **what,
        )
        for lot in range(1, ACCOUNTS * LOTS_EACH + 1):
            self._lots[lot] = [1 + lot % ACCOUNTS, QUANTITY]
            yield self.issue(lot, self._lots[lot][0], first=1 + (lot - 1) * QUANTITY)

    def issue(
        self, lot: int, account: int, *, first: int, quantity: int = QUANTITY
    ) -> tuple[Book, Any]:
        """A lot of class 1."""
        return self._say(
            Book.LOTS,
            lots.LotIssued,
            lot_id=lot,
            class_id=1,
            account=account,
            first_serial=first,
            quantity=quantity,
            registry_number=_digest(lot),
            order_id=_digest(lot),
        )

    def _sale(self) -> Iterator[tuple[Book, Any]]:
        lot = self._chance.randrange(1, ACCOUNTS * LOTS_EACH + 1)
        seller, _ = self._lots[lot]
        buyer = 1 + (seller + self._chance.randrange(ACCOUNTS - 1)) % ACCOUNTS
        self._orders += 1
        order_id, part = _digest(self._orders + 10**9), ACCOUNTS * LOTS_EACH + self._orders
        self._lots[lot][1] -= 1
        yield self._say(Book.LOTS, lots.LotSplit, lot_id=lot, new_lot_id=part, quantity=1)
        content = Order(
            chain_id=1,
            order_id=order_id,
            kind=Kind.LISTED,
            source=seller,
            target=buyer,
            subject=0,
            parts=(Part(lot=lot, quantity=1),),
            quantity=1,
            commitment=_digest(self._orders),
            registry_number=_digest(self._orders),
            reason=bytes(32),
            not_before=0,
            deadline=2_000_000_000,
        )
        yield self._say(
            Book.ORDERS,
            orders.OrderProposed,
            order_id=order_id,
            number=self._orders,
            initiator=KEY,
            content_hash=_digest(self._orders),
            content=content,
            lots=(part,),
        )
        yield self._say(
            Book.ORDERS, orders.OrderApproved, order_id=order_id, approver=OTHER, executable_at=9
        )
        yield self._say(
            Book.LOTS,
            lots.LotMoved,
            lot_id=part,
            account=buyer,
            place=Place.TRADING,
            hold=Hold.NONE,
            subject=0,
            order_id=order_id,
        )
        yield self._say(
            Book.ORDERS,
            orders.OrderEnded,
            order_id=order_id,
            state=OrderState.EXECUTED,
            by=KEY,
            quantity=1,
        )


@dataclass
class ReadyFollower:
    """Gives steps that were made beforehand; all of them final."""

    steps: list[LedgerStep]
    identity: LedgerIdentity = IDENTITY

    def begin(self) -> bytes:
        return b"0"

    def step(self, cursor: bytes) -> LedgerStep:
        return self.steps[min(int(cursor), len(self.steps) - 1)]


def steps_of(contents: Iterator[tuple[Book, Any]], count: int) -> list[LedgerStep]:
    """The first ``count`` events as steps of equal size."""
    blocks, number = [], 1
    for start in range(0, count, EVENTS_A_BLOCK):
        block_hash = _digest(number)
        blocks.append(
            [
                PlacedEvent(
                    book=book,
                    block=number,
                    block_hash=block_hash,
                    time=number,
                    transaction=_digest(start + index // 5),
                    index=index,
                    content=content,
                )
                for index, (book, content) in zip(range(EVENTS_A_BLOCK), contents, strict=False)
            ]
        )
        number += 1
    steps = []
    for place, start in enumerate(range(0, len(blocks), BLOCKS_A_STEP), start=1):
        taken = blocks[start : start + BLOCKS_A_STEP]
        last = taken[-1][-1]
        tip = BlockMark(number=last.block, block_hash=last.block_hash, time=last.time)
        steps.append(
            LedgerStep(
                undo_above=None,
                events=tuple(event for block in taken for event in block),
                cursor=str(place).encode(),
                tip=tip,
                height=len(blocks),
                final=len(blocks),
                lagging=False,
            )
        )
    return steps
