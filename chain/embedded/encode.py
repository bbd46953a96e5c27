"""Blocks, transactions, receipts and events as JSON-RPC shows them."""

from functools import lru_cache
from typing import cast

import rlp
from eth._utils.address import generate_contract_address
from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI
from eth.constants import BLANK_ROOT_HASH
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.transactions import PragueLegacyTransaction
from eth_utils.address import to_checksum_address

from chain.embedded.events import Event
from trace_node.canonical_json import JsonObject, JsonValue

_BLOOM_BYTES = 256
_LEGACY = 0


def quantity(number: int) -> str:
    """A number as ``0x`` and hex digits without leading zeros."""
    return hex(number)


def data(value: bytes) -> str:
    """Bytes as ``0x`` and pairs of hex digits."""
    return "0x" + value.hex()


def block(found: BlockAPI, *, full: bool) -> JsonObject:
    """A block, with whole transactions or with their hashes."""
    header = found.header
    transactions: list[JsonValue] = [
        transaction(item, header=header, index=index) if full else data(item.hash)
        for index, item in enumerate(found.transactions)
    ]
    return _header(header) | {
        "size": quantity(len(rlp.encode(found))),
        "transactions": transactions,
        "uncles": [],
        "withdrawals": [],
    }


def _header(api: BlockHeaderAPI) -> JsonObject:
    header = cast("PragueBlockHeader", api)  # every block of this chain follows these rules
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "sha3Uncles": data(header.uncles_hash),
        "miner": to_checksum_address(header.coinbase),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "logsBloom": _bloom(header.bloom),
        "difficulty": quantity(header.difficulty),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.mix_hash),
        "nonce": data(header.nonce),
        "baseFeePerGas": quantity(header.base_fee_per_gas or 0),
        "withdrawalsRoot": data(header.withdrawals_root or BLANK_ROOT_HASH),
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas or 0),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root or bytes(32)),
        "requestsHash": data(header.requests_hash),
    }


def transaction(found: SignedTransactionAPI, *, header: BlockHeaderAPI, index: int) -> JsonObject:
    """A mined transaction."""
    kind = getattr(found, "type_id", None) or _LEGACY
    shown: JsonObject = {
        "hash": data(found.hash),
        "type": quantity(kind),
        "chainId": quantity(found.chain_id or 0),
        "nonce": quantity(found.nonce),
        "from": to_checksum_address(found.sender),
        "to": to_checksum_address(found.to) if found.to else None,
        "value": quantity(found.value),
        "gas": quantity(found.gas),
        "gasPrice": quantity(0),
        "input": data(found.data),
        "r": quantity(found.r),
        "s": quantity(found.s),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.block_number),
        "transactionIndex": quantity(index),
    }
    if kind == _LEGACY:
        return shown | {"v": quantity(cast("PragueLegacyTransaction", found).v)}
    accesses: list[JsonValue] = [
        {
            "address": to_checksum_address(place),
            "storageKeys": [data(key.to_bytes(32, "big")) for key in keys],
        }
        for place, keys in found.access_list
    ]
    shown |= {"v": quantity(found.y_parity), "yParity": quantity(found.y_parity)}
    shown |= {"accessList": accesses}
    if kind > 1:
        shown |= {"maxFeePerGas": quantity(0), "maxPriorityFeePerGas": quantity(0)}
    return shown


def receipt(
    found: ReceiptAPI,
    *,
    of: SignedTransactionAPI,
    header: BlockHeaderAPI,
    index: int,
    gas_before: int,
    events: list[Event],
) -> JsonObject:
    """The receipt of a mined transaction.

    Args:
        found: The receipt.
        of: Its transaction.
        header: Header of its block.
        index: Index of the transaction in the block.
        gas_before: Gas used by the transactions before it in the block.
        events: Its events.
    """
    created = None if of.to else generate_contract_address(of.sender, of.nonce)
    return {
        "transactionHash": data(of.hash),
        "transactionIndex": quantity(index),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.block_number),
        "from": to_checksum_address(of.sender),
        "to": to_checksum_address(of.to) if of.to else None,
        "contractAddress": to_checksum_address(created) if created else None,
        "cumulativeGasUsed": quantity(found.gas_used),
        "gasUsed": quantity(found.gas_used - gas_before),
        "effectiveGasPrice": quantity(0),
        "status": quantity(int.from_bytes(found.state_root, "big")),
        "type": quantity(getattr(of, "type_id", None) or _LEGACY),
        "logsBloom": _bloom(found.bloom),
        "logs": [event(item, block_hash=header.hash, time=header.timestamp) for item in events],
    }


def event(found: Event, *, block_hash: bytes, time: int) -> JsonObject:
    """An event, as ``eth_getLogs`` and receipts show it."""
    return {
        "address": _contract(found.address),
        "topics": [data(topic) for topic in found.topics],
        "data": data(found.data),
        "blockNumber": quantity(found.block),
        "blockHash": data(block_hash),
        "blockTimestamp": quantity(time),
        "transactionHash": data(found.transaction_hash),
        "transactionIndex": quantity(found.transaction_index),
        "logIndex": quantity(found.position),
        "removed": False,
    }


@lru_cache(maxsize=256)
def _contract(address: bytes) -> str:
    """The address of a contract that emits; a chain has few of them and many events."""
    return to_checksum_address(address)


def _bloom(bloom: int) -> str:
    return data(bloom.to_bytes(_BLOOM_BYTES, "big"))
