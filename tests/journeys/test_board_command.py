"""The command ``trace-node board`` with a node that runs: from a statement to an acknowledgement."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.listeners import Heard, listening
from support.node_process import NodeProcess, complaint, get_json, make_home, run, run_well

from trace_node.crypto.sm3 import hmac_sm3
from trace_node.period import SHANGHAI

METHOD = ("--method", "guideline of the sector")
MINE = "plant-a"  # whom the node of make_home belongs to
PLAN = '[[line]]\nmonth = "{year}-01"\nact = "sell"\ntonnes = 100\n'


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    with listening() as heard:
        yield heard


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[NodeProcess]:
    home = make_home(tmp_path_factory.mktemp("board") / "home")
    settings = home / "trace-node.toml"
    settings.write_text(
        settings.read_text()
        + f'board_webhooks = ["{heard.url}/hook"]\nboard_webhook_secret = "both know"\n'
        "board_interval = 1\nboard_retry = 1\n"
    )
    with NodeProcess(home) as node:
        yield node.ready()


def ask(node: NodeProcess, *arguments: str) -> Any:
    return json.loads(run_well("board", *arguments, "--home", node.home, "-o", "json"))


def told_of(heard: Heard, year: int) -> list[tuple[dict[str, str], bytes]]:
    """Headers and bodies of what the hook heard of the plant and a year."""
    about = ((headers, body, json.loads(body)) for _, headers, body in heard.requests)
    return [
        (headers, body)
        for headers, body, told in about
        if (told["organisation"], told["year"]) == (MINE, year)
    ]


def alerts(node: NodeProcess, year: int, *arguments: str) -> list[Any]:
    found = ask(node, "alerts", MINE, *arguments)["alerts"]
    return [alert for alert in found if alert["year"] == year]


def test_from_a_statement_to_an_acknowledged_alert(
    node: NodeProcess, heard: Heard, tmp_path: Path
) -> None:
    """A coal mine with a budget of 1,000 t for last year that emitted 1,100 t: red, and told so."""
    year = datetime.now(SHANGHAI).year - 1
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF the report of the mine")
    logged = ask(node, "basis", str(year), "--budget", "1000")
    stated = ask(node, "statement", str(year), "1100.5", *METHOD, "--evidence", str(report))
    assert stated["index"] == logged["index"] + 1
    board = ask(node, "show")
    earlier = board["years"][0]
    assert (earlier["kind"], earlier["balance"]["value"]) == ("budget", "-100.5")
    assert {
        "kind": "leaf",
        "ref": str(stated["index"]),
        "digest": stated["digest"],
        "draft": False,
    } in (earlier["balance"]["sources"])
    headers, body = node.wait_for(lambda: told_of(heard, year), "the alert")[0]
    told = json.loads(body)
    assert (told["level"], told["reason"]) == ("red", "exhausted")
    signed = headers["X-Trace-Node-Timestamp"].encode() + b"." + body
    assert headers["X-Trace-Node-Signature"] == f"sm3={hmac_sm3(b'both know', signed).hex()}"
    (alert,) = alerts(node, year)
    node.wait_for(lambda: alerts(node, year)[0]["attempts"], "the attempt")
    done = ask(node, "acknowledge", str(alert["number"]), "--by", "Li Hua", "--note", "seen")
    assert done["acknowledgement"]["by"] == "Li Hua"
    assert alerts(node, year) == []
    assert len(alerts(node, year, "--all")) == 1
    rows = ask(node, "overview")["enterprises"]
    (row,) = (each for each in rows if each["organisation"] == MINE)
    assert (row["kind"], row["rating"]["level"]) == ("budget", "red")


def test_an_alert_that_does_not_arrive_is_shown_until_it_does(
    node: NodeProcess, heard: Heard, tmp_path: Path
) -> None:
    heard.status = 500
    report = tmp_path / "may.pdf"
    report.write_bytes(b"%PDF")
    year = datetime.now(SHANGHAI).year
    ask(node, "basis", str(year), "--budget", "1", "--key", "authority", "--organisation", "mine-b")
    arguments = ("statement", f"{year - 1}-12", "5", *METHOD, "--evidence", str(report))
    ask(node, *arguments, "--key", "authority", "--organisation", "mine-b")
    ask(
        node,
        *("basis", str(year - 1), "--budget", "1"),
        *("--key", "authority", "--organisation", "mine-b"),
    )

    def degraded() -> bool:
        said = get_json(f"{node.url}/readyz")
        return said["status"] == "degraded" and "HTTP 500" in said["detail"]

    node.wait_for(degraded, "the failed delivery in /readyz")
    text = run_well("board", "alerts", "mine-b", "--home", node.home)
    assert "failed" in text
    assert "HTTP 500" in text
    heard.status = 200
    node.wait_for(
        lambda: get_json(f"{node.url}/readyz")["status"] == "ready", "the delivery that arrives"
    )


def test_a_plan_is_made_and_shown(node: NodeProcess, tmp_path: Path) -> None:
    year = datetime.now(SHANGHAI).year
    ask(node, "basis", str(year), "--sector", "1")
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.format(year=year))
    made = ask(node, "plan", str(year), "--set", str(file), "--by", "Li Hua")
    assert made["plan"]["version"] == 1
    assert ask(node, "plan", str(year))["rows"][0]["planned"] == 100
    assert "Li" not in run_well("board", "plan", str(year), "--home", node.home)


@pytest.mark.parametrize(
    ("arguments", "reason", "code"),
    [
        (("show", "nobody"), "board.unknown.organisation", 1),
        (("show", "--allowance-price", "-1"), "input.usage", 2),
        (("acknowledge", "999", "--by", "Li Hua"), "board.unknown.alert", 1),
        (("plan", "2100"), "board.unknown.plan", 1),
        (("statement", "2024", "-5", *METHOD, "--evidence", "/dev/null"), "input.usage", 2),
        (("statement", "2024", "1e5", *METHOD, "--evidence", "/dev/null"), "record.tonnes", 2),
        (("statement", "2999", "5", *METHOD, "--evidence", "/dev/null"), "record.period.open", 2),
        (
            ("statement", "2024-05", "5", "--kind", "verified", *METHOD, "--evidence", "/dev/null"),
            "record.period.verified",
            2,
        ),
        (("basis", "2026", "--through", "2026-05"), "input.usage", 2),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(
    node: NodeProcess, arguments: tuple[str, ...], reason: str, code: int
) -> None:
    done = run("board", *arguments, "--home", node.home)
    assert done.returncode == code, done.stderr
    assert complaint(done)[1] == reason


def test_a_bad_plan_file_is_refused(node: NodeProcess, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    for text in (
        '[[line]]\nmonth = "2026-01"\nact = "gift"\ntonnes = 1\n',
        "line = 3\n",
        "x = 1\n",
    ):
        file.write_text(text)
        done = run("board", "plan", "2026", "--set", file, "--by", "Li", "--home", node.home)
        assert done.returncode == 2
        assert "board.plan" in done.stderr
