"""``trace-node measure``: emission measured beside its calculation, and which is the figure."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance_log import print_logged
from api.cli.options import HomeOption, Output, OutputOption, say, show

if TYPE_CHECKING:
    from trace_node.services.measure import Measured

group = typer.Typer(
    no_args_is_help=True,
    help="Flue gas, mass balance and calculation of one emission side by side.",
)
LeafArgument = Annotated[int, typer.Argument(min=0, help="Leaf of the comparison.")]


@group.command()
def plan(
    file: Annotated[
        Path, typer.Argument(help="The plan (TOML), see docs/spec/measurement-statements.md.")
    ],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Put on record which stacks and streams are measured, and which measurement is the figure."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.assessment.measured import require_plan
    from trace_node.accounting.records.measured_file import MAX_BYTES, read_plan_file
    from trace_node.ids import OrganisationId
    from trace_node.services.library import method_library

    raw = read_bounded(file, bound=MAX_BYTES)
    with statement_desk(home) as desk:
        content = read_plan_file(
            raw, file=file.name, organisation=OrganisationId(desk.organisation)
        )
        with desk.store.view() as view:
            require_plan(content, method_library(view).get(content.method))
        print_logged(desk.log(content), output)


@group.command()
def run(
    unit: Annotated[str, typer.Argument(help="The accounting unit.")],
    period: Annotated[str, typer.Argument(help="2026, 2026-10 or 2026-10-05.")],
    *,
    boundary: Annotated[str, typer.Option("--boundary", help="Name of the boundary.")],
    method: Annotated[str, typer.Option("--method", help="Method of the calculation.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Measure a period by every approach of the plan, compare them, and put it on record."""
    from api.cli.stating import statement_desk
    from trace_node.clock import SystemClock
    from trace_node.period import parse_period
    from trace_node.services.measure import MeasureRequest, measure

    with statement_desk(home) as desk:
        request = MeasureRequest(
            organisation=desk.organisation,
            boundary=boundary,
            unit=unit,
            method=method,
            period=parse_period(period),
        )
        done = measure(request, store=desk.store, log=desk.log, clock=SystemClock())
    _show(done, output)


@group.command("show")
def show_comparison(
    index: LeafArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show a comparison: each approach with U, E_n of each pair, the figure and what is wrong."""
    from api.cli.stating import open_log
    from trace_node.services.measure import measurement_at

    with open_log(home) as (_settings, _files, store):
        found = measurement_at(index, store=store)
    _show(found, output)


@group.command()
def check(index: LeafArgument, home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Make a comparison again from the readings of the log: same digits, or what differs first."""
    from api.cli.stating import open_log
    from trace_node.clock import SystemClock
    from trace_node.services.measure import recompute

    with open_log(home) as (_settings, _files, store):
        found = recompute(index, store=store, clock=SystemClock())
    _show(found, output)
    if output is Output.TEXT:
        say("made again: the same digits")


@group.command()
def bundle(
    index: LeafArgument,
    file: Annotated[Path, typer.Option("--out", help="File that gets the bundle (.tnproof).")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write all that an outsider makes a comparison from: trace-node verify --recompute."""
    from api.cli.stating import open_log
    from api.wiring.cosigning import vouched_by
    from trace_node.clock import SystemClock
    from trace_node.services.measure_proof import prove_measurement

    with open_log(home) as (_settings, files, store):
        raw = prove_measurement(index, store=store, clock=SystemClock(), vouched=vouched_by(files))
    file.write_bytes(raw)
    show({"file": str(file), "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()},
         output=output)  # fmt: skip


def _show(found: "Measured", output: Output) -> None:
    if output is Output.JSON:
        show({"leaf": found.index, **found.record.to_fields()}, output=output)
        return
    from api.cli.measure_text import comparison_lines

    say("leaf {leaf}: {unit}, {period}, {method}", leaf=found.index, unit=found.record.unit,
        period=found.record.period.name, method=found.record.method)  # fmt: skip
    for line in comparison_lines(found.record):
        typer.echo(line)
