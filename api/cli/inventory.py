"""``trace-node inventory``: emissions of a span by scope, category, gas, source and period."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import inventory_checks, inventory_entries, inventory_outlook, inventory_statistics
from api.cli.inventory_group import BoundaryOption, SpanArgument, UnitOption, asked, group, plain
from api.cli.options import HomeOption, Output, OutputOption, say, show

if TYPE_CHECKING:
    from trace_node.canonical_json import JsonValue

__all__ = [
    "group",
    "inventory_checks",
    "inventory_entries",
    "inventory_outlook",
    "inventory_statistics",
]


@group.command("show")
def show_inventory(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    per: Annotated[
        list[str] | None,
        typer.Option(
            help="What intensities are shown by: activities of the boundary, or a number.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the inventory of a month, quarter, year or free span; gaps are shown as gaps."""
    from api.cli.inventory_text import print_accuracy, print_intensities, print_inventory
    from api.cli.uncertainty_text import print_sums
    from api.inventory_json import auxiliary_json, intensities_json
    from api.inventory_view_json import intensity_rows, inventory_view_json
    from trace_node.clock import SystemClock
    from trace_node.services.inventory_accuracy import accuracy_of
    from trace_node.services.inventory_measures import intensities_of
    from trace_node.services.inventory_view import inventory_view
    from trace_node.services.span_activity import SpanActivities
    from trace_node.services.uncertainties import of_inventory

    numbers = [number for text in per or () if (number := _number(text)) is not None]
    names = [text for text in per or () if _number(text) is None]
    with asked(span, boundary, unit, home) as (request, store):
        found = inventory_view(request, store=store)
        activities = SpanActivities(store, request, now=SystemClock().now())
        measured = intensities_of(found.inventory, names, activities)
        worth = of_inventory(found.inventory, store=store)
    if output is Output.JSON:
        answer = {**inventory_view_json(found, worth), "auxiliary": auxiliary_json(found.inventory)}
        rows = [row for each in numbers for row in intensities_json(found.inventory, each)]
        if per:
            answer["intensities"] = [*rows, *intensity_rows(measured)]
        show(answer, output=output)
        return
    print_inventory(found, numbers)
    print_intensities(measured)
    print_sums(worth)
    print_accuracy(accuracy_of(found, worth))


@group.command()
def clean(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the clean energy of a span; it is a statistic of its own, never netted."""
    from api.cli.inventory_text import print_clean
    from api.inventory_view_json import clean_json
    from trace_node.services.inventory_view import inventory_view

    with asked(span, boundary, unit, home) as (request, store):
        found = inventory_view(request, store=store)
    if output is Output.JSON:
        show({"clean_energy": clean_json(found)}, output=output)
    else:
        print_clean(found)


@group.command()
def categories(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show every source category: present, declared not occurring, or missing.

    Ends with 1 where the inventory is not complete.
    """
    from api.cli.inventory_text import print_categories
    from api.inventory_view_json import category_json
    from trace_node.services.inventory_view import inventory_view

    with asked(span, boundary, unit, home) as (request, store):
        found = inventory_view(request, store=store)
    if output is Output.JSON:
        rows: list[JsonValue] = [category_json(each) for each in found.categories]
        show({"categories": rows, "complete": found.is_complete}, output=output)
    else:
        print_categories(found)
    if not found.is_complete:
        raise typer.Exit(1)


@group.command()
def compare(
    before: SpanArgument,
    after: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show two spans side by side, each purpose for itself."""
    from api.inventory_view_json import change_json
    from trace_node.accounting.inventory import compare as comparison
    from trace_node.services.inventory import inventory_of

    with asked(before, boundary, unit, home) as (request, store):
        one = inventory_of(request, store=store)
    with asked(after, boundary, unit, home) as (request, store):
        two = inventory_of(request, store=store)
    changes = comparison.compare(one, two)
    if output is Output.JSON:
        gaps = len(one.gaps), len(two.gaps)
        rows: list[JsonValue] = [change_json(each) for each in changes]
        show({"changes": rows, "gaps_after": gaps[1], "gaps_before": gaps[0]}, output=output)
        return
    for each in changes:
        share = "-" if each.ratio is None else f"{each.ratio * 100:+.2f} %"
        typer.echo(
            f"{each.purpose.value:12} {plain(each.before) or '-'} -> {plain(each.after) or '-'}"
            f" {each.unit} {each.gwp_set}  {share}"
        )
    for span, found in ((before, one), (after, two)):
        if found.gaps:
            say("{span} has {count} gaps: it is not whole", span=span, count=len(found.gaps))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # then it is the name of an activity
        return None
