"""What the embedded chain answers about its blocks, transactions, events and state."""

from typing import Any

import pytest
import rlp
from eth_hash.auto import keccak
from support.evm import CHAIN_ID, EMPTY_ROOT, sender
from web3 import Web3

from chain.artifacts import load
from chain.embedded.methods import METHODS

NOWHERE = "0x" + "77" * 32
HEADER_FIELDS = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
]
NUMBERS = {
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "baseFeePerGas",
    "blobGasUsed",
    "excessBlobGas",
}


def _header_hash(block: dict[str, Any]) -> str:
    """The hash of a block from its JSON, as a verifier outside computes it (EIP-7685 fields)."""
    items = []
    for name in HEADER_FIELDS:
        raw = block[name][2:]
        number = int(raw or "0", 16)
        size = (number.bit_length() + 7) // 8
        items.append(number.to_bytes(size, "big") if name in NUMBERS else bytes.fromhex(raw))
    return "0x" + keccak(rlp.encode(items)).hex()


def test_blocks_link_and_hash_to_what_they_say(told: Any) -> None:
    newest = int(told.ask("eth_blockNumber"), 16)
    assert newest == 5
    parent = "0x" + "00" * 32
    for number in range(newest + 1):
        block = told.ask("eth_getBlockByNumber", hex(number), False)
        assert _header_hash(block) == block["hash"]
        assert block["parentHash"] == parent
        assert len(block["transactions"]) == (1 if number else 0)
        assert told.ask("eth_getBlockByHash", block["hash"], False) == block
        parent = block["hash"]


def test_block_shows_hashes_or_whole_transactions(told: Any) -> None:
    short = told.ask("eth_getBlockByNumber", "latest", False)
    whole = told.ask("eth_getBlockByNumber", "latest", True)
    assert [each["hash"] for each in whole["transactions"]] == short["transactions"]
    found = told.ask("eth_getTransactionByHash", short["transactions"][0])
    assert whole["transactions"][0] == found
    assert found["from"] == told.owners[1].address
    assert found["chainId"] == hex(CHAIN_ID)


@pytest.mark.parametrize("tag", ["latest", "pending", "safe", "finalized"])
def test_every_newest_tag_is_the_newest_block(told: Any, tag: str) -> None:
    assert told.ask("eth_getBlockByNumber", tag)["number"] == "0x5"


def test_earliest_is_block_zero_and_tells_the_chain(told: Any) -> None:
    block = told.ask("eth_getBlockByNumber", "earliest")
    assert block["number"] == "0x0"
    assert bytes.fromhex(block["extraData"][2:]).startswith(b"trace-node embedded")
    assert int(block["extraData"][-14:], 16) == CHAIN_ID


def test_what_is_not_there_is_null(told: Any) -> None:
    assert told.ask("eth_getBlockByNumber", "0x6") is None
    assert told.ask("eth_getBlockByNumber", hex(2**255)) is None
    assert told.ask("eth_getBlockByHash", NOWHERE) is None
    assert told.ask("eth_getTransactionByHash", NOWHERE) is None
    assert told.ask("eth_getTransactionReceipt", NOWHERE) is None


def test_receipts_tell_status_gas_contract_and_events(told: Any) -> None:
    receipts = told.ask("eth_getBlockReceipts", "0x1")
    (deployed,) = receipts
    assert deployed["contractAddress"] == told.registry.address
    assert deployed["to"] is None
    (opened,) = told.ask("eth_getBlockReceipts", "0x2")
    assert opened["status"] == "0x1"
    assert opened["contractAddress"] is None
    assert opened["gasUsed"] == opened["cumulativeGasUsed"]
    assert told.ask("eth_getTransactionReceipt", opened["transactionHash"]) == opened
    assert opened["logs"] == told.ask("eth_getLogs", {"blockHash": opened["blockHash"]})
    assert Web3.keccak(text="LogOpened(bytes32,address,bytes32,address)").hex() in str(
        opened["logs"]
    )


def test_state_of_the_past_is_read_by_number_by_hash_and_by_object(told: Any) -> None:
    """EIP-1898: a follower asks at the block whose events it reads, not at whatever is newest."""
    call = {"to": told.registry.address, "data": told.registry.encode_abi("head", [told.ids[0]])}
    block = told.ask("eth_getBlockByNumber", "0x2")["hash"]
    opened = f"{0:064x}" + EMPTY_ROOT.hex() + f"{0:064x}"
    at_block_two = ["0x2", block, {"blockHash": block}, {"blockNumber": "0x2"}]
    at_block_two.append({"blockHash": block, "requireCanonical": True})
    for where in at_block_two:
        assert told.ask("eth_call", call, where) == "0x" + opened
    assert told.ask("eth_call", call, "latest")[:66] == "0x" + f"{1:064x}"
    assert told.ask("eth_call", call, "0x1") == "0x" + "00" * 96
    assert told.ask("eth_call", call, "0x0") == "0x"


def test_state_at_a_block_that_is_not_there_is_an_error(told: Any) -> None:
    call = {"to": told.registry.address}
    for where in ("0x6", NOWHERE, {"blockHash": NOWHERE}):
        assert told.ask("eth_call", call, where) == {"code": -32001, "message": "header not found"}
    for where in ({}, {"blockHash": NOWHERE, "blockNumber": "0x1"}, "newest", 3, None, "0x"):
        assert told.ask("eth_call", call, where)["code"] == -32602


def test_code_nonce_balance_and_storage(told: Any) -> None:
    assert told.ask("eth_getCode", told.registry.address) == "0x" + load().runtime_code.hex()
    assert told.ask("eth_getCode", told.registry.address, "0x0") == "0x"
    owner = told.owners[0].address
    assert told.ask("eth_getTransactionCount", owner, "latest") == "0x2"
    assert told.ask("eth_getTransactionCount", owner, "pending") == "0x2"
    assert told.ask("eth_getTransactionCount", owner, "0x2") == "0x1"
    assert told.ask("eth_getBalance", owner) == "0x0"
    slot = Web3.solidity_keccak(["bytes32", "uint256"], [told.ids[0], 0])
    signer = told.ask("eth_getStorageAt", told.registry.address, "0x" + slot.hex())
    assert signer.endswith(owner[2:].lower())


def test_a_call_has_no_effect(told: Any) -> None:
    fields = {"from": told.owners[0].address, "to": told.registry.address}
    data = told.registry.encode_abi("openLog", [Web3.keccak(text="unsent"), fields["from"]])
    before = told.ask("eth_getBlockByNumber", "latest")
    assert len(told.ask("eth_call", {**fields, "input": data})) == 66
    assert told.ask("eth_getBlockByNumber", "latest") == before
    assert told.ask("eth_call", {**fields, "data": data}) == told.ask(
        "eth_call", {**fields, "input": data}
    )


def test_a_revert_comes_as_code_3_with_its_data(told: Any) -> None:
    data = told.registry.encode_abi("openLog", [told.origin, told.owners[0].address])
    call = {"from": told.owners[0].address, "to": told.registry.address, "data": data}
    selector = Web3.keccak(text="LogAlreadyOpen(bytes32)")[:4]
    expected = {"code": 3, "message": "execution reverted"}
    expected["data"] = "0x" + selector.hex() + told.ids[0].hex()
    assert told.ask("eth_call", call) == expected
    assert told.ask("eth_estimateGas", call) == expected


def test_a_call_that_runs_out_of_gas_or_money_is_an_error(told: Any) -> None:
    big = told.registry.encode_abi("sm3", [bytes(6400)])
    call = {"to": told.registry.address, "data": big}
    assert told.ask("eth_call", {**call, "gas": hex(200_000)})["message"] == "out of gas"
    assert "intrinsic gas too low" in told.ask("eth_call", {**call, "gas": "0x5208"})["message"]
    assert told.ask("eth_call", {**call, "value": "0x1"})["code"] == -32000


def test_creation_code_can_be_called(told: Any) -> None:
    assert told.ask("eth_call", {"data": "0x600160005360016000f3"}) == "0x01"


@pytest.mark.parametrize(
    ("wanted", "blocks"),
    [
        ({"fromBlock": "0x0"}, [2, 3, 4, 5]),
        ({"fromBlock": "0x3", "toBlock": "0x4"}, [3, 4]),
        ({}, [5]),
        ({"fromBlock": "earliest", "toBlock": "latest", "topics": []}, [2, 3, 4, 5]),
        ({"fromBlock": "0x0", "topics": ["anchored"]}, [3, 5]),
        ({"fromBlock": "0x0", "topics": [["anchored", "opened"]]}, [2, 3, 4, 5]),
        ({"fromBlock": "0x0", "topics": [None, "second"]}, [4, 5]),
        ({"fromBlock": "0x0", "topics": ["opened", ["first", "second"]]}, [2, 4]),
        ({"fromBlock": "0x0", "topics": [None, None, None, None]}, [2, 4]),
        ({"fromBlock": "0x0", "address": "registry"}, [2, 3, 4, 5]),
        ({"fromBlock": "0x0", "address": ["registry", "0x" + "01" * 20]}, [2, 3, 4, 5]),
        ({"fromBlock": "0x0", "address": "0x" + "01" * 20}, []),
        ({"fromBlock": "0x0", "topics": [NOWHERE]}, []),
        ({"fromBlock": "0x9", "toBlock": "0x20"}, []),
    ],
)
def test_events_are_filtered(told: Any, wanted: dict[str, Any], blocks: list[int]) -> None:
    names = {
        "anchored": told.registry.events.Anchored().topic,
        "opened": told.registry.events.LogOpened().topic,
        "first": "0x" + told.ids[0].hex(),
        "second": "0x" + told.ids[1].hex(),
        "registry": told.registry.address,
    }

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(each) for each in value]
        return names.get(value, value)

    found = told.ask("eth_getLogs", {key: named(value) for key, value in wanted.items()})
    assert [int(event["blockNumber"], 16) for event in found] == blocks
    for event in found:
        assert event in told.ask("eth_getTransactionReceipt", event["transactionHash"])["logs"]
        block = told.ask("eth_getBlockByHash", event["blockHash"], False)
        assert event["blockTimestamp"] == block["timestamp"]
        assert event["blockNumber"] == block["number"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"fromBlock": "0x5", "toBlock": "0x4"},
        {"blockHash": "0x" + "11" * 32, "fromBlock": "0x1"},
        {"topics": ["0x11"]},
        {"topics": [NOWHERE] * 5},
        {"topics": {"0": NOWHERE}},
        {"address": 5},
        {"address": ["0x" + "01" * 20] * 257},
        {"fromBlock": 0.5},
        {"fromBlock": 0},  # a number is no quantity, and not the newest block either
        {"fromBlock": "", "toBlock": ""},
        {"toBlock": False},
        {"topics": False},
        [],
        "0x0",
    ],
)
def test_malformed_filters_are_refused(told: Any, wanted: Any) -> None:
    assert told.ask("eth_getLogs", wanted)["code"] == -32602


def test_events_of_an_unknown_block_are_an_error_not_an_empty_list(told: Any) -> None:
    assert told.ask("eth_getLogs", {"blockHash": NOWHERE})["code"] == -32001


@pytest.mark.parametrize("first", ["0x7fffffffffffffff", "0x8000000000000000", "0x" + "f" * 64])
def test_blocks_beyond_the_range_of_the_database_hold_no_events(told: Any, first: str) -> None:
    assert told.ask("eth_getLogs", {"fromBlock": first, "toBlock": "0x" + "f" * 64}) == []


def test_creation_code_over_its_bound_is_refused_and_not_taken_for_damage(told: Any) -> None:
    for method in ("eth_call", "eth_estimateGas"):
        refused = told.ask(method, {"data": "0x" + "00" * 49_153})
        assert refused["code"] == -32000
        assert "max initcode size" in refused["message"]
    assert told.ask("eth_call", {"data": "0x" + "00" * 49_152}) == "0x"


def test_a_fault_of_the_program_is_an_answer_of_its_own(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(METHODS, "eth_syncing", (fault, 0, 0))
    assert told.ask("eth_syncing") == {"code": -32603, "message": "fault: ZeroDivisionError"}


def test_small_questions(told: Any) -> None:
    assert told.ask("eth_chainId") == hex(CHAIN_ID)
    assert told.ask("net_version") == str(CHAIN_ID)
    assert told.ask("eth_gasPrice") == "0x0"
    assert told.ask("eth_maxPriorityFeePerGas") == "0x0"
    assert told.ask("eth_accounts") == []
    assert told.ask("eth_syncing") is False
    assert told.ask("net_listening") is True
    assert told.ask("web3_clientVersion").startswith("trace-node-embedded/")
    assert told.ask("web3_sha3", "0x") == "0x" + keccak(b"").hex()


@pytest.mark.parametrize("method", ["eth_sendTransaction", "anvil_setBalance", "", "x" * 99])
def test_unknown_methods(told: Any, method: str) -> None:
    assert told.ask(method)["code"] == -32601


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_chainId", [1]),
        ("eth_getBlockByNumber", []),
        ("eth_getBlockByNumber", ["0x1", "yes"]),
        ("eth_getBlockByNumber", ["0x1", False, 3]),
        ("eth_getBlockByHash", ["0x12"]),
        ("eth_getBlockByNumber", ["1"]),
        ("eth_call", [[]]),
        ("eth_call", [{"to": "0x12"}]),
        ("eth_call", [{"data": "0x123"}]),
        ("eth_call", [{"gas": 5}]),
        ("eth_getCode", ["0x" + "00" * 21]),
        ("eth_getStorageAt", ["0x" + "00" * 20, "0x" + "f" * 65]),
        ("eth_sendRawTransaction", ["nonsense"]),
        ("eth_getBlockByNumber", [[]]),
        ("eth_getBlockByNumber", [{}]),
        ("eth_call", [{}, []]),
        ("eth_getLogs", [{"fromBlock": [1]}]),
    ],
)
def test_malformed_parameters_are_refused(told: Any, method: str, params: list[Any]) -> None:
    assert told.ask(method, *params)["code"] == -32602


def test_many_web3_calls_agree_with_the_json(told: Any) -> None:
    """web3.py reads every answer without complaint."""
    eth = told.engine.web3.eth
    block = eth.get_block("latest", full_transactions=True)
    assert eth.get_transaction(block.transactions[0].hash) == block.transactions[0]
    assert eth.get_transaction_receipt(block.transactions[0].hash).status == 1
    assert len(eth.get_block_receipts("latest")) == 1
    assert len(told.registry.events.Anchored().get_logs(from_block=0)) == 2
    assert eth.get_balance(sender("nobody").address) == 0
    assert eth.chain_id == CHAIN_ID
