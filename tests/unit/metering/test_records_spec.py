"""The examples of docs/spec/records.md, derived again from what the page says."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import metering_samples as samples
from support.reference import root

from trace_node.crypto.sm3 import sm3
from trace_node.gases import GASES
from trace_node.metering.records.parse import RECORD_TYPES, parse_record
from trace_node.units import UNITS

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "records.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```json ([a-z ]+)\n([^`\n]+)\n```$", SPEC, re.MULTILINE))


def test_the_page_shows_every_type_once() -> None:
    assert {json.loads(block)["type"] for block in BLOCKS.values()} == RECORD_TYPES
    assert len(BLOCKS) == len(re.findall(r"^```json", SPEC, re.MULTILINE)) == 11


@pytest.mark.parametrize("name", samples.EXAMPLES)
def test_the_example_is_what_its_fields_give(name: str) -> None:
    fields, signer = samples.EXAMPLES[name]
    shown = json.loads(BLOCKS[name])
    signature = shown.pop("signature", None)
    assert shown == fields
    assert (signature is None) == (signer is None)
    parse_record(BLOCKS[name].encode())


@pytest.mark.parametrize("name", samples.EXAMPLES)
def test_the_page_has_a_row_for_every_member(name: str) -> None:
    shown = json.loads(BLOCKS[name])
    members = set(shown) | {key for item in shown.get("registers", []) for key in item}
    for member in members - {"signature"}:
        assert f"`{member}`" in SPEC, member


def test_the_digests_of_the_examples_join() -> None:
    digests = {
        name: base64.urlsafe_b64encode(sm3(b"\x00" + block.encode())).decode().rstrip("=")
        for name, block in BLOCKS.items()
    }
    event, reading, failed, delivery = (
        json.loads(BLOCKS[name]) for name in ("event", "reading", "reading that failed", "delivery")
    )
    assert event["context"] == reading["context"] == delivery["context"] == digests["context"]
    assert reading["prev"] == digests["event"]
    assert failed["prev"] == digests["reading"]
    assert [event["seq"], reading["seq"], failed["seq"]] == [0, 1, 2]
    entries = [BLOCKS[name].encode() for name in ("event", "reading", "reading that failed")]
    assert samples.text(root(sm3, entries)) == delivery["root"]


def test_key_ids_and_the_digest_of_the_exchange_are_as_described() -> None:
    registration = json.loads(BLOCKS["key registration"])
    point = base64.urlsafe_b64decode(registration["key"] + "=")
    assert registration["key_id"] == sm3(point)[:16].hex()
    assert json.loads(BLOCKS["reading"])["raw"] == samples.text(
        sm3(b"\x02" + bytes(16) + samples.EXCHANGE)
    )


def test_vectors_and_examples_are_what_the_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "infra" / "scripts" / "vectors_records.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_lists_every_unit() -> None:
    rows = (
        SPEC.partition("## 9. Units")[2]
        .partition("## 10.")[0]
        .partition("|---|---|")[2]
        .strip()
        .splitlines()
    )
    listed = {
        symbol.replace("{gas}", gas): cells[1].strip().replace(" ", "_").replace("{gas}", gas)
        for cells in (row.split("|") for row in rows if row.startswith("|"))
        for symbol in re.findall(r"`([^`]+)`", cells[2])
        for gas in GASES
    }
    assert listed == {symbol: unit.dimension for symbol, unit in UNITS.items()}
