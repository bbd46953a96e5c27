"""``trace-node account``: log a boundary, compute emissions, show and prove them."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.i18n import of_environment, translations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trace_node.accounting.methods.result import Flag
    from trace_node.accounting.records.emission import Emission
    from trace_node.services.account import Accounted
    from trace_node.services.live_figures import LiveFigures

group = typer.Typer(
    no_args_is_help=True,
    help="Emissions from the readings of the log: boundary, figures, evidence.",
)
BoundaryOption = Annotated[str, typer.Option("--boundary", help="Name of the boundary.")]
IndexArgument = Annotated[int, typer.Argument(min=0, help="Leaf of the emission record.")]


@group.command()
def boundary(
    file: Annotated[Path, typer.Argument(help="The boundary (TOML), see docs/spec/boundary.md.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only check it.")] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Check a version of a boundary and put it on record."""
    from api.cli.examine import read_bounded
    from api.cli.stating import statement_desk
    from trace_node.accounting.boundary.boundary_file import MAX_BYTES, read_boundary_file
    from trace_node.services.boundary_check import require_fitting
    from trace_node.services.library import method_library

    content = read_boundary_file(read_bounded(file, bound=MAX_BYTES), file=file.name)
    with statement_desk(home) as desk:
        with desk.store.view() as view:
            methods = method_library(view)
        require_fitting(content, reader=desk.store.reader(), methods=methods)
        if check:
            say("the boundary {name}, version {version}, fits", name=content.name,
                version=content.version)  # fmt: skip
            return
        logged = desk.log(content)
    answer = {"leaf": logged.index, "boundary": content.name, "version": content.version}
    show(answer, output=output)


@group.command()
def run(
    unit: Annotated[str, typer.Argument(help="The accounting unit.")],
    period: Annotated[str, typer.Argument(help="2026, 2026-10, 2026-10-05 or 2026-10-05T11.")],
    *,
    name: BoundaryOption,
    reason: Annotated[
        str | None, typer.Option(help="Why a final figure is adjusted.", show_default=False)
    ] = None,
    compliance: Annotated[
        bool, typer.Option("--compliance", help="Drafts need a logged approval.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compute the emission of a unit in a period and put it on record, once for each figure."""
    from api.cli.stating import statement_desk
    from trace_node.accounting.methods.words import Use
    from trace_node.clock import SystemClock
    from trace_node.ids import OrganisationId
    from trace_node.period import parse_period
    from trace_node.services.account import Accounts
    from trace_node.services.account_computation import AccountRequest

    with statement_desk(home) as desk:
        service = Accounts(desk.store, log=desk.log, clock=SystemClock())
        request = AccountRequest(
            organisation=OrganisationId(desk.organisation),
            boundary=name,
            unit=unit,
            period=parse_period(period),
            use=Use.COMPLIANCE if compliance else Use.INTERNAL,
            reason=reason,
        )
        done = service.account(request)
    _show_accounted(done, output)


@group.command()
def now(
    unit: Annotated[str, typer.Argument(help="The accounting unit.")],
    span: Annotated[
        str, typer.Argument(help="2026, 2026-Q4, 2026-10, 2026-10-05, or 2026-10/2026-11.")
    ],
    *,
    name: BoundaryOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the emission of a span up to now; what is not final on record is provisional."""
    from api.cli.stating import open_log
    from api.live_json import live_json
    from trace_node.clock import SystemClock
    from trace_node.ids import OrganisationId
    from trace_node.services.inventory import Span
    from trace_node.services.live_figures import LiveRequest, live_figures

    with open_log(home) as (settings, _files, store):
        request = LiveRequest(
            organisation=OrganisationId(settings.organisation),
            boundary=name,
            unit=unit,
            span=Span.parse(span),
        )
        found = live_figures(request, store=store, clock=SystemClock())
    if output is Output.JSON:
        show(live_json(found), output=output)
        return
    print_live(found)


@group.command("show")
def show_figure(
    index: IndexArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show an emission record with everything it was computed from, and what it is worth."""
    from api.cli.stating import open_log
    from api.cli.uncertainty_text import print_uncertainty, uncertainty_json
    from trace_node.services.library import known_method
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.uncertainties import beside

    with open_log(home) as (_settings, _files, store):
        emission = figures_of_log(store).emission(index)
        worth = beside(emission, index, store=store)
        with store.view() as view:
            steps = known_method(view, emission.method).method.steps
    if output is Output.JSON:
        answer = {"leaf": index, **emission.to_fields(), "uncertainty": uncertainty_json(worth)}
        show(answer, output=output)
    else:
        marks = {name: step.mark.value for name, step in steps.items()}
        print_emission(index, emission, marks=marks)
        print_uncertainty(worth)


@group.command()
def bundle(
    index: IndexArgument,
    file: Annotated[Path, typer.Option("--out", help="File that gets the bundle (.tnproof).")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a figure with all its evidence to one file, which anybody can compute again."""
    from api.cli.stating import open_log
    from api.wiring.cosigning import vouched_by
    from trace_node.services.prove_emission import figures_of_log

    with open_log(home) as (_settings, files, store):
        raw = figures_of_log(store).prove(index, vouched=vouched_by(files))
    file.write_bytes(raw)
    show({"file": str(file), "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()},
         output=output)  # fmt: skip


def _show_accounted(done: "tuple[Accounted, ...]", output: Output) -> None:
    from api.cli.uncertainty_text import print_uncertainty, uncertainty_json

    if output is Output.JSON:
        listed = [
            {
                "leaf": one.index,
                "new": one.is_new,
                "lacking": list(one.lacking),
                **one.emission.to_fields(),
                "uncertainty": uncertainty_json(one.uncertainty),
            }
            for one in done
        ]
        show({"emissions": listed}, output=output)
        return
    for one in done:
        print_emission(one.index, one.emission, flags=one.result.flags, marks=one.result.marks)
        for lacking in one.lacking:
            say("  ! {name}: no sample; the method's own value stands in", name=lacking)
        print_uncertainty(one.uncertainty)


def print_live(found: "LiveFigures") -> None:
    """Print the emission of a span for people: figures, sources, pieces and gaps."""
    from api.cli.figures_text import print_figures
    from api.cli.inventory_group import shown

    say("{begin} to {end}, until {until}: {standing}", begin=found.begin.isoformat(),
        end=found.end.isoformat(), until=found.until.isoformat(),
        standing=found.standing.value)  # fmt: skip
    for why in found.demonstrations:
        say("DEMONSTRATION: {why}", why=why)
    print_figures(found.span_figures())
    for (of, source, gas), mass in found.masses().items():
        typer.echo(f"    {of:12} {source:20} {gas:4} {shown(mass)} t")
    for part in found.parts:
        leaf = "-" if part.index is None else f"#{part.index}"
        one = part.emission
        typer.echo(f"    {one.period.name:16} {one.method:28} {one.standing.value:12} {leaf}")
    for flag in dict.fromkeys(flag for part in found.parts for flag in part.flags):
        _print_flag(flag)
    for gap in found.gaps:
        typer.echo(f"    {gap.period.name:16} {gap.error.reason}")
        why = translations(of_environment()).gettext(gap.error.template)
        typer.echo(f"      {why.format(**gap.error.params)}")


def print_emission(
    index: int,
    emission: "Emission",
    *,
    flags: "Sequence[Flag]" = (),
    marks: "Mapping[str, str] | None" = None,
) -> None:
    """Print an emission record for people: figures, masses, activity, factors and leaves.

    Args:
        index: Its leaf.
        emission: The record.
        flags: Flags of its result.
        marks: Evidence mark of each term (证据标记).
    """
    say("leaf {leaf}: {unit}, {period}, {method}, {standing}", leaf=index, unit=emission.unit,
        period=emission.period.name, method=emission.method,
        standing=emission.standing.value)  # fmt: skip
    if emission.demonstration is not None:
        say("DEMONSTRATION: {why}", why=emission.demonstration)
    for figure in emission.figures:
        gwp = f" ({figure.gwp_set})" if figure.gwp_set else ""
        typer.echo(f"  {figure.purpose.value:12} {figure.value:f} {figure.unit}{gwp}")
    for item in emission.items:
        term = item.code.rpartition("/")[2].partition(".")[0]
        mark = f"  [{marks[term]}]" if marks and term in marks else ""
        typer.echo(
            f"    {item.source:20} scope {item.scope}  {item.gas:4} {item.role.value:8}"
            f" {item.mass:f} t{mark}"
        )
    for one in emission.activity:
        leaves = ", ".join(map(str, one.leaves[:6])) + (" …" if len(one.leaves) > 6 else "")  # noqa: PLR2004
        typer.echo(f"    {one.name:20} {one.value:f} {one.unit}  [{leaves}]")
        for finding in one.findings:
            typer.echo(f"  ! {one.name}: {finding}")
    for use in emission.factors:
        typer.echo(f"    {use.node:20} {use.row}")
    for flag in flags:
        _print_flag(flag)


def _print_flag(flag: "Flag") -> None:
    lifted = f", {flag.approval}" if flag.approval else ""
    typer.echo(f"  ! {flag.kind.value}: {flag.subject}{lifted}")
