"""docs/spec/emission.md: its examples are computed again here, byte for byte; all members have a row."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from support import emission_samples as samples

from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.records.gauge_readings import GAUGE_READINGS, GaugeReadings
from trace_node.crypto import signed_record
from trace_node.record.statement import build_statement, read_statement

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "emission.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))
BLOCK = BLOCKS["emission"]
TYPES = {EMISSION: Emission, GAUGE_READINGS: GaugeReadings}


@pytest.mark.parametrize("name", sorted(samples.CONTENTS))
def test_the_example_is_what_boundary_entries_and_method_give(name: str) -> None:
    """All but the signature, which is random: of the example it verifies."""
    raw, content = BLOCKS[name].encode(), samples.CONTENTS[name]()
    signed_record.verify(raw, samples.key("node").public)
    assert read_statement(raw, TYPES).content == content
    built = json.loads(
        build_statement(
            content,
            salt=samples.salt(name),
            stated_at=samples.STATED_AT,
            signer=samples.key("node"),
        )
    )
    shown = json.loads(raw)
    del built["signature"], shown["signature"]
    assert built == shown == samples.whole_fields(name)


def test_the_figure_of_the_example_is_that_of_the_guideline() -> None:
    """Formula (1): 42.652 GJ/t and 0.02020 tC/GJ, whole tonnes together."""
    shown = json.loads(BLOCK)
    carbon = Decimal("42.652") * Decimal("0.0202") * 44 / 12
    (masses,) = [group["masses"] for group in shown["items"] if group["term"] == "E_fuel"]
    assert {name: round(Decimal(mass), 6) for name, mass in masses.items()} == {
        "loaders": round(Decimal("3.5") * carbon, 6),
        "trucks": round(Decimal("12.48") * carbon, 6),
    }
    (figure,) = shown["figures"]
    assert Decimal(figure["value"]) == round(Decimal("15.98") * carbon)


@pytest.mark.parametrize("name", sorted(samples.CONTENTS))
def test_the_page_has_a_row_for_every_member(name: str) -> None:
    for member in json.loads(BLOCKS[name]).keys() - {"salt", "signature", "stated_at", "type"}:
        assert re.search(rf"^\| (?:`\w+`, )*`{member}`(?:, `\w+`)* \|", SPEC, re.MULTILINE), member
