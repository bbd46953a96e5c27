"""docs/spec/measurement-statements.md: its examples are what their contents give; all has a row."""

import json
import re
from pathlib import Path

import pytest
from support import measurement_samples as samples
from support.statement_samples import STATED_AT, key, salt

from trace_node.accounting.records.measured import MEASURED_CONTENTS
from trace_node.accounting.records.measured_file import read_accuracy_file
from trace_node.crypto import signed_record
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.statement import build_statement, read_statement

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "measurement-statements.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))
NAMES = sorted(samples.CONTENTS)


def test_the_page_shows_every_type() -> None:
    assert {json.loads(block)["type"] for block in BLOCKS.values()} == set(MEASURED_CONTENTS)
    assert sorted(BLOCKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_what_its_content_gives(name: str) -> None:
    raw = BLOCKS[name].encode()
    signed_record.verify(raw, key("node").public)
    content = samples.CONTENTS[name]
    assert read_statement(raw, MEASURED_CONTENTS).content == content
    built = json.loads(
        build_statement(content, salt=salt(name), stated_at=STATED_AT, signer=key("node"))
    )
    shown = json.loads(raw)
    del built["signature"], shown["signature"]
    assert built == shown


def members(value: object) -> set[str]:
    """Names of all members of a record and of the objects in it."""
    if isinstance(value, list):
        return {name for each in value for name in members(each)}
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in members(each)}
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_a_row_for_every_member(name: str) -> None:
    shown = json.loads(BLOCKS[name])
    del shown["signature"]
    for member in members(shown) - {"salt", "stated_at", "type", "index", "digest"}:
        assert re.search(rf"^\| (?:`\w+`, )*`{member}`(?:, `\w+`)* \|", SPEC, re.MULTILINE), member


@pytest.mark.parametrize("name", NAMES)
def test_no_member_may_be_left_out_or_added(name: str) -> None:
    fields = json.loads(BLOCKS[name])
    del fields["signature"]
    for member in fields.keys() - {"type"}:
        less = {key_: value for key_, value in fields.items() if key_ != member}
        with pytest.raises(RecordError) as caught:
            read_statement(signed_record.sign(less, key("node")), MEASURED_CONTENTS)
        assert caught.value.reason == f"record.{member}"
    with pytest.raises(RecordError):
        read_statement(signed_record.sign({**fields, "more": 1}, key("node")), MEASURED_CONTENTS)


def test_the_file_of_the_page_is_read() -> None:
    (text,) = re.findall(r"^```toml accuracy\n(.+?)^```$", SPEC, re.MULTILINE | re.DOTALL)
    found = read_accuracy_file(
        text.encode(), file="x.toml", organisation=OrganisationId("plant-a"), evidence=bytes(32)
    )
    assert found.source == "meter:meter-1/energy"
    assert [each.by for each in found.parts] == ["class", "certificate"]
