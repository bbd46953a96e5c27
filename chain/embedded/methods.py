"""The JSON-RPC methods of the embedded chain, one table from name to function."""

from collections.abc import Callable
from importlib import metadata
from typing import Final

from eth.abc import BlockHeaderAPI, StateAPI
from eth_hash.auto import keccak
from eth_typing import Address

from chain.embedded import calls, encode, events, values
from chain.embedded.chain import EmbeddedChain
from chain.embedded.errors import METHOD_NOT_FOUND, RpcRefusal, invalid_params
from trace_node.canonical_json import JsonValue

_LATEST: Final = "latest"


def answer(chain: EmbeddedChain, method: str, params: object) -> JsonValue:
    """The result of one JSON-RPC call.

    Args:
        chain: Whom it is asked of.
        method: Name of the method, untrusted.
        params: Its positional parameters, untrusted.

    Raises:
        RpcRefusal: The method is unknown (-32601), a parameter is wrong, or the call failed.
    """
    if method not in METHODS:
        raise RpcRefusal(number=METHOD_NOT_FOUND, text=f"the method {method:.60} does not exist")
    function, least, most = METHODS[method]
    if not isinstance(params, list | tuple):
        raise invalid_params("params: must be a list")
    if not least <= len(params) <= most:
        raise invalid_params(f"params: {method} takes {least} to {most}, not {len(params)}")
    return function(chain, *params)


def _client_version(_: EmbeddedChain) -> str:
    return f"trace-node-embedded/v{metadata.version('trace-node')}/py-evm"


def _chain_id(chain: EmbeddedChain) -> str:
    return encode.quantity(chain.chain_id)


def _block_number(chain: EmbeddedChain) -> str:
    return encode.quantity(chain.head().block_number)


def _block_by_number(chain: EmbeddedChain, number: object, full: object = False) -> JsonValue:  # noqa: FBT002  positional in JSON-RPC
    return _block(chain, chain.header(values.block_number(chain, number)), full)


def _block_by_hash(chain: EmbeddedChain, block_hash: object, full: object = False) -> JsonValue:  # noqa: FBT002  positional in JSON-RPC
    return _block(chain, chain.header_by_hash(values.word(block_hash, field="hash")), full)


def _block(chain: EmbeddedChain, header: BlockHeaderAPI | None, full: object) -> JsonValue:
    whole = values.flag(full, field="full")
    return None if header is None else encode.block(chain.block(header), full=whole)


def _transaction_by_hash(chain: EmbeddedChain, transaction_hash: object) -> JsonValue:
    place = chain.place_of(values.word(transaction_hash, field="hash"))
    if place is None:
        return None
    number, index = place
    header = chain.header(number)
    assert header is not None  # noqa: S101  a place names a stored block
    found = chain.block(header).transactions[index]
    return encode.transaction(found, header=header, index=index)


def _transaction_receipt(chain: EmbeddedChain, transaction_hash: object) -> JsonValue:
    place = chain.place_of(values.word(transaction_hash, field="hash"))
    if place is None:
        return None
    number, index = place
    header = chain.header(number)
    assert header is not None  # noqa: S101  a place names a stored block
    return _receipts(chain, header)[index]


def _block_receipts(chain: EmbeddedChain, block: object) -> JsonValue:
    return _receipts(chain, values.block(chain, block))


def _receipts(chain: EmbeddedChain, header: BlockHeaderAPI) -> list[JsonValue]:
    block, receipts = chain.block(header), chain.receipts(header)
    emitted = events.of_block(block, receipts)
    shown: list[JsonValue] = []
    gas_before = 0
    for index, (transaction, found) in enumerate(zip(block.transactions, receipts, strict=True)):
        own = [event for event in emitted if event.transaction_index == index]
        shown.append(
            encode.receipt(
                found,
                of=transaction,
                header=header,
                index=index,
                gas_before=gas_before,
                events=own,
            )
        )
        gas_before = found.gas_used
    return shown


def _logs(chain: EmbeddedChain, wanted: object) -> list[JsonValue]:
    with chain.using():
        found = events.matching(chain.storage, values.event_filter(chain, wanted))
        blocks = {number: chain.stamp(number) for number in {event.block for event in found}}
        shown: list[JsonValue] = []
        for event in found:
            block_hash, time = blocks[event.block]
            shown.append(encode.event(event, block_hash=block_hash, time=time))
        return shown


def _send_raw(chain: EmbeddedChain, raw: object) -> str:
    return encode.data(chain.send(values.data(raw, field="transaction")))


def _call(chain: EmbeddedChain, call: object, block: object = _LATEST) -> str:
    header = values.block(chain, block)
    return encode.data(calls.run(chain, values.call(call), at=header))


def _estimate(chain: EmbeddedChain, call: object, block: object = _LATEST) -> str:
    header = values.block(chain, block)
    return encode.quantity(calls.estimate(chain, values.call(call), at=header))


def _read(
    read: Callable[[StateAPI, Address], str],
) -> Callable[[EmbeddedChain, object, object], str]:
    def answer_one(chain: EmbeddedChain, place: object, block: object = _LATEST) -> str:
        with chain.using() as machine:
            state = machine.get_vm(values.block(chain, block)).state
            return read(state, Address(values.address(place, field="address")))

    return answer_one


def _storage_at(chain: EmbeddedChain, place: object, slot: object, block: object = _LATEST) -> str:
    with chain.using() as machine:
        state = machine.get_vm(values.block(chain, block)).state
        found = state.get_storage(
            Address(values.address(place, field="address")), values.quantity(slot, field="slot")
        )
        return encode.data(found.to_bytes(32, "big"))


def _sha3(_: EmbeddedChain, value: object) -> str:
    return encode.data(keccak(values.data(value, field="data")))


METHODS: Final[dict[str, tuple[Callable[..., JsonValue], int, int]]] = {
    # name: (function, least parameters, most parameters)
    "eth_accounts": (lambda _: [], 0, 0),
    "eth_blockNumber": (_block_number, 0, 0),
    "eth_call": (_call, 1, 2),
    "eth_chainId": (_chain_id, 0, 0),
    "eth_estimateGas": (_estimate, 1, 2),
    "eth_gasPrice": (lambda _: encode.quantity(0), 0, 0),
    "eth_getBalance": (_read(lambda state, at: encode.quantity(state.get_balance(at))), 1, 2),
    "eth_getBlockByHash": (_block_by_hash, 1, 2),
    "eth_getBlockByNumber": (_block_by_number, 1, 2),
    "eth_getBlockReceipts": (_block_receipts, 1, 1),
    "eth_getCode": (_read(lambda state, at: encode.data(state.get_code(at))), 1, 2),
    "eth_getLogs": (_logs, 1, 1),
    "eth_getStorageAt": (_storage_at, 2, 3),
    "eth_getTransactionByHash": (_transaction_by_hash, 1, 1),
    "eth_getTransactionCount": (
        _read(lambda state, at: encode.quantity(state.get_nonce(at))),
        1,
        2,
    ),
    "eth_getTransactionReceipt": (_transaction_receipt, 1, 1),
    "eth_maxPriorityFeePerGas": (lambda _: encode.quantity(0), 0, 0),
    "eth_sendRawTransaction": (_send_raw, 1, 1),
    "eth_syncing": (lambda _: False, 0, 0),
    "net_listening": (lambda _: True, 0, 0),
    "net_version": (lambda chain: str(chain.chain_id), 0, 0),
    "web3_clientVersion": (_client_version, 0, 0),
    "web3_sha3": (_sha3, 1, 1),
}
