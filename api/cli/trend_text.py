"""The trend of emission for people: a table by period, and where each line goes."""

from types import MappingProxyType
from typing import Final

import typer

from api.cli.inventory_group import shown
from api.cli.options import say
from api.cli.printable import printable
from api.i18n import of_environment, translations
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.report.chinese import in_chinese
from trace_node.services.emission_trend import EmissionTrend, TrendLine


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


_DIRECTIONS: Final = MappingProxyType(
    {
        Direction.RISING: _("rising"),
        Direction.FALLING: _("falling"),
        Direction.NOT_SHOWN: _("no trend beyond chance"),
    }
)


def print_trend(found: EmissionTrend) -> None:
    """Print every line by period, then its trend, what falls out of it, and its reference."""
    for period in found.leaves:
        values = "  ".join(
            f"{each.name} {shown(each.values[period])}"
            for each in found.lines
            if period in each.values
        )
        typer.echo(printable(f"{period:10}  {values}"))
    for each in found.lines:
        _print_line(each)
    if found.lacking:
        say("without a figure or an output: {periods}", periods=", ".join(found.lacking))


def _print_line(each: TrendLine) -> None:
    say("{line}: {value} {unit} over the span", line=each.name, value=shown(each.over_span),
        unit=each.unit)  # fmt: skip
    if each.trend is not None:
        direction = translations(of_environment()).gettext(_DIRECTIONS[each.trend.direction])
        say("  {direction}, {slope} from one period to the next; median {median}",
            direction=direction, slope=f"{each.trend.slope:+.6f}",
            median=shown(each.trend.median))  # fmt: skip
    if each.odd:
        say("  ! falls out of the line: {periods}", periods=", ".join(each.odd))
    reference = each.reference
    if reference is not None:
        share = "-" if reference.ratio is None else f"{(reference.ratio - 1) * 100:+.2f} %"
        say("  {share} against {row}, {value} {unit}: {source}", share=share, row=reference.row,
            value=shown(reference.value), unit=each.unit,
            source=_source(reference.source))  # fmt: skip
        if reference.is_draft:
            say("  ! the row is a draft that nobody approved")


def _source(text: str) -> str:
    """A citation in the reader's language; names of files and standards stay as they are."""
    return in_chinese(text) if of_environment() == "zh_CN" else text
