"""Blocks, events and receipts of JSON-RPC answers as plain values.

Read by hand, because web3's formatters cost more than all the rest of following a chain. A defect
is a ``ValueError``, ``KeyError`` or ``TypeError``, which the client turns into one of its own.
"""

from chain.engines import block_seconds
from chain.rpc_values import quantity
from chain.values import BlockHeader, EventLog, TxReceipt
from trace_node.canonical_json import JsonObject, JsonValue

_HASH = 32
_ADDRESS = 20
_BLOOM = 256
_EMPTY_BLOOM = bytes(_BLOOM)


def block_header(value: JsonValue) -> BlockHeader:
    """A block with the hashes of its transactions."""
    block = _object(value)
    bloom = block.get("logsBloom")
    return BlockHeader(
        number=quantity(block["number"], field="number"),
        block_hash=hex_bytes(block["hash"], size=_HASH),
        parent_hash=hex_bytes(block["parentHash"], size=_HASH),
        time=block_seconds(quantity(block["timestamp"], field="timestamp")),
        bloom=hex_bytes(bloom, size=_BLOOM) if bloom else _EMPTY_BLOOM,
        transactions=tuple(
            hex_bytes(each, size=_HASH) for each in _list(block.get("transactions", []))
        ),
    )


def event_log(value: JsonValue) -> EventLog:
    """An event of ``eth_getLogs`` or of a receipt."""
    entry = _object(value)
    time = entry.get("blockTimestamp")
    return EventLog(
        address=hex_bytes(entry["address"], size=_ADDRESS),
        topics=tuple([hex_bytes(topic, size=_HASH) for topic in _list(entry["topics"])]),
        data=hex_bytes(entry["data"]),
        block_number=quantity(entry["blockNumber"], field="blockNumber"),
        block_hash=hex_bytes(entry["blockHash"], size=_HASH),
        transaction_hash=hex_bytes(entry["transactionHash"], size=_HASH),
        index=quantity(entry["logIndex"], field="logIndex"),
        time=block_seconds(quantity(time, field="blockTimestamp")) if time else None,
    )


def event_logs(value: JsonValue) -> list[EventLog]:
    """The answer of ``eth_getLogs``."""
    return [event_log(entry) for entry in _list(value)]


def tx_receipt(value: JsonValue) -> TxReceipt:
    """The receipt of a mined transaction."""
    found = _object(value)
    contract = found.get("contractAddress")
    return TxReceipt(
        transaction_hash=hex_bytes(found["transactionHash"], size=_HASH),
        block_number=quantity(found["blockNumber"], field="blockNumber"),
        block_hash=hex_bytes(found["blockHash"], size=_HASH),
        succeeded=quantity(found["status"], field="status") == 1,
        contract=hex_bytes(contract, size=_ADDRESS) if contract else None,
        logs=tuple(event_logs(found["logs"])),
    )


def hex_bytes(value: JsonValue, *, size: int | None = None) -> bytes:
    """JSON-RPC data as bytes.

    Args:
        value: ``0x`` and pairs of hex digits.
        size: Bytes it must hold; ``None`` for any number.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError(f"{value!r:.60} is not hex data")
    raw = bytes.fromhex(value[2:])
    if 2 * len(raw) + 2 != len(value) or (size is not None and len(raw) != size):
        raise ValueError(f"{value:.60} does not hold {size or 'whole'} bytes")
    return raw


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.60} is not an object")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.60} is not a list")
    return value
