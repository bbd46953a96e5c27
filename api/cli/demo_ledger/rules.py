"""Before the year: classes, and the numbers that the contracts check, from the library of rules."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.cli.demo_ledger.cast import CCER
from api.cli.demo_ledger.offices import hex_of
from api.cli.demo_ledger.world import World
from api.cli.options import say
from trace_node.period import SHANGHAI
from trace_node.quota.ledger.kinds import Instrument, Kind

OPEN_END: Final = 253_370_764_800  # 9999-01-01 in Beijing
DAY_S: Final = 86_400
CCER_CODE: Final = "CCER-SHOW"
FIRST_WITH_CARRY_OVER: Final = 2025  # the new vintage that the library's carry-over is for
EVIDENCE: Final = "show-evidence.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number for the chain.

    Attributes:
        rule_id: Of the contract: a name, or 0x and 64 hex digits.
        year: Obligation year, or the new vintage of a carry-over.
        number: The number.
        digest: Of the record behind it: 0x and 64 hex digits, or the text of the show's own rule.
        valid: First second, and the second after the last.
        draft: Whether it needs a release before it holds.
        approval: What the release rests on: 0x and 64 hex digits, or a text.
    """

    rule_id: str
    year: int
    number: int
    digest: str
    valid: tuple[int, int]
    draft: bool
    approval: str = ""


def register_classes(world: World) -> None:
    """Register the allowances of both years and the CCER of a project."""
    project = world.commands.ask(
        *("ccer", "register", "SHOW-CCER-1", "--name", "Wind farm of the show (invented)"),
        *("--methodology", "CCER-01-002-V01", "--quantity", CCER, "--outside-ets"),
        *("--period-from", f"{world.year - 1}-01-01", "--period-to", f"{world.year - 1}-12-31"),
        *("--registered-on", f"{world.year}-03-06", "--year", world.year),
    )
    leaf = f"CCER project SHOW-CCER-1, leaf {project['index']}, {project['digest']}"
    for number, (code, instrument, year, reason) in enumerate(
        (
            (world.code, Instrument.ALLOWANCE, world.year, f"allowances of {world.year}"),
            (world.next_code, Instrument.ALLOWANCE, world.year + 1, "allowances of the year after"),
            (CCER_CODE, Instrument.CCER, world.year - 1, leaf),
        ),
        start=1,
    ):
        world.order(
            Kind.REGISTER_CLASS,
            subject=int(instrument),
            quantity=year,
            registry_number=code,
            reason=reason,
        )
        world.classes[code] = number


def put_rules(world: World) -> None:
    """Put the rules of the year on the chain; drafts are approved in the log, then released."""
    (world.home.folder / EVIDENCE).write_text("Decision of the regulator of the show (invented).\n")
    classes = [
        word
        for code, kind in ((world.code, world.code), (CCER_CODE, "ccer.new"))
        for word in ("--class", f"{world.classes[code]}={kind}")
    ]
    rows = _rows(world, world.year, *classes)
    numbers = [_of_library(world, row) for row in _in_force(rows) if "carry" not in row["name"]]
    numbers += _where_the_library_is_silent(world, {row["name"] for row in _in_force(rows)})
    numbers += _carry_over(world)
    for number in numbers:
        put(world, number)
    own = sum(1 for each in numbers if not each.digest.startswith("0x"))
    say(
        "{count} numbers of rules on the chain, by two regulators each: {drafts} are drafts of the"
        " library, approved in the log and released; {own} are released drafts of the show's own",
        count=len(numbers),
        drafts=sum(1 for each in numbers if each.draft) - own,
        own=own,
    )


def put(world: World, number: Number) -> None:
    """Propose and approve a number, and release it if it is a draft."""
    act = world.officers.act
    proposed = act(
        "regulator-1",
        "RuleBook.proposeRule",
        ruleId=number.rule_id,
        year=number.year,
        number=number.number,
        digest=number.digest,
        validFrom=number.valid[0],
        validTo=number.valid[1],
        draft=str(number.draft).lower(),
    )
    added = act("regulator-2", "RuleBook.approve", proposalId=proposed["proposalId"])
    if number.draft:
        release = act(
            "regulator-1",
            "RuleBook.proposeRelease",
            ruleId=number.rule_id,
            year=number.year,
            version=added["version"],
            evidence=number.approval or number.digest,
        )
        act("regulator-2", "RuleBook.approve", proposalId=release["proposalId"])


def own_number(name: str, year: int, number: int, *, why: str) -> Number:
    """A number that the show lays down itself, as a draft, from today on."""
    begins = int(time.time()) - DAY_S
    text = f"show: {name} {year} = {number}: {why}"
    return Number(
        rule_id=name,
        year=year,
        number=number,
        digest=text,
        valid=(begins, OPEN_END),
        draft=True,
        approval=f"released for the show: {text}",
    )


def approve_draft(world: World, draft: str, year: int) -> str:
    """Approve a draft of the library in the log; digest of the leaf."""
    *_, logged = world.commands.answers(
        *("allowance", "approve-draft", draft, "--year", year, "--by", "Li Hua"),
        *("--evidence", world.home.folder / EVIDENCE, "--reason", "for the show"),
    )
    return hex_of(logged["digest"])


def _rows(world: World, year: int, *classes: object) -> list[dict[str, Any]]:
    found = world.commands.ask("allowance", "chain-rules", "--year", year, *classes)
    return list(found["rules"])


def _in_force(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    now = int(time.time())
    return [row for row in rows if row["valid_from"] <= now < row["valid_to"]]


def _of_library(world: World, row: dict[str, Any]) -> Number:
    approval = approve_draft(world, row["rule"], row["year"]) if row["draft"] else ""
    return Number(
        rule_id=row["rule_id"],
        year=row["year"],
        number=row["number"],
        digest=row["digest"],
        valid=(row["valid_from"], row["valid_to"]),
        draft=row["draft"],
        approval=approval,
    )


def _where_the_library_is_silent(world: World, known: set[str]) -> list[Number]:
    """Numbers that the contracts need and the library has not for this year and day."""
    last = datetime(world.year + 1, 12, 31, 23, 59, 59, tzinfo=SHANGHAI)
    needed = {
        "offset-cap-bps": ("offset-cap-bps", 500),
        "surrender-deadline": ("surrender-deadline", int(last.timestamp())),
        f"admissible {world.classes[world.code]}": (f"admissible:{world.classes[world.code]}", 1),
        f"admissible {world.classes[CCER_CODE]}": (f"admissible:{world.classes[CCER_CODE]}", 2),
    }
    return [
        own_number(rule_id, world.year, number, why="the library has no row for this year and day")
        for name, (rule_id, number) in needed.items()
        if name not in known
    ]


def _carry_over(world: World) -> list[Number]:
    """The library's numbers of the carry-over, laid down for the year of the show."""
    rows = _rows(world, FIRST_WITH_CARRY_OVER)
    return [
        own_number(
            row["name"],
            world.year + 1,
            row["number"],
            why=f"the number of {row['rule']} of {FIRST_WITH_CARRY_OVER}, used for the show's year",
        )
        for row in rows
        if row["name"].startswith("carry-over")
    ]
