"""JSON-RPC parameters, read strictly."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from eth.abc import BlockHeaderAPI

from chain.embedded.calls import CALL_GAS_LIMIT, Call
from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import NOT_FOUND, RpcRefusal, invalid_params
from chain.embedded.events import MAX_TOPICS, EventFilter

_T = TypeVar("_T")
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS_BYTES = 20
_WORD = 32
_MAX_CHOICES = 256
_HASH_TEXT = 66
# Finality is immediate here, so every newest-block tag means the same block.
_NEWEST = frozenset({"latest", "pending", "safe", "finalized"})


def quantity(value: object, *, field: str) -> int:
    """A number written as ``0x`` and hex digits."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise invalid_params(f"{field}: must be a hex quantity such as 0x1f")
    return int(value, 16)


def data(value: object, *, field: str, length: int | None = None) -> bytes:
    """Bytes written as ``0x`` and pairs of hex digits; ``length`` bytes when it is given."""
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise invalid_params(f"{field}: must be hex data such as 0x00ff")
    found = bytes.fromhex(value[2:])
    if length is not None and len(found) != length:
        raise invalid_params(f"{field}: must have {length} bytes, not {len(found)}")
    return found


def address(value: object, *, field: str) -> bytes:
    """Twenty bytes."""
    return data(value, field=field, length=_ADDRESS_BYTES)


def word(value: object, *, field: str) -> bytes:
    """Thirty-two bytes."""
    return data(value, field=field, length=_WORD)


def flag(value: object, *, field: str) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise invalid_params(f"{field}: must be true or false")
    return value


def members(value: object, *, field: str) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise invalid_params(f"{field}: must be an object")
    return value


def block_number(chain: EmbeddedChain, value: object) -> int:
    """A number or tag of a block, which need not exist."""
    if value == "earliest":
        return 0
    if isinstance(value, str) and value in _NEWEST:
        return int(chain.head().block_number)
    return quantity(value, field="block")


def block(chain: EmbeddedChain, value: object) -> BlockHeaderAPI:
    """A number, tag, hash or EIP-1898 object of a block that must exist.

    Raises:
        RpcRefusal: There is no such block (code -32001), or it is none of these forms.
    """
    if isinstance(value, dict):
        if len(value.keys() & {"blockHash", "blockNumber"}) != 1:
            raise invalid_params("block: give one of blockHash and blockNumber (EIP-1898)")
        if "blockHash" in value:
            return _existing(chain.header_by_hash(word(value["blockHash"], field="blockHash")))
        value = value["blockNumber"]
    elif isinstance(value, str) and len(value) == _HASH_TEXT:
        return _existing(chain.header_by_hash(word(value, field="block")))
    return _existing(chain.header(block_number(chain, value)))


def _existing(header: BlockHeaderAPI | None) -> BlockHeaderAPI:
    if header is None:
        raise RpcRefusal(number=NOT_FOUND, text="header not found")
    return header


def call(value: object) -> Call:
    """The call object of ``eth_call``; fees, nonce and access list change nothing here."""
    given = members(value, field="call")
    code = given.get("input") if given.get("input") is not None else given.get("data")

    return Call(
        sender=_optional(given.get("from"), address, "from", bytes(_ADDRESS_BYTES)),
        to=_optional(given.get("to"), address, "to", b""),
        data=_optional(code, data, "data", b""),
        value=_optional(given.get("value"), quantity, "value", 0),
        gas=min(_optional(given.get("gas"), quantity, "gas", CALL_GAS_LIMIT), CALL_GAS_LIMIT),
    )


def _optional(value: object, parse: Callable[..., _T], field: str, default: _T) -> _T:
    return default if value is None else parse(value, field=field)


def event_filter(chain: EmbeddedChain, value: object) -> EventFilter:
    """The filter object of ``eth_getLogs``: a range, or one block by hash.

    Raises:
        RpcRefusal: It is malformed, both forms at once, or the block by hash does not exist.
    """
    given = members(value, field="filter")
    if given.get("blockHash") is not None:
        if given.get("fromBlock") is not None or given.get("toBlock") is not None:
            raise invalid_params("filter: give blockHash or a range, not both")
        header = _existing(chain.header_by_hash(word(given["blockHash"], field="blockHash")))
        first = last = int(header.block_number)
    else:
        first, last = (_bound(chain, given.get(name)) for name in ("fromBlock", "toBlock"))
        if first > last:
            raise invalid_params("filter: fromBlock is after toBlock")
    newest = int(chain.head().block_number)
    topics = [] if given.get("topics") is None else given["topics"]
    if not isinstance(topics, list) or len(topics) > MAX_TOPICS:
        raise invalid_params(f"topics: must be a list of at most {MAX_TOPICS}")
    return EventFilter(
        first=min(first, newest + 1),  # nothing is there; a column holds 64 bits, a quantity 256
        last=min(last, newest),
        addresses=_choices(given.get("address"), field="address", length=_ADDRESS_BYTES),
        topics=tuple(_choices(words, field="topics", length=_WORD) for words in topics),
    )


def _bound(chain: EmbeddedChain, value: object) -> int:
    """An end of a range; the newest block only where none is given, not for 0 or an empty text."""
    return block_number(chain, "latest" if value is None else value)


def _choices(value: object, *, field: str, length: int) -> tuple[bytes, ...]:
    if value is None:
        return ()
    given = value if isinstance(value, list) else [value]
    if len(given) > _MAX_CHOICES:
        raise invalid_params(f"{field}: at most {_MAX_CHOICES} choices")
    return tuple(data(choice, field=field, length=length) for choice in given)
