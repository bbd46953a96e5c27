"""What the log is told of a report, and the report that it was told of."""

from typing import Final

from trace_node.accounting.records.report import REPORT, ReportMade
from trace_node.accounting.report.facts import ReportFacts
from trace_node.ids import OrganisationId
from trace_node.ports.store import Store
from trace_node.services.report import ReportRequest
from trace_node.services.report_files import ReportFiles
from trace_node.services.statement_types import parse_statement

MOST_REPORTS: Final = 10_000


def statement_of(request: ReportRequest, facts: ReportFacts, made: ReportFiles) -> ReportMade:
    """What the log is told of a report."""
    return ReportMade(
        organisation=OrganisationId(request.organisation),
        boundary=request.boundary,
        period=request.period,
        kind=request.kind,
        prepared_on=request.prepared_on,
        figures=tuple(sorted(one.leaf for one in facts.results if one.leaf is not None)),
        files=made.digests,
    )


def report_with(digest: bytes, *, store: Store) -> tuple[int, ReportMade] | None:
    """The report in the log that names a file, and its leaf; None where none does."""
    with store.view() as view:
        logged = view.statements.find(REPORT, limit=MOST_REPORTS)
        bodies = [
            (each.index, view.entries.bodies(each.index, each.index + 1)[0]) for each in logged
        ]
    for index, body in bodies:
        content = parse_statement(body).content
        if isinstance(content, ReportMade) and digest in content.files.values():
            return index, content
    return None
