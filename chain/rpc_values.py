"""Values of JSON-RPC answers, read strictly, and the few ABI words of CheckpointRegistry.

Written by hand and free of web3.py: a verifier's reader must be independent of the library the node
writes with, and must start fast.
"""

import re
from typing import cast

from chain.addresses import keccak256
from chain.errors import ChainAnswerError
from trace_node.canonical_json import JsonObject, JsonValue

WORD = 32
ANCHORED = "Anchored(bytes32,uint64,bytes32,uint64,bytes32,uint64)"
ANCHORED_DATA_WORDS = 4  # prevSize, prevRoot, root, time; log id and size are topics

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def quantity(value: JsonValue, *, field: str) -> int:
    """Read a JSON-RPC quantity (``0x`` and hex digits).

    Raises:
        ChainAnswerError: It is something else.
    """
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise ChainAnswerError(
            "{field}: the endpoint's answer is not a hex number: {found}",
            field=field,
            found=repr(value)[:60],
        )
    return int(value, 16)


def data_bytes(value: JsonValue, *, field: str, size: int | None = None) -> bytes:
    """Read JSON-RPC data (``0x`` and pairs of hex digits).

    Args:
        value: The answer.
        field: Its name, for the error.
        size: Bytes it must hold; ``None`` for any number.

    Raises:
        ChainAnswerError: It is something else, or of another size.
    """
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise ChainAnswerError(
            "{field}: the endpoint's answer is not hex data: {found}",
            field=field,
            found=repr(value)[:60],
        )
    raw = bytes.fromhex(value[2:])
    if size is not None and len(raw) != size:
        raise ChainAnswerError(
            "{field}: the endpoint's answer holds {found} bytes, must hold {size}",
            field=field,
            found=len(raw),
            size=size,
        )
    return raw


def json_object(value: JsonValue, *, field: str) -> JsonObject:
    """Require an object.

    Raises:
        ChainAnswerError: It is something else.
    """
    if not isinstance(value, dict):
        raise ChainAnswerError("{field}: the endpoint's answer is not an object", field=field)
    return value


def objects(value: JsonValue, *, field: str) -> list[JsonObject]:
    """Require a list of objects.

    Raises:
        ChainAnswerError: It is something else.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ChainAnswerError(
            "{field}: the endpoint's answer is not a list of objects", field=field
        )
    return cast("list[JsonObject]", value)


def to_data(raw: bytes) -> str:
    """Write bytes as JSON-RPC data."""
    return "0x" + raw.hex()


def word(number: int) -> bytes:
    """An unsigned number as one ABI word."""
    return number.to_bytes(WORD)


def call_data(signature: str, *words: bytes) -> bytes:
    """Call data of a function whose arguments are all one word long."""
    return keccak256(signature.encode())[:4] + b"".join(words)


def event_topic(signature: str) -> bytes:
    """First topic of an event."""
    return keccak256(signature.encode())


def words(raw: bytes, *, count: int, field: str) -> list[bytes]:
    """Cut ABI data into exactly ``count`` words.

    Raises:
        ChainAnswerError: It has another length: no contract, or another one.
    """
    if len(raw) != count * WORD:
        raise ChainAnswerError(
            "{field}: the contract answered {found} bytes, must be {size}",
            field=field,
            found=len(raw),
            size=count * WORD,
            remedy="check the contract's address: another contract, or none, is there",
        )
    return [raw[at : at + WORD] for at in range(0, len(raw), WORD)]


def uint64(raw: bytes, *, field: str) -> int:
    """Read a word as an unsigned 64-bit number.

    Raises:
        ChainAnswerError: It is larger.
    """
    number = int.from_bytes(raw)
    if number >= 1 << 64:
        raise ChainAnswerError("{field}: the contract answered more than 64 bits", field=field)
    return number
