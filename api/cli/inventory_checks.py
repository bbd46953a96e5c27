"""``trace-node inventory check``: sources of one quantity against each other."""

from typing import Annotated

import typer

from api.cli.inventory_group import (
    BoundaryOption,
    SpanArgument,
    UnitOption,
    asked,
    group,
    read_number,
)
from api.cli.options import HomeOption, Output, OutputOption, show


@group.command()
def check(
    span: SpanArgument,
    activities: Annotated[
        list[str] | None,
        typer.Argument(
            help="Activities of the boundary that state one quantity, the reference first; none:"
            " records of longer periods against the shorter ones in them.",
            show_default=False,
        ),
    ] = None,
    *,
    boundary: BoundaryOption,
    tolerance: Annotated[
        str, typer.Option(help="Largest relative difference, a fraction.")
    ] = "0.02",
    unit: UnitOption = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Set sources of one quantity against each other, such as a meter and the supplier's bill.

    Ends with 1 where two differ by more than the tolerance.
    """
    from api.cli.inventory_text import print_checks
    from api.inventory_view_json import check_json
    from trace_node.accounting.inventory.cross_check import Agreement
    from trace_node.clock import SystemClock
    from trace_node.services.inventory_measures import check_activities, check_levels

    with asked(span, boundary, unit, home) as (request, store):
        if activities:
            rows = check_activities(
                request,
                activities,
                store=store,
                now=SystemClock().now(),
                tolerance=read_number(tolerance, field="--tolerance"),
            )
        else:
            rows = check_levels(request, store=store)
    if output is Output.JSON:
        show({"checks": [check_json(each) for each in rows]}, output=output)
    else:
        print_checks(rows)
    if any(each.agreement is Agreement.DIFFERS for each in rows):
        raise typer.Exit(1)
