"""Thresholds of boards: the product's own, and an operator's in their place."""

from datetime import date
from pathlib import Path

import pytest

from api.home import Home
from api.wiring.board import library_of
from trace_node.clock import SystemClock
from trace_node.errors import InputError
from trace_node.quota.board.errors import BoardRulesError
from trace_node.quota.board.rules import Thresholds
from trace_node.quota.errors import LibraryError, RuleNotFoundError
from trace_node.services.board_rules import BoardLibrary

DAY = date(2026, 7, 15)


def rule(name: str, value: str, **more: str) -> str:
    lines = {
        "id": name,
        "value": value,
        "unit": "1",
        "source": "decision of the board of directors",
        "status": "draft",
    } | more
    text = "".join(f'{key} = "{each}"\n' for key, each in lines.items())
    return f"[[rule]]\n{text}valid_from = 2026-01-01\n"


def thresholds(text: str = "", *, day: date = DAY) -> Thresholds:
    library = BoardLibrary.packaged(text.encode() if text else None)
    return Thresholds.of(library.on(day), year=day.year)


def test_without_a_file_the_packaged_ones_hold() -> None:
    found = thresholds()
    assert [str(each) for each in (found.yellow, found.orange, found.red)] == ["0.9", "1", "1.05"]
    assert (found.yellow_days, found.red_days, found.periods) == (60, 30, 3)
    assert all(each.origin.standing.value == "draft" for each in found.rules)


def test_a_file_replaces_the_ones_it_names() -> None:
    found = thresholds(rule("board.level.yellow", "0.8") + rule("board.trend.periods", "2"))
    assert (str(found.yellow), str(found.orange), found.periods) == ("0.8", "1", 2)
    with pytest.raises(RuleNotFoundError):  # all versions of an id are the operator's then
        thresholds(rule("board.level.yellow", "0.8").replace("2026", "2027") + "years = [2027]\n")


@pytest.mark.parametrize(
    "text",
    [
        rule("board.level.yellow", "1.01"),
        rule("board.level.yellow", "0"),
        rule("board.level.red", "0.5"),
        rule("board.trend.periods", "0"),
        rule("board.trend.periods", "2.5"),
        rule("board.trend.periods", "121"),
        rule("board.deadline.red_days", "-1"),
        rule("ets.ccer_cap", "0.5"),
        rule("board.level.purple", "1"),
    ],
)
def test_what_contradicts_itself_or_is_not_the_operators_is_refused(text: str) -> None:
    with pytest.raises(BoardRulesError):
        thresholds(text)


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(LibraryError):
        thresholds(rule("board.level.yellow", "0.8", colour="yellow"))
    with pytest.raises(InputError):
        thresholds("[[rule]\n")


def test_the_file_is_read_from_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    day = SystemClock().now().date()
    (tmp_path / "board-rules.toml").write_text(rule("board.level.yellow", "0.7"))
    library = library_of(home, clock=SystemClock())
    assert str(library.on(day).rule("board.level.yellow", year=day.year).value) == "0.7"
    (tmp_path / "board-rules.toml").write_text(rule("board.level.yellow", "7"))
    with pytest.raises(BoardRulesError):
        library_of(home, clock=SystemClock())
    (tmp_path / "board-rules.toml").write_bytes(b"#" * 131_073)
    with pytest.raises(Exception, match="131072"):
        library_of(home, clock=SystemClock())
