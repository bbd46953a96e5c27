"""``trace-node inventory``: the register of sources, and statistics of accounting."""

from typing import TYPE_CHECKING

import typer

from api.cli.inventory_group import BoundaryOption, SpanArgument, UnitOption, asked, group
from api.cli.options import HomeOption, Output, OutputOption, show

if TYPE_CHECKING:
    from trace_node.canonical_json import JsonValue


@group.command()
def sources(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show every emission source with its energy use and its amount.

    Ends with 1 where no record accounts for one.
    """
    from api.cli.inventory_text import print_sources
    from api.statistics_json import source_json
    from trace_node.services.source_register import source_register

    with asked(span, boundary, unit, home) as (request, store):
        found = source_register(request, store=store)
    if output is Output.JSON:
        rows: list[JsonValue] = [source_json(each) for each in found]
        show({"sources": rows}, output=output)
    else:
        print_sources(found)
    if not all(each.is_accounted for each in found):
        raise typer.Exit(1)


@group.command()
def statistics(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Count boundary, methods, reports, clean energy and sinks, and product footprints."""
    from api.cli.inventory_text import print_statistics
    from api.statistics_json import statistics_json
    from trace_node.services.accounting_statistics import accounting_statistics

    with asked(span, boundary, unit, home) as (request, store):
        found = accounting_statistics(request, store=store)
    if output is Output.JSON:
        show(statistics_json(found), output=output)
    else:
        print_statistics(found)
