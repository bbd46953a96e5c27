"""The rows by which logged statements are found, and from which boards are computed."""

from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.emission_parts import EmissionItem, FigureOf
from trace_node.ports.accounting import LoggedFigure, LoggedItem, LoggedTotal
from trace_node.ports.statements import Figures, LoggedBasis, LoggedEmission, LoggedStatement
from trace_node.quota.records.emission_statement import EmissionStatement
from trace_node.quota.records.quota_basis import QuotaBasis
from trace_node.record.statement import Statement
from trace_node.services.log_tail import Batch


def remember(statement: Statement, batch: Batch, *, index: int, digest: bytes) -> LoggedStatement:
    """Write the rows of a statement whose entry is staged; return the one it is found by."""
    batch.flush()  # the rows refer to the entry
    logged = statement_row(statement, index=index, digest=digest)
    batch.work.statements.add(logged, figures=figures_of(statement, index=index, digest=digest))
    computed = accounted_figure(statement, index=index, digest=digest)
    if computed is not None:
        batch.work.accounting.add(computed)
    return logged


def statement_row(statement: Statement, *, index: int, digest: bytes) -> LoggedStatement:
    """The row that a logged statement makes."""
    return LoggedStatement(
        index=index,
        digest=digest,
        kind=statement.content.TYPE,
        topic=statement.content.topic,
        content_key=statement.content_key,
    )


def figures_of(statement: Statement, *, index: int, digest: bytes) -> Figures | None:
    """What a board reads of a logged statement; None where that is nothing."""
    content, stated_at = statement.content, statement.stated_at
    if isinstance(content, EmissionStatement):
        return LoggedEmission(
            index=index,
            digest=digest,
            organisation=content.organisation,
            period=content.period,
            kind=content.kind,
            sector=content.sector,
            tonnes=content.tonnes,
            stated_at=stated_at,
        )
    if isinstance(content, QuotaBasis):
        return LoggedBasis(
            index=index,
            digest=digest,
            organisation=content.organisation,
            year=content.year,
            sector=content.sector,
            ledger=content.ledger,
            budget=content.budget,
            output=content.output,
            stated_at=stated_at,
        )
    return None


def accounted_figure(statement: Statement, *, index: int, digest: bytes) -> LoggedFigure | None:
    """What an inventory reads of an emission record; None of other statements."""
    content = statement.content
    if not isinstance(content, Emission):
        return None
    return LoggedFigure(
        index=index,
        digest=digest,
        organisation=content.organisation,
        boundary=content.boundary,
        boundary_index=content.boundary_leaf.index,
        unit=content.unit,
        method=content.method,
        period=content.period,
        standing=content.standing.value,
        result=content.result,
        replaces=None if content.replaces is None else content.replaces.index,
        demonstration=content.demonstration,
        stated_at=statement.stated_at,
        totals=tuple(map(_total, content.figures)),
        items=tuple(map(_item, content.items)),
    )


def _total(one: FigureOf) -> LoggedTotal:
    return LoggedTotal(
        id=one.id,
        purpose=one.purpose.value,
        value=one.value,
        unit=one.unit,
        gwp_set=one.gwp_set,
        masses=one.masses,
    )


def _item(one: EmissionItem) -> LoggedItem:
    return LoggedItem(
        source=one.source,
        category=one.category,
        scope=one.scope,
        iso14064=one.iso14064,
        gas=one.gas,
        role=one.role.value,
        mass=one.mass,
    )
