"""What the routes of the market are given: the store, the ledger's mirror, the rules."""

from dataclasses import dataclass

from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.store import Store
from trace_node.services.allocation import RuleLibrary


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The market side of a node.

    Attributes:
        store: The database.
        holdings: The ledger's mirror.
        library: Rules and methods.
    """

    store: Store
    holdings: LedgerMirror
    library: RuleLibrary


BALANCES_NOTE = (
    "The national registries are the legal record; this is a copy. On the chain, lots, balances and"
    " orders can be read by everybody who may read the chain; price and counterparties stand there"
    " as salted digests."
)
