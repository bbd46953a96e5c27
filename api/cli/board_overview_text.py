"""All enterprises on one page: a table where it fits, else one block for each."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from api.cli.board_text import COLOURS, LEGAL, console, digits
from api.cli.options import say
from api.cli.printable import printable
from api.i18n import of_environment, translations
from api.notify.message import REASONS
from trace_node.quota.board.figure import Figure, Standing
from trace_node.services.board import Overview, OverviewRow


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


HEADS: Final = (
    *(_("obligation"), _("surrendered"), _("CCER"), _("owed"), _("overdue"), _("balance")),
)
LEVEL_WORDS: Final = MappingProxyType(
    {"green": _("green"), "yellow": _("yellow"), "orange": _("orange"), "red": _("red")}
)
MARKS: Final = MappingProxyType(
    {
        Standing.VERIFIED: "",
        Standing.UNCONFIRMED: "?",
        Standing.PROVISIONAL: "*",
        Standing.ESTIMATE: "~",
    }
)

_ANY_WIDTH: Final = 1_000
LONGEST_UNBROKEN: Final = 12


def print_overview(overview: Overview) -> None:
    """One line for each enterprise, or one block where the terminal is too narrow for that."""
    screen = console()
    table = _table(overview.rows)
    cut = _table(overview.rows, longest=LONGEST_UNBROKEN)  # a longer name goes on a second line
    needed = Measurement.get(screen, screen.options.update(width=_ANY_WIDTH), cut).minimum
    if needed <= screen.width:
        screen.print(table)
    else:
        for row in overview.rows:
            _block(screen, row)
    say("in tonnes; ? unconfirmed, * provisional, ~ estimated; the balance is of the running year")
    gettext = translations(of_environment()).gettext
    for row in overview.rows:
        rating = None if row.board is None else row.board.rating
        if rating is not None:
            reason = gettext(REASONS[rating.reason.value])
            say("{organisation}: {reason}", organisation=printable(row.organisation), reason=reason)
        if row.fault:
            say("{organisation}: {fault}", organisation=row.organisation, fault=row.fault)
    say(LEGAL)


def _table(rows: Sequence[OverviewRow], *, longest: int | None = None) -> Table:
    gettext = translations(of_environment()).gettext
    table = Table(box=box.SIMPLE, padding=0)
    table.add_column(gettext(_("enterprise")), overflow="fold", min_width=8)
    table.add_column(gettext(_("level")), no_wrap=True)
    for head in HEADS:
        table.add_column(gettext(head), no_wrap=True, justify="right")
    for row in rows:
        table.add_row(
            printable(row.organisation)[:longest], _level(row), *map(_number, _figures(row))
        )
    return table


def _block(screen: Console, row: OverviewRow) -> None:
    gettext = translations(of_environment()).gettext
    screen.print(Text(printable(row.organisation)), _level(row))
    for head, figure in zip(HEADS, _figures(row), strict=True):
        screen.print(Text(f"  {gettext(head)}: {_number(figure)}"))


def _figures(row: OverviewRow) -> tuple[Figure | None, ...]:
    debt = None if row.board is None else row.board.earlier.debt
    balance = None if row.board is None else row.board.current.balance
    if debt is None:
        return None, None, None, None, row.overdue, balance
    owed = (debt.obligation, debt.surrendered, debt.offset, debt.outstanding)
    return *owed, row.overdue, balance


def _number(figure: Figure | None) -> str:
    return "-" if figure is None else f"{digits(figure.value)}{MARKS[figure.standing]}"


def _level(row: OverviewRow) -> Text:
    rating = None if row.board is None else row.board.rating
    if rating is None:
        return Text("-")
    word = translations(of_environment()).gettext(LEVEL_WORDS[rating.level.value])
    return Text(word, style=COLOURS[rating.level.value])
