"""Acts 1 and 3: allowances in advance, and the final allocation by verified figures."""

from decimal import Decimal
from typing import Any

from api.cli.demo_ledger.cast import (
    COAST,
    ENTERPRISES,
    LOAD_PERCENT,
    SECTOR,
    UNIT_CLASS,
    Enterprise,
)
from api.cli.demo_ledger.rules import EVIDENCE, approve_draft
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from trace_node.quota.ledger.kinds import Kind

UNIT = """\
[[unit]]
name = "unit-1"
class = "{unit_class}"
electricity = "{electricity}"
heat = "0"
load_percent = "{load}"
verified = "{verified}"
special_case = "0"
"""
METHOD = "guideline of the sector"


def pre_allocate(world: World) -> None:
    """Issue a part of last year's verified emission in advance (预分配)."""
    say("1. Pre-allocation of {units}", units=world.code)
    for each in ENTERPRISES:
        sheet = world.commands.ask(
            *("allowance", "calculate", "cn.ets.pre_allocation.power"),
            *(f"verified_before={each.before}", "--year", world.year),
        )
        quantity = int(Decimal(sheet["steps"][-1]["value"]))
        world.advances[each.name] = quantity
        world.order(
            Kind.PRE_ALLOCATE,
            target=account_of(world, each),
            subject=world.classes[world.code],
            quantity=quantity,
        )
        say(
            "   {name}: {tonnes} t, its verified emission before was {before} t",
            name=each.name,
            tonnes=tonnes(quantity),
            before=tonnes(each.before),
        )
    world.confirm()


def account_of(world: World, enterprise: Enterprise) -> int:
    """Where allowances of an enterprise are issued to: at risk, to the provincial account."""
    return world.provincial if enterprise is COAST else world.holdings[enterprise.name]


def state_figures(world: World) -> None:
    """State verified emission as signed leaves, and confirm them on the ledger."""
    say("3. Verified emission of {year}, and the final allocation", year=world.year)
    evidence = world.home.folder / EVIDENCE
    for each in ENTERPRISES:
        logged = world.commands.ask(
            *("board", "statement", world.year, each.verified, "--kind", "verified"),
            *("--sector", SECTOR, "--organisation", each.name, "--key", "authority"),
            *("--method", METHOD, "--evidence", evidence),
        )
        proposed = world.officers.act(
            "verifier-1",
            "ObligationBook.proposeRecord",
            organisation=world.organisations[each.name],
            year=world.year,
            sector=SECTOR,
            tonnes=each.verified,
            leaf=logged["digest_hex"],
        )
        confirmed = world.officers.act(
            "regulator-1", "ObligationBook.confirmRecord", record=proposed["record"]
        )
        world.obligations[each.name] = int(confirmed["obligation"])
        say(
            "   {name}: obligation {tonnes} t by leaf {index}, at most {cap} t of it by CCER",
            name=each.name,
            tonnes=tonnes(each.verified),
            index=logged["index"],
            cap=tonnes(confirmed["cap"]),
        )


def allocate(world: World) -> None:
    """Compute the final allocation, log its sheets, issue the rest or claw it back (核定分配)."""
    files = {each.name: _unit_file(world, each) for each in ENTERPRISES}
    found = world.commands.ask(
        "allowance", "allocate", files[ENTERPRISES[0].name], "--year", world.year
    )
    for draft in found["drafts"]:
        approve_draft(world, draft, world.year)
    say(
        "   {count} drafts of the allocation plan approved in the log before they are used",
        count=len(found["drafts"]),
    )
    for each in ENTERPRISES:
        settled = world.commands.ask(
            *("allowance", "log-sheet", files[each.name], "--year", world.year),
            *("--organisation", each.name),
        )
        _settle(world, each, int(Decimal(settled["result"])), settled["total"]["index"])
    world.confirm()


def _settle(world: World, enterprise: Enterprise, final: int, leaf: int) -> None:
    """Issue what is missing, or claw back what is too much (收回)."""
    advance = world.advances[enterprise.name]
    told: dict[str, Any] = {
        "name": enterprise.name,
        "final": tonnes(final),
        "leaf": leaf,
        "rest": tonnes(abs(final - advance)),
    }
    if final >= advance:
        world.order(
            Kind.ISSUE,
            target=account_of(world, enterprise),
            subject=world.classes[world.code],
            quantity=final - advance,
        )
        say("   {name}: allocated {final} t by leaf {leaf}, {rest} t of it issued now", **told)
        return
    world.order(
        Kind.CLAW_BACK,
        source=account_of(world, enterprise),
        target=world.issuance,
        subject=world.classes[world.code],
        quantity=advance - final,
    )
    say("   {name}: allocated {final} t by leaf {leaf}, {rest} t clawed back", **told)


def _unit_file(world: World, enterprise: Enterprise) -> str:
    path = world.home.folder / f"{enterprise.name}.units.toml"
    path.write_text(
        UNIT.format(
            unit_class=UNIT_CLASS,
            electricity=enterprise.electricity,
            load=LOAD_PERCENT,
            verified=enterprise.verified,
        )
    )
    return str(path)
