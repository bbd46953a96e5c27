"""Acts 5 to 7: surrender, carry-over, and forced compliance from the provincial account."""

from typing import Any

from api.cli.demo_ledger.cast import (
    AUCTION,
    BLOCK,
    COAST,
    HILL,
    LAKE,
    LISTED,
    NORTH,
    RIVER,
    Enterprise,
)
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from api.i18n import message_of, of_environment
from trace_node.errors import ConflictError, IntegrityError
from trace_node.quota.ledger.kinds import Kind

EXCEEDED = "ledger.refused.carry_over_exceeded"


def surrender(world: World) -> None:
    """Each hands in what it owes, as far as it holds it (清缴)."""
    say("5. Surrender for {year}", year=world.year)
    for each in (NORTH, RIVER, LAKE, HILL):
        owed = int(world.obligation(each)["outstanding"])
        held = world.held(world.holdings[each.name], world.code)
        hand_in(world, each, min(owed, held))
    world.confirm()
    for each in (NORTH, RIVER, LAKE, HILL):
        row = world.obligation(each)
        say(
            "   {name}: surrendered {surrendered} t, CCER {offset} t, still owed {owed} t",
            name=each.name,
            surrendered=tonnes(row["surrendered"]),
            offset=tonnes(row["offset_used"]),
            owed=tonnes(row["outstanding"]),
        )


def hand_in(world: World, enterprise: Enterprise, quantity: int) -> None:
    """Surrender allowances of an enterprise for its obligation."""
    world.order(
        Kind.SURRENDER,
        by=enterprise,
        source=world.holdings[enterprise.name],
        subject=world.obligations[enterprise.name],
        quantity=quantity,
        class_id=world.classes[world.code],
    )


def carry_over(world: World) -> None:
    """Carry over to the next year, as far as sales and holding allow (结转)."""
    say("6. Carry-over from {units} to {next}", units=world.code, next=world.next_code)
    for each, sold in ((NORTH, LISTED + BLOCK + AUCTION), (LAKE, 0)):
        held = world.held(world.holdings[each.name], world.code)
        limit = _claim(world, each, sold=sold, held=held)
        say(
            "   {name}: sold {sold} t net and holds {held} t, so at most {limit} t",
            name=each.name,
            sold=tonnes(sold),
            held=tonnes(held),
            limit=tonnes(limit),
        )
        if held > limit:
            _require_exceeded(world, each, limit + 1)
        _convert(world, each, limit)
        say("   {name}: {tonnes} t converted", name=each.name, tonnes=tonnes(limit))
    world.confirm()


def _claim(world: World, enterprise: Enterprise, *, sold: int, held: int) -> int:
    """The registry states net sales and holding, a regulator confirms; the limit that follows."""
    proposed = world.officers.act(
        "registry-1",
        "ObligationBook.proposeCarryOver",
        organisation=world.organisations[enterprise.name],
        year=world.year + 1,
        netSold=sold,
        holding=held,
        leaf=f"show: net sales and holding of {enterprise.name}",
    )
    confirmed = world.officers.act(
        "regulator-1", "ObligationBook.confirmCarryOver", claim=proposed["claim"]
    )
    return int(confirmed["limit"])


def _convert(world: World, enterprise: Enterprise, quantity: int) -> None:
    world.order(
        Kind.CARRY_OVER,
        by=enterprise,
        source=world.holdings[enterprise.name],
        subject=world.classes[world.next_code],
        quantity=quantity,
        class_id=world.classes[world.code],
    )


def _require_exceeded(world: World, enterprise: Enterprise, quantity: int) -> None:
    try:
        _convert(world, enterprise, quantity)
    except ConflictError as error:
        if error.reason != EXCEEDED:
            raise
        say(
            "   {kind} of {tonnes} t refused: {message} [{reason}]",
            kind=Kind.CARRY_OVER.name,
            tonnes=tonnes(quantity),
            message=message_of(error, of_environment()),
            reason=EXCEEDED,
        )
        return
    raise IntegrityError(
        "{field}: {quantity} t were accepted above the limit",
        field=Kind.CARRY_OVER.name,
        quantity=quantity,
        code="integrity.show",
    )


def force(world: World) -> None:
    """The province surrenders for the enterprise at risk, and releases the rest (强制履约)."""
    say("7. Forced compliance of {name} from the provincial account", name=COAST.name)
    owed = int(world.obligation(COAST)["outstanding"])
    obligation = world.obligations[COAST.name]
    account = world.holdings[COAST.name]
    common: dict[str, Any] = {"source": world.provincial, "class_id": world.classes[world.code]}
    world.order(Kind.FORCED_SURRENDER, subject=obligation, quantity=owed, **common)
    world.level()
    rest, own = world.held(world.provincial, world.code), world.held(account, world.code)
    world.order(
        Kind.ALLOCATE,
        target=account,
        subject=obligation,
        quantity=rest,
        **common,
    )
    world.confirm()
    say(
        "   the province surrendered {owed} t and released {rest} t; the enterprise's own account"
        " held {own} t and holds {held} t",
        owed=tonnes(owed),
        rest=tonnes(rest),
        own=tonnes(own),
        held=tonnes(world.held(account, world.code)),
    )
