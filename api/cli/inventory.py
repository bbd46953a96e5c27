"""``trace-node inventory``: emissions of a span by scope, category, gas, source and period."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.inventory_json import auxiliary_json, intensities_json, inventory_json
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.accounting.inventory.inventory import Inventory
    from trace_node.canonical_json import JsonValue

group = typer.Typer(no_args_is_help=True, help="Greenhouse-gas inventories from the log.")
BoundaryOption = Annotated[str, typer.Option("--boundary", help="Name of the boundary.")]
UnitOption = Annotated[
    str | None, typer.Option("--unit", help="Of one unit; all if left out.", show_default=False)
]
SpanArgument = Annotated[
    str, typer.Argument(help="2026, 2026-Q4, 2026-10 or a free span such as 2026-10/2027-03.")
]


@group.command("show")
def show_inventory(
    span: SpanArgument,
    *,
    boundary: BoundaryOption,
    unit: UnitOption = None,
    per: Annotated[
        str | None,
        typer.Option(help="Output of the span, to show intensities by.", show_default=False),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the inventory of a month, quarter, year or free span; gaps are shown as gaps."""
    found = _inventory(span, boundary, unit, home)
    quantity = None if per is None else _number(per)
    if output is Output.JSON:
        answer = {**inventory_json(found), "auxiliary": auxiliary_json(found)}
        if quantity is not None:
            answer["intensities"] = intensities_json(found, quantity)
        show(answer, output=output)
    else:
        _print(found, quantity)


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
    from api.cli.stating import open_log
    from trace_node.services.clean_energy import clean_energy_of
    from trace_node.services.library import method_library

    found = _inventory(span, boundary, unit, home)
    with open_log(home) as (_settings, _files, store):
        with store.view() as view:
            methods = method_library(view)
        amounts = clean_energy_of(found, store=store, methods=methods)
    if output is Output.JSON:
        rows: list[JsonValue] = [
            {
                "item": each.item,
                "leaf": each.index,
                "period": each.period,
                "source": each.source,
                "unit": each.unit,
                "value": f"{each.value:f}",
            }
            for each in amounts
        ]
        show({"clean_energy": rows}, output=output)
        return
    for each in amounts:
        typer.echo(
            f"{each.period:12} {each.source:20} {each.item:24} {each.value:f} {each.unit}"
            f"  [{each.index}]"
        )


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
    from trace_node.accounting.inventory import compare as comparison

    one = _inventory(before, boundary, unit, home)
    two = _inventory(after, boundary, unit, home)
    changes = comparison.compare(one, two)
    if output is Output.JSON:
        rows: list[JsonValue] = [
            {
                "after": _text(each.after),
                "before": _text(each.before),
                "gwp_set": each.gwp_set,
                "purpose": each.purpose.value,
                "ratio": _text(each.ratio),
                "unit": each.unit,
            }
            for each in changes
        ]
        show({"changes": rows}, output=output)
        return
    for each in changes:
        share = "-" if each.ratio is None else f"{each.ratio * 100:+.2f} %"
        typer.echo(
            f"{each.purpose.value:12} {_text(each.before) or '-'} -> {_text(each.after) or '-'}"
            f" {each.unit} {each.gwp_set}  {share}"
        )


def _print(found: "Inventory", per: Decimal | None) -> None:
    from trace_node.accounting.inventory.compare import intensity

    say("{begin} to {end}: {standing}", begin=found.begin.isoformat(),
        end=found.end.isoformat(), standing=found.standing.value)  # fmt: skip
    for why in found.demonstrations:
        say("DEMONSTRATION: {why}", why=why)
    for (purpose, unit, gwp_set), value in found.figures().items():
        share = "" if per is None else f"  {intensity(value, per):.6f} {unit}/1"
        typer.echo(f"  {purpose.value:12} {value:f} {unit} {gwp_set}{share}")
    for title, masses in (
        ("by scope", found.masses("scope")),
        ("by category", found.masses("scope", "category")),
        ("by category of ISO 14064-1", found.masses("iso14064")),
        ("by source", found.masses("unit", "source")),
        ("by period", found.by_period()),
    ):
        typer.echo(f"{title}:")
        for key, value in masses.items():
            typer.echo(f"  {' '.join(key[:-1]):32} {key[-1]:5} {value:f} t")
    for gas, (gross, sinks, net) in found.net().items():
        say("{gas}: gross {gross} t, sinks {sinks} t, net {net} t", gas=gas, gross=f"{gross:f}",
            sinks=f"{sinks:f}", net=f"{net:f}")  # fmt: skip
    for gap in found.gaps:
        say("gap: {unit} {method} from {begin} to {end}", unit=gap.unit, method=gap.method,
            begin=gap.begin.isoformat(), end=gap.end.isoformat())  # fmt: skip


def _inventory(span: str, boundary: str, unit: str | None, home: HomeOption) -> "Inventory":
    from api.cli.stating import open_log
    from trace_node.services.inventory import InventoryRequest, Span, inventory_of

    with open_log(home) as (settings, _files, store):
        request = InventoryRequest(
            organisation=settings.organisation,
            boundary=boundary,
            span=Span.parse(span),
            unit=unit,
        )
        return inventory_of(request, store=store)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError(
            "{field}: must be a decimal number",
            field="--per",
            remedy="write it as 1250.5",
            code="input.number",
        ) from error


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
