"""``trace-node readings``: collected data reported by hand, or carried to a platform as a file."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.exit_codes import INVALID, PENDING
from trace_node.errors import InputError

if TYPE_CHECKING:
    from collectors.runtime.destination import DestinationConfig
    from collectors.runtime.settings import CollectorSettings

group = typer.Typer(
    no_args_is_help=True,
    help="Collected data: report by hand, export to a file, take in from a file.",
)
LOOK_S: Final = 0.1
CollectorArgument = Annotated[
    Path, typer.Argument(help="collector.toml, or the folder that holds it.")
]
ToOption = Annotated[str, typer.Option("--to", help="Name of the destination.")]
FileArgument = Annotated[Path, typer.Argument(help="The data file.")]


@group.command()
def report(
    collector: CollectorArgument,
    *,
    to: ToOption,
    wait: Annotated[
        int, typer.Option(min=0, max=3600, help="Seconds to wait until it was made.")
    ] = 60,
) -> None:
    """Report to a destination now; a collector that does not run does it at its next start."""
    from collectors.runtime.report_gate import ask_for_report, is_asked
    from collectors.runtime.report_rule import ReportMode

    by_hand = (ReportMode.BY_HAND, ReportMode.SCHEDULE)
    settings, _destination = _destination_of(collector, to, modes=by_hand)
    asked = ask_for_report(settings.spool, to)
    deadline = time.monotonic() + wait
    while is_asked(asked):
        if time.monotonic() >= deadline:
            say("asked for; not everything is there yet: see trace-node status")
            raise typer.Exit(PENDING)
        time.sleep(LOOK_S)
    say("everything collected so far was reported to {destination}", destination=to)


@group.command()
def export(
    collector: CollectorArgument,
    *,
    to: ToOption,
    out: Annotated[Path, typer.Option("--out", help="File to write; it must not exist.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write everything that a destination has not acknowledged yet to one file."""
    from api.cli.readings_export import write_export
    from collectors.runtime.report_rule import ReportMode

    settings, destination = _destination_of(collector, to, modes=(ReportMode.FILE,))
    made = write_export(settings, destination, out)
    show({"file": str(out), **made}, output=output)


@group.command()
def receipt(
    collector: CollectorArgument,
    file: Annotated[Path, typer.Argument(help="The receipt that came back.")],
    *,
    to: ToOption,
) -> None:
    """Hand a collector the receipt of a data file: what it names need not be kept any more."""
    from api.cli.examine import read_bounded
    from collectors.runtime.file_outlet import receipt_file
    from collectors.runtime.receipt import MAX_BYTES, read_receipt
    from collectors.runtime.report_rule import ReportMode

    settings, destination = _destination_of(collector, to, modes=(ReportMode.FILE,))
    raw = read_bounded(file, bound=MAX_BYTES)
    found = read_receipt(raw)
    if found.origin != destination.origin:
        raise InputError(
            "{field}: is of the log {other}, not of {origin}",
            field=file.name,
            other=found.origin,
            origin=destination.origin,
            remedy="take the receipt of this destination",
            code="collected.receipt",
        )
    place = receipt_file(settings.spool, to)
    place.parent.mkdir(exist_ok=True)
    draft = place.with_suffix(".new")
    draft.write_bytes(raw)
    draft.replace(place)
    say("{count} deliveries are acknowledged; the collector takes that over",
        count=len(found.deliveries))  # fmt: skip


@group.command("show")
def show_file(
    file: FileArgument,
    *,
    points_out: Annotated[
        Path | None, typer.Option(help="Write the collector's point list to this file.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Check a data file against the collector's signatures, and show what it says; on any computer.

    The key is the one the file names: compare it with its owner before it is enrolled.
    """
    from collectors.runtime.data_check import examine
    from trace_node.ids import to_base64url

    found = examine(file)
    head = found.head
    if points_out is not None:
        points_out.write_text(head.points, encoding="utf-8")
    show(
        {
            "organisation": head.organisation,
            "origin": head.origin,
            "made_at": head.made_at,
            "collector": head.collector.key_id,
            "fingerprint": head.collector.fingerprint,
            "point": to_base64url(head.collector.point),
            "deliveries": head.deliveries,
            "records": found.records,
            "of_other_points": found.of_other_points,
        },
        output=output,
    )


@group.command()
def take(
    file: FileArgument,
    *,
    receipt_out: Annotated[
        Path | None, typer.Option("--receipt", help="Write the receipt for the collector.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take a data file into the log, as if its deliveries had come over the network.

    Exit code 1 if one is refused; those that are not stay, and taking it again doubles nothing.
    """
    from api.cli.readings_take import take_file

    taken = take_file(file, home)
    if receipt_out is not None:
        receipt_out.write_bytes(taken.receipt.to_bytes())
    show(
        {
            "taken": len(taken.receipt.deliveries),
            "records": taken.records,
            "refused": [*taken.refused],
        },
        output=output,
    )
    if taken.refused:
        raise typer.Exit(INVALID)


def _destination_of(
    collector: Path, name: str, *, modes: "tuple[str, ...]"
) -> "tuple[CollectorSettings, DestinationConfig]":
    from collectors.runtime.settings import load_settings

    settings = load_settings(collector)
    found = next((each for each in settings.destinations if each.name == name), None)
    if found is None or found.report.mode not in modes:
        fitting = [each.name for each in settings.destinations if each.report.mode in modes]
        raise InputError(
            "{field}: {name} is no destination of this collector that is reported to like that",
            field="--to",
            name=name[:64],
            remedy="name one of: {names}; the key report of a [[destination]] says how",
            names=", ".join(fitting) or "-",
            code="collected.destination",
        )
    return settings, found
