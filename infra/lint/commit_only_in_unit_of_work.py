"""Only the unit of work commits: one use case is one transaction; nothing commits half of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from base import Finding, run

ALLOWED = {
    Path("trace_node/store/unit_of_work.py"),
    Path("trace_node/store/migrations/env.py"),
}


def violations(tree: ast.Module, path: Path) -> Iterator[Finding]:
    """Calls of a method named ``commit`` outside the unit of work."""
    if path in ALLOWED:
        return
    for item in ast.walk(tree):
        if (
            isinstance(item, ast.Call)
            and isinstance(item.func, ast.Attribute)
            and item.func.attr == "commit"
        ):
            yield item.lineno, "commit() outside the unit of work"


if __name__ == "__main__":
    run(
        folders=["trace_node", "api"],
        violations=violations,
        help_text="Do the work inside `with unit_of_work() as work:`; it commits at the end.",
    )
