"""Repository: computed emissions in the log, and the results behind them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from trace_node import canonical_json
from trace_node.ids import OrganisationId
from trace_node.period import parse_period, to_ms
from trace_node.ports.accounting import LoggedFigure, LoggedItem, LoggedTotal
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import (
    ACCOUNTED_FIGURES,
    ACCOUNTED_ITEMS,
    ACCOUNTED_RESULTS,
    ACCOUNTED_TOTALS,
    STATEMENTS,
)

_PIECE = 500  # leaf indexes in one question
_FIGURES = select(ACCOUNTED_FIGURES, STATEMENTS.c.digest).join(
    STATEMENTS, STATEMENTS.c.leaf_index == ACCOUNTED_FIGURES.c.leaf_index
)


class SqlAccountedFigures:
    """See ``trace_node.ports.accounting.AccountedFigures``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, figure: LoggedFigure) -> None:
        """Remember an emission record that was logged."""
        self._connection.execute(insert(ACCOUNTED_FIGURES), _figure_values(figure))
        totals = [_total_values(figure.index, at, one) for at, one in enumerate(figure.totals)]
        items = [_item_values(figure.index, at, one) for at, one in enumerate(figure.items)]
        if totals:
            self._connection.execute(insert(ACCOUNTED_TOTALS), totals)
        if items:
            self._connection.execute(insert(ACCOUNTED_ITEMS), items)

    def at(self, index: int) -> LoggedFigure | None:
        """The one at a leaf index."""
        found = self._read(_FIGURES.where(ACCOUNTED_FIGURES.c.leaf_index == index))
        return found[0] if found else None

    def current(
        self,
        *,
        organisation: str,
        boundary: str,
        begin: datetime,
        end: datetime,
        unit: str | None = None,
    ) -> Sequence[LoggedFigure]:
        """Those that nothing replaces, of periods inside [begin, end), by start and leaf."""
        table = ACCOUNTED_FIGURES
        later = table.alias("later")
        replaced = select(later.c.leaf_index).where(later.c.replaces == table.c.leaf_index).exists()
        chosen = _FIGURES.where(
            table.c.organisation == organisation,
            table.c.boundary == boundary,
            table.c.begin_at >= to_ms(begin),
            table.c.end_at <= to_ms(end),
            ~replaced,
        )
        if unit is not None:
            chosen = chosen.where(table.c.unit == unit)
        return self._read(chosen.order_by(table.c.begin_at, table.c.leaf_index))

    def put_result(self, digest: bytes, body: bytes) -> None:
        """Keep a result under its digest; nothing happens if it is there."""
        if self.result(digest) is None:
            values = {"digest": digest, "body": body}
            self._connection.execute(insert(ACCOUNTED_RESULTS), values)

    def result(self, digest: bytes) -> bytes | None:
        """The canonical bytes of a result."""
        chosen = select(ACCOUNTED_RESULTS.c.body).where(ACCOUNTED_RESULTS.c.digest == digest)
        body = self._connection.execute(chosen).scalar_one_or_none()
        return None if body is None else bytes(body)

    def _read(self, chosen: Select[Any]) -> list[LoggedFigure]:
        rows = self._connection.execute(chosen).all()
        indexes = [row.leaf_index for row in rows]
        totals: dict[int, list[LoggedTotal]] = defaultdict(list)
        items: dict[int, list[LoggedItem]] = defaultdict(list)
        for row in self._parts(ACCOUNTED_TOTALS, indexes):
            with sound_row("accounted_totals", row.leaf_index):
                totals[row.leaf_index].append(_total(row))
        for row in self._parts(ACCOUNTED_ITEMS, indexes):
            with sound_row("accounted_items", row.leaf_index):
                items[row.leaf_index].append(_item(row))
        return [_figure(row, totals[row.leaf_index], items[row.leaf_index]) for row in rows]

    def _parts(self, table: Any, indexes: Sequence[int]) -> Iterable[Row[Any]]:  # noqa: ANN401
        for first in range(0, len(indexes), _PIECE):
            chosen = select(table).where(table.c.leaf_index.in_(indexes[first : first + _PIECE]))
            yield from self._connection.execute(
                chosen.order_by(table.c.leaf_index, table.c.place)
            ).all()


def _figure_values(figure: LoggedFigure) -> Mapping[str, Any]:
    return {
        "leaf_index": figure.index,
        "organisation": figure.organisation,
        "boundary": figure.boundary,
        "boundary_index": figure.boundary_index,
        "unit": figure.unit,
        "method": figure.method,
        "period": figure.period.name,
        "begin_at": to_ms(figure.period.start),
        "end_at": to_ms(figure.period.end),
        "standing": figure.standing,
        "result": figure.result,
        "replaces": figure.replaces,
        "demonstration": figure.demonstration,
        "stated_at": to_ms(figure.stated_at),
    }


def _total_values(index: int, place: int, total: LoggedTotal) -> Mapping[str, Any]:
    masses = {gas: f"{mass:f}" for gas, mass in total.masses.items()}
    return {
        "leaf_index": index,
        "total": total.id,
        "place": place,
        "purpose": total.purpose,
        "value": f"{total.value:f}",
        "unit": total.unit,
        "gwp_set": total.gwp_set,
        "masses": canonical_json.encode({**masses}).decode(),
    }


def _item_values(index: int, place: int, item: LoggedItem) -> Mapping[str, Any]:
    return {
        "leaf_index": index,
        "place": place,
        "source": item.source,
        "category": item.category,
        "scope": item.scope,
        "iso14064": item.iso14064,
        "gas": item.gas,
        "role": item.role,
        "mass": f"{item.mass:f}",
    }


def _figure(
    row: Row[Any], totals: Sequence[LoggedTotal], items: Sequence[LoggedItem]
) -> LoggedFigure:
    with sound_row("accounted_figures", row.leaf_index):
        return LoggedFigure(
            index=row.leaf_index,
            digest=bytes(row.digest),
            organisation=OrganisationId(row.organisation),
            boundary=row.boundary,
            boundary_index=row.boundary_index,
            unit=row.unit,
            method=row.method,
            period=parse_period(row.period),
            standing=row.standing,
            result=bytes(row.result),
            replaces=row.replaces,
            demonstration=row.demonstration,
            stated_at=from_ms(row.stated_at),
            totals=tuple(totals),
            items=tuple(items),
        )


def _total(row: Row[Any]) -> LoggedTotal:
    masses = canonical_json.decode_object(row.masses.encode())
    return LoggedTotal(
        id=row.total,
        purpose=row.purpose,
        value=Decimal(row.value),
        unit=row.unit,
        gwp_set=row.gwp_set,
        masses={gas: Decimal(str(mass)) for gas, mass in masses.items()},
    )


def _item(row: Row[Any]) -> LoggedItem:
    return LoggedItem(
        source=row.source,
        category=row.category,
        scope=row.scope,
        iso14064=row.iso14064,
        gas=row.gas,
        role=row.role,
        mass=Decimal(row.mass),
    )
