"""What the tests of measurement share: worked examples, and slow references."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from trace_node.accounting.arithmetic import precise


def worked_example(data_dir: Path, name: str) -> dict[str, Any]:
    examples = json.loads((data_dir / "worked_examples.json").read_text(encoding="utf-8"))
    (found,) = [example for example in examples if example["id"].startswith(name)]
    return found


def decimals(values: dict[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(str(value)) for name, value in values.items()}


def cos_sin(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Both by their power series, to 50 digits; the angle in radians, not large."""
    with precise():
        sums = [Decimal(0), Decimal(0)]
        term, order = Decimal(1), 0
        while abs(term) > Decimal("1e-55"):
            sums[order % 2] += term if order % 4 < 2 else -term
            order += 1
            term = term * angle / order
    return sums[0], sums[1]
