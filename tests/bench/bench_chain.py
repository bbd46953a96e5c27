"""The embedded chain: a plain write, anchors with their consistency proof on chain, and beside it anvil."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from eth_account.signers.local import LocalAccount
from measuring import Bench, Figure, percentile
from support.anchoring import anchoring
from support.evm import (
    EMPTY_ROOT,
    Engine,
    anvil,
    anvil_program,
    embedded,
    equal_consistency,
    equal_root,
    registry_on,
    sender,
)
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from chain.embedded.child import EmbeddedChild
from trace_node.ports.anchoring import AnchorState
from trace_node.tlog.anchor import AnchoredHead

PLAIN_CEILING_MS = 10
ANCHOR_CEILING_MS = 400
PAIRS = (
    (1_000_000, 1_000_060),
    (999_983, 1_000_003),
    (700_001, 700_061),
    (2**20 - 1, 2**20),  # the longest proof below two million leaves
)
IN_PROCESS, OVER_HTTP, ANVIL = "in process", "child process, over HTTP", "anvil, in memory"
POLL_S = 0.0005


def run(bench: Bench) -> list[Figure]:
    """Each engine in turn, and then the product's own path from checkpoint to anchor."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        engines = {
            IN_PROCESS: stack.enter_context(embedded(bench.new_folder("chain"))),
            OVER_HTTP: stack.enter_context(_embedded_child(bench.new_folder("chain"))),
        }
        if anvil_program() is not None:
            engines[ANVIL] = stack.enter_context(anvil())
        writers = {name: _Writer(engine) for name, engine in engines.items()}
        for name, writer in writers.items():
            figures += _plain(bench, name, writer)
        pairs = PAIRS[:1] if bench.quick else PAIRS
        for pair in pairs:
            for name, writer in writers.items():
                figures.append(_anchor(bench, name, writer, pair))
    figures.append(_by_the_client(bench))
    figures.append(_by_the_product(bench))
    return figures


@contextmanager
def _embedded_child(folder: Path) -> Iterator[Engine]:
    """The embedded chain as a node runs it: durable, in a process of its own."""
    with EmbeddedChild(folder / "chain.db") as running:
        provider = HTTPProvider(running.url, request_kwargs={"timeout": 60})
        yield Engine(OVER_HTTP, Web3(provider))
        provider._request_session_manager.session_cache.clear()


class _Writer:
    """Sends transactions of one key to the registry and times them until their receipt."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._account: LocalAccount = sender("bench")
        self._contract: Contract = registry_on(engine)
        self._logs = 0

    def open_log(self) -> bytes:
        """A log of its own for each measurement."""
        self._logs += 1
        origin = Web3.keccak(text=f"bench log {self._logs}")
        self.milliseconds("openLog", origin, self._account.address)
        return bytes(Web3.solidity_keccak(["address", "bytes32"], [self._account.address, origin]))

    def rotate(self, log_id: bytes) -> float:
        """A plain write: one slot and one event."""
        return self.milliseconds("rotateSigner", log_id, self._account.address)

    def anchor(self, pair: tuple[int, int]) -> float:
        """Move the head of a new log from the first size to the second."""
        first, second = pair
        log_id, old = self.open_log(), equal_root(first)
        self.milliseconds("anchor", log_id, 0, EMPTY_ROOT, first, old, [])
        step = (first, old, second, equal_root(second), equal_consistency(first, second))
        return self.milliseconds("anchor", log_id, *step)

    def milliseconds(self, function: str, *values: object) -> float:
        """From the signed transaction in hand to its receipt."""
        engine, eth = self._engine, self._engine.web3.eth
        data = self._contract.encode_abi(function, args=list(values))
        raw = engine.sign(self._account, to=self._contract.address, data=data)
        began = time.perf_counter()
        sent = eth.send_raw_transaction(raw)
        receipt = eth.wait_for_transaction_receipt(sent, timeout=60, poll_latency=POLL_S)
        took = (time.perf_counter() - began) * 1000
        if receipt["status"] != 1:
            raise RuntimeError(f"{function} reverted on {engine.name}")
        return took


def _plain(bench: Bench, name: str, writer: _Writer) -> list[Figure]:
    log_id = writer.open_log()
    rounds = [
        [writer.rotate(log_id) for _ in range(bench.amount(100, 3))] for _ in range(bench.times)
    ]
    return [
        Figure(
            name=f"plain contract write, {name}",
            unit="ms (p50)",
            runs=[percentile(took, 50) for took in rounds],
            at_most=None if name == ANVIL else PLAIN_CEILING_MS,
            note="signed transaction to receipt, one block each",
        ),
        Figure(
            name=f"plain contract write, {name}: p95",
            unit="ms",
            runs=[percentile(took, 95) for took in rounds],
        ),
    ]


def _anchor(bench: Bench, name: str, writer: _Writer, pair: tuple[int, int]) -> Figure:
    rounds = [
        percentile([writer.anchor(pair) for _ in range(bench.amount(5, 1))], 50)
        for _ in range(bench.times)
    ]
    return Figure(
        name=f"anchor {pair[0]:,} → {pair[1]:,}, {name}",
        unit="ms",
        runs=rounds,
        at_most=None if name == ANVIL else ANCHOR_CEILING_MS,
        note=f"{len(equal_consistency(*pair))} hashes, checked on chain",
    )


def _by_the_client(bench: Bench) -> Figure:
    """The longest proof through the client: outbox, lock, sending, asking what became of it."""
    sizes = (0, *PAIRS[-1])
    old, *heads = [AnchoredHead(size=size, root=equal_root(size)) for size in sizes]

    def once() -> float:
        took, previous = 0.0, old
        with (
            EmbeddedChild(bench.new_folder("chain") / "chain.db") as running,
            anchoring(bench.new_folder("world"), running.url, engine="embedded") as world,
        ):
            for head in heads:
                proof = equal_consistency(previous.size, head.size)
                began = time.perf_counter()
                sent = world.registry.submit(
                    world.log_id, previous=previous, head=head, proof=proof
                )
                took = (time.perf_counter() - began) * 1000
                if sent.state is not AnchorState.FINAL:
                    raise RuntimeError("the head was not anchored")
                previous = head
        return took

    return Figure(
        name=f"anchor {sizes[1]:,} → {sizes[2]:,}, through the client",
        unit="ms",
        runs=[once() for _ in range(bench.times)],
        at_most=ANCHOR_CEILING_MS,
        note="attempt stored, sent, and its receipt read back",
    )


def _by_the_product(bench: Bench) -> Figure:
    """The whole verb: comparing with the chain, proof, outbox, sending, reading back."""
    with (
        EmbeddedChild(bench.new_folder("chain") / "chain.db") as running,
        anchoring(bench.new_folder("world"), running.url, engine="embedded") as world,
    ):
        world.checkpoint(bench.amount(100_000, 100))
        world.service.anchor_once()

        def once() -> float:
            world.checkpoint(601)
            began = time.perf_counter()
            world.service.anchor_once()
            took = (time.perf_counter() - began) * 1000
            newest = world.requests.newest()
            if newest is None or newest.head != world.history.head():
                raise RuntimeError("the checkpoint was not anchored")
            return took

        runs = [
            percentile([once() for _ in range(bench.amount(5, 1))], 50) for _ in range(bench.times)
        ]
    return Figure(
        name="anchoring by the node, from checkpoint to final anchor",
        unit="ms",
        runs=runs,
        at_most=ANCHOR_CEILING_MS,
        note="100,000 leaves growing by 601; outbox and reading back included",
    )
