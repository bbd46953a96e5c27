"""docs/spec/allocation-library.md: its examples are read, and its digest is derived again."""

import re
from datetime import date
from pathlib import Path

from trace_node.ids import to_base64url
from trace_node.quota.library_file import read_methods, read_rules
from trace_node.quota.unit_file import read_units
from trace_node.services.allocation import RuleLibrary, allocate_power

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "spec" / "allocation-library.md").read_text(encoding="utf-8")
RULES, METHODS, UNITS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_the_rules_are_read_and_the_digest_is_theirs() -> None:
    cap, low = read_rules(RULES.encode(), file="spec")
    assert cap.id == "ets.ccer_cap"
    assert f"`{to_base64url(low.digest)}`" in TEXT


def test_the_method_is_read() -> None:
    (method,) = read_methods(METHODS.encode(), file="spec")
    assert method.steps[-1].symbol == "pre_allocated"


def test_the_units_are_read_and_allocated() -> None:
    units = [(unit.name, unit.values) for unit in read_units(UNITS.encode())]
    library = RuleLibrary.packaged()
    found = allocate_power(units, library=library, year=2023, on=date(2026, 6, 1))
    assert found.total.result == 2583252
