"""Which report may be made from what: unapproved drafts never enter one for compliance."""

from collections.abc import Iterator
from typing import Final

from trace_node.accounting.inventory.completeness import Occurrence
from trace_node.accounting.methods.result import FlagKind
from trace_node.accounting.methods.words import Use
from trace_node.accounting.report.content import Report, text_of
from trace_node.accounting.report.errors import ReportError, ReportRefusedError, no_results
from trace_node.accounting.report.facts import AccountedResult, ReportFacts
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing

NEEDS_APPROVAL: Final = frozenset({FlagKind.DRAFT_FACTOR, FlagKind.UNCONFIRMED_TERM})
NEVER_REPORTED: Final = frozenset({"activity.negative"})
"""Findings that no approval lifts: less than nothing was never used, so a figure of it is wrong."""


def require_reportable(facts: ReportFacts) -> None:
    """Refuse what may not be reported as what it is called.

    Raises:
        ReportError: There is no result, a method is not the one of its result, a demonstration
            does not say why it is one, or a row is of a purpose that no result has.
        ReportRefusedError: A compliance report would rest on a draft factor or an unconfirmed term
            that nobody approved, on a figure computed for internal use, on a missing value or on
            negative activity data; or a part of the period is covered by no result, or by two, or
            a source category by none.
    """
    if not facts.results:
        raise no_results(facts.period)
    if (facts.kind is ReportKind.DEMONSTRATION) != bool(facts.demonstration):
        raise ReportError(
            "{field}: a demonstration says why it is one, and nothing else does",
            field="demonstration",
            remedy="state the reason with a demonstration, and only there",
            code="report.demonstration",
        )
    for one in facts.results:
        _require_same_method(one)
    _require_purposes(facts)
    if facts.kind is ReportKind.COMPLIANCE:
        _require_whole(facts)
        for one in facts.results:
            _require_approved(one)
            _require_possible(one)
        if any(row.standing is Standing.MISSING for row in facts.inventory.rows):
            raise ReportRefusedError(
                "{field}: a value of the inventory of {period} is missing",
                field="inventory",
                period=facts.period,
                remedy="settle the period first",
            )


def require_printable(report: Report) -> None:
    """Refuse texts that no page can show.

    Raises:
        ReportError: A text has control characters.
    """
    for text in _texts(report):
        if not text.isprintable():
            raise ReportError(
                "{field}: holds characters that cannot be printed: {text}",
                field="text",
                text=repr(text[:80]),
                remedy="correct the record the text comes from by a new leaf",
                code="report.text",
            )


def _texts(report: Report) -> Iterator[str]:
    yield from (report.heading, report.subtitle, report.notice, report.prepared_on)
    for label, text in report.cover:
        yield from (label, text)
    for section in report.sections:
        yield section.heading
        yield from (block for block in section.blocks if isinstance(block, str))
    for table in report.tables:
        yield from (table.id, table.heading)
        yield from (column.heading for column in table.columns)
        yield from (text_of(cell) for row in table.rows for cell in row)


def _require_whole(facts: ReportFacts) -> None:
    for each in facts.overlaps:
        raise ReportRefusedError(
            "{field}: leaf {leaf} and the leaves {others} both state {unit} from {begin} to {end}",
            field="period",
            leaf=each.leaf,
            others=", ".join(map(str, each.others[:12])),
            unit=each.unit,
            begin=each.begin.isoformat(),
            end=each.end.isoformat(),
            remedy="account for shorter periods, each by the method and sources that the boundary"
            " has in it",
            code="report.overlap",
        )
    if facts.gaps:
        raise ReportRefusedError(
            "{field}: {count} parts of {period} are covered by no record",
            field="period",
            count=len(facts.gaps),
            period=facts.period,
            remedy="account for what is missing; trace-node inventory show lists it",
            code="report.gap",
        )
    for one in facts.categories:
        if one.occurrence is Occurrence.MISSING:
            raise ReportRefusedError(
                "{field}: {category} of {unit} is neither accounted for nor declared absent",
                field="categories",
                category=one.category,
                unit=one.unit,
                remedy="account for it, or declare in the boundary why it does not occur",
                code="report.category",
            )


def _require_same_method(one: AccountedResult) -> None:
    if one.method.digest != one.result.method_digest:
        raise ReportError(
            "{field}: the result of {unit} in {period} was computed by another text of {method}",
            field="method",
            unit=one.unit,
            period=one.period,
            method=one.result.method,
            remedy="give the method of exactly that digest",
            code="report.method",
        )


def _require_purposes(facts: ReportFacts) -> None:
    known = {total.purpose for one in facts.results for total in one.result.totals.values()}
    for row in facts.inventory.rows:
        if row.purpose not in known:
            raise ReportError(
                "{field}: no result has a figure for {purpose}",
                field="inventory",
                purpose=row.purpose.value,
                remedy="report a figure only for the purpose it was computed for",
                code="report.purpose",
            )


def _require_approved(one: AccountedResult) -> None:
    if one.result.use is not Use.COMPLIANCE:
        raise ReportRefusedError(
            "{field}: the result of {unit} in {period} was computed for internal use",
            field="kind",
            unit=one.unit,
            period=one.period,
            remedy="compute it for compliance, or make an internal report",
        )
    if one.standing is Standing.MISSING:
        raise ReportRefusedError(
            "{field}: the result of {unit} in {period} is missing",
            field="results",
            unit=one.unit,
            period=one.period,
            remedy="settle the period first",
        )
    for flag in one.result.flags:
        if flag.kind in NEEDS_APPROVAL and not flag.approval:
            raise ReportRefusedError(
                "{field}: nobody approved {subject} of {method} for compliance",
                field="kind",
                subject=flag.subject,
                method=one.result.method,
                remedy="log an approval with its evidence, and compute the figure again",
                code="report.unapproved",
            )


def _require_possible(one: AccountedResult) -> None:
    """A balance below 0 is a fault of a meter, an entry or a rule, never a figure."""
    for name, code in one.findings:
        if code in NEVER_REPORTED:
            raise ReportRefusedError(
                "{field}: {name} of {unit} in {period} is negative: more was taken off than there"
                " was",
                field="activity",
                name=name,
                unit=one.unit,
                period=one.period,
                remedy="find the meter, entry or rule that is wrong, correct it by a later leaf,"
                " and account for the period again with the reason",
                code="report.negative",
            )
