"""A verified emission bundle for people: the figure that was computed again."""

from typing import TYPE_CHECKING

from api.cli.measure_text import comparison_lines
from api.cli.verify_text import Printer
from trace_node.services.footprints import LoggedFootprint
from trace_node.services.measure_proof import MeasuredAgain

if TYPE_CHECKING:
    from trace_node.services.verify_emission import EmissionReport


def print_recomputed(report: "EmissionReport") -> None:
    """Print the report of an emission bundle on standard output."""
    printer = Printer()
    printer.checks(report.verdict)
    printer.labels(report.verdict)
    if isinstance(report.recomputed, LoggedFootprint):
        _print_footprint(printer, report.recomputed)
    elif isinstance(report.recomputed, MeasuredAgain):
        _print_comparison(printer, report.recomputed)
    elif report.recomputed is not None:
        emission = report.recomputed.emission
        printer.line("")
        printer.fact(printer.say("organisation"), emission.organisation)
        printer.fact(printer.say("period"), f"{emission.period.name} ({emission.standing.value})")
        if emission.demonstration is not None:
            printer.line(printer.say("DEMONSTRATION: {why}", {"why": emission.demonstration}))
        for figure in emission.figures:
            printer.line(f"{figure.purpose.value} = {figure.value:f} {figure.unit}")
        for flag in report.recomputed.result.flags:
            lifted = f", {flag.approval}" if flag.approval else ""
            printer.line(f"! {flag.kind.value}: {flag.subject}{lifted}")
        worth = report.recomputed.uncertainty
        if worth is not None:
            for each in worth.budgets:
                printer.line(f"{each.figure}: U = {each.expanded:f} {each.unit}, k = {worth.k:f}")
        printer.line(
            printer.say(
                "computed again from {leaves} leaves: the same digits",
                {"leaves": report.recomputed.leaves},
            )
        )
    printer.anchor(report)
    printer.outcome(report)


def _print_footprint(printer: Printer, found: LoggedFootprint) -> None:
    record = found.record
    printer.line("")
    printer.fact(printer.say("organisation"), record.organisation)
    printer.fact(printer.say("batch"), f"{record.batch} ({record.product}, {record.mass:f} t)")
    for each in record.stages:
        value = "?" if each.value is None else f"{each.value:f}"
        printer.line(f"{each.stage.value} {each.side.value} = {value} kgCO2e/t")
    printer.line(
        printer.say(
            "computed again from {leaves} leaves: the same digits", {"leaves": record.count}
        )
    )


def _print_comparison(printer: Printer, found: MeasuredAgain) -> None:
    record = found.record
    printer.line("")
    printer.fact(printer.say("organisation"), record.organisation)
    printer.fact(printer.say("period"), f"{record.period.name} ({record.unit}, {record.method})")
    for line in comparison_lines(record):
        printer.line(line)
    printer.line(
        printer.say(
            "computed again from {leaves} leaves: the same digits", {"leaves": found.leaves}
        )
    )
