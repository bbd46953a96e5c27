"""Which leaves a caller may read: entries hold values and salts.

A log is one organisation's, but a platform's holds what several state of themselves. Who reads
leaves as they are, in entry tiles, sees no more of those than ``Statements`` shows.
"""

from api.ledger_services import SEE_ALL
from api.services import Services
from api.tokens import Caller
from trace_node.errors import AccessError
from trace_node.services.statement_types import OF_AN_ORGANISATION


def require_visible(services: Services, caller: Caller, *, first: int, end: int) -> None:
    """Require that no leaf from ``first`` up to ``end`` is what another organisation states.

    The regulator and the operator of all organisations see every leaf.

    Raises:
        AccessError: One is; it is named, and nothing of it is shown.
    """
    if caller.organisation is None and caller.role in SEE_ALL:
        return
    own = services.settings.organisation
    with services.market.store.view() as view:
        other = view.statements.first_of_others(own, OF_AN_ORGANISATION, first=first, end=end)
    if other is not None:
        raise AccessError(
            "{field}: leaf {index} is what another organisation than {own} states of itself",
            field="tile",
            code="access.leaf",
            index=other,
            own=own,
            remedy="ask with Statements for what you may see, or use a token of the regulator or"
            " the operator for all organisations",
        )
