"""A chain in memory that holds the ledger's events and answers JSON-RPC, rightly or as it is told to.

It runs no contract: its events are drawn by lot and rightly numbered, which is all a follower may rest
on, and ``eventCount()`` is what it counts. It can fork, lag, forget the state of old blocks, and give
any answer another shape.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_utils import keccak
from support.ledger_logs import Encoded, drawn, events_of

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.ledger_contracts import artifact_of
from chain.provider import BoundedProvider
from trace_node.ports.ledger import LedgerIdentity
from trace_node.quota.ledger.kinds import Book

EVENT_COUNT = keccak(text="eventCount()")[:4]
START = 1_790_000_000
ADDRESSES = {book: keccak(text=f"contract {book.name}")[12:] for book in Book}
STRANGER = keccak(text="another contract")[12:]


@dataclass
class StubLog:
    book: Book
    address: bytes
    event: Encoded


@dataclass
class StubBlock:
    number: int
    hash: bytes
    parent: bytes
    logs: list[StubLog]
    counts: dict[Book, int]

    @property
    def time(self) -> int:
        return START + 2 * self.number

    @property
    def transaction(self) -> bytes:
        return keccak(self.hash + b"tx")


@dataclass
class LedgerRpc:
    """The chain; ``make_request`` makes it an engine of ``BoundedProvider``."""

    seed: int = 0
    client: str = "fake/v1.0.0"
    chain_id: int = 1337
    lag: int = 0
    states_kept: int | None = None
    log_window: int | None = None  # eth_getLogs answers only the first blocks of a range, silently
    log_limit: int | None = None  # eth_getLogs refuses wider ranges
    timed: bool = False  # events carry the time of their block
    bloom: bool = True
    alter: Callable[[str, list[Any], Any], Any] = lambda _method, _params, result: result
    asked: list[str] = field(default_factory=list)
    failing: int = 0  # as many requests go unanswered
    salt: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        genesis = keccak(b"genesis %d" % self.chain_id)
        self.blocks = [StubBlock(0, genesis, bytes(32), [], dict.fromkeys(Book, 0))]

    # -- making blocks ---------------------------------------------------------------------

    def mine(self, count: int = 1, *, events: int | None = None) -> None:
        """Blocks with that many events each, or some."""
        for _ in range(count):
            parent = self.blocks[-1]
            counts = dict(parent.counts)
            wanted = self.random.choice([0, 0, 1, 3, 6]) if events is None else events
            logs = [self._draw(counts) for _ in range(wanted)]
            seed = b"%d %d" % (self.salt, parent.number + 1)
            block_hash = keccak(parent.hash + seed)
            self.blocks.append(StubBlock(parent.number + 1, block_hash, parent.hash, logs, counts))

    def _draw(self, counts: dict[Book, int]) -> StubLog:
        book = self.random.choice(list(Book))
        name = self.random.choice(sorted(events_of(book)))
        counts[book] += 1
        event = drawn(self.random, book, name, counts[book])
        return StubLog(book, ADDRESSES[book], event)

    def reorg(self, depth: int, *, extra: int = 1) -> None:
        """Other blocks in the place of the newest ``depth``."""
        self.salt += 1
        del self.blocks[len(self.blocks) - depth :]
        self.mine(depth + extra)

    def truth(self) -> list[tuple[Any, ...]]:
        """What a follower must find: book, block, hash, time, index, number."""
        return [
            (log.book, block.number, block.hash, block.time, index)
            for block in self.blocks
            for index, log in enumerate(block.logs)
        ]

    # -- answering -------------------------------------------------------------------------

    def connect(self, *, engine: str = "evm", **fields: Any) -> EvmClient:
        config = ChainConfig(url="http://ledger.invalid", engine=engine, **fields)
        return EvmClient(config, BoundedProvider(config, engine=self))

    def identity(self) -> LedgerIdentity:
        return LedgerIdentity(
            chain_id=self.chain_id,
            genesis_hash=self.blocks[0].hash,
            contracts=ADDRESSES,
            first_block=1,
        )

    def make_request(self, method: str, params: Any) -> Any:
        self.asked.append(method)
        if self.failing:
            self.failing -= 1
            return error("try later")
        try:
            result = getattr(self, "_" + method)(*params)
        except LookupError as missing:
            return error(str(missing))
        changed = self.alter(method, params, result)
        if isinstance(changed, dict) and "error" in changed:
            return changed
        return {"jsonrpc": "2.0", "id": 1, "result": changed}

    @property
    def visible(self) -> list[StubBlock]:
        return self.blocks[: max(1, len(self.blocks) - self.lag)]

    def _web3_clientVersion(self) -> str:  # noqa: N802
        return self.client

    def _eth_chainId(self) -> str:  # noqa: N802
        return hex(self.chain_id)

    def _eth_blockNumber(self) -> str:  # noqa: N802
        return hex(self.visible[-1].number)

    def _eth_getBlockByNumber(self, number: str, _full: bool) -> Any:  # noqa: N802
        at = int(number, 16)
        return self._header(self.visible[at]) if at < len(self.visible) else None

    def _eth_getBlockByHash(self, wanted: str, _full: bool) -> Any:  # noqa: N802
        found = [block for block in self.visible if hexed(block.hash) == wanted]
        return self._header(found[0]) if found else None

    def _eth_getCode(self, address: str, block: str) -> str:  # noqa: N802
        if block != "latest":
            self._state(block)
        book = next(each for each in Book if hexed(ADDRESSES[each]) == address)
        there = block == "latest" or int(block, 16) >= 1
        return hexed(artifact_of(book).runtime_code if there else b"")

    def _eth_getLogs(self, wanted: Any) -> list[Any]:  # noqa: N802
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        if self.log_limit is not None and last - first + 1 > self.log_limit:
            raise LookupError("query exceeds max block range")
        if self.log_window is not None:
            last = min(last, first + self.log_window - 1)
        return [
            self.log(block, index)
            for block in self.visible[first : last + 1]
            for index, log in enumerate(block.logs)
            if hexed(log.address) in wanted["address"]
            and hexed(log.event.topics[0]) in wanted["topics"][0]
        ]

    def _eth_getTransactionReceipt(self, wanted: str) -> Any:  # noqa: N802
        block = next(each for each in self.visible if hexed(each.transaction) == wanted)
        return {
            "transactionHash": wanted,
            "blockNumber": hex(block.number),
            "blockHash": hexed(block.hash),
            "status": "0x1",
            "contractAddress": None,
            "logs": [self.log(block, index) for index in range(len(block.logs))],
        }

    def _eth_call(self, request: Any, block: Any) -> str:
        state = self._state(block)
        assert bytes.fromhex(request["data"][2:]) == EVENT_COUNT
        book = next(each for each in Book if hexed(ADDRESSES[each]) == request["to"])
        return hexed(state.counts[book].to_bytes(32))

    def _state(self, block: Any) -> StubBlock:
        newest = self.visible[-1]
        if block == "latest":
            return newest
        if isinstance(block, dict):
            found = [each for each in self.visible if hexed(each.hash) == block["blockHash"]]
        else:
            found = self.visible[int(block, 16) :][:1]
        if not found:
            raise LookupError("header not found")
        if self.states_kept is not None and newest.number - found[0].number >= self.states_kept:
            raise LookupError(f"missing trie node {found[0].hash.hex()} (path )")
        return found[0]

    def _header(self, block: StubBlock) -> Any:
        bloom = 0
        for log in block.logs:
            for value in (log.address, *log.event.topics):
                digest = keccak(value)
                for at in (0, 2, 4):
                    bloom |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
        return {
            "number": hex(block.number),
            "hash": hexed(block.hash),
            "parentHash": hexed(block.parent),
            "timestamp": hex(block.time),
            "logsBloom": hexed((bloom if self.bloom else 0).to_bytes(256)),
            "transactions": [hexed(block.transaction)] if block.logs else [],
        }

    def log(self, block: StubBlock, index: int) -> dict[str, Any]:
        """An event of a block as JSON."""
        entry = block.logs[index]
        shown = {
            "address": hexed(entry.address),
            "topics": [hexed(topic) for topic in entry.event.topics],
            "data": hexed(entry.event.data),
            "blockNumber": hex(block.number),
            "blockHash": hexed(block.hash),
            "transactionHash": hexed(block.transaction),
            "transactionIndex": "0x0",
            "logIndex": hex(index),
            "removed": False,
        }
        return shown | ({"blockTimestamp": hex(block.time)} if self.timed else {})


def error(text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": text}}


def hexed(value: bytes) -> str:
    return "0x" + value.hex()
