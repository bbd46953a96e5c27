"""Figures of a span for people."""

from collections.abc import Callable, Mapping

import typer

from api.cli.inventory_group import shown
from api.cli.options import say
from trace_node.accounting.inventory.figures import FigureKey, SpanFigure


def print_figures(
    found: Mapping[FigureKey, SpanFigure],
    *,
    beside: Callable[[SpanFigure, str], str] = lambda _one, _unit: "",
) -> None:
    """Print each figure, and below it what rounding took or gave where that is anything.

    Args:
        found: The figures.
        beside: What stands behind a figure in a unit.
    """
    for (purpose, unit, gwp_set), one in found.items():
        line = f"  {purpose.value:12} {shown(one.value)} {unit} {gwp_set}{beside(one, unit)}"
        typer.echo(line.rstrip())
        if one.is_plain:
            continue
        say("    before the total is rounded {unrounded} {unit}, as the masses add up; rounding"
            " {rounding}", unrounded=shown(one.unrounded), unit=unit,
            rounding=f"{one.rounding:+f}")  # fmt: skip
        if one.of_records != one.value:
            say("    the records, each rounded by itself, add up to {of_records} {unit}; rounding"
                " {rounding}: this is not the figure", of_records=shown(one.of_records), unit=unit,
                rounding=f"{one.rounding_of_records:+f}")  # fmt: skip
