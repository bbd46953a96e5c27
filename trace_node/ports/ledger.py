"""The ledger's contracts as the mirror sees them: events read forward, state asked at one block.

``LedgerFollower`` and ``LedgerReader`` are served by ``chain``; the SQL side of the mirror is in
``trace_node.ports.ledger_mirror``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Book, Role
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerIdentity:
    """Which ledger on which chain; a mirror belongs to one for ever (账本身份).

    Attributes:
        chain_id: EVM chain id.
        genesis_hash: 32-byte hash of block 0.
        contracts: 20-byte address of each contract.
        first_block: Block that holds the oldest of their creations.
    """

    chain_id: int
    genesis_hash: bytes
    contracts: Mapping[Book, bytes]
    first_block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockMark:
    """A block of the chain.

    Attributes:
        number: Height.
        block_hash: 32 bytes.
        time: Seconds since the epoch by the block.
    """

    number: int
    block_hash: bytes
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStep:
    """What the mirror has to do in one transaction: undo, apply, store the cursor.

    Attributes:
        undo_above: Take back everything of blocks above this height; ``None`` when nothing is.
        events: Events to apply, in the order of the chain.
        cursor: The cursor to store with them; opaque.
        tip: The newest block applied after this step.
        height: Newest block of the endpoint.
        final: Newest block that is final, or less than 0 when none is: nothing at or below it is
            ever undone.
        lagging: The endpoint has not reached the cursor: nothing is to be done.
    """

    undo_above: int | None
    events: tuple[PlacedEvent, ...]
    cursor: bytes
    tip: BlockMark
    height: int
    final: int
    lagging: bool


class LedgerFollower(Protocol):
    """Reads the events of the five contracts forward, block by block.

    Every method raises ``UnavailableError`` when no answer can be had, or the endpoint lags or
    changed while it was read: ask again. It raises ``StateError`` with code ``chain.deep_reorg``
    when the chain was put back deeper than can be taken back: nothing may be applied.
    """

    @property
    def identity(self) -> LedgerIdentity:
        """The ledger that is followed."""

    def begin(self) -> bytes:
        """A cursor before the first block of the ledger."""

    def step(self, cursor: bytes) -> LedgerStep:
        """Apply the next blocks, or take replaced ones back; never both in one step."""


class LedgerReader(Protocol):
    """Asks the contracts for their state at one block; answers come in the order of what is asked.

    Every method raises ``UnavailableError`` when no answer can be had, or the endpoint has no state
    of that block any more; ``at`` is the height, and its hash is checked.
    """

    def head(self) -> BlockMark:
        """The newest block."""

    def event_counts(self, at: BlockMark) -> Mapping[Book, int]:
        """How many events each contract has emitted."""

    def paused(self, at: BlockMark) -> bool:
        """Whether writing is stopped."""

    def accounts(self, numbers: Sequence[int], at: BlockMark) -> Sequence[AccountContent]:
        """Accounts."""

    def classes(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ClassContent]:
        """Classes with their totals."""

    def lots(self, numbers: Sequence[int], at: BlockMark) -> Sequence[LotContent]:
        """Lots."""

    def balances(self, pairs: Sequence[tuple[int, int]], at: BlockMark) -> Sequence[Balance]:
        """What accounts hold; pairs of account and class."""

    def orders(self, ids: Sequence[bytes], at: BlockMark) -> Sequence[OrderContent]:
        """Orders."""

    def obligations(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ObligationContent]:
        """Obligations."""

    def arrears(self, numbers: Sequence[int], at: BlockMark) -> Sequence[ArrearContent]:
        """Arrears."""

    def carry_overs(
        self, pairs: Sequence[tuple[int, int]], at: BlockMark
    ) -> Sequence[CarryOverContent]:
        """Carry-over limits; pairs of organisation and year."""

    def offices(self, addresses: Sequence[bytes], at: BlockMark) -> Sequence[Role]:
        """Offices of 20-byte addresses."""

    def rights(self, pairs: Sequence[tuple[int, bytes]], at: BlockMark) -> Sequence[int]:
        """What keys may do; pairs of account and 20-byte address."""

    def rule_versions(
        self, keys: Sequence[tuple[bytes, int, int]], at: BlockMark
    ) -> Sequence[RuleVersion]:
        """Versions of rules by 32-byte id, year and version; one that is not there holds zeros."""
