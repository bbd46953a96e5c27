"""Repository: what was stated for boards, by its leaf."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, insert, select, union_all

from trace_node import canonical_json
from trace_node.ids import OrganisationId
from trace_node.metering.records.quota_basis import output_from_json, output_to_json
from trace_node.period import PeriodKind, parse_period, to_ms
from trace_node.ports.board import LoggedBasis, LoggedStatement
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import EMISSION_STATEMENTS, QUOTA_BASES

_TABLES = (EMISSION_STATEMENTS, QUOTA_BASES)


class SqlStatements:
    """See ``trace_node.ports.board.Statements``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def index_of(self, digest: bytes) -> int | None:
        """Leaf index of the statement or basis with that record digest; None when not logged."""
        either = union_all(
            *(select(table.c.leaf_index).where(table.c.digest == digest) for table in _TABLES)
        )
        index: int | None = self._connection.execute(either).scalar_one_or_none()
        return index

    def add_statement(self, statement: LoggedStatement) -> None:
        """Remember an emission statement that was logged."""
        is_month = statement.period.kind is PeriodKind.MONTH
        self._connection.execute(
            insert(EMISSION_STATEMENTS),
            {
                "leaf_index": statement.index,
                "digest": statement.digest,
                "organisation": statement.organisation,
                "year": statement.period.start.year,
                "month": statement.period.start.month if is_month else None,
                "kind": statement.kind,
                "sector": statement.sector,
                "tonnes": f"{statement.tonnes:f}",
                "stated_at": to_ms(statement.stated_at),
            },
        )

    def add_basis(self, basis: LoggedBasis) -> None:
        """Remember a basis that was logged."""
        output = output_to_json(basis.output)
        self._connection.execute(
            insert(QUOTA_BASES),
            {
                "leaf_index": basis.index,
                "digest": basis.digest,
                "organisation": basis.organisation,
                "year": basis.year,
                "sector": basis.sector,
                "ledger": basis.ledger,
                "budget": basis.budget,
                "output": None if output is None else canonical_json.encode(output).decode(),
                "stated_at": to_ms(basis.stated_at),
            },
        )

    def statements(
        self,
        *,
        organisation: str | None = None,
        years: tuple[int, int] = (0, 9999),
        first: int = 0,
        end: int | None = None,
    ) -> Sequence[LoggedStatement]:
        """Statements of periods in the years from the first to the second, in log order."""
        table = EMISSION_STATEMENTS
        chosen = select(table).where(
            *_chosen(table, organisation, first, end), table.c.year.between(*years)
        )
        rows = self._connection.execute(chosen.order_by(table.c.leaf_index))
        return [_statement(row) for row in rows]

    def bases(
        self, *, organisation: str | None = None, first: int = 0, end: int | None = None
    ) -> Sequence[LoggedBasis]:
        """Bases in log order; of one organisation if named, and of the same kind of range."""
        table = QUOTA_BASES
        chosen = select(table).where(*_chosen(table, organisation, first, end))
        rows = self._connection.execute(chosen.order_by(table.c.leaf_index))
        return [_basis(row) for row in rows]

    def organisations(self) -> Sequence[str]:
        """Names of the organisations that have a basis, sorted."""
        names = select(QUOTA_BASES.c.organisation).distinct().order_by(QUOTA_BASES.c.organisation)
        return [str(name) for name in self._connection.execute(names).scalars()]


def _chosen(
    table: Table, organisation: str | None, first: int, end: int | None
) -> list[ColumnElement[bool]]:
    leaf: Column[Any] = table.c.leaf_index
    rules: list[ColumnElement[bool]] = [leaf >= first]
    if end is not None:
        rules.append(leaf < end)
    if organisation is not None:
        rules.append(table.c.organisation == organisation)
    return rules


def _statement(row: Row[Any]) -> LoggedStatement:
    with sound_row("emission_statements", row.leaf_index):
        name = f"{row.year:04}" if row.month is None else f"{row.year:04}-{row.month:02}"
        return LoggedStatement(
            index=row.leaf_index,
            digest=row.digest,
            organisation=OrganisationId(row.organisation),
            period=parse_period(name),
            kind=row.kind,
            sector=row.sector,
            tonnes=Decimal(row.tonnes),
            stated_at=from_ms(row.stated_at),
        )


def _basis(row: Row[Any]) -> LoggedBasis:
    with sound_row("quota_bases", row.leaf_index):
        output = None if row.output is None else canonical_json.decode_object(row.output.encode())
        return LoggedBasis(
            index=row.leaf_index,
            digest=row.digest,
            organisation=OrganisationId(row.organisation),
            year=row.year,
            sector=row.sector,
            ledger=row.ledger,
            budget=row.budget,
            output=output_from_json(output, year=row.year),
            stated_at=from_ms(row.stated_at),
        )
