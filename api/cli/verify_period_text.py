"""A verified period bundle for people: the devices, their readings and what is doubtful."""

from api.cli.verify_text import MARKS, Printer
from trace_node.services.verify_period import PeriodReport
from trace_node.tlog.json_fields import instant_text


def print_period(report: PeriodReport) -> None:
    """Print the report of a period bundle on standard output."""
    printer = Printer()
    printer.checks(report.verdict)
    printer.labels(report.verdict)
    _print_devices(printer, report)
    printer.outcome(report)


def _print_devices(printer: Printer, report: PeriodReport) -> None:
    bundle = report.bundle
    if bundle is None:
        return
    printer.line("")
    printer.fact(printer.say("organisation"), bundle.organisation)
    printer.fact(
        printer.say("period"), f"{instant_text(bundle.begin)} … {instant_text(bundle.end)}"
    )
    for device in report.devices:
        mark, style = MARKS[device.status]
        printer.line(
            (f"{mark} ", style),
            printer.say(
                "{device}: {held} of {expected} records of its chain are here",
                {"device": device.device, "held": device.held, "expected": device.expected},
            ),
        )
        for counts in device.meter_registers:
            planned = "?" if counts.planned is None else counts.planned
            printer.line(
                "     ",
                printer.say(
                    "{name}: {present} readings and {failed} failed reads of {planned} planned",
                    {
                        "name": counts.meter_register,
                        "present": counts.present,
                        "failed": counts.failed,
                        "planned": planned,
                    },
                ),
            )
        for doubt in device.doubts:
            printer.line(
                (f"     [{doubt.reason}] ", style), printer.say(doubt.message, doubt.params)
            )
    printer.anchor(report)
