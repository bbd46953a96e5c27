"""``trace-node board``: quota against emission, alerts, usage plans."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.board_state import group
from api.cli.options import HomeOption, Output, OutputOption, load, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from api.wiring.board import Desks
    from trace_node.quota.board.plan import PlanLine

MAX_PLAN_BYTES = 65_536
MAX_LINE_BYTES = 300
OrganisationArgument = Annotated[
    str | None,
    typer.Argument(help="Name of the enterprise; that of this node if left out."),
]


@group.command("show")
def show_board(
    organisation: OrganisationArgument = None,
    *,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day to compute it for; now if left out.", show_default=False
        ),
    ] = None,
    allowance_price: Annotated[
        str | None, typer.Option(help="Yuan for an allowance, to tell costs and fines by.")
    ] = None,
    ccer_price: Annotated[str | None, typer.Option(help="Yuan for a CCER.")] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the board of an enterprise: two obligation years side by side."""
    from api.cli.board_text import print_board
    from trace_node.period import SHANGHAI
    from trace_node.quota.board.advice import Prices

    prices = Prices(
        allowance=_price(allowance_price, "--allowance-price"),
        ccer=_price(ccer_price, "--ccer-price"),
    )
    instant = None if on is None else on.replace(hour=12, tzinfo=SHANGHAI)
    with _desks(home) as (desks, own):
        board = desks.boards.board(organisation or own, prices=prices, now=instant)
    if output is Output.JSON:
        show(board.to_json(), output=output)
    else:
        print_board(board)


@group.command()
def overview(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Show all enterprises: obligations, surrendered, shortfall, overdue."""
    from api.cli.board_text import print_overview

    with _desks(home) as (desks, _own):
        found = desks.boards.overview()
    if output is Output.JSON:
        show(found.to_json(), output=output)
    else:
        print_overview(found)


@group.command()
def alerts(
    organisation: OrganisationArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Those that were acknowledged too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most alerts.")] = 20,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """List alerts, newest first, with every attempt to deliver them."""
    from api.cli.board_text import print_alerts

    with _desks(home) as (desks, _own):
        found = desks.alerts.newest(organisation=organisation, only_open=not every, limit=limit)
    if output is Output.JSON:
        show({"alerts": [each.to_json() for each in found]}, output=output)
    else:
        print_alerts(found)


@group.command()
def acknowledge(
    number: Annotated[int, typer.Argument(min=1, help="Number of the alert.")],
    by: Annotated[str, typer.Option(help="Who takes notice of it.")],
    note: Annotated[str, typer.Option(help="What there is to say, in one line.")] = "",
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take notice of an alert, once and for good; it is delivered no more."""
    with _desks(home) as (desks, _own):
        done = desks.alerts.acknowledge(number, by=by, note=note)
    if output is Output.JSON:
        show(done.to_json(), output=output)
    else:
        say("alert {number} acknowledged", number=number)


@group.command()
def plan(
    year: Annotated[int, typer.Argument(min=2000, max=2200, help="Obligation year.")],
    organisation: OrganisationArgument = None,
    *,
    put: Annotated[
        Path | None,
        typer.Option(
            "--set", help="A new version (TOML): one [[line]] of month, act, tonnes each."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Who makes the version.")] = "",
    note: Annotated[str, typer.Option(help="What there is to say of the version.")] = "",
    version: Annotated[
        int | None, typer.Option(min=1, help="Which version; the newest if left out.")
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show a usage plan beside what happened, or keep a new version of it."""
    from api.cli.board_text import print_plan

    lines = None if put is None else _lines(put)
    if lines is not None and not by.strip():
        raise InputError(
            "{field}: say who makes the version",
            field="--by",
            remedy="add --by NAME",
            code="input.usage",
        )
    with _desks(home) as (desks, own):
        whose = organisation or own
        if lines is not None:
            made = desks.plans.submit(whose, year, lines, by=by.strip(), note=note)
            version = made.version
        found = desks.plans.compared(whose, year, version=version)
    if output is Output.JSON:
        show(found.to_json(), output=output)
    else:
        print_plan(found)


def _lines(path: Path) -> "list[PlanLine]":
    from api.cli.examine import read_bounded
    from trace_node.period import parse_period
    from trace_node.quota.board.plan import Act, PlanLine
    from trace_node.toml_text import read_toml

    raw = read_bounded(path, bound=MAX_PLAN_BYTES)
    top = read_toml(raw, file=path.name, most=MAX_PLAN_BYTES, most_in_a_line=MAX_LINE_BYTES)
    tables = top.pop("line", [])
    found = []
    for place, table in enumerate(tables if isinstance(tables, list) else [None]):
        if (
            not isinstance(table, dict)
            or table.keys() != {"month", "act", "tonnes"}
            or table["act"] not in set(Act)
            or not isinstance(table["month"], str)
            or type(table["tonnes"]) is not int
        ):
            raise _not_a_plan(f"line[{place}]")
        found.append(
            PlanLine(
                month=parse_period(table["month"]),
                act=Act(table["act"]),
                tonnes=table["tonnes"],
            )
        )
    if top:
        raise _not_a_plan(min(top))
    return found


def _not_a_plan(place: str) -> InputError:
    return InputError(
        "{field}: a plan is [[line]] tables of month, act and tonnes",
        field=place,
        remedy='for example month = "2026-05", act = "sell", tonnes = 100; an act is hold, sell,'
        " buy, offset or carry_over",
        code="board.plan",
    )


def _price(text: str | None, option: str) -> "Decimal | None":
    from decimal import Decimal
    from re import fullmatch

    if text is None:
        return None
    if not fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?", text):
        raise InputError(
            "{field}: must be yuan with at most four decimals",
            field=option,
            remedy="for example 82.50",
            code="input.usage",
        )
    return Decimal(text)


def _desks(home: Path | None) -> "AbstractContextManager[tuple[Desks, str]]":
    from contextlib import contextmanager

    from api.wiring.board import desks_of
    from api.wiring.intake import identity_of
    from trace_node.clock import SystemClock
    from trace_node.store.sql_store import open_store

    @contextmanager
    def opened() -> "Iterator[tuple[Desks, str]]":
        settings, files = load(home)
        store = open_store(settings.database, identity=identity_of(settings))
        try:
            yield desks_of(files, store, clock=SystemClock()), settings.organisation
        finally:
            store.close()

    return opened()
