"""Every requirement has a row, and a row says "met" only with a test that names it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "requirements.md"
STATES = {"met", "partly", "not yet"}
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| S\d-", line)
]


def test_all_rows_are_there_once() -> None:
    ids = [row[0] for row in ROWS]
    assert len(ids) == len(set(ids)) == 472


def test_rows_equal_the_register(data_dir: Path) -> None:
    register = (data_dir.parent / "standards" / "README.md").read_text(encoding="utf-8")
    assert [row[0] for row in ROWS] == re.findall(r"^\| (S\d-[^ |]+) \|", register, re.MULTILINE)


def test_every_row_says_what_is_true() -> None:
    for row in ROWS:
        check_row(row)


def check_row(row: list[str]) -> None:
    identifier, *_, state, implemented, shown = row
    assert len(row) == 8
    assert state in STATES
    if state == "not yet":
        assert not shown
        return
    assert implemented
    assert shown
    for path in implemented.split():
        assert (ROOT / path).exists(), path
    for path in shown.split():
        text = (ROOT / path).read_text(encoding="utf-8")
        assert "def test_" in text, path
        assert re.search(rf"{re.escape(identifier)}(?![\w-]|\.\w)", text), (
            f"{path} does not name {identifier}"
        )
