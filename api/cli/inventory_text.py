"""Inventories for people."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import typer

from api.cli.figures_text import print_figures
from api.cli.inventory_group import shown
from api.cli.measure_text import compared_lines
from api.cli.options import say
from api.cli.printable import printable
from trace_node.accounting.inventory.accuracy import FigureAccuracy
from trace_node.accounting.inventory.compare import intensity
from trace_node.accounting.inventory.completeness import Occurrence
from trace_node.accounting.inventory.cross_check import CrossCheck
from trace_node.accounting.inventory.inventory import Gap, Inventory, Key, Overlap
from trace_node.accounting.inventory.sources import SourceRow
from trace_node.services.accounting_statistics import AccountingStatistics
from trace_node.services.inventory_measures import Intensity
from trace_node.services.inventory_view import InventoryView


def print_inventory(view: InventoryView, per: Sequence[Decimal]) -> None:
    """Print an inventory: figures, masses, sinks beside, what lacks."""
    found = view.inventory
    say("{begin} to {end}: {standing}", begin=found.begin.isoformat(),
        end=found.end.isoformat(), standing=found.standing.value)  # fmt: skip
    for why in found.demonstrations:
        say("DEMONSTRATION: {why}", why=why)
    print_figures(
        found.span_figures(),
        beside=lambda one, unit: "".join(
            f"  {intensity(one.value, each):.6f} {unit}/1" for each in per
        ),
    )
    _print_masses(found)
    _print_six(view)
    for (of, gas), (gross, sinks, net) in found.net().items():
        say("{purpose} {gas}: gross {gross} t, sinks {sinks} t, net {net} t", purpose=of, gas=gas,
            gross=shown(gross), sinks=shown(sinks), net=shown(net))  # fmt: skip
    for each in view.flags:
        lifted = f", {each.flag.approval}" if each.flag.approval else ""
        leaves = ", ".join(map(str, each.leaves[:6]))
        typer.echo(
            printable(f"  ! {each.flag.kind.value}: {each.flag.subject}{lifted}  [{leaves}]")
        )
    for one in view.comparisons:
        for line in compared_lines(one):
            typer.echo(printable(line))
    _print_lacks(view)


def print_accuracy(rows: Sequence[FigureAccuracy]) -> None:
    """Print how much of the emission each figure holds, and how surely."""
    for each in rows:
        name = f"{each.purpose.value} {each.unit} {each.gwp_set}".strip()
        if each.accuracy is None:
            say("accuracy of {name}: not known, for its uncertainty was not evaluated; complete to"
                " {complete} %", name=name, complete=f"{each.completeness * 100:.2f}")  # fmt: skip
        elif each.is_whole:
            say("accuracy of {name}: {accuracy} % (target 99 %): complete to {complete} %, U"
                " {relative} %", name=name, accuracy=f"{each.accuracy * 100:.2f}",
                complete=f"{each.completeness * 100:.2f}",
                relative=f"{(each.relative or 0) * 100:.2f}")  # fmt: skip
        else:
            say("accuracy of {name}: at most {accuracy} % (target 99 %), for not every error is"
                " stated: complete to {complete} %, U at least {relative} %", name=name,
                accuracy=f"{each.accuracy * 100:.2f}",
                complete=f"{each.completeness * 100:.2f}",
                relative=f"{(each.relative or 0) * 100:.2f}")  # fmt: skip


def print_categories(view: InventoryView) -> None:
    """Print every source category with what the inventory says of it."""
    for each in view.categories:
        told = ", ".join(each.sources) or "; ".join(each.reasons)
        typer.echo(
            printable(
                f"{each.unit:12} {each.method:36} {each.category:20} {each.occurrence.value:14}"
                f" {told}"
            )
        )
    _print_lacks(view)


def print_clean(view: InventoryView) -> None:
    """Print clean energy on record, and what figures took off."""
    for record in view.clean.records:
        one = record.entry
        typer.echo(
            printable(
                f"{one.period.name:12} {one.source:20} {one.kind.value:14} {one.quantity:f}"
                f" {one.unit}  {one.number}  [{record.index}]"
            )
        )
    for kind, whole in view.clean.totals.items():
        say("{kind} together: {value} {unit}", kind=kind.value, value=f"{whole.value:f}",
            unit=whole.unit.symbol)  # fmt: skip
    for each in view.clean_energy:
        typer.echo(
            f"{each.period:12} {each.source:20} {each.item:24} {each.value:f} {each.unit}"
            f"  [{each.index}]"
        )
    if view.clean.uncovered:
        say("{value} MWh were taken off what was bought, and no certificate or contract on record"
            " covers them", value=f"{view.clean.uncovered:f}")  # fmt: skip


def print_intensities(rows: Sequence[Intensity]) -> None:
    """Print intensities by activities of the boundary."""
    for each in rows:
        if each.value is None:
            say("{purpose} by {activity}: no intensity; without a value: {missing}",
                purpose=each.purpose.value, activity=each.activity.name,
                missing=", ".join(each.activity.missing) or "-")  # fmt: skip
        else:
            typer.echo(
                f"  {each.purpose.value:12} {each.value:.6f} {each.unit} {each.gwp_set}"
                f"  ({each.activity.name} {each.activity.number:f})"
            )


def print_checks(rows: Sequence[CrossCheck]) -> None:
    """Print sources set against each other."""
    for each in rows:
        values = [
            "-" if one is None else f"{shown(one.value)} {one.unit.symbol}"
            for one in (each.first_value, each.second_value)
        ]
        share = "-" if each.ratio is None else f"{each.ratio * 100:+.3f} %"
        typer.echo(
            f"{each.agreement.value:9} {each.period}: {each.first} {values[0]},"
            f" {each.second} {values[1]}  {share}"
        )


def print_sources(rows: Sequence[SourceRow]) -> None:
    """Print every source: what it used, what it emitted, or that nothing accounts for it."""
    for each in rows:
        scope = "-" if each.scope is None else each.scope
        typer.echo(
            printable(
                f"{each.unit:12} {each.source:16} {each.title}  {each.method} {each.category}"
                f"  {scope}/{each.iso14064}"
            )
        )
        for one in each.used:
            value = "" if one.value is None else f"{shown(one.value)} "
            typer.echo(f"    {one.name:24} {value}{one.unit} ({one.provenance})")
        for (purpose, gas), mass in each.masses.items():
            typer.echo(f"    {purpose:12} {gas:5} {shown(mass)} t")
        if not each.is_accounted:
            say("    no record accounts for it")


def print_statistics(found: AccountingStatistics) -> None:
    """Print the statistics of accounting, each under its heading."""
    say("boundary: {count} versions on record", count=found.boundary.versions)
    typer.echo("  " + _counted(found.boundary.counts))
    for (method, category), count in sorted(found.boundary.by_category.items()):
        typer.echo(f"  {method:36} {category:20} {count}")
    say("methods: {records} records, {gaps} gaps", records=found.records, gaps=found.gaps)
    for each in found.methods:
        typer.echo(
            f"  {each.method:36} {each.final}/{each.records}  {_counted(each.choices)}"
            f"  {_counted(each.factors)}  {_counted(each.marks)}"
        )
    say("reports:")
    typer.echo("  " + _counted({kind.value: count for kind, count in found.reports.items()}))
    say("clean energy and sinks, never netted:")
    for kind, whole in found.clean.totals.items():
        typer.echo(f"  {kind.value:14} {whole.value:f} {whole.unit.symbol}")
    _print_rows(dict(found.sinks))
    say("product footprints, kgCO2e/t:")
    for one in found.products:
        mean = "-" if one.mean is None else shown(one.mean)
        typer.echo(printable(f"  {one.product:24} {one.complete}/{one.batches}  {mean}"))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"


def _print_masses(found: Inventory) -> None:
    say("by scope:")
    _print_rows(found.masses("scope"))
    say("by category:")
    _print_rows(found.masses("scope", "category"))
    say("by source:")
    _print_rows(found.masses("unit", "source"))
    say("by period:")
    _print_rows(found.by_period())


def _print_rows(masses: dict[Key, Decimal]) -> None:
    for (purpose, *names, gas), value in masses.items():
        typer.echo(f"  {purpose:12} {' '.join(names):32} {gas:5} {shown(value)} t")


def _print_six(view: InventoryView) -> None:
    say("by category of ISO 14064-1:")
    for each in view.iso14064:
        masses = ", ".join(f"{gas} {shown(mass)} t" for gas, mass in each.masses.items())
        typer.echo(f"  {each.number} {each.title_zh} ({each.title_en}): {masses or '-'}")
        if not each.sources:
            say("    no source in the boundary: it was not looked at, which is not 0")


def _print_gap(gap: Gap) -> None:
    begin, end = gap.begin.isoformat(), gap.end.isoformat()
    if gap.sources:
        say("gap: {unit} {method} from {begin} to {end}: accounted for without {sources}",
            unit=gap.unit, method=gap.method, begin=begin, end=end,
            sources=", ".join(gap.sources))  # fmt: skip
    else:
        say("gap: {unit} {method} from {begin} to {end}", unit=gap.unit, method=gap.method,
            begin=begin, end=end)  # fmt: skip


def _print_lacks(view: InventoryView) -> None:
    for gap in view.inventory.gaps:
        _print_gap(gap)
    for overlap in view.inventory.overlaps:
        _print_overlap(overlap)
    for each in view.categories:
        if each.occurrence is Occurrence.MISSING and each.leaves:
            say("missing: {unit} {method} {category} in the leaves {leaves}", unit=each.unit,
                method=each.method, category=each.category,
                leaves=", ".join(map(str, each.leaves[:6])))  # fmt: skip
    if view.is_complete:
        say("complete: every source category is present or declared not occurring")
    else:
        say("NOT COMPLETE: a category or a span lacks; declare it, or account for it")


def _print_overlap(each: Overlap) -> None:
    """Both records, what they have in common, and what to do."""
    say("overlap: leaf {leaf} ({unit} {method}) states again, from {begin} to {end}, what the"
        " leaves {others} state", leaf=each.leaf, unit=each.unit, method=each.method,
        begin=each.begin.isoformat(), end=each.end.isoformat(),
        others=", ".join(map(str, each.others[:12])))  # fmt: skip
    if each.counted:
        say("    leaf {leaf} does not count; account by {method} for shorter periods that end where"
            " the boundary asks for another method or source", leaf=each.leaf,
            method=each.method)  # fmt: skip
    else:
        say("    none of them counts: the boundary changes inside; account for the periods before"
            " and after the change, each by its method")  # fmt: skip
