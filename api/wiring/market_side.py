"""The market side of a node in one piece: the ledger's mirror, its orders, the boards."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from api.home import Home
from api.market import Market
from api.periodic import Periodic
from api.services import BoardServices, LedgerDesk, LedgerFaces
from api.settings import Settings
from api.wiring.board import Desks, board_task
from api.wiring.ledger_mirror import mirroring
from api.wiring.ledger_orders import LateOrders
from trace_node.clock import Clock
from trace_node.services.allocation import RuleLibrary
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSide:
    """What a node does beside its log.

    Attributes:
        market: Imported registry files, openings, disclosures, holdings.
        ledger: The ledger's mirror, as it is shown.
        orders: Gives what takes orders; that is None while no ledger is recorded.
        board: Boards of enterprises; None for a log of opaque entries.
        ledger_tasks: What keeps mirror and orders going; they tell of themselves in ``ledger``.
        board_tasks: What looks at the boards.
    """

    market: Market
    ledger: LedgerFaces
    orders: Callable[[], LedgerDesk | None]
    board: BoardServices | None
    ledger_tasks: Sequence[Periodic]
    board_tasks: Sequence[Periodic]


def market_side(
    settings: Settings,
    home: Home,
    stack: ExitStack,
    *,
    store: SqlStore,
    desks: Desks,
    url: str,
    clock: Clock,
) -> MarketSide:
    """Put the market side together; nothing of it has started yet.

    Args:
        settings: The node's settings.
        home: Its files.
        stack: Closes the connections to the chain when the node ends.
        store: The database.
        desks: The boards.
        url: Endpoint of the chain.
        clock: Time.

    Raises:
        ConfigError: The recorded ledger, the key of its relay or a channel for alerts cannot be
            used.
    """
    mirrored = mirroring(settings, home, stack, store=store, url=url, clock=clock)
    # Closed after the tasks, which are started later; what it makes later still is closed with it.
    late = stack.enter_context(ExitStack())
    orders = LateOrders(settings, home, url=url, store=store, stack=late, clock=clock)
    orders.desk()  # so that a record or a key that cannot be used is told at the start
    keeps_boards = not settings.interop
    return MarketSide(
        market=Market(
            store=store,
            holdings=SqlLedgerMirror(store.database),
            library=RuleLibrary.packaged(),
        ),
        ledger=mirrored.faces,
        orders=orders.desk,
        board=BoardServices(boards=desks.boards, alerts=desks.alerts, plans=desks.plans)
        if keeps_boards
        else None,
        ledger_tasks=(*mirrored.tasks, orders.task()),
        board_tasks=(board_task(settings, desks, store, clock=clock),) if keeps_boards else (),
    )
