"""The examples of docs/spec for bundles, trust roots and verdicts, derived again."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from support import bundles
from support.bundle_defects import good_file, good_trust_root
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, World

from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify_checks import (
    EMISSION_CHECKS,
    PERIOD_CHECKS,
    PROOF_CHECKS,
    STATEMENT_CHECKS,
)
from trace_node.tlog.verdict import CheckKind

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
_BLOCK = re.compile(r"^```[a-z]+ ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> dict[str, str]:
    """The named examples of a page, without the line feed at their end."""
    found = _BLOCK.findall((SPEC / f"{page}.md").read_text(encoding="utf-8"))
    return {name: text.removesuffix("\n") for name, text in found}


def canonical(value: Any) -> str:
    """Canonical JSON of what is permitted, by the standard library alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def example_world() -> World:
    """One device, four readings in one delivery, witnessed and anchored."""
    world = World()
    world.deliver(
        [world.reading(START + STEP * step) for step in range(4)], at=START + timedelta(hours=1)
    )
    world.seal(at=START + timedelta(hours=1, minutes=1))
    world.anchor(at=START + timedelta(hours=1, minutes=2))
    return world


def period_example() -> str:
    """A period of two quarter hours, with the readings before and after it."""
    request = PeriodRequest(begin=START + STEP, end=START + STEP * 3, devices=(bundles.DEVICE,))
    return prove_period(request, reader=WorldReader(example_world())).decode()


def proof_example() -> str:
    """The right bundle of the vectors."""
    return good_file().decode()


def trust_root_example() -> str:
    """The trust root of the vectors."""
    return good_trust_root().decode()


def table(kinds: tuple[CheckKind, ...]) -> str:
    """The rows of a list of checks."""
    return "\n".join(
        f"| {kind.number} | `{kind.name}` | {kind.scope.value} | {'yes' if kind.needed else 'no'}"
        f" | {kind.title} |"
        for kind in sorted(kinds, key=lambda kind: kind.number)
    )


def tables() -> tuple[str, ...]:
    """The rows of all lists."""
    shared = {kind.name for kind in PROOF_CHECKS if kind in PERIOD_CHECKS}
    own = tuple(kind for kind in PERIOD_CHECKS if kind.name not in shared)
    figure = tuple(kind for kind in EMISSION_CHECKS if kind.name.startswith("emission."))
    stated = tuple(kind for kind in STATEMENT_CHECKS if kind.name.startswith("statement."))
    return table(PROOF_CHECKS), table(own), table(figure), table(stated)
