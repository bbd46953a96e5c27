"""What the routes of the market are given: the store, the log's intake, the ledger's mirror."""

from collections.abc import Callable
from dataclasses import dataclass

from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The market side of a node.

    Attributes:
        store: The database.
        take: Logs a signed statement.
    """

    store: Store
    take: Callable[[bytes], LoggedStatement]
