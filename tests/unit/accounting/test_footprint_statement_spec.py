"""docs/spec/footprint-statements.md: its examples are what their contents give; all has a row."""

import json
import re
from pathlib import Path

import pytest
from support import footprint_samples as samples
from support.statement_samples import STATED_AT, key, salt

from trace_node.accounting.footprint.statements import FOOTPRINT_CONTENTS
from trace_node.crypto import signed_record
from trace_node.record.errors import RecordError
from trace_node.record.statement import build_statement, read_statement

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "footprint-statements.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))
NAMES = sorted(samples.CONTENTS)


def test_the_page_shows_every_type() -> None:
    assert {json.loads(block)["type"] for block in BLOCKS.values()} == set(FOOTPRINT_CONTENTS)
    assert sorted(BLOCKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_what_its_content_gives(name: str) -> None:
    raw = BLOCKS[name].encode()
    signed_record.verify(raw, key("node").public)
    content = samples.CONTENTS[name]
    assert type(read_statement(raw, FOOTPRINT_CONTENTS).content) is type(content)
    built = json.loads(
        build_statement(content, salt=salt(name), stated_at=STATED_AT, signer=key("node"))
    )
    shown = json.loads(raw)
    for record in (built, shown):
        del record["signature"]
        if record.get("hand_over"):
            del record["hand_over"]["value"]  # no two signatures are alike
    assert built == shown


def test_the_hand_over_of_the_example_verifies() -> None:
    statement = read_statement(BLOCKS["batch event with hand over"].encode(), FOOTPRINT_CONTENTS)
    statement.content.verify_receiver(key("node").public)  # type: ignore[attr-defined]


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
    for member in members(shown) - {"salt", "stated_at", "type"}:
        assert re.search(rf"^\| (?:`\w+`, )*`{member}`(?:, `\w+`)* \|", SPEC, re.MULTILINE), member


@pytest.mark.parametrize("name", NAMES)
def test_no_member_may_be_left_out_or_added(name: str) -> None:
    fields = json.loads(BLOCKS[name])
    del fields["signature"]
    for member in fields.keys() - {"type"}:
        less = {key: value for key, value in fields.items() if key != member}
        with pytest.raises(RecordError) as caught:
            read_statement(signed_record.sign(less, key("node")), FOOTPRINT_CONTENTS)
        assert caught.value.reason == f"record.{member}"
    with pytest.raises(RecordError) as caught:
        read_statement(signed_record.sign(fields | {"more": 1}, key("node")), FOOTPRINT_CONTENTS)
    assert caught.value.reason == "record.unknown_member"
