"""The five contracts of the ledger by their ABIs: names, topics, calls and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from chain.abi_values import AbiItem, sequence_reader
from chain.addresses import keccak256
from chain.artifacts import Artifact, load
from chain.rpc_values import word
from trace_node.quota.ledger.kinds import Book

CONTRACT_NAMES = {
    Book.ACCESS: "AccessRegistry",
    Book.RULES: "RuleBook",
    Book.LOTS: "LotBook",
    Book.OBLIGATIONS: "ObligationBook",
    Book.ORDERS: "AllowanceRegistry",
}


@dataclass(frozen=True, slots=True)
class View:
    """A function that changes nothing (只读函数).

    Attributes:
        book: The contract that has it.
        selector: First four bytes of a call.
        read: Reads its one output.
    """

    book: Book
    selector: bytes
    read: Callable[[bytes], Any]

    def data(self, *arguments: int | bytes) -> bytes:
        """Call data; numbers, and values of 32 bytes."""
        words = [each if isinstance(each, bytes) else word(each) for each in arguments]
        return self.selector + b"".join(words)


def artifact_of(book: Book) -> Artifact:
    """The compiled contract."""
    return load(CONTRACT_NAMES[book])


def items(book: Book, kind: str) -> list[AbiItem]:
    """The ``event``, ``function`` or ``error`` entries of a contract's ABI."""
    return [item for item in artifact_of(book).abi if item["type"] == kind]


def signature(item: AbiItem) -> str:
    """Name and types, as they are hashed."""
    return f"{item['name']}({','.join(_canonical(each) for each in item['inputs'])})"


@cache
def topic(book: Book, name: str) -> bytes:
    """First topic of an event."""
    return keccak256(signature(_named(book, "event", name)).encode())


@cache
def topics(book: Book) -> tuple[bytes, ...]:
    """First topics of all events of a contract."""
    return tuple(topic(book, item["name"]) for item in items(book, "event"))


@cache
def view(book: Book, name: str, hint: Any) -> View:  # noqa: ANN401  a type
    """A view function.

    Args:
        book: Its contract.
        name: Its name.
        hint: The type that its one output is read as; see ``sequence_reader``.
    """
    item = _named(book, "function", name)
    read = sequence_reader(item["outputs"], [hint])
    return View(
        book=book,
        selector=keccak256(signature(item).encode())[:4],
        read=lambda raw: read(raw)[0],
    )


def _named(book: Book, kind: str, name: str) -> AbiItem:
    (found,) = (item for item in items(book, kind) if item["name"] == name)
    return found


def _canonical(item: AbiItem) -> str:
    kind = str(item["type"])
    if not kind.startswith("tuple"):
        return kind
    parts = ",".join(_canonical(each) for each in item["components"])
    return f"({parts}){kind.removeprefix('tuple')}"
