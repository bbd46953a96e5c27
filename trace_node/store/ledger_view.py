"""Repository: what is asked of the ledger's mirror; see ``trace_node.ports.ledger_mirror``."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, or_, select
from sqlalchemy import Table as SqlTable

from trace_node.ports.ledger_mirror import ClassBalance, Found, Limit
from trace_node.ports.ledger_mirror_head import MirrorHead, Stop
from trace_node.quota.ledger.effects_access import LEDGER_KEY, OPEN_LEDGER
from trace_node.quota.ledger.kinds import OrderState, Place
from trace_node.quota.ledger.obligations_events import CarryOver, EmissionRecord
from trace_node.quota.ledger.rows import LedgerRow, OrderRow, Table
from trace_node.quota.ledger.state import (
    AccountContent,
    ArrearContent,
    ClassContent,
    LotContent,
    ObligationContent,
)
from trace_node.store import tables
from trace_node.store.errors import sound_row
from trace_node.store.ledger_codec import CODECS
from trace_node.store.ledger_head import read_head, read_stops
from trace_node.store.ledger_totals import balances_of, class_contents
from trace_node.store.ledger_work import load_rows, with_all_parts


class SqlLedgerView:
    """See ``trace_node.ports.ledger_mirror.LedgerView``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._head = read_head(connection)

    def head(self) -> MirrorHead:
        """How far the mirror has come."""
        return self._head

    def stop(self) -> Stop | None:
        """Why no order may be sent."""
        return next(iter(read_stops(self._connection)), None)

    def paused(self) -> bool:
        """Whether writing is stopped on the chain."""
        return self._ledger().paused

    def final_state(self) -> bytes:
        """Digest of the state of a closed ledger; zeros while it is open."""
        return self._ledger().final_state

    def accounts(
        self, *, organisation: int | None = None, after: int = 0, limit: int
    ) -> Sequence[Found[AccountContent]]:
        """Accounts, of one organisation if named."""
        return self._page(Table.ACCOUNTS, after=after, limit=limit, organisation=organisation)

    def account(self, number: int) -> AccountContent | None:
        """One account."""
        found = load_rows(self._connection, Table.ACCOUNTS, [number]).get(number)
        return found if isinstance(found, AccountContent) else None

    def rights(self, account: int) -> Mapping[bytes, int]:
        """What each key may do for an account."""
        keys = tables.LEDGER_KEYS
        statement = select(keys.c.key_address, keys.c.rights).where(
            keys.c.account == account, keys.c.rights > 0
        )
        return {row.key_address: row.rights for row in self._connection.execute(statement)}

    def counterparties(self, account: int) -> Sequence[int]:
        """The accounts that an account may transfer to."""
        pairs = tables.LEDGER_COUNTERPARTIES
        statement = (
            select(pairs.c.counterparty)
            .where(pairs.c.account == account, pairs.c.allowed == 1)
            .order_by(pairs.c.counterparty)
        )
        return list(self._connection.execute(statement).scalars())

    def classes(self, *, after: int = 0, limit: int) -> Sequence[Found[ClassContent]]:
        """Classes with their totals."""
        found = self._page(Table.CLASSES, after=after, limit=limit)
        totals = class_contents(self._connection, {each.number: each.content for each in found})
        return [Found(number=number, content=content) for number, content in totals.items()]

    def balances(self, account: int) -> Sequence[ClassBalance]:
        """What an account holds, by class."""
        cells = tables.LEDGER_BALANCES
        statement = select(cells).where(cells.c.account == account, cells.c.account > 0)
        return balances_of(self._connection.execute(statement.order_by(cells.c.class_id)))

    def balances_of_class(
        self, class_id: int, *, after: int = 0, limit: int
    ) -> Sequence[ClassBalance]:
        """Who holds units of a class, by account."""
        cells = tables.LEDGER_BALANCES
        page = (
            select(cells.c.account)
            .where(cells.c.class_id == class_id, cells.c.account > after)
            .distinct()
            .order_by(cells.c.account)
            .limit(limit)
        )
        statement = select(cells).where(cells.c.class_id == class_id, cells.c.account.in_(page))
        return balances_of(self._connection.execute(statement.order_by(cells.c.account)))

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
        wanted = {"account": account, "class_id": class_id, "place": place}
        return self._page(Table.LOTS, after=after, limit=limit, **wanted)

    def lots_by_number(self, numbers: Sequence[int]) -> Sequence[Found[LotContent]]:
        """Lots by their numbers."""
        found: Mapping[Any, Any] = load_rows(self._connection, Table.LOTS, numbers)
        return [Found(number=number, content=found[number]) for number in sorted(found)]

    def order(self, order_id: bytes) -> OrderRow | None:
        """One order."""
        found = load_rows(self._connection, Table.ORDERS, [order_id]).get(order_id)
        return found if isinstance(found, OrderRow) else None

    def orders(
        self,
        *,
        account: int | None = None,
        states: Sequence[OrderState] = (),
        before: int | None = None,
        limit: int,
    ) -> Sequence[OrderRow]:
        """Orders, newest first."""
        orders = tables.LEDGER_ORDERS
        statement = select(orders).order_by(orders.c.number.desc()).limit(limit)
        if account is not None:
            statement = statement.where(or_(orders.c.source == account, orders.c.target == account))
        if states:
            statement = statement.where(orders.c.state.in_([int(state) for state in states]))
        if before is not None:
            statement = statement.where(orders.c.number < before)
        found = dict(self._decoded(Table.ORDERS, statement))
        whole: Mapping[Any, Any] = with_all_parts(self._connection, found)
        return [whole[key] for key in found]

    def obligations(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[ObligationContent]]:
        """Obligations, of one organisation or year if named."""
        wanted = {"organisation": organisation, "year": year}
        return self._page(Table.OBLIGATIONS, after=after, limit=limit, **wanted)

    def records(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[EmissionRecord]]:
        """Verified figures as verifiers entered them."""
        wanted = {"organisation": organisation, "year": year}
        return self._page(Table.RECORDS, after=after, limit=limit, **wanted)

    def claims(
        self,
        *,
        organisation: int | None = None,
        year: int | None = None,
        after: int = 0,
        limit: int,
    ) -> Sequence[Found[CarryOver]]:
        """Claims to carry over."""
        wanted = {"organisation": organisation, "year": year}
        return self._page(Table.CLAIMS, after=after, limit=limit, **wanted)

    def carry_overs(self, *, organisation: int | None = None) -> Sequence[Limit]:
        """Carry-over limits."""
        limits = tables.LEDGER_CARRY_OVERS
        statement = select(limits).order_by(limits.c.organisation, limits.c.year)
        if organisation is not None:
            statement = statement.where(limits.c.organisation == organisation)
        return [
            Limit(organisation=key[0], year=key[1], content=content)
            for key, content in self._decoded(Table.CARRY_OVERS, statement)
        ]

    def arrears(
        self, *, organisation: int | None = None, after: int = 0, limit: int
    ) -> Sequence[Found[ArrearContent]]:
        """Arrears, also those that were paid."""
        return self._page(Table.ARREARS, after=after, limit=limit, organisation=organisation)

    def closed_years(self) -> Sequence[int]:
        """Obligation years that were closed."""
        years = tables.LEDGER_YEARS
        statement = select(years.c.year).where(years.c.closed == 1).order_by(years.c.year)
        return list(self._connection.execute(statement).scalars())

    def _ledger(self) -> LedgerRow:
        found = load_rows(self._connection, Table.LEDGER, [LEDGER_KEY]).get(LEDGER_KEY)
        return found if isinstance(found, LedgerRow) else OPEN_LEDGER

    def _page(
        self, table: Table, *, after: int, limit: int, **wanted: int | None
    ) -> list[Found[Any]]:
        """Rows with a number for key, those with ``wanted`` values only."""
        found: SqlTable = CODECS[table].table
        number = found.c[CODECS[table].lookup[0]]
        statement = select(found).where(number > after).order_by(number).limit(limit)
        for name, value in wanted.items():
            if value is not None:
                statement = statement.where(found.c[name] == int(value))
        return [Found(number=key, content=row) for key, row in self._decoded(table, statement)]

    def _decoded(self, table: Table, statement: Select[Any]) -> list[tuple[Any, Any]]:
        rows = []
        for row in self._connection.execute(statement):
            with sound_row(CODECS[table].table.name, row[0]):
                rows.append(CODECS[table].decode(tuple(row)))
        return rows
