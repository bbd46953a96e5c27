"""Refuse binary floats where the product counts: a sum of floats is not the sum of the readings."""

import ast
from collections.abc import Iterator
from pathlib import Path

from base import Finding, run


def violations(tree: ast.Module, _path: Path) -> Iterator[Finding]:
    """Float literals and the name ``float``."""
    for item in ast.walk(tree):
        if isinstance(item, ast.Constant) and isinstance(item.value, float):
            yield item.lineno, "float literal"
        elif isinstance(item, ast.Name) and item.id == "float":
            yield item.lineno, "the name float"


if __name__ == "__main__":
    run(
        folders=[
            "trace_node/metering",
            "trace_node/tlog",
            "trace_node/quota",
            "trace_node/accounting",
        ],
        violations=violations,
        help_text="Use Decimal or scaled integers in the domains.",
    )
