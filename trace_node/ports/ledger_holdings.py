"""What comparing with the registries asks of the ledger's mirror.

Its methods have the names and shapes of those of the mirror's view, which serves them as it is.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from trace_node.ports.ledger import BlockMark, LedgerIdentity
from trace_node.quota.ledger.kinds import OrderState, Place
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.state import AccountContent, ClassContent, LotContent

Content_co = TypeVar("Content_co", covariant=True)


class Numbered(Protocol[Content_co]):
    """A thing by its number on the chain."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def content(self) -> Content_co:
        """What it is."""


class HeldOrder(Protocol):
    """An order as the mirror keeps it."""

    @property
    def content(self) -> Order:
        """What was signed."""

    @property
    def number(self) -> int:
        """Its number, from 1."""

    @property
    def state(self) -> OrderState:
        """How far it has come."""

    @property
    def executable_at(self) -> int:
        """First second at which it could be executed."""

    @property
    def confirmation(self) -> bytes:
        """Digest of the outside number; zeros while unconfirmed."""

    @property
    def lots(self) -> tuple[int, ...]:
        """The lots that were reserved for it."""


class MirrorPlace(Protocol):
    """How far the mirror has come."""

    @property
    def tip(self) -> BlockMark:
        """The newest block applied."""

    @property
    def height(self) -> int:
        """Newest block of the endpoint when it was last asked."""

    @property
    def final(self) -> int:
        """Newest final block then; less than 0 when none was."""


class HoldingsView(Protocol):
    """The mirror at one instant; pages in ascending order, orders newest first."""

    def head(self) -> MirrorPlace:
        """How far the mirror has come."""

    def accounts(
        self, *, organisation: int | None = None, after: int = 0, limit: int
    ) -> Sequence[Numbered[AccountContent]]:
        """Accounts."""

    def classes(self, *, after: int = 0, limit: int) -> Sequence[Numbered[ClassContent]]:
        """Classes with their totals."""

    def lots(
        self,
        account: int,
        *,
        class_id: int | None = None,
        place: Place | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Numbered[LotContent]]:
        """Lots of an account, also those that ended in it."""

    def lots_by_number(self, numbers: Sequence[int]) -> Sequence[Numbered[LotContent]]:
        """Lots by their numbers, at most 1,024 at a time."""

    def order(self, order_id: bytes) -> HeldOrder | None:
        """One order."""

    def orders(
        self,
        *,
        account: int | None = None,
        states: Sequence[OrderState] = (),
        before: int | None = None,
        limit: int,
    ) -> Sequence[HeldOrder]:
        """Orders, newest first, below number ``before``."""


class Holdings(Protocol):
    """The mirror of a ledger."""

    def identity(self) -> LedgerIdentity | None:
        """The ledger it belongs to; ``None`` before the first."""

    def view(self) -> AbstractContextManager[HoldingsView]:
        """The mirror as it is now, while the block lasts.

        Raises:
            NotFoundError: No ledger was joined yet.
        """
