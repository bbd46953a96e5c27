"""Acts 8 and 9: the deadline passes, a shortfall, late surrender, and the end of the period."""

import time
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from api.cli.demo_ledger.act_surrender import hand_in
from api.cli.demo_ledger.act_trades import sell, to_place
from api.cli.demo_ledger.cast import HILL, LATE, NORTH, PRICE
from api.cli.demo_ledger.rules import own_number, put
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from trace_node.period import SHANGHAI
from trace_node.quota.ledger.kinds import Kind, Place

DEADLINE: Final = "surrender-deadline"
SECONDS: Final = 2  # from the new deadline's being laid down to its passing


def pass_deadline(world: World) -> None:
    """Bring the deadline forward by a draft of the show's own, and wait until it has passed."""
    say("8. The deadline, and the shortfall of {name}", name=HILL.name)
    deadline = int(time.time()) + SECONDS
    why = "brought forward by the show, so that the year ends while you watch"
    put(world, own_number(DEADLINE, world.year, deadline, why=why))
    shown = datetime.fromtimestamp(deadline, SHANGHAI).isoformat()
    say(
        "   the show brings the deadline forward to {deadline}: two regulators, a released draft",
        deadline=shown,
    )
    while time.time() <= deadline + 1:
        time.sleep(0.2)
    world.level()
    say("   the deadline has passed")


def fall_short(world: World) -> None:
    """What is owed after the deadline, the range of the fine, and a part handed in late."""
    row = world.obligation(HILL)
    _tell_owed(world)
    steps = _fine(world, row)
    say(
        "   range of the fine at {price} CNY/t, by draft rules of the library: {low} to {high} CNY",
        price=PRICE,
        low=tonnes(int(Decimal(steps["fine_from"]))),
        high=tonnes(int(Decimal(steps["fine_to"]))),
    )
    to_place(world, NORTH, Place.TRADING, LATE)
    world.level()
    sell(world, Kind.LISTED, HILL, LATE, PRICE)
    world.level()
    to_place(world, HILL, Place.REGISTRY, LATE)
    world.level()
    hand_in(world, HILL, LATE)
    say("   {name}: {tonnes} t surrendered late", name=HILL.name, tonnes=tonnes(LATE))
    world.confirm()
    _tell_owed(world)


def _tell_owed(world: World) -> None:
    """What the board says is overdue."""
    board = world.commands.ask("board", "show", HILL.name, "--allowance-price", PRICE)
    debt = board["years"][0]["debt"]
    say(
        "   {name}: obligation {obligation} t, surrendered {surrendered} t, overdue {overdue} t",
        name=HILL.name,
        obligation=tonnes(int(Decimal(debt["obligation"]["value"]))),
        surrendered=tonnes(int(Decimal(debt["surrendered"]["value"]))),
        overdue=tonnes(int(Decimal(debt["overdue"]["value"]))),
    )


def _fine(world: World, row: dict[str, Any]) -> dict[str, str]:
    """Steps of the calculation of what is missing and its fine."""
    sheet = world.commands.ask(
        *("allowance", "calculate", "cn.ets.obligation", f"verified={row['tonnes']}"),
        *(f"ccer={row['offset_used']}", f"surrendered={row['surrendered']}", f"price={PRICE}"),
        *("--year", world.year),
    )
    return {step["symbol"]: step["value"] for step in sheet["steps"]}


def close_period(world: World) -> None:
    """Close the period by two regulators; what is owed stays owed."""
    say("9. The period of {year} is closed by two regulators", year=world.year)
    for who in ("regulator-1", "regulator-2"):
        world.officers.act(who, "ObligationBook.closePeriod", year=world.year)
    world.level()
    row = world.obligation(HILL)
    say("   {name} still owes {owed} t", name=HILL.name, owed=tonnes(row["outstanding"]))
