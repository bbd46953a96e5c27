"""The end of the show: what everybody holds, the mirror compared with the chain, and rebuilt."""

from collections import Counter

from api.cli.demo_ledger.cast import ENTERPRISES
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from trace_node.errors import IntegrityError

ENDS = ("surrendered", "cancelled", "converted")
MOST_LOTS = 10_000


def tell_totals(world: World) -> None:
    """Tonnes of each account and of each class, by where they are."""
    totals: dict[str, Counter[str]] = {code: Counter() for code in world.classes}
    names = {world.holdings[each.name]: each.name for each in ENTERPRISES}
    names |= {
        world.ccer_account: "ccer",
        world.provincial: "provincial",
        world.issuance: "issuance",
    }
    for account, name in names.items():
        lots = world.commands.ask("ledger", "lots", account, "--limit", MOST_LOTS)["lots"]
        for code, class_id in world.classes.items():
            found = _by_end([lot for lot in lots if lot["class"] == class_id])
            totals[code].update(found)
            if found.total():
                say(
                    "   account {account} ({name}) {units}: {what}",
                    account=account,
                    name=name,
                    units=code,
                    what=_shown(found),
                )
    for code, found in totals.items():
        say(
            "   {units}: issued {issued} t = {what}",
            units=code,
            issued=tonnes(found.total()),
            what=_shown(found),
        )


def check(world: World) -> None:
    """Compare the mirror with the contracts, then build it anew from the events alone.

    Raises:
        StateError: They differ.
        IntegrityError: The mirror came out otherwise.
    """
    report = world.commands.ask("ledger", "reconcile")
    say(
        "reconcile: {compared} figures compared with the contracts at block {block}, {count}"
        " differences",
        compared=report["compared"],
        block=report["block"],
        count=len(report["differences"]),
    )
    rebuilt = world.commands.ask("ledger", "rebuild")
    if not rebuilt["identical"]:
        raise IntegrityError(
            "{field}: the mirror was {before} and came out as {after}",
            field="ledger",
            before=rebuilt["digest_before"],
            after=rebuilt["digest"],
            code="integrity.show",
        )
    say("rebuild from the events alone: identical, {digest}", digest=rebuilt["digest"])
    say("The national registries of allowances and of CCER are the legal record; this is a copy.")


def _by_end(lots: list[dict[str, object]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for lot in lots:
        place = str(lot["place"])
        found[place if place in ENDS else "held"] += int(str(lot["quantity"]))
    return found


def _shown(found: Counter[str]) -> str:
    return ", ".join(f"{place} {tonnes(found[place])}" for place in ("held", *ENDS) if found[place])
