"""docs/spec/statements.md: its examples are what their fields give, and every member has a row."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from support import statement_samples as samples

from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.quota.records.emission_statement import EmissionStatement
from trace_node.quota.records.parse import STATEMENT_TYPES, parse_statement, verify_binding
from trace_node.record.statement import build_statement, content_key

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "statements.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))
NAMES = sorted(samples.CONTENTS)
MONTH = {"kind": "provisional", "period": "2025-12", "tonnes": "9876.543"}
OUTPUT = samples.FIELDS["quota basis"]["output"]
(UNIT,) = OUTPUT["units"]


def test_the_page_shows_every_type_once() -> None:
    assert {json.loads(block)["type"] for block in BLOCKS.values()} == STATEMENT_TYPES
    assert sorted(BLOCKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_what_its_fields_give(name: str) -> None:
    shown = json.loads(BLOCKS[name])
    signature = shown.pop("signature")
    assert shown == samples.whole_fields(name)
    public = samples.key(samples.SIGNERS[name]).public
    assert signature["key"] == public.key_id
    signed_record.verify(BLOCKS[name].encode(), public)
    statement = parse_statement(BLOCKS[name].encode())
    assert statement.content == samples.CONTENTS[name]
    assert statement.stated_at == samples.STATED_AT
    assert statement.signed_by == public.key_id


@pytest.mark.parametrize("name", NAMES)
def test_the_builder_writes_the_same_fields(name: str) -> None:
    raw = build_statement(
        samples.CONTENTS[name],
        salt=samples.salt(name),
        stated_at=samples.STATED_AT,
        signer=samples.key(samples.SIGNERS[name]),
    )
    built = json.loads(raw)
    del built["signature"]
    assert built == samples.whole_fields(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_content_key_is_as_described(name: str) -> None:
    text = json.dumps(
        samples.FIELDS[name], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert content_key(samples.CONTENTS[name]) == sm3(text.encode())


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_a_row_for_every_member(name: str) -> None:
    for member in json.loads(BLOCKS[name]).keys() - {"signature"}:
        assert f"`{member}`" in SPEC, member


def test_examples_are_what_the_script_writes() -> None:
    script = ROOT / "infra" / "scripts" / "vectors_statements.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("allocation input", {"value": "1e3"}, "record.value"),
        ("allocation input", {"input_name": "a b"}, "record.input_name"),
        ("allocation input", {"source": "two\nlines"}, "record.source"),
        ("allocation input", {"year": 1999}, "record.year"),
        ("allocation sheet", {"on": "2026-02-30"}, "record.on"),
        ("allocation sheet", {"drafts": []}, "record.drafts"),
        ("allocation sheet", {"steps": []}, "record.steps"),
        ("allocation sheet", {"parts": [{"index": 1}]}, "record.digest"),
        ("ccer project", {"quantity": 0}, "record.quantity"),
        ("ccer project", {"period_to": "2022-12-31"}, "record.period_to"),
        ("ccer project", {"registered_on": "2023-12-30"}, "record.registered_on"),
        ("ccer project", {"kind": "old"}, "record.filed_on"),
        ("ccer project", {"within_ets": "no"}, "record.within_ets"),
        ("draft approval", {"approved_by": ""}, "record.approved_by"),
        ("draft approval", {"evidence": None}, "record.evidence"),
        ("emission statement", {"tonnes": "-1"}, "record.tonnes"),
        ("emission statement", {"tonnes": 118000}, "record.tonnes"),
        ("emission statement", {"tonnes": "1000000000001"}, "record.tonnes"),
        ("emission statement", {"tonnes": "118000.5"}, "record.tonnes.whole"),
        ("emission statement", {"period": "2025-12"}, "record.period.verified"),
        ("emission statement", MONTH | {"period": "2026-01"}, "record.period.open"),
        ("emission statement", MONTH | {"period": "2025-05-01"}, "record.period"),
        ("emission statement", MONTH | {"period": "2025-13"}, "record.period"),
        ("emission statement", {"kind": "estimated"}, "record.kind"),
        ("emission statement", {"sector": 0}, "record.sector"),
        ("emission statement", {"method": ""}, "record.method"),
        ("emission statement", {"method": "a\nb"}, "record.method"),
        ("emission statement", {"method": "m" * 201}, "record.method"),
        ("emission statement", {"evidence": None}, "record.evidence"),
        ("emission statement", {"note": ""}, "record.unknown_member"),
        ("organisation binding", {"credit_code": "9111000010000000OA"}, "record.credit_code"),
        ("organisation binding", {"addresses": []}, "record.addresses"),
        ("organisation binding", {"addresses": ["0x" + "AB" * 20]}, "record.addresses"),
        ("organisation binding", {"key_id": "0" * 32}, "record.key_id"),
        ("quota basis", {"budget": -1}, "record.budget"),
        ("quota basis", {"budget": "1"}, "record.budget"),
        ("quota basis", {"ledger": 0}, "record.ledger"),
        ("quota basis", {"year": 1999}, "record.year"),
        ("quota basis", {"output": []}, "record.output"),
        ("quota basis", {"output": OUTPUT | {"through": "2026-06"}}, "record.through"),
        ("quota basis", {"output": OUTPUT | {"through": "2025"}}, "record.through"),
        ("quota basis", {"output": OUTPUT | {"units": []}}, "record.units"),
        ("quota basis", {"output": OUTPUT | {"units": [UNIT] * 2}}, "record.units"),
        ("quota basis", {"output": OUTPUT | {"units": [UNIT | {"inputs": {}}]}}, "record.inputs"),
        (
            "quota basis",
            {"output": OUTPUT | {"units": [UNIT | {"inputs": {"electricity": 3}}]}},
            "record.inputs",
        ),
        ("rule change", {"digest": None}, "record.digest"),
        ("rule change", {"row": {}}, "record.digest"),
        ("rule change", {"kind": "law"}, "record.kind"),
        ("rule change", {"type": "rule-change@2"}, "record.type"),
        ("rule change", {"more": 1}, "record.unknown_member"),
    ],
)
def test_a_broken_statement_is_refused_by_its_member(name: str, changes: dict, code: str) -> None:
    raw = signed_record.sign(samples.whole_fields(name) | changes, samples.key("node"))
    with pytest.raises(InputError) as refused:
        parse_statement(raw)
    assert refused.value.reason == code
    assert refused.value.field
    assert refused.value.remedy


def test_a_month_that_is_over_may_have_parts_of_a_tonne() -> None:
    raw = signed_record.sign(
        samples.whole_fields("emission statement") | MONTH, samples.key("node")
    )
    content = parse_statement(raw).content
    assert isinstance(content, EmissionStatement)
    assert (content.topic, content.tonnes) == ("plant-a 2025-12 provisional 1", Decimal("9876.543"))


def test_a_sheet_whose_step_does_not_follow_is_refused() -> None:
    """[S0-7.2.2-b2]: one tonne more than inputs and rule give is told."""
    honest = samples.sheet()
    (step,) = honest.steps
    forged = replace(honest, steps=(replace(step, value="1820002"),))
    how = {"salt": bytes(16), "stated_at": samples.STATED_AT, "signer": samples.key("node")}
    build_statement(honest, **how)
    with pytest.raises(InputError) as refused:
        build_statement(forged, **how)
    assert refused.value.reason == "record.steps"


def test_a_sheet_whose_rule_was_edited_is_refused() -> None:
    row = samples.RULE_ROW | {"value": "0.8"}
    fields = samples.whole_fields("allocation sheet")
    fields["rules"] = [fields["rules"][0] | {"row": row}]
    with pytest.raises(InputError) as refused:
        parse_statement(signed_record.sign(fields, samples.key("node")))
    assert refused.value.reason == "record.rules"


def test_a_binding_is_signed_by_the_key_in_it() -> None:
    verify_binding(BLOCKS["organisation binding"].encode())
    stolen = signed_record.sign(samples.whole_fields("organisation binding"), samples.key("node"))
    with pytest.raises(SignatureError):
        verify_binding(stolen)
    with pytest.raises(InputError):
        verify_binding(BLOCKS["rule change"].encode())
