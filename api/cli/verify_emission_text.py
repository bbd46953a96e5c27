"""A verified emission bundle for people: the figure that was computed again."""

from typing import TYPE_CHECKING

from api.cli.verify_text import Printer

if TYPE_CHECKING:
    from trace_node.services.verify_emission import EmissionReport


def print_recomputed(report: "EmissionReport") -> None:
    """Print the report of an emission bundle on standard output."""
    printer = Printer()
    printer.checks(report.verdict)
    printer.labels(report.verdict)
    if report.recomputed is not None:
        emission = report.recomputed.emission
        printer.line("")
        printer.fact(printer.say("organisation"), emission.organisation)
        printer.fact(printer.say("period"), f"{emission.period.name} ({emission.standing.value})")
        if emission.demonstration is not None:
            printer.line(printer.say("DEMONSTRATION: {why}", {"why": emission.demonstration}))
        for figure in emission.figures:
            printer.line(f"{figure.purpose.value} = {figure.value:f} {figure.unit}")
        printer.line(
            printer.say(
                "computed again from {leaves} leaves: the same digits",
                {"leaves": report.recomputed.leaves},
            )
        )
    printer.anchor(report)
    printer.outcome(report)
