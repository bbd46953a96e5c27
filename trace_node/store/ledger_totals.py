"""Cells of the mirror put together: what an account holds of a class, and totals of a class."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from trace_node.ports.ledger_mirror import ClassBalance
from trace_node.quota.ledger.class_totals import class_content
from trace_node.quota.ledger.effect import CONTRA
from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.rows import ClassRow
from trace_node.quota.ledger.state import Balance, ClassContent
from trace_node.store.tables import LEDGER_BALANCES


def balances_of(cells: Iterable[Any]) -> list[ClassBalance]:
    """Cells of accounts as balances, in the order of the cells."""
    held: dict[tuple[int, int], dict[str, int]] = {}
    for account, class_id, place, tonnes in cells:
        held.setdefault((account, class_id), {})[Place(place).name.lower()] = tonnes
    return [
        ClassBalance(account=account, class_id=class_id, balance=Balance(**tonnes))
        for (account, class_id), tonnes in held.items()
    ]


def class_contents(
    connection: Connection, classes: Mapping[int, ClassRow]
) -> dict[int, ClassContent]:
    """Classes with their totals, from their contra accounts."""
    statement = select(LEDGER_BALANCES).where(
        LEDGER_BALANCES.c.account == CONTRA, LEDGER_BALANCES.c.class_id.in_(list(classes))
    )
    cells = {
        (class_id, place): tonnes for _, class_id, place, tonnes in connection.execute(statement)
    }
    return {number: class_content(number, row, cells) for number, row in classes.items()}
