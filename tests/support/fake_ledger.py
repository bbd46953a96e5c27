"""A ledger on a chain in memory: histories with forks, a follower over it, and its state at any block.

What the contracts would say at a block comes from the slow model, never from events.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from support.evm import CHAIN_ID
from support.ledger_campaign import Campaign
from support.ledger_model import Model
from support.ledger_orders import START, digest
from support.ledger_teller import Extras, Teller, address

from trace_node.errors import StateError, UnavailableError
from trace_node.ports.ledger import BlockMark, LedgerIdentity, LedgerStep
from trace_node.quota.ledger import kinds
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.rules_events import RuleVersion
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    Balance,
    CarryOverContent,
    ClassContent,
    LotContent,
    ObligationContent,
    OrderContent,
)

NO_VERSION = RuleVersion(
    number=0, valid_from=0, valid_to=0, digest=bytes(32), draft=False, released=False
)
FIRST = 3  # the ledger's contracts are not in the first blocks
IDENTITY = LedgerIdentity(
    chain_id=CHAIN_ID,
    genesis_hash=sha256(b"genesis").digest(),
    contracts={book: sha256(book.name.encode()).digest()[:20] for book in Book},
    first_block=FIRST,
)


@dataclass(frozen=True, eq=False)
class Block:
    """A block with its events, and what the contracts hold after it."""

    number: int
    block_hash: bytes
    time: int
    parent: "Block | None"
    events: tuple[PlacedEvent, ...]
    model: Model
    extras: Extras
    counts: Mapping[Book, int]
    children: list["Block"] = field(default_factory=list)

    @property
    def mark(self) -> BlockMark:
        return BlockMark(number=self.number, block_hash=self.block_hash, time=self.time)

    def path(self) -> list["Block"]:
        """From the first block to this one."""
        found: list[Block] = []
        block: Block | None = self
        while block is not None:
            found.append(block)
            block = block.parent
        return found[::-1]


class Player:
    """Plays a campaign on the model and makes blocks of it."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.campaign = Campaign(seed)
        self.teller = Teller(self.campaign.model)

    def block(self, parent: Block | None) -> Block:
        """The next block: acts that were refused leave it without an event."""
        number = FIRST if parent is None else parent.number + 1
        told = [] if parent is None else self._acts()
        told += self.teller.tell()
        name = f"{number} {self.chance.random()}".encode()
        block_hash = sha256((parent.block_hash if parent else b"") + name).digest()
        time = max(self.campaign.now, parent.time + 1 if parent else START)
        events = tuple(
            PlacedEvent(
                book=book,
                block=number,
                block_hash=block_hash,
                time=time,
                transaction=sha256(f"{index // 4}".encode() + block_hash).digest(),
                index=index,
                content=content,
            )
            for index, (book, content) in enumerate(told)
        )
        block = Block(
            number=number,
            block_hash=block_hash,
            time=time,
            parent=parent,
            events=events,
            model=deepcopy(self.campaign.model),
            extras=deepcopy(self.teller.extras),
            counts=dict(self.teller.sequences),
        )
        if parent is not None:
            parent.children.append(block)
        return block

    def _acts(self) -> list[Any]:
        """Nothing, one act or several; the teller looks after each, as a contract would."""
        told: list[Any] = []
        for _ in range(self.chance.choice([0, 1, 1, 2, 4])):
            self.campaign.step()
            told += self.teller.tell()
            if self.chance.random() < 0.15:
                told += self.teller.make_up(self.chance)
        return told


@cache
def history(seed: int, *, length: int = 60, fork_every: int = 4, fork_length: int = 7) -> Block:
    """A history and its forks, from its first block; the first child is on the main branch."""
    player = Player(seed)
    root = block = player.block(None)
    for step in range(length):
        fork = deepcopy(player) if step % fork_every == 0 else None
        parent, block = block, player.block(block)
        if fork is not None:
            fork.chance.seed(seed * 1_000 + step)
            fork.campaign.random.seed(seed * 1_000 + step)
            branch = parent
            for _ in range(fork_length):
                branch = fork.block(branch)
    return root


class FakeChain:
    """One endpoint's view: the newest block, and how deep is final."""

    def __init__(self, root: Block, *, depth: int) -> None:
        self.root = self.head = root
        self.depth = depth

    def at(self, number: int) -> Block | None:
        path = self.head.path()
        place = number - FIRST
        return path[place] if 0 <= place < len(path) else None


@dataclass
class FakeFollower:
    """A small follower: windows of blocks, marks of the newest ones, event counts checked.

    Attributes:
        chain: What the endpoint shows.
        window: Most blocks a step.
        memory: How many marks a cursor has.
    """

    chain: FakeChain
    window: int = 5
    memory: int = 12
    identity: LedgerIdentity = IDENTITY

    def begin(self) -> bytes:
        return json.dumps([]).encode()

    def step(self, cursor: bytes) -> LedgerStep:
        marks: list[list[Any]] = json.loads(cursor)
        head, final = self.chain.head, self.chain.head.number - self.chain.depth
        tip = marks[-1] if marks else None
        if tip and head.number < tip[0]:
            return self._step(None, (), marks, self.mark_of(tip), lagging=True)
        if tip and self._known(tip) is None:
            return self._step_back(marks, final)
        path = head.path()
        start = tip[0] - FIRST + 1 if tip else 0
        blocks = path[start : start + self.window]
        if not blocks:
            assert tip
            return self._step(None, (), marks, self.mark_of(tip))
        marks = marks + [[each.number, each.block_hash.hex(), each.time] for each in blocks]
        events = self.answer([event for block in blocks for event in block.events])
        before = blocks[0].parent.counts if blocks[0].parent else {}
        self.count(events, before, blocks[-1])
        return self._step(None, tuple(events), marks, blocks[-1].mark)

    def answer(self, events: list[PlacedEvent]) -> list[PlacedEvent]:
        """What the endpoint gives; tests spoil it."""
        return events

    def count(self, events: list[PlacedEvent], before: Mapping[Book, int], last: Block) -> None:
        """The contracts' own counters show what an endpoint left out."""
        if sum(before.values()) + len(events) != sum(last.counts.values()):
            raise UnavailableError("the endpoint left events out")

    def _step_back(self, marks: list[list[Any]], final: int) -> LedgerStep:
        kept = [mark for mark in marks if self._known(mark)]
        if len(kept) == 0 or kept[-1][0] < marks[-1][0] - self.memory:
            raise StateError("put back deeper than is remembered", code="chain.deep_reorg")
        del final
        return self._step(kept[-1][0], (), kept, self.mark_of(kept[-1]))

    def _known(self, mark: list[Any]) -> Block | None:
        block = self.chain.at(mark[0])
        return block if block and block.block_hash.hex() == mark[1] else None

    @staticmethod
    def mark_of(mark: list[Any]) -> BlockMark:
        return BlockMark(number=mark[0], block_hash=bytes.fromhex(mark[1]), time=mark[2])

    def _step(
        self,
        undo_above: int | None,
        events: Sequence[PlacedEvent],
        marks: list[list[Any]],
        tip: BlockMark,
        *,
        lagging: bool = False,
    ) -> LedgerStep:
        head = self.chain.head.number
        return LedgerStep(
            undo_above=undo_above,
            events=tuple(events),
            cursor=json.dumps(marks[-self.memory :]).encode(),
            tip=tip,
            height=head,
            final=head - self.chain.depth,
            lagging=lagging,
        )


class FakeReader:
    """The contracts' state at a block, from the model."""

    def __init__(self, chain: FakeChain) -> None:
        self.chain = chain

    def head(self) -> BlockMark:
        return self.chain.head.mark

    def event_counts(self, at: BlockMark) -> Mapping[Book, int]:
        return {book: self._at(at).counts.get(book, 0) for book in Book}

    def paused(self, at: BlockMark) -> bool:
        return self._at(at).extras.paused

    def accounts(self, numbers: Sequence[int], at: BlockMark) -> Sequence[AccountContent]:
        block = self._at(at)
        return [account_of(block, number) for number in numbers]

    def classes(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ClassContent]:
        block = self._at(at)
        return [class_of(block, number) for number in numbers]

    def lots(self, numbers: Sequence[int], at: BlockMark) -> Sequence[LotContent]:
        block = self._at(at)
        return [lot_of(block, number) for number in numbers]

    def balances(self, pairs: Sequence[tuple[int, int]], at: BlockMark) -> Sequence[Balance]:
        block = self._at(at)
        return [Balance(**balance_of(block, *pair)) for pair in pairs]

    def orders(self, ids: Sequence[bytes], at: BlockMark) -> Sequence[OrderContent]:
        block = self._at(at)
        return [order_of(block, order_id) for order_id in ids]

    def obligations(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ObligationContent]:
        block = self._at(at)
        return [obligation_of(block, number) for number in numbers]

    def arrears(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ArrearContent]:
        arrears = self._at(at).model.arrears
        found = [arrears.get(number, [0, 0, 0]) for number in numbers]
        return [ArrearContent(organisation=a, class_id=b, open=c) for a, b, c in found]

    def carry_overs(
        self, pairs: Sequence[tuple[int, int]], at: BlockMark
    ) -> Sequence[CarryOverContent]:
        block = self._at(at)
        return [
            CarryOverContent(
                claim=block.extras.claims[pair],
                limit=block.model.limits[pair][0],
                used=block.model.limits[pair][1],
            )
            for pair in pairs
        ]

    def offices(self, addresses: Sequence[bytes], at: BlockMark) -> Sequence[kinds.Role]:
        known = self._at(at).extras.offices
        return [kinds.Role(known.get(each, 0)) for each in addresses]

    def rights(self, pairs: Sequence[tuple[int, bytes]], at: BlockMark) -> Sequence[int]:
        rights = self._at(at).model.rights
        known = {(number, address(key)): right for (number, key), right in rights.items()}
        return [known.get(pair, 0) for pair in pairs]

    def rule_versions(
        self, keys: Sequence[tuple[bytes, int, int]], at: BlockMark
    ) -> Sequence[RuleVersion]:
        known = self._at(at).extras.versions
        # Every draft of the made-up history is released at once.
        found = {key: replace(each, released=each.draft) for key, each in known.items()}
        return [found.get(key, NO_VERSION) for key in keys]

    def _at(self, at: BlockMark) -> Block:
        block = self.chain.at(at.number)
        if block is None or block.block_hash != at.block_hash:
            raise UnavailableError("no such block here")
        return block


def account_of(block: Block, number: int) -> AccountContent:
    found = block.model.accounts.get(number)
    return AccountContent(
        organisation=found.organisation if found else 0,
        bound_to=number - 2 if found and found.bound else 0,
        kind=kinds.AccountKind(found.kind if found else 0),
        status=kinds.AccountStatus[found.status.upper() if found else "NONE"],
        delay=found.delay if found else 0,
        registry_number=bytes(32),
    )


def class_of(block: Block, number: int) -> ClassContent:
    found = block.model.classes.get(number)
    lots = [lot for lot in block.model.lots.values() if lot.class_id == number]

    def tonnes(*places: int) -> int:
        return sum(lot.quantity for lot in lots if lot.place in places)

    instrument, vintage, code = found or (0, 0, bytes(32))
    return ClassContent(
        next_serial=sum(lot.quantity for lot in lots) + 1 if found else 0,
        held=tonnes(1, 2, 3, 4),
        surrendered=tonnes(5),
        cancelled=tonnes(6),
        converted=tonnes(7),
        vintage=vintage,
        instrument=kinds.Instrument(instrument),
        code=code,
        record=_record_of(block, code) if found else bytes(32),
    )


def _record_of(block: Block, code: bytes) -> bytes:
    """The reason of the order that registered the class."""
    return next(
        order.content.reason
        for order in block.model.orders.values()
        if order.content.kind == 1 and order.content.registry_number == code and order.state == 3
    )


def lot_of(block: Block, number: int) -> LotContent:
    lot = block.model.lots.get(number)
    return LotContent(
        account=lot.account if lot else 0,
        class_id=lot.class_id if lot else 0,
        place=kinds.Place(lot.place if lot else 0),
        hold=kinds.Hold(lot.hold if lot else 0),
        subject=lot.subject if lot else 0,
        first_serial=lot.first if lot else 0,
        quantity=lot.quantity if lot else 0,
        order=lot.order if lot else 0,
        registry_number=block.extras.numbers.get(number, bytes(32)),
    )


def balance_of(block: Block, account: int, class_id: int) -> dict[str, int]:
    names = ("registry", "trading", "frozen", "pending")
    return dict(zip(names, block.model.balance(account, class_id), strict=True))


def order_of(block: Block, order_id: bytes) -> OrderContent:
    order = block.model.orders[order_id]
    return OrderContent(
        content_hash=digest(repr(order.content)),
        number=order.number,
        kind=kinds.Kind(order.content.kind),
        state=kinds.OrderState(order.state),
        executable_at=order.executable_at,
        initiator=address(order.initiator),
        approver=address(order.approver),
        confirmation=order.confirmation,
        lots=tuple(order.lots),
    )


def obligation_of(block: Block, number: int) -> ObligationContent:
    owed = block.model.obligations.get(number)
    return ObligationContent(
        organisation=owed.organisation if owed else 0,
        year=owed.year if owed else 0,
        sector=1 if owed else 0,
        cap_version=1 if owed else 0,
        record=block.extras.records.get(number, 0),
        tonnes=owed.tonnes if owed else 0,
        surrendered=owed.surrendered if owed else 0,
        cap=owed.cap if owed else 0,
        offset_reserved=owed.reserved if owed else 0,
        offset_used=owed.used if owed else 0,
    )
