"""The SQL mirror of the ledger as services see it: asked for its content, and kept level.

The mirror is a copy of the contracts' state in the node's database, derived from their events
alone (``trace_node.ports.ledger`` serves those). Answers are taken from one ``LedgerView``, which
sees one snapshot and says itself how far it has come. Every method may raise an error of ``store``.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from trace_node.ports.ledger import LedgerIdentity
from trace_node.ports.ledger_mirror_head import MirrorHead, Stop
from trace_node.ports.ledger_mirror_step import MirrorWork
from trace_node.quota.ledger.kinds import OrderState, Place
from trace_node.quota.ledger.obligations_events import CarryOver, EmissionRecord
from trace_node.quota.ledger.rows import OrderRow
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    Balance,
    CarryOverContent,
    ClassContent,
    LotContent,
    ObligationContent,
)

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Content]):
    """A thing by its number.

    Attributes:
        number: Its number on the chain.
        content: What it is.
    """

    number: int
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBalance:
    """What an account holds of a class."""

    account: int
    class_id: int
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What an organisation may carry over into a year."""

    organisation: int
    year: int
    content: CarryOverContent


class LedgerView(Protocol):
    """The mirror at one instant; pages hold at most ``limit`` items, in ascending order.

    What is not there is left out of an answer, or ``None``; nothing here asks the chain.
    """

    def head(self) -> MirrorHead:
        """How far the mirror has come."""

    def stop(self) -> Stop | None:
        """Why no order may be sent, the gravest reason; ``None`` while orders may be sent."""

    def paused(self) -> bool:
        """Whether writing is stopped on the chain."""

    def final_state(self) -> bytes:
        """Digest of the state at which the ledger was closed for good; zeros while it is open."""

    def accounts(
        self, *, organisation: int | None = None, after: int = 0, limit: int
    ) -> Sequence[Found[AccountContent]]:
        """Accounts, of one organisation if named."""

    def account(self, number: int) -> AccountContent | None:
        """One account."""

    def rights(self, account: int) -> Mapping[bytes, int]:
        """What each key may do for an account: 1 initiate, 2 approve, 3 both; none with 0."""

    def counterparties(self, account: int) -> Sequence[int]:
        """The accounts that an account may transfer to."""

    def classes(self, *, after: int = 0, limit: int) -> Sequence[Found[ClassContent]]:
        """Classes with their totals."""

    def balances(self, account: int) -> Sequence[ClassBalance]:
        """What an account holds, by class; classes of which it holds nothing are left out."""

    def balances_of_class(
        self, class_id: int, *, after: int = 0, limit: int
    ) -> Sequence[ClassBalance]:
        """Who holds units of a class, by account."""

    def lots(
        self,
        account: int,
        *,
        class_id: int | None = None,
        place: Place | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[LotContent]]:
        """Lots of an account, also those that ended in it."""

    def lots_by_number(self, numbers: Sequence[int]) -> Sequence[Found[LotContent]]:
        """Lots by their numbers, at most 1,024 at a time."""

    def order(self, order_id: bytes) -> OrderRow | None:
        """One order."""

    def orders(
        self,
        *,
        account: int | None = None,
        states: Sequence[OrderState] = (),
        before: int | None = None,
        limit: int,
    ) -> Sequence[OrderRow]:
        """Orders, newest first, below number ``before``; with ``account`` as source or target."""

    def obligations(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[ObligationContent]]:
        """Obligations, of one organisation or year if named."""

    def records(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[EmissionRecord]]:
        """Verified figures as verifiers entered them."""

    def claims(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[CarryOver]]:
        """Claims to carry over."""

    def carry_overs(self, *, organisation: int | None = None) -> Sequence[Limit]:
        """Carry-over limits, of one organisation if named."""

    def arrears(
        self, *, organisation: int | None = None, after: int = 0, limit: int
    ) -> Sequence[Found[ArrearContent]]:
        """Arrears, also those that were paid."""

    def closed_years(self) -> Sequence[int]:
        """Obligation years that were closed."""


class LedgerMirror(Protocol):
    """The mirror in the database; it belongs to one ledger for ever."""

    def identity(self) -> LedgerIdentity | None:
        """The ledger it belongs to; ``None`` before the first."""

    def adopt(self, identity: LedgerIdentity, *, cursor: bytes) -> None:
        """Belong to a ledger, and begin at ``cursor``; nothing happens where that is so already.

        Raises:
            ConfigError: The mirror belongs to another ledger; code ``ledger.other_mirror``.
        """

    def view(self) -> AbstractContextManager[LedgerView]:
        """The mirror as it is now, while the block lasts.

        Raises:
            NotFoundError: No ledger was joined yet; code ``not_found.ledger``.
        """

    def work(self) -> AbstractContextManager[MirrorWork]:
        """A transaction that commits when its block ends, and rolls back when it raises."""

    def orders_stopped(self) -> Stop | None:
        """Why no order may be sent now; ``None`` while orders may be sent.

        Where several things stopped them, the gravest is told.
        """
