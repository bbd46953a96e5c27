"""A verification report for people: a line for each check, its limits, its content, the outcome."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from api.cli.printable import printable
from api.i18n import of_environment, translations
from trace_node.services.verify_delivery import instant_of
from trace_node.services.verify_json import value_text
from trace_node.services.verify_proof import ProofReport
from trace_node.tlog.json_fields import instant_text
from trace_node.tlog.verdict import Anchored, Check, Status, Verdict

if TYPE_CHECKING:
    from trace_node.services.verify import Report

MARKS = {Status.PASSED: ("✓", "green"), Status.FAILED: ("✗", "bold red"),
         Status.NOT_DONE: ("?", "yellow")}  # fmt: skip
ANCHORED_STATUS = {
    Anchored.LIVE_CHAIN: Status.PASSED,
    Anchored.SEALED_HEADER: Status.PASSED,
    Anchored.FAILED: Status.FAILED,
    Anchored.NOT_DONE: Status.NOT_DONE,
}


class Printer:
    """Prints parts of a report in the language of the environment."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._gettext = translations(of_environment()).gettext

    def say(self, template: str, params: Mapping[str, object] | None = None) -> str:
        """A template in the reader's language, its parameters filled in."""
        return self._gettext(template).format(**(params or {}))

    def status(self, status: Status) -> str:
        """One of the three words."""
        if status is Status.PASSED:
            return self.say("passed")
        return self.say("failed") if status is Status.FAILED else self.say("not done")

    def anchored(self, anchored: Anchored) -> str:
        """The three words, and by which evidence the anchor passed."""
        if anchored is Anchored.LIVE_CHAIN:
            return self.say("passed: live chain")
        if anchored is Anchored.SEALED_HEADER:
            return self.say("passed: sealed header")
        return self.status(ANCHORED_STATUS[anchored])

    def line(self, *parts: str | tuple[str, str]) -> None:
        """One line of texts, some with a style; what they name may be a stranger's words."""
        self._console.print(
            Text.assemble(
                *(
                    printable(part) if isinstance(part, str) else (printable(part[0]), part[1])
                    for part in parts
                )
            )
        )

    def checks(self, verdict: Verdict) -> None:
        """A line for each check, and a second where there is something to say."""
        for check in verdict.checks:
            mark, style = MARKS[check.status]
            self.line((f"{mark} ", style), f"{check.kind.number:2} ", self.say(check.kind.title))
            if check.status is not Status.PASSED or check.message:
                self.line((f"     {self._detail(check)}", style))

    def _detail(self, check: Check) -> str:
        text = self.say(check.message, check.params) if check.message else ""
        if check.status is Status.PASSED:
            return text
        return f"{self.status(check.status)} [{check.reason}] {text}".rstrip()

    def labels(self, verdict: Verdict) -> None:
        """What limits the evidence whatever the outcome."""
        for label in verdict.labels:
            self.line(("! ", "yellow"), self.say(label.message, label.params))

    def anchor(self, report: "Report") -> None:
        """Where the anchor is on its chain."""
        anchor = None if report.bundle is None else report.bundle.anchor
        if anchor is not None:
            self.fact(
                self.say("anchor"),
                f"{anchor.engine} {anchor.chain_id}, block {anchor.block_number},"
                f" 0x{anchor.transaction_hash.hex()}",
            )

    def outcome(self, report: "Report") -> None:
        """The two halves of the outcome."""
        verdict = report.verdict
        if report.log.signed is not None:
            self.fact(self.say("trust root"), report.log.signed.fingerprint)
        signed, anchored = verdict.signed, verdict.anchored
        self.line(self.say("signed:   "), (self.status(signed), MARKS[signed][1]))
        style = MARKS[ANCHORED_STATUS[anchored]][1]
        self.line(self.say("anchored: "), (self.anchored(anchored), style))

    def fact(self, name: str, value: str) -> None:
        """A named value."""
        self.line((f"{name}: ", "dim"), value)


def print_proof(report: ProofReport) -> None:
    """Print the report of a single proof on standard output."""
    printer = Printer()
    printer.checks(report.verdict)
    printer.labels(report.verdict)
    _print_record(printer, report)
    printer.outcome(report)


def _print_record(printer: Printer, report: ProofReport) -> None:
    record, bundle = report.record, report.bundle
    if record is None or bundle is None:
        return
    value = value_text(record)
    shown = f"{value} {record.unit}" if value is not None else str(record.reason or record.event)
    printer.line("")
    printer.line(f"{record.device} {record.meter_register or ''} ".rstrip(), " = ", shown)
    printer.fact(printer.say("observed at"), instant_text(instant_of(record.observed_at_ms)))
    printer.fact(printer.say("leaf"), str(bundle.leaf_index))
    if report.collector is not None:
        printer.fact(
            printer.say("collector"),
            f"{report.collector.subject} ({report.collector.organisation})",
        )
    printer.anchor(report)
