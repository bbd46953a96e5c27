"""``trace-node inventory``: forecast, board, stages and emitters."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.inventory_group import BoundaryOption, SpanArgument, UnitOption, asked, group
from api.cli.options import HomeOption, Output, OutputOption, show

if TYPE_CHECKING:
    from trace_node.canonical_json import JsonValue

YearArgument = Annotated[str, typer.Argument(help="The year, such as 2026.")]
PurposeOption = Annotated[
    str, typer.Option(help="Which figure: ets, enterprise, iso14064, footprint or auxiliary.")
]
GwpOption = Annotated[
    str | None,
    typer.Option("--gwp-set", help="Its GWP set, where there are several.", show_default=False),
]


@group.command()
def forecast(
    first: Annotated[str, typer.Argument(help="The first month ahead, such as 2026-11.")],
    *,
    boundary: BoundaryOption,
    count: Annotated[int, typer.Option("--months", help="Months ahead.", min=1, max=12)] = 12,
    purpose: PurposeOption = "enterprise",
    gwp_set: GwpOption = None,
    energy: Annotated[
        str | None,
        typer.Option(
            help="Energy use of the boundary whose growth is foretold in its place.",
            show_default=False,
        ),
    ] = None,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Foretell months by growth rate and by season, each with the error it had before."""
    from api.cli.outlook_text import print_forecast
    from api.outlook_json import forecast_json
    from trace_node.clock import SystemClock
    from trace_node.services.emission_forecast import ForecastRequest, forecast_emission
    from trace_node.services.outlook_words import read_month, read_purpose

    month = read_month(first)
    with asked(first, boundary, unit, home) as (request, store):
        wanted = ForecastRequest(
            organisation=request.organisation,
            boundary=boundary,
            unit=unit,
            first=month,
            count=count,
            purpose=read_purpose(purpose),
            gwp_set=gwp_set,
            energy=energy,
        )
        found = forecast_emission(wanted, store=store, now=SystemClock().now())
    if output is Output.JSON:
        show(forecast_json(found), output=output)
    else:
        print_forecast(found)


@group.command()
def trend(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    per: Annotated[
        str | None,
        typer.Option(
            help="Output of the boundary, such as clinker; the emission by itself if left out.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="day or month.")] = "month",
    purpose: PurposeOption = "enterprise",
    reference: Annotated[
        list[str] | None,
        typer.Option(
            help="Row of the library that a line is measured by: total=ROW or category=ROW.",
            show_default=False,
        ),
    ] = None,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Follow emission in time: figure and categories, where they go, what falls out, benchmarks."""
    from api.cli.trend_text import print_trend
    from api.trend_json import trend_json
    from trace_node.clock import SystemClock
    from trace_node.services.emission_trend import TrendRequest, emission_trend
    from trace_node.services.outlook_words import read_kind, read_purpose, read_references

    with asked(span, boundary, unit, home) as (request, store):
        wanted = TrendRequest(
            inventory=request,
            per=per,
            by=read_kind(by),
            purpose=read_purpose(purpose),
            references=read_references(reference or []),
        )
        found = emission_trend(wanted, store=store, now=SystemClock().now())
    if output is Output.JSON:
        show(trend_json(found), output=output)
    else:
        print_trend(found)


@group.command()
def board(
    year: YearArgument,
    *,
    boundary: BoundaryOption,
    purpose: Annotated[
        str | None,
        typer.Option(
            help="Which figure; that of the levels on record if left out.", show_default=False
        ),
    ] = None,
    gwp_set: GwpOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Rate a year in four colours, and show by what: history, plan, benchmark or advanced value."""
    from api.cli.outlook_text import print_board
    from api.outlook_json import board_json
    from trace_node.clock import SystemClock
    from trace_node.services.emission_board import BoardRequest, emission_board
    from trace_node.services.outlook_words import read_purpose, read_year

    period = read_year(year)
    with asked(year, boundary, None, home) as (request, store):
        wanted = BoardRequest(
            organisation=request.organisation,
            boundary=boundary,
            year=period,
            purpose=None if purpose is None else read_purpose(purpose),
            gwp_set=gwp_set,
        )
        found = emission_board(wanted, store=store, now=SystemClock().now())
    if output is Output.JSON:
        show(board_json(found), output=output)
    else:
        print_board(found)


@group.command()
def stages(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show every stage: value, share, change on the span before and on the year before."""
    from api.cli.outlook_text import print_stages
    from api.outlook_json import stage_json
    from trace_node.services.stage_analysis import stage_analysis

    with asked(span, boundary, unit, home) as (request, store):
        found = stage_analysis(request, store=store)
    if output is Output.JSON:
        rows: list[JsonValue] = [stage_json(each) for each in found]
        show({"stages": rows}, output=output)
    else:
        print_stages(found)


@group.command()
def emitter(
    year: YearArgument,
    *,
    boundary: BoundaryOption,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show whether this is a key or a general emitter, and a year's figures by the threshold."""
    from api.cli.outlook_text import print_emitters
    from api.outlook_json import emitter_json, year_figure_json
    from trace_node.services.emitters import emitter_years, threshold_of, year_figures
    from trace_node.services.outlook_words import read_year

    period = read_year(year)
    with asked(year, boundary, None, home) as (request, store):
        years = emitter_years(request.organisation, store=store)
        row = threshold_of(request.organisation, store=store)
        figures = year_figures(request.organisation, boundary, period, store=store)
    if output is Output.JSON:
        answer: dict[str, JsonValue] = {
            "figures": [year_figure_json(each) for each in figures],
            "source": row.source,
            "threshold": f"{row.value:f} {row.unit}",
            "years": [emitter_json(each) for each in years],
        }
        show(answer, output=output)
    else:
        print_emitters(years, figures, threshold=f"{row.value:f} {row.unit} ({row.source})")
