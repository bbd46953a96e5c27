"""A verified bundle of statements for people: what was put on record."""

from typing import TYPE_CHECKING

from api.cli.verify_text import Printer

if TYPE_CHECKING:
    from trace_node.services.verify_statements import StatementsReport


def print_statements(report: "StatementsReport") -> None:
    """Print the report of a bundle of statements on standard output."""
    printer = Printer()
    printer.checks(report.verdict)
    printer.labels(report.verdict)
    printer.line("")
    for each in report.statements:
        printer.line(f"{each.index:8} {each.kind:24} {each.content.topic}")
    printer.anchor(report)
    printer.outcome(report)
