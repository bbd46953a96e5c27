"""What the lints of the house share: walk files, report, and fail with the number of findings."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Finding = tuple[int, str]


def run(
    *,
    folders: list[str],
    violations: Callable[[ast.Module, Path], Iterator[Finding]],
    help_text: str,
) -> None:
    """Report every violation in the files below ``folders``; exit with 1 if there is one."""
    found = 0
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
            for line, what in violations(tree, path.relative_to(ROOT)):
                print(f"{path.relative_to(ROOT)}:{line}: {what}")
                found += 1
    if found:
        print(help_text)
        sys.exit(1)
