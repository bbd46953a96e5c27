"""The commands of ``trace-node allowance``."""

import json
from pathlib import Path

import pytest
from support.command import command

CARRY_OVER = [
    *("sold=123456", "bought=100000", "trade_available=80000", "registry_available=0"),
    *("judicially_frozen=0", "pending=0", "missed_surrender=0"),
]
UNIT = """
[[unit]]
name = "1"
class = "iv"
electricity = "1000000"
heat = "100000"
load_factor = "0.5"
verified = "340000.7"
special_case = "0"
"""


def test_the_methods_are_listed() -> None:
    done = command("allowance", "methods")
    assert (done.code, "cn.ets.carry_over@1  2025" in done.out) == (0, True)
    listed = json.loads(command("allowance", "methods", "-o", "json").out)["methods"]
    assert {"cn.ets.obligation", "cn.ets.allocation.steel"} <= {one["id"] for one in listed}


def test_a_calculation_shows_each_step_and_says_what_is_a_draft() -> None:
    arguments = ["calculate", "cn.ets.carry_over", "--year", "2025", "--on", "2026-06-01"]
    done = command("allowance", *arguments, *CARRY_OVER)
    assert done.code == 0, done.err
    assert "45184" in done.out
    assert "ets.carry_over.base" in done.out
    assert "legal record" in done.out
    found = json.loads(command("allowance", *arguments, *CARRY_OVER, "-o", "json").out)
    assert found["steps"][-1] == {
        "formula": "0 if missed_surrender == 1 else max(min(T, H), 0)",
        "symbol": "granted",
        "unit": "t",
        "value": "45184",
    }
    assert {rule["id"] for rule in found["rules"]} == set(found["drafts"]) - {found["method"]}


def test_an_entity_is_allocated(tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    path.write_text(UNIT, encoding="utf-8")
    arguments = ["allocate", path, "--year", "2023", "--on", "2025-01-01"]
    done = command("allowance", *arguments)
    assert (done.code, "340000" in done.out) == (0, True)
    found = json.loads(command("allowance", *arguments, "-o", "json").out)
    assert found["total"]["steps"][-1]["value"] == "340000"
    assert found["units"]["1"]["inputs"]["verified"] == "340000.7"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing", "--year", "2025", "a=1"], "quota.rule.unknown"),
        (["cn.ets.carry_over", "--year", "2025", "sold"], "input.pair"),
        (["cn.ets.carry_over", "--year", "2025", "sold=1", "sold=2"], "input.pair"),
        (
            ["cn.ets.carry_over", "--year", "2025", "--on", "2027-01-01", *CARRY_OVER],
            "not_in_force",
        ),
        (["cn.ets.carry_over", "--year", "2025", "--on", "2026-06-01", "x=1"], "input.missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(arguments: list[str], said: str) -> None:
    done = command("allowance", "calculate", *arguments)
    assert done.code in {1, 2}
    assert said in done.err
    assert "remedy: " in done.err


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = command("allowance", "allocate", tmp_path / "none.toml", "--year", "2023")
    assert (done.code, "none.toml" in done.err) == (2, True)
