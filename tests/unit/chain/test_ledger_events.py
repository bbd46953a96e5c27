"""The events of the five contracts, read by our tables and by eth_abi."""

import random
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils import to_canonical_address
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ledger_logs import Encoded, abi_type, drawn, encoded, events_of, every_event, values_of
from support.ledger_rpc import ADDRESSES, STRANGER

from chain.errors import ChainAnswerError
from chain.ledger_events import LedgerDecoder
from chain.values import EventLog
from trace_node.quota.ledger.kinds import Book
from trace_node.quota.ledger.orders_events import OrderProposed

DECODER = LedgerDecoder(ADDRESSES)
RENAMED = {"from": "source", "to": "target"}


def raw_event(book: Book, event: Encoded, *, address: bytes | None = None) -> EventLog:
    return EventLog(
        address=address or ADDRESSES[book],
        topics=event.topics,
        data=event.data,
        block_number=7,
        block_hash=b"h" * 32,
        transaction_hash=b"t" * 32,
        index=3,
    )


def snake(name: str) -> str:
    return RENAMED.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def same(expected: Any, found: Any) -> bool:
    """Whether our value says what eth_abi was given."""
    if is_dataclass(found):
        given_values = {snake(name): value for name, value in expected.items()}
        assert given_values.keys() == {each.name for each in fields(found)}
        return all(same(value, getattr(found, name)) for name, value in given_values.items())
    if isinstance(found, tuple):
        return len(expected) == len(found) and all(map(same, expected, found))
    if isinstance(expected, str):
        return to_canonical_address(expected) == found
    return type(expected) in {type(found), int} and expected == found


def test_there_are_forty_five() -> None:
    assert len(every_event()) == 45


@pytest.mark.parametrize(("book", "name"), every_event())
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_an_event_says_what_was_encoded(book: Book, name: str, data: st.DataObject) -> None:
    values = data.draw(values_of(book, name))
    found = DECODER.event(raw_event(book, encoded(book, name, values)), time=99)
    assert type(found.content).__name__ == name
    assert same(values, found.content)
    assert (found.book, found.block, found.time, found.index) == (book, 7, 99, 3)
    assert (found.block_hash, found.transaction) == (b"h" * 32, b"t" * 32)


@pytest.mark.parametrize(("book", "name"), every_event())
@given(seed=st.integers(0, 2**32), data=st.data())
@settings(max_examples=40, deadline=None)
def test_nothing_is_read_that_eth_abi_would_read_otherwise(
    book: Book, name: str, seed: int, data: st.DataObject
) -> None:
    """Bytes are changed anywhere: we refuse, or both read the same and would write the same."""
    event = drawn(random.Random(seed), book, name, 1)
    damaged = bytearray(event.data)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.sampled_from([0, 1, 2, 31, 32, 255]))
    changed = Encoded(event.topics, bytes(damaged))
    types = [abi_type(each) for each in events_of(book)[name]["inputs"] if not each["indexed"]]
    try:
        DECODER.event(raw_event(book, changed), time=0)
    except ChainAnswerError:
        return
    assert encode(types, decode(types, changed.data)) == changed.data


@pytest.mark.parametrize(("book", "name"), every_event())
def test_data_of_another_length_is_refused(book: Book, name: str) -> None:
    event = drawn(random.Random(1), book, name, 1)
    damages = [
        Encoded(event.topics, event.data[:-1]),
        Encoded(event.topics, event.data + b"\0"),
        Encoded(event.topics, event.data + bytes(32)),
        Encoded(event.topics, event.data[:-32]),
        Encoded(event.topics, b""),
        Encoded((*event.topics, bytes(32)), event.data),
    ]
    if len(event.topics) > 1:
        damages.append(Encoded(event.topics[:-1], event.data))
    for damaged in damages:
        with pytest.raises(ChainAnswerError) as caught:
            DECODER.event(raw_event(book, damaged), time=0)
        assert caught.value.reason == "chain.malformed_event"
        assert "block 7" in caught.value.message


def test_an_event_of_another_contract_is_refused() -> None:
    event = drawn(random.Random(1), Book.LOTS, "LotMoved", 1)
    for raw in (
        raw_event(Book.LOTS, event, address=STRANGER),
        raw_event(Book.LOTS, event, address=ADDRESSES[Book.ORDERS]),
        raw_event(Book.LOTS, Encoded((b"x" * 32, *event.topics[1:]), event.data)),
        raw_event(Book.LOTS, Encoded((), event.data)),
    ):
        with pytest.raises(ChainAnswerError) as caught:
            DECODER.event(raw, time=0)
        assert caught.value.reason == "chain.foreign_event"


def order(**changes: Any) -> dict[str, Any]:
    part = {"lot": 3, "quantity": 2**255}
    content = {
        "chainId": 1,
        "orderId": bytes(32),
        "kind": 29,
        "from": 1,
        "to": 2,
        "subject": 3,
        "parts": [part, part],
        "quantity": 2**256 - 1,
        "commitment": bytes(32),
        "registryNumber": bytes(32),
        "reason": bytes(32),
        "notBefore": 0,
        "deadline": 2**64 - 1,
    }
    return {
        "sequence": 1,
        "orderId": bytes(32),
        "number": 1,
        "initiator": "0x" + "11" * 20,
        "contentHash": bytes(32),
        "content": content | changes,
        "lots": [1, 2],
    }


def test_the_largest_numbers_of_an_order() -> None:
    found = DECODER.event(
        raw_event(Book.ORDERS, encoded(Book.ORDERS, "OrderProposed", order())), time=0
    ).content
    assert isinstance(found, OrderProposed)
    assert found.content.quantity == 2**256 - 1
    assert [part.quantity for part in found.content.parts] == [2**255] * 2
    assert found.lots == (1, 2)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ChainAnswerError, match="30 is no Kind"):
        DECODER.event(
            raw_event(Book.ORDERS, encoded(Book.ORDERS, "OrderProposed", order(kind=30))), time=0
        )


@pytest.mark.parametrize("count", [10_001, 2**63, 2**256 - 1])
def test_an_array_that_claims_to_be_endless_is_refused(count: int) -> None:
    """Before anything of that size is made."""
    event = encoded(Book.ORDERS, "OrderProposed", order())
    at = event.data.rindex((2).to_bytes(32) + (1).to_bytes(32))
    data = event.data[:at] + count.to_bytes(32) + event.data[at + 32 :]
    with pytest.raises(ChainAnswerError, match="an array of"):
        DECODER.event(raw_event(Book.ORDERS, Encoded(event.topics, data)), time=0)


def test_two_encodings_of_one_value_are_not_both_read() -> None:
    """eth_abi follows offsets wherever they lead; the compiler writes tails in order, without gaps."""
    event = encoded(Book.ORDERS, "OrderProposed", order())
    types = [abi_type(each) for each in events_of(Book.ORDERS)["OrderProposed"]["inputs"]][4:]
    assert types[::2] == ["bytes32", "uint64[]"]
    head = event.data[:128]
    assert int.from_bytes(head[96:128]) + 96 == len(event.data)
    gap = head[:96] + (int.from_bytes(head[96:128]) + 32).to_bytes(32) + event.data[128:-96]
    gap += bytes(32) + event.data[-96:]
    assert decode(["uint64", *types], gap)[-1] == (1, 2)
    with pytest.raises(ChainAnswerError, match="offset"):
        DECODER.event(raw_event(Book.ORDERS, Encoded(event.topics, gap)), time=0)
