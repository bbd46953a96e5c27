"""Sizes: a file tells one thing and a function can be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["trace_node", "collectors", "chain", "api"]
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
# A step-by-step table or state machine that would be harder to follow when cut; each with its reason.
LONGER_FUNCTIONS: dict[str, str] = {}


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 50


def test_files_are_short() -> None:
    long = [path for path in FILES if path.read_text(encoding="utf-8").count("\n") > MOST_LINES]
    assert not long


def test_functions_are_short() -> None:
    assert not [name for path in FILES for name in long_functions(path)]


def long_functions(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for item in ast.walk(tree):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.end_lineno:
            name = f"{path.relative_to(ROOT)}:{item.name}"
            first = item.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = item.body[1].lineno if documented and len(item.body) > 1 else item.lineno
            if item.end_lineno - start >= MOST_FUNCTION_LINES and name not in LONGER_FUNCTIONS:
                yield name
