"""``trace-node allowance``: what the rules of the market say of given figures."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Output, OutputOption, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from trace_node.quota.sheet import Sheet
    from trace_node.services.allocation import RuleLibrary

group = typer.Typer(
    no_args_is_help=True,
    help="Allocation, carry-over and obligation by the rules of the national market.",
)
MOST_PLACES = 12
YearOption = Annotated[int, typer.Option("--year", help="Obligation year.", min=2000, max=2200)]
OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help="Day whose rules count; today if left out.",
        show_default=False,
    ),
]


@group.command()
def methods(output: OutputOption = Output.TEXT) -> None:
    """List the calculations with their years, inputs and sources."""
    listed = [method.to_json() for method in packaged().methods]
    if output is Output.JSON:
        show({"methods": listed}, output=output)
        return
    for method in packaged().methods:
        years = ", ".join(map(str, method.validity.years)) or "-"
        inputs = " ".join(spec.name for spec in method.inputs)
        typer.echo(f"{method.id}@{method.version}  {years}\n  {method.title}\n  {inputs}")


@group.command()
def calculate(
    method: Annotated[str, typer.Argument(help="Id of the method.")],
    values: Annotated[list[str], typer.Argument(help="Inputs, as name=value.")],
    year: YearOption,
    on: OnOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Calculate by one method, and show every step with its rounding."""
    sheet = packaged().calculate(method, pairs(values), year=year, on=day_of(on))
    if output is Output.JSON:
        show(sheet.to_json(), output=output)
        return
    _print_sheet(sheet)
    print_drafts(sheet.drafts)


@group.command()
def allocate(
    file: Annotated[Path, typer.Argument(help="The generating units (TOML), a table unit each.")],
    year: YearOption,
    on: OnOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Allocate to an entity's generating units, with the top-up of the plan."""
    from api.cli.examine import read_bounded
    from trace_node.quota.unit_file import MAX_BYTES, read_units
    from trace_node.services.allocation import allocate_power

    units = read_units(read_bounded(file, bound=MAX_BYTES))
    for unit in units:
        if unit.leaves:
            raise InputError(
                "{field}: figures from leaves need the log of a node",
                field=f"{unit.name}: leaves",
                remedy="settle with trace-node allowance log-sheet, or type the figures in",
                code="allocation.leaf",
            )
    given = [(unit.name, unit.values) for unit in units]
    found = allocate_power(given, library=packaged(), year=year, on=day_of(on))
    if output is Output.JSON:
        show(found.to_json(), output=output)
        return
    for name, sheet in found.units.items():
        typer.echo(name)
        _print_sheet(sheet)
    _print_sheet(found.total)
    print_drafts(found.drafts)


def packaged() -> "RuleLibrary":
    """The rules and methods that travel with the package."""
    from trace_node.services.allocation import RuleLibrary

    return RuleLibrary.packaged()


def day_of(on: datetime | None) -> "date":
    """The day given, or today in Beijing."""
    from trace_node.clock import SystemClock
    from trace_node.period import SHANGHAI

    return on.date() if on else SystemClock().now().astimezone(SHANGHAI).date()


def pairs(values: list[str]) -> dict[str, str]:
    """Texts by name from ``name=value``."""
    given: dict[str, str] = {}
    for value in values:
        name, mark, text = value.partition("=")
        if not mark or name in given:
            raise InputError(
                "{field}: write each input once, as name=value",
                field=value[:60],
                remedy="for example electricity=3000000",
                code="input.pair",
            )
        given[name] = text
    return given


def _print_sheet(sheet: "Sheet") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(
        box=box.SIMPLE,
        show_header=False,
        title=f"{sheet.method}  {sheet.year}",
        title_justify="left",
    )
    for _ in ("symbol", "value", "unit"):
        table.add_column(no_wrap=True, overflow="ignore")  # a cut-off figure would mislead
    table.add_column()
    for step in sheet.steps:
        table.add_row(step.symbol, _digits(step.value), step.unit, step.formula)
    Console(highlight=False).print(table)


def _digits(value: "Decimal") -> str:
    """At most twelve places; a sign says where there are more."""
    text = format(value, "f")
    whole, _, places = text.partition(".")
    return f"{whole}.{places[:MOST_PLACES]}…" if len(places) > MOST_PLACES else text


def print_drafts(drafts: tuple[str, ...]) -> None:
    """Say which drafts a figure rests on, and which book is the legal one."""
    if drafts:
        say(
            "drafts were used, which no settlement may rest on unapproved: {ids}",
            ids=", ".join(drafts),
        )
    say("The registry of the national market is the legal record of allowances, not this figure.")
