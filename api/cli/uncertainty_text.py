"""What figures are worth, as people and programs read it."""

from collections.abc import Iterable
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

import typer

from api.cli.options import say

if TYPE_CHECKING:
    from trace_node.accounting.assessment.sums import SumBudget
    from trace_node.accounting.uncertainty.budget import Budget
    from trace_node.canonical_json import JsonValue
    from trace_node.services.uncertainties import Evaluated

_LARGEST = 5
_DIGITS = 3  # of an uncertainty, rounded up: it is never told smaller than it is


def uncertainty_json(found: "Evaluated | None") -> "JsonValue":
    """The record and its leaf; null where nothing was evaluated."""
    return None if found is None else {"leaf": found.index, **found.record.to_json()}


def print_uncertainty(found: "Evaluated | None") -> None:
    """Print U of each figure with its parts and largest contributions."""
    if found is None:
        say("  U not evaluated: nothing is stated of any error")
        return
    record = found.record
    say("  uncertainty, leaf {leaf}:", leaf=found.index)
    for each in record.budgets:
        _print_budget(each.figure, record.budget(each.figure), each.unit)
    _print_unstated(record.unstated)


def print_sums(sums: "Iterable[SumBudget]") -> None:
    """Print U of each figure of an inventory; errors of one cause are taken together."""
    for each in sums:
        purpose, unit, gwp_set = each.key
        name = f"{purpose.value} {gwp_set}".strip()
        if each.budget is None:
            say("  {figure}: U not evaluated", figure=name)
            continue
        _print_budget(name, each.budget, unit)
        if each.unevaluated:
            say("    U does not hold the records of leaves {leaves}",
                leaves=", ".join(map(str, each.unevaluated)))  # fmt: skip
        _print_unstated(each.unstated)


def _print_budget(name: str, budget: "Budget", unit: str) -> None:
    relative = budget.relative
    percent = "-" if relative is None else f"{rounded_up(relative * 100)} %"
    say("  {figure}: U = {expanded} {unit} ({percent}), k = {k}; u_A = {u_a}, u_B = {u_b}",
        figure=name, expanded=rounded_up(budget.expanded), unit=unit, percent=percent,
        k=f"{budget.k:f}", u_a=rounded_up(budget.u_a), u_b=rounded_up(budget.u_b))  # fmt: skip
    for row in budget.largest(_LARGEST):
        typer.echo(
            f"    {row.name:40} {row.kind.value}  {rounded_up(abs(row.contribution))} {unit}"
            f"  {row.share * 100:.1f} %"
        )


def _print_unstated(names: tuple[str, ...]) -> None:
    if names:
        say("    U does not hold what is not stated: {names}", names=", ".join(names))


def rounded_up(value: Decimal) -> str:
    """Three significant digits, rounded up."""
    if not value:
        return "0"
    step = Decimal(1).scaleb(value.adjusted() - _DIGITS + 1)
    return f"{value.quantize(step, rounding=ROUND_UP):f}"
