"""Commitments hide and bind; the page's example is derived again."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, TooLargeError
from trace_node.quota.commitment import (
    CommitmentError,
    Opening,
    make_opening,
    parse_opening,
    require_opens,
)

ROOT = Path(__file__).resolve().parents[3]
SPEC = (ROOT / "docs" / "spec" / "commitment.md").read_text(encoding="utf-8")
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True).filter(lambda name: name != "price")
TEXTS = st.text(st.characters(categories=("L", "N", "P"), codec="utf-8"), min_size=1, max_size=40)
OPENINGS = st.builds(
    make_opening,
    order_id=st.binary(min_size=32, max_size=32),
    salt=st.binary(min_size=16, max_size=16),
    content=st.dictionaries(NAMES, TEXTS, min_size=1, max_size=4),
)


def test_the_example_of_the_page() -> None:
    (raw,) = re.findall(r"```json opening\n([^`\n]+)\n```", SPEC)
    (digest,) = re.findall(r"^    commitment 0x([0-9a-f]{64})$", SPEC, re.MULTILINE)
    opening = parse_opening(raw.encode())
    assert sm3(raw.encode()).hex() == opening.commitment.hex() == digest
    assert (str(opening.price), opening.salt) == ("92.50", bytes(range(16)))


@given(OPENINGS)
def test_what_is_written_is_read(opening: Opening) -> None:
    assert parse_opening(opening.to_bytes()) == opening
    require_opens(opening, opening.commitment)


@given(OPENINGS, st.data())
def test_an_altered_member_opens_another_commitment(opening: Opening, data: st.DataObject) -> None:
    """Binding: no other opening leads to the same 32 bytes, whatever is altered."""
    fields = json.loads(opening.to_bytes())
    what = data.draw(st.sampled_from(["order_id", "salt", "text", "name"]))
    name = data.draw(st.sampled_from(sorted(fields["content"])))
    if what == "text":
        fields["content"][name] += "x"
    elif what == "name":
        fields["content"][f"{name[:20]}_other"] = fields["content"].pop(name)
    else:
        raw = opening.order_id if what == "order_id" else opening.salt
        place = data.draw(st.integers(0, len(raw) - 1))
        raw = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
        altered = make_opening(
            order_id=raw if what == "order_id" else opening.order_id,
            salt=raw if what == "salt" else opening.salt,
            content=opening.content,
        )
        with pytest.raises(CommitmentError):
            require_opens(altered, opening.commitment)
        return
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with pytest.raises(CommitmentError) as refused:
        require_opens(parse_opening(text.encode()), opening.commitment)
    assert refused.value.reason == "opening.commitment"


@given(st.sampled_from(["90.00", "95.50"]), st.binary(min_size=16, max_size=16))
def test_the_same_price_under_another_salt_looks_like_any_other(price: str, salt: bytes) -> None:
    """Hiding: who tries all prices without the salt finds none of them."""
    guesses = {
        make_opening(
            order_id=bytes(32), salt=bytes(16), content={"price": f"{fen / 100:.2f}"}
        ).commitment.hex()
        for fen in range(9_000, 9_600, 50)
    }
    made = make_opening(order_id=bytes(32), salt=salt, content={"price": price})
    assert (made.commitment.hex() in guesses) == (salt == bytes(16))


GOOD = {
    "content": {"price": "92.50"},
    "order_id": "0x" + "06" * 32,
    "salt": "AAECAwQFBgcICQoLDA0ODw",
    "type": "order-opening@1",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"content": {}},
        {"content": {"price": "-1"}},
        {"content": {"price": "1.23456"}},
        {"content": {"price": "1e2"}},
        {"content": {"price": ""}},
        {"content": {"Price": "1"}},
        {"content": {"buyer": "a\u0007"}},
        {"content": {"buyer": 7}},
        {"content": {f"n{number}": "x" for number in range(17)}},
        {"content": []},
        {"order_id": "0x" + "06" * 31},
        {"order_id": "0x" + "0A" * 32},
        {"salt": "AAECAwQFBgcICQoLDA0O"},
        {"salt": 5},
        {"type": "order-opening@2"},
        {"more": "x"},
    ],
)
def test_a_bad_opening_is_refused(changes: dict) -> None:
    raw = json.dumps(GOOD | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with pytest.raises(InputError):
        parse_opening(raw.encode())
    parse_opening(json.dumps(GOOD, sort_keys=True, separators=(",", ":")).encode())


def test_another_spelling_and_too_much_are_refused() -> None:
    with pytest.raises(InputError):
        parse_opening(json.dumps(GOOD).encode())
    with pytest.raises(TooLargeError):
        parse_opening(b" " * 20_000)
    for order_id, salt in ((bytes(31), bytes(16)), (bytes(32), bytes(15))):
        with pytest.raises(InputError):
            make_opening(order_id=order_id, salt=salt, content={"price": "1"})
