"""A footprint as text on a terminal."""

from decimal import Decimal

import typer

from api.cli.options import say
from api.cli.printable import printable
from api.footprint_words import flag_text, gap_text, side_text, stage_text
from api.i18n import of_environment
from trace_node.accounting.footprint.footprint import Footprint

_SHOWN = Decimal("0.001")


def print_footprint(found: Footprint) -> None:
    """Stages, totals, gaps, and how many leaves it rests on."""
    language = of_environment()
    say(
        "{batch}: {product}, {mass} t of {organisation}; kgCO2e per t, {gwp_set}",
        batch=found.batch.name,
        product=found.batch.product,
        mass=f"{found.batch.mass:f}",
        organisation=found.batch.organisation,
        gwp_set=found.gwp_set,
    )
    for each in found.stages:
        name = f"{stage_text(each.stage, language)}, {side_text(each.side, language)}"
        typer.echo(f"  {_number(each.value):>14} ± {_number(each.u):<10} {name}")
    for total in (found.gate, found.downstream):
        name = side_text(total.side, language)
        typer.echo(f"= {_number(total.value):>14} ± {_number(total.u):<10} {name}")
    for gap in found.gaps:
        typer.echo(printable(f"! {gap_text(gap.code, language)}: {gap.where} {gap.detail}"))
    for flag in found.flags:
        typer.echo(printable(f"! {flag_text(flag.code, language)}: {flag.subject}"))
    say("rests on {count} leaves; -o json lists them", count=len(found.links))


def _number(value: Decimal | None) -> str:
    """Three decimals to look at; the exact ones are in the JSON."""
    return "?" if value is None else f"{value.quantize(_SHOWN):f}"
