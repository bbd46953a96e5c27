"""docs/spec/registry-statements.md and disclosure.md: their tables are those of the code."""

import re
from pathlib import Path

from trace_node.quota.ledger.order_shape import MAX_LOTS
from trace_node.quota.registry import form
from trace_node.quota.registry.cells import MAX_CELL, MAX_COLUMNS, MAX_ROWS
from trace_node.quota.registry.corrections import Why
from trace_node.quota.registry.outcome import Cause
from trace_node.quota.registry.statement import SerialRange
from trace_node.services.allocation import RuleLibrary
from trace_node.services.disclose import LEAST_PARTIES, LEAST_TRADES, threshold_of
from trace_node.services.workbook import MAX_FILE_BYTES, MAX_MEMBERS, MAX_UNPACKED_BYTES

SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec"
TEXT = (SPEC / "registry-statements.md").read_text(encoding="utf-8")
HEAD, COLUMNS, DIFFERENCES = re.findall(
    r"^\|[^\n]+\|\n\|[-|]+\|\n((?:\|[^\n]+\|\n)+)", TEXT, re.MULTILINE
)


def first_cells(table: str) -> list[str]:
    cells = [line.split("|")[1] for line in table.splitlines()]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_head_and_columns_are_those_of_the_form() -> None:
    assert first_cells(HEAD) == list(form.HEAD)
    both = {*form.COLUMNS[form.HOLDINGS], *form.COLUMNS[form.TRANSACTIONS]}
    assert set(first_cells(COLUMNS)) == both
    operations = next(line for line in COLUMNS.splitlines() if line.startswith("| `operation`"))
    assert re.findall(r"`([^`]+)`", operations)[1:] == list(form.OPERATIONS)
    places = next(line for line in COLUMNS.splitlines() if line.startswith("| `place`"))
    named = dict(re.findall(r"`(\w+)` \(([^)]+)\)", places))
    assert named == dict(form.PLACES)


def test_differences_and_reasons_are_those_of_the_code() -> None:
    assert set(first_cells(DIFFERENCES)) == set(Cause)
    for why in Why:
        if why is not Why.NO_CANCELLATION:
            assert f"`{why.value}`" in TEXT, why


def test_bounds_and_references_are_those_of_the_code() -> None:
    mebi = 1024 * 1024
    assert f"At most {MAX_FILE_BYTES // mebi} MiB, {MAX_UNPACKED_BYTES // mebi} MiB and" in TEXT
    assert f"{MAX_MEMBERS} parts unpacked, {MAX_ROWS:,} rows, {MAX_COLUMNS} columns" in TEXT
    assert f"{MAX_CELL} characters in a cell" in TEXT
    assert f"at most {MAX_LOTS} parts" in TEXT
    assert SerialRange(product="CEA24", first=5001, last=6000).reference == "CEA24 5001-6000"
    assert "`CEA24 5001-6000`" in TEXT


def test_the_threshold_is_a_rule_that_the_page_names() -> None:
    page = (SPEC / "disclosure.md").read_text(encoding="utf-8")
    assert f"`{LEAST_TRADES}`" in page
    assert f"`{LEAST_PARTIES}`" in page
    rules = RuleLibrary.packaged().rules
    day = next(iter(rules)).validity.valid_from.replace(year=2026)
    assert threshold_of(rules, on=day).trades >= 3
