"""ABI-encoded values read by readers that are made once from the ABI (合约数据解码).

eth_abi reads any encoding and costs some hundred microseconds an event. These readers cost a few,
and are stricter: what the Solidity compiler would not have written is refused, so that no two
encodings mean the same. ``tests/unit/chain/test_abi_values.py`` compares them with eth_abi.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from enum import IntEnum
from typing import Any, get_args, get_origin, get_type_hints

from chain.rpc_values import WORD

AbiItem = dict[str, Any]
"""A parameter or component, as the compiler describes it."""

Read = Callable[[bytes, int], Any]
"""Reads the one-word value at a place."""

ReadOn = Callable[[bytes, int], tuple[Any, int]]
"""Reads the value that begins at a place, and tells where it ends."""

MAX_ITEMS = 10_000  # of an array; an order has 32 parts at most
_RENAMED = {"from": "source", "to": "target"}
_UINT = re.compile(r"uint([0-9]{1,3})")
_ADDRESS_PAD = bytes(12)


class AbiError(ValueError):
    """Data is not the encoding of what the ABI says."""


def member_name(name: str) -> str:
    """The name of a parameter as a member of our dataclasses: ``changeId`` is ``change_id``."""
    return _RENAMED.get(name) or re.sub("([A-Z])", r"_\1", name).lower()


def sequence_reader(items: Sequence[AbiItem], hints: Sequence[Any]) -> Callable[[bytes], list[Any]]:
    """A reader of data that holds these values and nothing else.

    Args:
        items: What the ABI says of each.
        hints: The type that each is read as: int, bool, bytes, an IntEnum, a dataclass with a
            member for each component, or a tuple of any number of one of these.

    Raises:
        TypeError: A type cannot be read as its hint.
    """
    read = _sequence(items, hints)

    def read_all(data: bytes) -> list[Any]:
        values: list[Any]
        values, end = read(data, 0)
        if end != len(data):
            raise AbiError(f"{len(data)} bytes, must be {end}")
        return values

    return read_all


def word_reader(kind: str, hint: Any) -> Read:  # noqa: ANN401  a type
    """A reader of a type that is always one word, such as a topic.

    Raises:
        TypeError: It cannot be read as ``hint``.
    """
    if isinstance(hint, type) and issubclass(hint, IntEnum) and kind == "uint8":
        return _enum(hint)
    if hint is int and (match := _UINT.fullmatch(kind)):
        return _uint(int(match[1]))
    if (kind, hint) == ("bool", bool):
        return _bool
    if (kind, hint) == ("address", bytes):
        return _address
    if (kind, hint) == ("bytes32", bytes):
        return _bytes32
    raise TypeError(f"{kind} is not read as {hint}")


def _sequence(items: Sequence[AbiItem], hints: Sequence[Any]) -> ReadOn:
    """Heads of all values, then the tails of those that are dynamic, in order and without gaps."""
    if not any(_is_compound(item) for item in items):
        return _flat([word_reader(*pair) for pair in _pairs(items, hints)])
    plan = [_value(item, hint) for item, hint in zip(items, hints, strict=True)]
    head = WORD * sum(words or 1 for _, words in plan)

    def read(data: bytes, base: int) -> tuple[list[Any], int]:
        at, tail = base, base + head
        _require(data, tail)
        values: list[Any] = []
        for read_on, words in plan:
            if words:
                values.append(read_on(data, at)[0])
            elif int.from_bytes(data[at : at + WORD]) != tail - base:
                raise AbiError("an offset leads elsewhere than to the next value")
            else:
                value, tail = read_on(data, tail)
                values.append(value)
            at += WORD * (words or 1)
        return values, tail

    return read


def _flat(reads: Sequence[Read]) -> ReadOn:
    """Values of one word each."""
    size = WORD * len(reads)

    def read(data: bytes, base: int) -> tuple[list[Any], int]:
        _require(data, base + size)
        places = range(base, base + size, WORD)
        return [each(data, at) for each, at in zip(reads, places, strict=True)], base + size

    return read


def _value(item: AbiItem, hint: Any) -> tuple[ReadOn, int]:  # noqa: ANN401  a type
    """How a value is read, and how many words it takes where it stands; 0 when it is dynamic."""
    kind = str(item["type"])
    if kind.endswith("[]") and get_origin(hint) is tuple:
        return _array(item | {"type": kind[:-2]}, get_args(hint)[0]), 0
    if kind == "tuple" and is_dataclass(hint):
        return _struct(item["components"], hint), _words(item)
    read = word_reader(kind, hint)
    return (lambda data, at: (read(data, at), at + WORD)), 1


def _struct(items: Sequence[AbiItem], kind: Any) -> ReadOn:  # noqa: ANN401  a dataclass
    hints = get_type_hints(kind)
    names = [member_name(item["name"]) for item in items]
    if set(names) != set(hints):
        raise TypeError(f"{kind.__name__} has other members than {names}")
    read_all = _sequence(items, [hints[name] for name in names])

    def read(data: bytes, base: int) -> tuple[Any, int]:
        values, end = read_all(data, base)
        return kind(**dict(zip(names, values, strict=True))), end

    return read


def _array(item: AbiItem, hint: Any) -> ReadOn:  # noqa: ANN401  a type
    """A length, then that many values of a static type."""
    read_on, words = _value(item, hint)
    if not words:
        raise TypeError(f"an array of {item['type']}, which is dynamic")

    def read(data: bytes, base: int) -> tuple[tuple[Any, ...], int]:
        start = base + WORD
        _require(data, start)
        count = int.from_bytes(data[base:start])
        if count > MAX_ITEMS:
            raise AbiError(f"an array of {count} values")
        end = start + count * words * WORD
        _require(data, end)
        return tuple(read_on(data, at)[0] for at in range(start, end, words * WORD)), end

    return read


def _words(item: AbiItem) -> int:
    """Words that a type takes where it stands; 0 when it is dynamic."""
    kind = str(item["type"])
    if kind.endswith("[]"):
        return 0
    if kind != "tuple":
        return 1
    counts = [_words(each) for each in item["components"]]
    return sum(counts) if all(counts) else 0


def _is_compound(item: AbiItem) -> bool:
    kind = str(item["type"])
    return kind == "tuple" or kind.endswith("]")


def _pairs(items: Sequence[AbiItem], hints: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(item["type"], hint) for item, hint in zip(items, hints, strict=True)]


def _require(data: bytes, end: int) -> None:
    if len(data) < end:
        raise AbiError(f"{len(data)} bytes, must be {end} or more")


def _uint(bits: int) -> Read:
    limit = 1 << bits

    def read(data: bytes, at: int) -> int:
        number = int.from_bytes(data[at : at + WORD])
        if number >= limit:
            raise AbiError(f"a number of more than {bits} bits")
        return number

    return read


def _enum(kind: type[IntEnum]) -> Read:
    members = tuple(kind)
    if [int(member) for member in members] != list(range(len(members))):
        raise TypeError(f"{kind.__name__} must count from 0 without a gap")

    def read(data: bytes, at: int) -> IntEnum:
        number = int.from_bytes(data[at : at + WORD])
        if number >= len(members):
            raise AbiError(f"{number} is no {kind.__name__}")
        return members[number]

    return read


def _bool(data: bytes, at: int) -> bool:
    number = int.from_bytes(data[at : at + WORD])
    if number > 1:
        raise AbiError(f"{number} is neither true nor false")
    return number == 1


def _address(data: bytes, at: int) -> bytes:
    if data[at : at + 12] != _ADDRESS_PAD:
        raise AbiError("an address of more than 20 bytes")
    return data[at + 12 : at + WORD]


def _bytes32(data: bytes, at: int) -> bytes:
    return data[at : at + WORD]
