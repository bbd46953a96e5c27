"""What routes may use of the ledger, and who may see what of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.services import LedgerDesk, Services
from api.tokens import Caller, Role
from trace_node.errors import AccessError, NotFoundError
from trace_node.ports.ledger_mirror import LedgerView
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.order import Order
from trace_node.quota.ledger.shapes import SHAPES
from trace_node.quota.ledger.state import AccountContent

SEE_ALL = (Role.REGULATOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a caller may see.

    Attributes:
        organisation: Number of the one organisation; None for all.
    """

    organisation: int | None

    def allows(self, organisation: int) -> bool:
        """Whether that organisation is among them."""
        return self.organisation in (None, organisation)


def scope_of(caller: Caller, numbers: Mapping[str, int]) -> Scope:
    """The scope of a caller: one organisation; all for the regulator and the operator without one.

    Args:
        caller: Who asks.
        numbers: Number on the ledger of each organisation that tokens may name.

    Raises:
        AccessError: The node does not know which organisation of the ledger the token is for.
    """
    if caller.organisation is None and caller.role in SEE_ALL:
        return Scope(organisation=None)
    number = numbers.get(caller.organisation or "")
    if number is None:
        raise AccessError(
            "{field}: this node does not know the number of {organisation} on the ledger",
            field="organisation",
            organisation=caller.organisation or "-",
            remedy="ask the operator for a token of one organisation, and to set"
            " ledger_organisations",
            code="access.ledger_organisation",
        )
    return Scope(organisation=number)


def require_ledger(services: Services) -> LedgerDesk:
    """The ledger of this node.

    Raises:
        NotFoundError: It has none; code ``not_found.ledger``.
    """
    found = services.orders()
    if found is None:
        raise NotFoundError(
            "{field}: this node follows no ledger",
            field="ledger",
            remedy="ask the operator: trace-node ledger join",
            code="not_found.ledger",
        )
    return found


def require_account(view: LedgerView, number: int, scope: Scope) -> AccountContent:
    """An account that the caller may see.

    Raises:
        NotFoundError: There is none such, or it is not the caller's: which, is not told.
    """
    found = view.account(number)
    if found is None or not scope.allows(found.organisation):
        raise NotFoundError(
            "{field}: no account {account} is there that this token may see",
            field="account",
            account=number,
            remedy="check the number, or use a token of its organisation",
            code="not_found.account",
        )
    return found


def require_own(view: LedgerView, order: Order, scope: Scope) -> None:
    """Let a caller hand in orders of its own organisation only.

    Raises:
        AccessError: The account whose key initiates it is of another organisation, or there is
            none: an officer's order; code ``order.organisation``.
    """
    if scope.organisation is None:
        return
    shape = SHAPES[order.kind]
    own = {"key": order.source, "key of to": order.target}
    # An officer's step in an order of keys is handed in by the same file, so the account decides.
    number = own.get(shape.initiator, 0)
    found = view.account(number) if number else None
    if found is None or not scope.allows(found.organisation):
        raise AccessError(
            "{field}: this token may not hand in this order {kind} of account {account}",
            field="order.from" if order.kind is not Kind.UNPLEDGE else "order.to",
            kind=order.kind.name,
            account=number,
            remedy="use a token of the organisation whose key initiates it, or of the regulator",
            code="order.organisation",
        )
