"""A chain in memory that answers JSON-RPC as real clients do, including what they do wrong.

It knows one contract (``fake_registry``), legacy transactions, a pool, reorganisations, and the
habits of the engines: proof-of-authority headers, FISCO BCOS's cut-off logs and millisecond stamps.
"""

import threading
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

import rlp
from eth_account import Account
from eth_utils import keccak
from support.fake_registry import Context, Event, Registry, RevertError

from chain.artifacts import load

BLOCK_GAS = 30_000_000
START_TIME = 1_790_000_000


class RpcRefusedError(Exception):
    def __init__(self, text: str, *, code: int = -32000, data: bytes | None = None) -> None:
        super().__init__(text)
        self.text, self.code, self.data = text, code, data


@dataclass
class Transaction:
    raw: bytes
    hash: bytes
    sender: bytes
    nonce: int
    gas: int
    to: bytes
    data: bytes
    chain_id: int


@dataclass
class Receipt:
    transaction: Transaction
    status: int
    contract: bytes | None
    events: list[tuple[bytes, Event]]  # (address, event)


@dataclass
class State:
    nonces: dict[bytes, int] = field(default_factory=dict)
    contracts: dict[bytes, Registry] = field(default_factory=dict)

    def copy(self) -> "State":
        return State(dict(self.nonces), {at: item.copy() for at, item in self.contracts.items()})


@dataclass
class Block:
    number: int
    hash: bytes
    parent: bytes
    time: int
    receipts: list[Receipt]
    state: State


@dataclass
class FakeChain:
    chain_id: int = 1337
    client: str = "fake/v1.0.0"
    automine: bool = True
    poa: bool = False
    fisco: bool = False
    log_window: int | None = None  # eth_getLogs answers only the first blocks of a range, silently
    log_limit: int | None = None  # eth_getLogs refuses wider ranges
    hide_logs_of: set[int] = field(default_factory=set)
    states_kept: int | None = None  # older ones are dropped, as by every node that is no archive
    receipts_kept: int | None = None  # older transactions are not found by their hash
    refuse_sender: str = ""  # error text for every transaction
    salt: int = 0
    blocks: list[Block] = field(default_factory=list)
    pool: list[Transaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.artifact = load()
        if self.blocks:
            return
        genesis = keccak(b"genesis" + bytes([self.salt]) + self.chain_id.to_bytes(8))
        self.blocks.append(Block(0, genesis, bytes(32), self._stamp(0), [], State()))

    def copy(self) -> "FakeChain":
        """A chain of the same past whose future is its own."""
        kept = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "blocks"}
        return FakeChain(**kept | {"blocks": deepcopy(self.blocks), "pool": list(self.pool)})

    # -- making blocks ---------------------------------------------------------------------

    def mine(self, count: int = 1) -> None:
        with self.lock:
            for _ in range(count):
                self._mine_one()

    def reorg(self, depth: int, *, drop: bool = False, extra: int = 1) -> None:
        """Replace the newest ``depth`` blocks by ``depth + extra`` empty ones."""
        with self.lock:
            gone, self.blocks = self.blocks[-depth:], self.blocks[:-depth]
            if not drop:
                self.pool[:0] = [item.transaction for block in gone for item in block.receipts]
            waiting, self.pool = self.pool, []
            self.salt += 1
            self.mine(depth + extra)
            self.pool = waiting

    def _mine_one(self) -> None:
        parent = self.blocks[-1]
        number, state, receipts = parent.number + 1, parent.state.copy(), []
        time = self._stamp(number)
        for transaction in sorted(self.pool, key=lambda item: item.nonce):
            if transaction.nonce == state.nonces.get(transaction.sender, 0):
                receipts.append(self._execute(transaction, state, number, time))
                self.pool.remove(transaction)
        seed = (
            parent.hash + bytes([self.salt % 256]) + b"".join(r.transaction.hash for r in receipts)
        )
        self.blocks.append(Block(number, keccak(seed), parent.hash, time, receipts, state))

    def _execute(self, tx: Transaction, state: State, number: int, time: int) -> Receipt:
        state.nonces[tx.sender] = tx.nonce + 1
        if tx.to == b"":
            address = keccak(rlp.encode([tx.sender, tx.nonce]))[12:]
            state.contracts[address] = Registry()
            return Receipt(tx, int(tx.data == self.artifact.bytecode), address, [])
        contract = state.contracts.get(tx.to)
        if contract is None:
            return Receipt(tx, 1, None, [])
        trial = contract.copy()
        try:
            context = Context(tx.sender, number, time)
            trial.call(tx.data, context)
        except RevertError:
            return Receipt(tx, 0, None, [])
        state.contracts[tx.to] = trial
        return Receipt(tx, 1, None, [(tx.to, event) for event in context.events])

    def _stamp(self, number: int) -> int:
        seconds = START_TIME + 2 * number
        return seconds * 1000 + 7 if self.fisco else seconds

    # -- answering -------------------------------------------------------------------------

    def answer(self, method: str, params: list[Any], *, lag: int = 0) -> Any:
        """Answer one request, as a host that is ``lag`` blocks behind would."""
        with self.lock:
            blocks = self.blocks[: max(1, len(self.blocks) - lag)]
            handler = getattr(self, "_" + method, None)
            if handler is None:
                raise RpcRefusedError(f"the method {method} does not exist", code=-32601)
            return handler(*params, blocks=blocks, stale=lag > 0)

    def _web3_clientVersion(self, **_: Any) -> str:  # noqa: N802
        return self.client

    def _eth_chainId(self, **_: Any) -> str:  # noqa: N802
        return hex(self.chain_id)

    def _eth_blockNumber(self, *, blocks: list[Block], **_: Any) -> str:  # noqa: N802
        return hex(blocks[-1].number)

    def _eth_estimateGas(self, *_: Any, **__: Any) -> str:  # noqa: N802
        return hex(4_000_000)

    def _eth_getBlockByNumber(self, tag: str, _full: bool, *, blocks: list[Block], **_: Any) -> Any:  # noqa: N802
        return self._block_json(self._at(tag, blocks))

    def _eth_getBlockByHash(  # noqa: N802
        self, wanted: str, _full: bool, *, blocks: list[Block], **_: Any
    ) -> Any:
        return self._block_json(next((b for b in blocks if hexed(b.hash) == wanted), None))

    def _eth_getCode(self, address: str, tag: str, *, blocks: list[Block], **_: Any) -> str:  # noqa: N802
        known = bytes.fromhex(address[2:]) in self._state(tag, blocks).contracts
        return hexed(self.artifact.runtime_code if known else b"")

    def _eth_getTransactionCount(  # noqa: N802
        self, address: str, tag: str, *, blocks: list[Block], stale: bool
    ) -> str:
        sender = bytes.fromhex(address[2:])
        nonce = blocks[-1].state.nonces.get(sender, 0)
        if tag == "pending" and not self.fisco and not stale:
            waiting = {item.nonce for item in self.pool if item.sender == sender}
            while nonce in waiting:
                nonce += 1
        return hex(nonce)

    def _eth_getTransactionByHash(self, wanted: str, *, blocks: list[Block], stale: bool) -> Any:  # noqa: N802
        waiting = [] if stale else [(item, None) for item in self.pool]
        mined = [(r.transaction, b) for b in blocks for r in b.receipts]
        for transaction, block in (*waiting, *mined):
            if hexed(transaction.hash) == wanted:
                return {
                    "hash": wanted,
                    "nonce": hex(transaction.nonce),
                    "from": hexed(transaction.sender),
                    "blockNumber": hex(block.number) if block else None,
                    "blockHash": hexed(block.hash) if block else None,
                }
        return None

    def _eth_getTransactionReceipt(self, wanted: str, *, blocks: list[Block], **_: Any) -> Any:  # noqa: N802
        for block in blocks[-(self.receipts_kept or len(blocks)) :]:
            index = 0
            for receipt in block.receipts:
                if hexed(receipt.transaction.hash) == wanted:
                    return self._receipt_json(receipt, block, index)
                index += len(receipt.events)
        return None

    def _eth_call(self, request: Any, tag: Any, *, blocks: list[Block], **_: Any) -> str:
        number = blocks[-1].number + 1
        contract = self._state(tag, blocks).contracts.get(bytes.fromhex(request["to"][2:]))
        if contract is None:
            return "0x"
        sender = bytes.fromhex(request.get("from", "0x" + "00" * 20)[2:])
        data = bytes.fromhex(request.get("data", request.get("input"))[2:])
        try:
            context = Context(sender, number, self._stamp(number))
            result = contract.copy().call(data, context)
        except RevertError as revert:
            raise RpcRefusedError("execution reverted", code=3, data=revert.data) from revert
        return hexed(result)

    def _eth_getLogs(self, wanted: Any, *, blocks: list[Block], **_: Any) -> list[Any]:  # noqa: N802
        if "blockHash" in wanted:
            first = last = next(b.number for b in blocks if hexed(b.hash) == wanted["blockHash"])
        else:
            first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        if self.log_limit is not None and last - first + 1 > self.log_limit:
            raise RpcRefusedError("query exceeds max block range", code=-32005)
        if self.log_window is not None:
            last = min(last, first + self.log_window - 1)
        found = []
        addresses = (
            wanted["address"] if isinstance(wanted["address"], list) else [wanted["address"]]
        )
        addresses = [address.lower() for address in addresses]
        for block in blocks:
            if not first <= block.number <= last or block.number in self.hide_logs_of:
                continue
            for position, (receipt, address, event) in enumerate(events_of(block)):
                topics = wanted["topics"][0]
                accepted = topics if isinstance(topics, list) else [topics]
                if hexed(address) in addresses and hexed(event.topics[0]) in accepted:
                    found.append(self._log_json(receipt, block, position, address, event))
        return found

    def _eth_sendRawTransaction(self, raw: str, **_: Any) -> str:  # noqa: N802
        transaction = decode_transaction(bytes.fromhex(raw[2:]))
        if self.refuse_sender:
            raise RpcRefusedError(self.refuse_sender)
        if transaction.chain_id != self.chain_id:
            raise RpcRefusedError("invalid chain id for signer")
        mined = {r.transaction.hash for b in self.blocks for r in b.receipts}
        if transaction.hash in {item.hash for item in self.pool} | mined:
            raise RpcRefusedError("already known")
        nonce = self.blocks[-1].state.nonces.get(transaction.sender, 0)
        if transaction.nonce < nonce:
            raise RpcRefusedError("nonce too low")
        taken = [(item.sender, item.nonce) for item in self.pool]
        if (transaction.sender, transaction.nonce) in taken:
            raise RpcRefusedError("replacement transaction underpriced")
        self.pool.append(transaction)
        if self.automine:
            self.mine()
        return hexed(transaction.hash)

    # -- shapes ----------------------------------------------------------------------------

    def _at(self, tag: str, blocks: list[Block]) -> Block | None:
        if tag in ("latest", "pending"):
            return blocks[-1]
        if tag == "earliest":
            return blocks[0]
        if not tag.startswith("0x"):
            raise RpcRefusedError("Unknown block", code=-39001)  # finalized and safe, as Besu QBFT
        number = int(tag, 16)
        return blocks[number] if number < len(blocks) else None

    def _state(self, tag: Any, blocks: list[Block]) -> State:
        if self.fisco:
            return blocks[-1].state  # ignores the argument
        if isinstance(tag, dict):
            block = next((b for b in blocks if hexed(b.hash) == tag["blockHash"]), None)
        else:
            block = self._at(tag, blocks)
        if block is None:
            raise RpcRefusedError("header not found")
        if self.states_kept is not None and blocks[-1].number - block.number >= self.states_kept:
            raise RpcRefusedError(f"missing trie node {block.hash.hex()} (path )")
        return block.state

    def _block_json(self, block: Block | None) -> Any:
        if block is None:
            return None
        bloom = 0
        for _, address, event in events_of(block):
            for value in (address, *event.topics):
                digest = keccak(value)
                for at in (0, 2, 4):
                    bloom |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
        return {
            "number": hex(block.number),
            "hash": hexed(block.hash),
            "parentHash": hexed(block.parent),
            "timestamp": hex(block.time),
            "extraData": hexed(bytes(97 if self.poa else 8)),
            "logsBloom": hexed((0 if self.fisco else bloom).to_bytes(256)),
            "transactions": [hexed(r.transaction.hash) for r in block.receipts],
            "gasLimit": hex(BLOCK_GAS),
        }

    def _receipt_json(self, receipt: Receipt, block: Block, first: int) -> Any:
        logs = [
            self._log_json(receipt, block, first + at, address, event)
            for at, (address, event) in enumerate(receipt.events)
        ]
        return {
            "transactionHash": hexed(receipt.transaction.hash),
            "blockNumber": hex(block.number),
            "blockHash": hexed(block.hash),
            "status": hex(receipt.status),
            "contractAddress": hexed(receipt.contract) if receipt.contract else None,
            "logs": logs,
        }

    def _log_json(
        self, receipt: Receipt, block: Block, index: int, address: bytes, event: Event
    ) -> Any:
        return {
            "address": hexed(address),
            "topics": [hexed(topic) for topic in event.topics],
            "data": hexed(event.data),
            "blockNumber": hex(block.number),
            "blockHash": hexed(block.hash),
            "transactionHash": hexed(receipt.transaction.hash),
            "transactionIndex": hex(block.receipts.index(receipt)),
            "logIndex": hex(index),
            "removed": False,
        }


def events_of(block: Block) -> list[tuple[Receipt, bytes, Event]]:
    return [(r, address, event) for r in block.receipts for address, event in r.events]


def decode_transaction(raw: bytes) -> Transaction:
    nonce, gas_price, gas, to, value, data, v, _, _ = rlp.decode(raw)
    assert int.from_bytes(gas_price) == 0, "a transaction with a fee"
    assert int.from_bytes(value) == 0
    sender = bytes.fromhex(Account.recover_transaction(raw)[2:])
    return Transaction(
        raw=raw,
        hash=keccak(raw),
        sender=sender,
        nonce=int.from_bytes(nonce),
        gas=int.from_bytes(gas),
        to=to,
        data=data,
        chain_id=(int.from_bytes(v) - 35) // 2,
    )


def hexed(raw: bytes) -> str:
    return "0x" + raw.hex()
