"""Events of the ledger's contracts encoded by eth_abi, with values drawn by lot or by hypothesis."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils import keccak, to_checksum_address
from hypothesis import strategies as st

from chain.artifacts import load
from trace_node.quota.ledger import kinds
from trace_node.quota.ledger.kinds import Book

NAMES = {
    Book.ACCESS: "AccessRegistry",
    Book.RULES: "RuleBook",
    Book.LOTS: "LotBook",
    Book.OBLIGATIONS: "ObligationBook",
    Book.ORDERS: "AllowanceRegistry",
}


@dataclass(frozen=True)
class Encoded:
    """An event as a chain holds it."""

    topics: tuple[bytes, ...]
    data: bytes


@cache
def events_of(book: Book) -> dict[str, Any]:
    """The events of a contract by name, as the compiler describes them."""
    return {item["name"]: item for item in load(NAMES[book]).abi if item["type"] == "event"}


def every_event() -> list[tuple[Book, str]]:
    return [(book, name) for book in Book for name in events_of(book)]


def abi_type(item: Any) -> str:
    if not item["type"].startswith("tuple"):
        return item["type"]
    parts = ",".join(abi_type(each) for each in item["components"])
    return f"({parts}){item['type'].removeprefix('tuple')}"


def encoded(book: Book, name: str, values: dict[str, Any]) -> Encoded:
    """The event with these values, a tuple's as a dictionary."""
    inputs = events_of(book)[name]["inputs"]
    signature = f"{name}({','.join(abi_type(each) for each in inputs)})"
    indexed = [each for each in inputs if each["indexed"]]
    others = [each for each in inputs if not each["indexed"]]
    topics = [encode([each["type"]], [values[each["name"]]]) for each in indexed]
    data = encode(
        [abi_type(each) for each in others], [_bare(each, values[each["name"]]) for each in others]
    )
    return Encoded(topics=(keccak(text=signature), *topics), data=data)


def _bare(item: Any, value: Any) -> Any:
    if item["type"].endswith("[]"):
        inner = item | {"type": item["type"][:-2]}
        return [_bare(inner, each) for each in value]
    if item["type"] == "tuple":
        return tuple(_bare(each, value[each["name"]]) for each in item["components"])
    return value


def bound(item: Any) -> int:
    """One more than the largest number that the ledger writes into a number."""
    internal = item["internalType"]
    if internal.startswith("enum "):
        return len(getattr(kinds, internal.removeprefix("enum ").split(".")[-1]))
    if (item["name"], internal) == ("kind", "uint8"):
        return len(kinds.Kind)
    return 1 << int(item["type"].removeprefix("uint"))


def values_of(book: Book, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values that an event can have."""
    inputs = events_of(book)[name]["inputs"]
    return st.fixed_dictionaries({each["name"]: _strategy(each) for each in inputs})


def _strategy(item: Any) -> st.SearchStrategy[Any]:
    kind = item["type"]
    if kind.endswith("[]"):
        return st.lists(_strategy(item | {"type": kind[:-2]}), max_size=4)
    if kind == "tuple":
        return st.fixed_dictionaries({each["name"]: _strategy(each) for each in item["components"]})
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(to_checksum_address)
    if kind == "bytes32":
        return st.binary(min_size=32, max_size=32)
    if kind == "bool":
        return st.booleans()
    return st.integers(0, bound(item) - 1)


def drawn(rng: random.Random, book: Book, name: str, sequence: int) -> Encoded:
    """An event with a number and otherwise random values."""
    inputs = events_of(book)[name]["inputs"]
    values = {each["name"]: _draw(rng, each) for each in inputs} | {"sequence": sequence}
    return encoded(book, name, values)


def _draw(rng: random.Random, item: Any) -> Any:
    kind = item["type"]
    if kind.endswith("[]"):
        return [_draw(rng, item | {"type": kind[:-2]}) for _ in range(rng.randrange(3))]
    if kind == "tuple":
        return {each["name"]: _draw(rng, each) for each in item["components"]}
    if kind == "address":
        return to_checksum_address(rng.randbytes(20))
    if kind == "bytes32":
        return rng.randbytes(32)
    if kind == "bool":
        return rng.random() < 0.5
    return rng.randrange(bound(item))
