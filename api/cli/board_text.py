"""Boards, alerts and plans as text for a terminal, in the reader's language."""

from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.options import say
from api.cli.printable import printable
from api.i18n import of_environment, translations
from api.notify.message import LEVELS, REASONS, STANDINGS
from trace_node.quota.board.case import Note
from trace_node.quota.board.figure import Figure
from trace_node.quota.board.level import Rating
from trace_node.quota.board.year_board import Board, YearBoard
from trace_node.services.board_alerts import ShownAlert
from trace_node.services.usage_plans import ComparedPlan


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


LEGAL: Final = _("The registries of the national market are the legal record, not this board.")
COLOURS: Final = MappingProxyType(
    {"green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "red"}
)
NOTES: Final = MappingProxyType(
    {
        Note.OUTSIDE_ETS: _(
            "outside the ETS: nothing is owed, the board runs against its own budget"
        ),
        Note.NO_BUDGET: _("no budget of its own was stated"),
        Note.NO_EMISSION: _("no emission was stated"),
        Note.GAPS: _("months are missing among those stated; they are estimated"),
        Note.GROWTH_UNKNOWN: _(
            "no growth rate without the same months of the year before; it is taken as 0"
        ),
        Note.NO_LEDGER: _("no ledger is followed for it: nothing is known of what it holds"),
        Note.FIGURE_NOT_ON_LEDGER: _("the figure is not confirmed on the ledger"),
        Note.FIGURE_NOT_IN_LOG: _("the leaf that the ledger names is not in this log"),
        Note.FIGURE_DIFFERS: _("the ledger says another figure than the verified statement"),
        Note.NO_EXPECTED_ALLOCATION: _("no output was stated: no allocation is expected"),
        Note.ALLOCATION_TO_DATE: _("the expected allocation is that of the output to date alone"),
        Note.ADMISSION_PRESUMED: _(
            "the ledger has no rule for some units yet: presumed admissible"
        ),
        Note.DEADLINE_PRESUMED: _("the ledger has no deadline for the year: 31 December presumed"),
        Note.UNCONFIRMED: _(
            "some orders carry no number of the registry yet: holdings unconfirmed"
        ),
        Note.PROVINCIAL: _("some units are on the provincial account: the province hands them in"),
        Note.NOT_FINAL: _("the newest block is not final yet"),
        Note.BEHIND: _("the mirror is behind the chain"),
        Note.MIRROR_STOPPED: _("the mirror is stopped: trace-node ledger status says why"),
        Note.DRAFT_RULE: _("draft rules were used, which no settlement may rest on unapproved"),
        Note.DRAFT_APPROVED: _("draft rules were used; their use was approved or released"),
        Note.SEVERAL_SECTORS: _("obligations of several sectors are added up"),
    }
)


def print_board(board: Board) -> None:
    """The two years of a board side by side, then what has to be known about them."""
    gettext = translations(of_environment()).gettext
    earlier, current = _figures(board.earlier), _figures(board.current)
    table = _table(board.organisation, "", str(board.earlier.year), str(board.current.year))
    table.add_row(gettext(_("level")), _level(board.earlier.rating), _level(board.current.rating))
    for label in {**earlier, **current}:
        cells = [_figure(year.get(label)) for year in (earlier, current)]
        if any(cells):
            table.add_row(gettext(label), *cells)
    for label, days in (
        (_("deadline"), [_deadline(year) for year in (board.earlier, board.current)]),
        (_("used up on"), [_exhausted(year) for year in (board.earlier, board.current)]),
    ):
        if any(days):
            table.add_row(gettext(label), *days)
    console().print(table)
    for debt in board.old_debts:
        say(
            "owed from before: {kind} {number} of {year}: {tonnes} t",
            kind=debt.kind,
            number=debt.number,
            year=debt.year,
            tonnes=digits(debt.open.value),
        )
    for year in (board.earlier, board.current):
        for note in year.notes:
            say("{year}: {note}", year=year.year, note=gettext(NOTES[note]))
    if board.rise.periods:
        say(
            "emission has risen for {periods} months running, up to {last}",
            periods=board.rise.periods,
            last=board.rise.last,
        )
    say(LEGAL)


def print_alerts(alerts: Sequence[ShownAlert]) -> None:
    """Each alert with its attempts."""
    gettext = translations(of_environment()).gettext
    if not alerts:
        say("no alerts")
    for shown in alerts:
        draft, done = shown.alert.draft, shown.alert.acknowledgement
        say(
            "{number}  {at}  {organisation} {year}: {level}, {reason}",
            number=shown.alert.number,
            at=draft.raised_at.isoformat(timespec="seconds"),
            organisation=draft.organisation,
            year=draft.year,
            level=gettext(LEVELS[draft.level.value]),
            reason=gettext(REASONS[draft.reason]),
        )
        for attempt in shown.attempts:
            say(
                "    {channel} {target} {at}: delivered"
                if attempt.delivered
                else "    {channel} {target} {at}: failed: {detail}",
                channel=attempt.channel,
                target=printable(attempt.target),
                at=attempt.at.isoformat(timespec="seconds"),
                detail=printable(attempt.detail),
            )
        if done is not None:
            say(
                "    acknowledged by {by} at {at} {note}",
                by=printable(done.by),
                at=done.at.isoformat(timespec="seconds"),
                note=printable(done.note),
            )


def print_plan(found: ComparedPlan) -> None:
    """What was planned and what happened, month by month."""
    gettext = translations(of_environment()).gettext
    plan = found.plan
    heads = (_("month"), _("act"), _("planned"), _("happened"), _("difference"))
    title = f"{plan.organisation} {plan.year} v{plan.version}/{found.versions}"
    table = _table(title, *(gettext(head) for head in heads))
    for row in found.rows:
        shown = row.to_json()
        table.add_row(
            row.month.name,
            gettext(ACTS[row.act.value]),
            *("" if shown[name] is None else str(shown[name]) for name in _PLAN_NUMBERS),
        )
    console().print(table)
    if found.mark is None:
        say("no ledger is followed for it: nothing is known of what happened")
    say(LEGAL)


_PLAN_NUMBERS: Final = ("planned", "actual", "difference")
ACTS: Final = MappingProxyType(
    {
        "hold": _("hold"),
        "sell": _("sell"),
        "buy": _("buy"),
        "offset": _("offset by CCER"),
        "carry_over": _("carry over"),
    }
)


def _debt(year: YearBoard) -> Sequence[tuple[str, Figure]]:
    debt = year.debt
    if debt is None:
        return ()
    return (
        (_("obligation"), debt.obligation),
        (_("surrendered"), debt.surrendered),
        (_("CCER that count"), debt.offset),
        (_("CCER in progress"), debt.offset_in_progress),
        (_("still owed"), debt.outstanding),
        (_("overdue"), debt.overdue),
        (_("set aside for it"), debt.set_aside),
    )


def _advice(year: YearBoard) -> Sequence[tuple[str, Figure | None]]:
    advice = year.advice
    if advice is None:
        return ()
    return (
        (_("CCER to use"), advice.ccer_to_use),
        (_("CCER to buy"), advice.ccer_to_buy),
        (_("allowances to buy"), advice.allowances_to_buy),
        (_("cost"), advice.cost),
        (_("least fine"), advice.penalty_from),
        (_("greatest fine"), advice.penalty_to),
    )


def _figures(year: YearBoard) -> dict[str, Figure | None]:
    """The figures of a year under their labels, in the order in which they are shown."""
    supply = year.supply
    return dict(
        (
            (_("emitted so far"), year.emitted),
            (_("expected emission"), year.expected),
            *_debt(year),
            (_("held for the year"), supply.held),
            (_("expected allocation"), supply.expected_allocation),
            (_("still to be allocated"), supply.to_come),
            (_("available"), supply.available),
            (_("remaining allowance"), year.remaining),
            (_("surplus, or below zero shortfall"), year.balance),
            (_("CCER still usable"), None if year.ccer is None else year.ccer.still_usable),
            *_advice(year),
        )
    )


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    standing = translations(of_environment()).gettext(STANDINGS[figure.standing.value])
    unit = "t" if figure.unit == "tCO2e" else figure.unit
    return f"{digits(figure.value)} {unit}\n{standing}"


def digits(value: Decimal) -> str:
    """A number with separators."""
    return f"{value:,f}"


def _level(rating: Rating | None) -> Text:
    if rating is None:
        return Text("-")
    gettext = translations(of_environment()).gettext
    words = f"{gettext(LEVELS[rating.level.value])}\n{gettext(REASONS[rating.reason.value])}"
    return Text(words, style=COLOURS[rating.level.value])


def _deadline(year: YearBoard) -> str:
    if year.debt is None:
        return ""
    day, _mark, time = year.debt.deadline.isoformat(timespec="seconds").partition("T")
    return f"{day}\n{time}"  # a narrow column would break it anywhere


def _exhausted(year: YearBoard) -> str:
    return "" if year.exhausted_on is None else year.exhausted_on.isoformat()


def _table(title: str, *heads: str) -> Table:
    table = Table(box=box.SIMPLE, title=printable(title), title_justify="left")
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def console() -> Console:
    """The terminal, without any guessing of what is a number."""
    return Console(highlight=False, markup=False)
