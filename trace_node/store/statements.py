"""Repository: the statements of the log, and what boards read of them."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, func, insert, select

from trace_node import canonical_json
from trace_node.ids import OrganisationId
from trace_node.period import PeriodKind, parse_period, to_ms
from trace_node.ports.statements import Figures, LoggedBasis, LoggedEmission, LoggedStatement
from trace_node.quota.records.quota_basis import output_from_json, output_to_json
from trace_node.store.columns import from_ms
from trace_node.store.errors import sound_row
from trace_node.store.tables import EMISSION_STATEMENTS, QUOTA_BASES, STATEMENTS


class SqlStatements:
    """See ``trace_node.ports.statements.Statements``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, statement: LoggedStatement, *, figures: Figures | None = None) -> None:
        """Remember a statement that was logged, with what a board reads of it."""
        self._connection.execute(
            insert(STATEMENTS),
            {
                "leaf_index": statement.index,
                "digest": statement.digest,
                "kind": statement.kind,
                "topic": statement.topic,
                "content_key": statement.content_key,
            },
        )
        if isinstance(figures, LoggedEmission):
            self._connection.execute(insert(EMISSION_STATEMENTS), _emission_values(figures))
        elif isinstance(figures, LoggedBasis):
            self._connection.execute(insert(QUOTA_BASES), _basis_values(figures))

    def by_digest(self, digest: bytes) -> LoggedStatement | None:
        """The statement with that record digest."""
        return self._one(select(STATEMENTS).where(STATEMENTS.c.digest == digest))

    def newest(self, kind: str, topic: str, *, before: int | None = None) -> LoggedStatement | None:
        """The last statement of a kind on a topic, before a leaf if named."""
        chosen = select(STATEMENTS).where(STATEMENTS.c.kind == kind, STATEMENTS.c.topic == topic)
        if before is not None:
            chosen = chosen.where(STATEMENTS.c.leaf_index < before)
        return self._one(chosen.order_by(STATEMENTS.c.leaf_index.desc()).limit(1))

    def at(self, index: int) -> LoggedStatement | None:
        """The statement at a leaf index."""
        return self._one(select(STATEMENTS).where(STATEMENTS.c.leaf_index == index))

    def find(
        self,
        kind: str,
        *,
        topic: str | None = None,
        after: int = -1,
        limit: int,
        organisation: str | None = None,
    ) -> Sequence[LoggedStatement]:
        """Statements of a kind in log order, behind leaf ``after``."""
        chosen = select(STATEMENTS).where(
            STATEMENTS.c.kind == kind, STATEMENTS.c.leaf_index > after
        )
        if topic is not None:
            chosen = chosen.where(STATEMENTS.c.topic == topic)
        if organisation is not None:
            named = f"{organisation} "
            chosen = chosen.where(func.substr(STATEMENTS.c.topic, 1, len(named)) == named)
        rows = self._connection.execute(chosen.order_by(STATEMENTS.c.leaf_index).limit(limit))
        return [_statement(row) for row in rows]

    def first_of_others(
        self, organisation: str, kinds: Collection[str], *, first: int, end: int
    ) -> int | None:
        """Leaf of the first statement of these kinds that is not of an organisation."""
        named = f"{organisation} "
        chosen = select(func.min(STATEMENTS.c.leaf_index)).where(
            STATEMENTS.c.leaf_index.between(first, end - 1),  # an end may be beyond an integer
            STATEMENTS.c.kind.in_(sorted(kinds)),
            func.substr(STATEMENTS.c.topic, 1, len(named)) != named,
        )
        return self._connection.execute(chosen).scalar_one_or_none()

    def emissions(
        self,
        *,
        organisation: str | None = None,
        years: tuple[int, int] = (0, 9999),
        first: int = 0,
        end: int | None = None,
    ) -> Sequence[LoggedEmission]:
        """Emission of periods in the years from the first to the second, in log order."""
        table = EMISSION_STATEMENTS
        chosen = _chosen(table, organisation, first, end).where(table.c.year.between(*years))
        return [_emission(row) for row in self._connection.execute(chosen)]

    def bases(
        self, *, organisation: str | None = None, first: int = 0, end: int | None = None
    ) -> Sequence[LoggedBasis]:
        """Bases in log order; of one organisation if named, and of the same kind of range."""
        chosen = _chosen(QUOTA_BASES, organisation, first, end)
        return [_basis(row) for row in self._connection.execute(chosen)]

    def organisations(self) -> Sequence[str]:
        """Names of the organisations that have a basis, sorted."""
        names = select(QUOTA_BASES.c.organisation).distinct().order_by(QUOTA_BASES.c.organisation)
        return [str(name) for name in self._connection.execute(names).scalars()]

    def _one(self, chosen: Select[Any]) -> LoggedStatement | None:
        row = self._connection.execute(chosen).one_or_none()
        return None if row is None else _statement(row)


def _chosen(table: Table, organisation: str | None, first: int, end: int | None) -> Select[Any]:
    """Rows of a table with their digests, in log order."""
    leaf = table.c.leaf_index
    chosen = select(table, STATEMENTS.c.digest).join(STATEMENTS, STATEMENTS.c.leaf_index == leaf)
    chosen = chosen.where(leaf >= first).order_by(leaf)
    if end is not None:
        chosen = chosen.where(leaf < end)
    return chosen if organisation is None else chosen.where(table.c.organisation == organisation)


def _emission_values(emission: LoggedEmission) -> dict[str, Any]:
    is_month = emission.period.kind is PeriodKind.MONTH
    return {
        "leaf_index": emission.index,
        "organisation": emission.organisation,
        "year": emission.period.start.year,
        "month": emission.period.start.month if is_month else None,
        "kind": emission.kind,
        "sector": emission.sector,
        "tonnes": f"{emission.tonnes:f}",
        "stated_at": to_ms(emission.stated_at),
    }


def _basis_values(basis: LoggedBasis) -> dict[str, Any]:
    output = output_to_json(basis.output)
    return {
        "leaf_index": basis.index,
        "organisation": basis.organisation,
        "year": basis.year,
        "sector": basis.sector,
        "ledger": basis.ledger,
        "budget": basis.budget,
        "output": None if output is None else canonical_json.encode(output).decode(),
        "stated_at": to_ms(basis.stated_at),
    }


def _statement(row: Row[Any]) -> LoggedStatement:
    return LoggedStatement(
        index=row.leaf_index,
        digest=bytes(row.digest),
        kind=row.kind,
        topic=row.topic,
        content_key=bytes(row.content_key),
    )


def _emission(row: Row[Any]) -> LoggedEmission:
    with sound_row("emission_statements", row.leaf_index):
        name = f"{row.year:04}" if row.month is None else f"{row.year:04}-{row.month:02}"
        return LoggedEmission(
            index=row.leaf_index,
            digest=bytes(row.digest),
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
            digest=bytes(row.digest),
            organisation=OrganisationId(row.organisation),
            year=row.year,
            sector=row.sector,
            ledger=row.ledger,
            budget=row.budget,
            output=output_from_json(output, year=row.year),
            stated_at=from_ms(row.stated_at),
        )
