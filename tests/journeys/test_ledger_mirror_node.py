"""A node mirrors a ledger that is deployed beside it, by its own commands; a chain that is away stops no reading."""

import json
from pathlib import Path
from typing import Any

from eth_utils import to_checksum_address
from support.command import Done, command
from support.evm import sender
from support.wired import started_home, up, wait_for

from trace_node.errors import NotFoundError
from trace_node.services.ledger_queries import LEGAL_RECORD

ADMINISTRATORS = [
    word
    for number in (1, 2)
    for word in ("--administrator", to_checksum_address(sender(f"administrator {number}").address))
]


def told(done: Done, *, code: int = 0) -> dict[str, Any]:
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_ledger_is_mirrored_from_the_moment_it_is_deployed(tmp_path: Path) -> None:
    home = started_home(tmp_path / "home")
    nothing = command("ledger", "status", "--home", home)
    assert nothing.complaint[1] == "not_found.ledger"
    deployed = told(command("ledger", "deploy", *ADMINISTRATORS, "--home", home, "-o", "json"))
    with up(home) as node:
        ledger = node.node.services.ledger
        assert ledger is not None
        wait_for(lambda: ledger.note() == "" and _reconciled(ledger), ledger.note)
        health = ledger.health.look()
        assert health.ready
        assert health.head.tip.number >= deployed["first_block"]
        assert sum(health.head.counts.values()) == 2  # the offices of the two administrators
        assert node.deliver().count == 3
    status = told(command("ledger", "status", "--home", home, "-o", "json"))
    assert status["legal_record"] == LEGAL_RECORD
    assert status["events"]["access"] == 2
    assert status["orders_stopped"] is None
    report = told(command("ledger", "reconcile", "--home", home, "-o", "json"))
    assert report["differences"] == []
    assert report["compared"] > 6
    rebuilt = told(command("ledger", "rebuild", "--home", home, "-o", "json"))
    assert rebuilt["identical"]
    for verb in ("balance", "lots"):  # an account that is not there is not an empty one
        unknown = command("ledger", verb, "1", "--home", home)
        assert (unknown.code, unknown.complaint[1]) == (1, "not_found.account")
        assert unknown.remedy
    chinese = command("ledger", "status", "--home", home, TN_LANG="zh_CN")
    assert "法定记录" in chinese.out
    assert '{"' not in chinese.out
    assert "None" not in chinese.out
    assert "ledger" in told(command("status", "--home", home, "-o", "json"))


def test_orders_are_taken_from_the_moment_a_ledger_is_joined_without_a_restart(
    tmp_path: Path,
) -> None:
    home = started_home(tmp_path / "home")
    told(command("ledger", "deploy", *ADMINISTRATORS, "--home", home, "-o", "json"))
    record, aside = home / "ledger-deployment.json", tmp_path / "aside.json"
    record.rename(aside)
    with up(home) as node:
        services = node.node.services
        assert services.orders() is None
        aside.rename(record)  # what ledger join does, by a rename too
        desk = services.orders()
        assert desk is not None
        assert services.orders() is desk
        ledger = services.ledger
        assert ledger is not None
        wait_for(lambda: _reconciled(ledger), ledger.note)
        desk.orders.carry_on()  # reaches the chain by the relay
    status = told(command("status", "--home", home, "-o", "json"))
    assert (status["ledger"]["orders_open"], status["ledger"]["orders_ended"]) == ({}, 0)


def _reconciled(ledger: Any) -> bool:
    try:
        return ledger.health.look().head.reconciled is not None
    except NotFoundError:  # not connected yet
        return False
