"""What the boards are told besides the ledger, and the boards as their readers see them."""

from datetime import datetime

from api.cli.demo_ledger.act_allocation import METHOD, UNIT
from api.cli.demo_ledger.cast import (
    ENTERPRISES,
    LOAD_PERCENT,
    PRICE,
    SECTOR,
    UNIT_CLASS,
    Enterprise,
)
from api.cli.demo_ledger.rules import EVIDENCE
from api.cli.demo_ledger.world import World
from api.cli.options import say
from trace_node.period import SHANGHAI

MONTHS = 12


def state_bases(world: World) -> None:
    """State what the boards of both years are computed from: sector, ledger, output to date."""
    months = datetime.now(SHANGHAI).month - 1
    for each in ENTERPRISES:
        common = (
            *("--sector", SECTOR, "--ledger", world.organisations[each.name]),
            *("--organisation", each.name, "--key", "authority"),
        )
        world.commands.run("board", "basis", world.year, *common)
        output = _output(world, each, months) if months else ()
        world.commands.run("board", "basis", world.year + 1, *common, *output)
        for month in range(1, months + 1):
            _state_month(world, each, month)
    say(
        "boards: {count} enterprises, {months} months of provisional emission of {year} each",
        count=len(ENTERPRISES),
        months=months,
        year=world.year + 1,
    )


def _output(world: World, enterprise: Enterprise, months: int) -> tuple[object, ...]:
    """As much output to date of the running year as in the same months of the year before."""
    path = world.home.folder / f"{enterprise.name}.to-date.toml"
    path.write_text(
        UNIT.format(
            unit_class=UNIT_CLASS,
            electricity=enterprise.electricity * months // MONTHS,
            load=LOAD_PERCENT,
            verified=enterprise.verified * months // MONTHS,
        )
    )
    return "--output-to-date", path, "--through", f"{world.year + 1}-{months:02}"


def _state_month(world: World, enterprise: Enterprise, month: int) -> None:
    world.commands.run(
        *("board", "statement", f"{world.year + 1}-{month:02}", enterprise.verified // MONTHS),
        *("--sector", SECTOR, "--organisation", enterprise.name, "--key", "authority"),
        *("--method", METHOD, "--evidence", world.home.folder / EVIDENCE),
    )


def show_boards(world: World) -> None:
    """The board of each enterprise, and the regulator's view."""
    say("Boards of the five enterprises, both years, at {price} CNY/t", price=PRICE)
    for each in ENTERPRISES:
        world.commands.show("board", "show", each.name, "--allowance-price", PRICE)
    say("The regulator's view")
    world.commands.show("board", "overview")
