"""Act 4: CCER through the whole state machine, at the cap and one tonne above it."""

from typing import Any, Final

from api.cli.demo_ledger.cast import CCER, RIVER
from api.cli.demo_ledger.rules import CCER_CODE
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from api.i18n import message_of, of_environment
from trace_node.errors import ConflictError, IntegrityError
from trace_node.quota.ledger.kinds import Kind

STEPS: Final = (
    (Kind.OFFSET_PENDING, False),
    (Kind.OFFSET_USE, True),
    (Kind.OFFSET_CANCEL, False),
)
REFUSED: Final = "ledger.refused.offset_cap_exceeded"


def offset(world: World) -> None:
    """Offset exactly as much as the cap lets, after one tonne more was refused (抵销)."""
    say("4. CCER offset of {name}", name=RIVER.name)
    world.order(
        Kind.ISSUE, target=world.ccer_account, subject=world.classes[CCER_CODE], quantity=CCER
    )
    world.level()
    cap = int(world.obligation(RIVER)["cap"])
    say("   holds {held} t, the cap is {cap} t", held=tonnes(CCER), cap=tonnes(cap))
    require_refused(world, Kind.OFFSET_FREEZE, code=REFUSED, quantity=cap + 1)
    _step(world, Kind.OFFSET_FREEZE, cap, by_enterprise=True)
    for kind, by_enterprise in STEPS:
        _step(world, kind, cap, by_enterprise=by_enterprise)
    world.confirm()
    used = int(world.obligation(RIVER)["offset_used"])
    say("   {used} t count for the obligation", used=tonnes(used))


def require_refused(world: World, kind: Kind, *, code: str, quantity: int) -> None:
    """Offset one tonne too much, which must be refused with its own code.

    Raises:
        IntegrityError: It was not refused.
        ConflictError: It was refused for another reason.
    """
    try:
        world.order(kind, by=RIVER, **_options(world, quantity))
    except ConflictError as error:
        if error.reason != code:
            raise
        say(
            "   {kind} of {tonnes} t refused: {message} [{reason}]",
            kind=kind.name,
            tonnes=tonnes(quantity),
            message=message_of(error, of_environment()),
            reason=code,
        )
        return
    raise IntegrityError(
        "{field}: {quantity} t were accepted above the limit",
        field=kind.name,
        quantity=quantity,
        code="integrity.show",
    )


def _step(world: World, kind: Kind, quantity: int, *, by_enterprise: bool) -> None:
    sent = world.order(kind, by=RIVER if by_enterprise else None, **_options(world, quantity))
    world.level()
    say(
        "   {kind} of {tonnes} t: {phase}",
        kind=kind.name,
        tonnes=tonnes(quantity),
        phase=sent.phase,
    )


def _options(world: World, quantity: int) -> dict[str, Any]:
    return {
        "source": world.ccer_account,
        "subject": world.obligations[RIVER.name],
        "quantity": quantity,
        "class_id": world.classes[CCER_CODE],
    }
