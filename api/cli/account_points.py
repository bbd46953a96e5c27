"""``trace-node account points|items``: single points, each with method, formula and data item."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.account import BoundaryOption, group
from api.cli.method import MethodArgument
from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.printable import printable

if TYPE_CHECKING:
    from trace_node.accounting.boundary.single_point import Possible
    from trace_node.accounting.methods.method import Step
    from trace_node.canonical_json import JsonObject, JsonValue
    from trace_node.services.single_points import PointFigure

__all__ = ["group"]


@group.command()
def points(
    period: Annotated[str, typer.Argument(help="2026, 2026-10, 2026-10-05 or 2026-10-05T11.")],
    *,
    name: BoundaryOption,
    device: Annotated[
        str | None, typer.Option("--device", help="Of one device; all if left out.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show each meter and entry with its method, formula and figures of a period."""
    from api.cli.stating import open_log
    from trace_node.period import parse_period
    from trace_node.services.single_points import PointsRequest, single_points

    with open_log(home) as (settings, _files, store):
        request = PointsRequest(
            organisation=settings.organisation,
            boundary=name,
            period=parse_period(period),
            device=device,
        )
        found = single_points(request, store=store)
    if output is Output.JSON:
        rows: list[JsonValue] = [_point_json(each) for each in found]
        show({"points": rows}, output=output)
        return
    for each in found:
        _print_point(each)
    say("{count} data items of points", count=len(found))


@group.command()
def items(
    ref: MethodArgument,
    unit: Annotated[str, typer.Option("--unit", help="Unit of the meter register, such as kWh.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """List the data items of a method that a register of some unit can be matched with."""
    from api.cli.stating import open_log
    from trace_node.accounting.boundary.single_point import possible_items
    from trace_node.services.library import known_method

    with open_log(home) as (_settings, _files, store), store.view() as view:
        method = known_method(view, ref).method
    found = possible_items(method, unit)
    if output is Output.JSON:
        rows: list[JsonValue] = [_possible_json(each) for each in found]
        show({"items": rows, "method": method.ref}, output=output)
        return
    for each in found:
        typer.echo(printable(f"{each.category:24} {each.symbol.id:16} {each.symbol.title_zh}"))
        _print_terms(each.terms)
    say("{count} data items take {unit}", count=len(found), unit=printable(unit))


def _print_point(one: "PointFigure") -> None:
    matched, activity = one.matched, one.activity
    say("{point} ({meter}): {method}, {category}, {source}", point=matched.point,
        meter=matched.meter, method=matched.method, category=matched.category,
        source=matched.source)  # fmt: skip
    through = "".join(f" -> {name}" for name in matched.through)
    typer.echo(
        printable(f"  {matched.point}{through} -> {matched.symbol.id} {matched.symbol.title_zh}")
    )
    _print_terms(matched.terms)
    if activity is None:
        say("  no emission record of this period")
        return
    typer.echo(f"    {activity.raw:f} {activity.raw_unit} -> {activity.value:f} {activity.unit}")
    for gas, mass in one.masses:
        typer.echo(f"    {gas:8} {mass:f} t  #{one.leaf}")
    if one.shared:
        say("    the source is measured by these points too: {points}",
            points=", ".join(one.shared))  # fmt: skip


def _print_terms(terms: tuple["Step", ...]) -> None:
    for term in terms:
        typer.echo(f"    {term.id} [{term.mark.value}] {term.gas} = {term.formula.text}")


def _point_json(one: "PointFigure") -> "JsonObject":
    matched, activity = one.matched, one.activity
    return {
        "activity": None if activity is None else activity.to_json(),
        "category": matched.category,
        "item": matched.symbol.item or matched.symbol.id,
        "leaf": one.leaf,
        "masses": [{"gas": gas, "tonnes": f"{mass:f}"} for gas, mass in one.masses],
        "meter": matched.meter,
        "method": matched.method,
        "parameters": [
            {"symbol": each.id, "unit": each.unit_text, "from": each.source.value}
            for each in matched.parameters
        ],
        "point": matched.point,
        "shared_with": list(one.shared),
        "source": matched.source,
        "symbol": matched.symbol.id,
        "terms": [_term_json(each) for each in matched.terms],
        "through": list(matched.through),
        "unit": matched.unit,
    }


def _possible_json(one: "Possible") -> "JsonObject":
    return {
        "category": one.category,
        "item": one.symbol.item or one.symbol.id,
        "symbol": one.symbol.id,
        "terms": [_term_json(each) for each in one.terms],
        "unit": one.symbol.unit_text,
        "words": {word: list(permitted) for word, permitted in one.words.items()},
    }


def _term_json(term: "Step") -> "JsonObject":
    return {
        "clause": term.clause,
        "formula": term.formula.text,
        "gas": term.gas,
        "mark": term.mark.value,
        "term": term.id,
    }
