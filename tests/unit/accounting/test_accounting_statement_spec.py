"""docs/spec/accounting-statements.md: its examples are what their fields give; every member has a row."""

import json
import re
from pathlib import Path

import pytest
from support import accounting_samples as samples

from trace_node.accounting.statements import CONTENTS, parse_accounting_statement
from trace_node.crypto import signed_record
from trace_node.record.errors import RecordError, RecordVersionError
from trace_node.record.statement import build_statement

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "accounting-statements.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))
NAMES = sorted(samples.CONTENTS)


def test_the_page_shows_every_type_once() -> None:
    assert {json.loads(block)["type"] for block in BLOCKS.values()} == set(CONTENTS)
    assert sorted(BLOCKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_what_its_fields_give(name: str) -> None:
    shown = json.loads(BLOCKS[name])
    del shown["signature"]
    assert shown == samples.whole_fields(name)
    public = samples.key(samples.SIGNERS[name]).public
    signed_record.verify(BLOCKS[name].encode(), public)
    statement = parse_accounting_statement(BLOCKS[name].encode())
    assert statement.content == samples.CONTENTS[name]
    assert statement.stated_at == samples.STATED_AT
    assert statement.signed_by == public.key_id


@pytest.mark.parametrize("name", NAMES)
def test_the_builder_writes_the_same_fields(name: str) -> None:
    raw = build_statement(
        samples.CONTENTS[name],
        salt=samples.salt(name),
        stated_at=samples.STATED_AT,
        signer=samples.key("node"),
    )
    built = json.loads(raw)
    del built["signature"]
    assert built == samples.whole_fields(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_a_row_for_every_member(name: str) -> None:
    shown = json.loads(BLOCKS[name])
    values = shown.get("values", ())
    members = shown.keys() | {key for value in values for key in value}
    for member in members - {"signature", "salt", "stated_at", "type"}:
        assert re.search(rf"^\| `{member}` \|", SPEC, re.MULTILINE), member


@pytest.mark.parametrize("name", NAMES)
def test_the_topic_is_as_described(name: str) -> None:
    described = re.findall(r"Its topic is `([^`]+)`", SPEC)[NAMES.index(name)]
    fields = samples.FIELDS[name]
    assert samples.CONTENTS[name].topic == " ".join(
        fields["row"]["id"] if word == "row.id" else fields.get(word, word)
        for word in described.split()
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_member_may_be_left_out_or_added(name: str) -> None:
    fields = samples.whole_fields(name)
    signer = samples.key("node")
    for member in fields.keys() - {"type"}:
        less = {key: value for key, value in fields.items() if key != member}
        with pytest.raises(RecordError) as caught:
            parse_accounting_statement(signed_record.sign(less, signer))
        assert caught.value.reason == f"record.{member}"
    with pytest.raises(RecordError) as caught:
        parse_accounting_statement(signed_record.sign(fields | {"more": 1}, signer))
    assert caught.value.reason == "record.unknown_member"


def test_a_statement_of_another_family_is_refused() -> None:
    fields = samples.whole_fields("activity entry") | {"type": "activity-entry@2"}
    with pytest.raises(RecordVersionError) as caught:
        parse_accounting_statement(signed_record.sign(fields, samples.key("node")))
    assert caught.value.reason == "record.type"
