"""Excel forms of activity data: written in Chinese, read whole or not at all."""

import json
from pathlib import Path

import openpyxl
import pytest
from support.accounts import GRID
from support.command import Done, command
from support.forms import ENTRIES
from support.wired import started_home

GOOD = ("product.output", "grid", "2025-11", 3120.5, "t", "日报 11", "final")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = started_home(tmp_path_factory.mktemp("forms") / "home")
    file = home / "boundary.toml"
    file.write_text(GRID + ENTRIES, encoding="utf-8")
    logged = command("account", "boundary", file, "--home", home)
    assert logged.code == 0, logged.err
    return home


def filled(file: Path, *rows: tuple[object, ...], name: str = "production") -> Path:
    assert command("template", name, file).code == 0
    book = openpyxl.load_workbook(file)
    for row in rows:
        book["entries"].append(list(row))
    book.save(file)
    return file


def hand_in(home: Path, file: Path, *more: str) -> Done:
    paper = ("--evidence", file, "--by", "王芳", "--home", home, "-o", "json")
    return command("activity", "import", file, *paper, *more)


def entries(home: Path) -> list[dict]:
    return json.loads(command("activity", "list", "--home", home, "-o", "json").out)


@pytest.mark.parametrize("name", ["production", "past-years", "opening-balances"])
def test_the_form_is_in_chinese_and_empty(home: Path, tmp_path: Path, name: str) -> None:
    file = filled(tmp_path / "form.xlsx", name=name)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["entries", "notes"]
    assert "活动数据名称" in book["entries"]["A2"].value
    done = hand_in(home, file)
    assert (done.code, json.loads(done.out)) == (0, [])


def test_rows_become_entries_and_are_corrected(home: Path, tmp_path: Path) -> None:
    file = filled(
        tmp_path / "form.xlsx", GOOD, ("heat.supplied", "grid", "2025-11", "12", "GJ", "d", "")
    )
    first = hand_in(home, file)
    assert first.code == 0, first.err
    leaves = [row["index"] for row in json.loads(first.out)]
    assert [row["index"] for row in json.loads(hand_in(home, file).out)] == leaves
    held = {row["record"]["activity"]: row["record"] for row in entries(home)}
    assert held["product.output"]["quantity"] == "3120.5"
    other = filled(tmp_path / "other.xlsx", (*GOOD[:3], 3000, *GOOD[4:]))
    refused = hand_in(home, other)
    assert refused.complaint[1] == "activity.cell"
    assert "entries!A6" in refused.err
    corrected = hand_in(home, other, "--correct")
    assert corrected.code == 0, corrected.err
    held = {row["record"]["activity"]: row["record"] for row in entries(home)}
    assert held["product.output"]["replaces"]["index"] == leaves[0]


def test_every_bad_cell_is_named_and_nothing_is_kept(home: Path, tmp_path: Path) -> None:
    before = entries(home)
    file = filled(
        tmp_path / "form.xlsx",
        ("load.mean", "grid", "2025-13", "1", "t", "d", "final"),
        ("load.mean", "grid", "2025-10", "1,5", "t", "d", "final"),
        ("load.mean", "grid", "2025-09", "1", "no such unit", "d", "final"),
        ("load.mean", "grid", "2025-08", "1", "t", "", "final"),
        ("load.mean", "grid", "2025-07", "1", "t", "d", "maybe"),
        ("load.mean", "grid", "2025-06", "1", "t", "d", "final"),
        ("load.mean", "grid", "2025-06", "2", "t", "d", "final"),
    )
    done = hand_in(home, file)
    assert done.complaint[1] == "activity.cell"
    for place in ("C6", "D7", "E8", "F9", "G10", "A12"):
        assert f"entries!{place}:" in done.err
    assert "entries!A11" not in done.err
    assert entries(home) == before
    formula = filled(tmp_path / "formula.xlsx", (*GOOD[:3], "=1+1", *GOOD[4:]))
    assert "entries!D6" in hand_in(home, formula).err
    book = openpyxl.load_workbook(file)
    book["entries"]["D1"] = "amount"
    book.save(file)
    assert "entries!D1" in hand_in(home, file).err
    book["entries"].title = "another"
    book.save(file)
    assert hand_in(home, file).complaint[1] == "registry.file.sheet"
