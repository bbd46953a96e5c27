"""One log, one chain and everything between them, as a node has it, for tests of anchoring.

``AnchorWorld`` keeps what a disk keeps (the node's rows, the log, the outbox file); everything else
is built anew by ``restart``, as after a crash.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_utils import keccak

from chain.client import EvmClient
from chain.config import ChainConfig
from chain.deploy import Deployment, ensure_deployed
from chain.evidence_folder import EvidenceFolder
from chain.log_owner import LogOwner
from chain.outbox_store import SqliteOutboxStore
from chain.registry import ChainAnchorRegistry, RegistryContract
from chain.sender import TransactionSender
from chain.signer_key import AnchorKey
from chain.signer_lock import SignerLock
from trace_node.clock import FixedClock
from trace_node.ids import Origin
from trace_node.ports.anchoring import AnchorRequest, AnchorState
from trace_node.ports.entries import StoredCheckpoint
from trace_node.services.anchor import AnchorService
from trace_node.services.start_check import StartCheck
from trace_node.tlog import proof
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.hasher import SM3
from trace_node.tlog.tree import MemoryTree

ORIGIN = Origin("trace-node.local/plant-a/sm3")
_SENT = (AnchorState.SUBMITTED, AnchorState.RESUBMITTED)
_SEEN = (AnchorState.MINED, AnchorState.FINAL)


def test_key(name: str) -> AnchorKey:
    """A key of its own for each name, the same in every run."""
    return AnchorKey(keccak(text=f"anchor key of {name}"))


test_key.__test__ = False  # a helper, not a test


@dataclass
class MemoryHistory:
    """``LogHistory`` over a tree in memory."""

    tree: MemoryTree = field(default_factory=lambda: MemoryTree(hasher=SM3))
    sealed: StoredCheckpoint | None = None

    def grow(self, count: int, *, flavour: bytes = b"") -> AnchoredHead:
        first = self.tree.size
        leaves = [SM3.leaf(flavour + b"entry %d" % index) for index in range(first, first + count)]
        self.tree.extend(leaves)
        return self.head()

    def head(self) -> AnchoredHead:
        return AnchoredHead(size=self.tree.size, root=self.root_at(self.tree.size))

    def root_at(self, size: int) -> bytes:
        return proof.root(size=size, reader=self.tree)

    def consistency(self, *, old_size: int, new_size: int) -> list[bytes]:
        return proof.consistency(size1=old_size, size2=new_size, reader=self.tree)

    def seal(self, note: bytes) -> None:
        head = self.head()
        at = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
        self.sealed = StoredCheckpoint(size=head.size, root=head.root, note=note, sealed_at=at)

    def checkpoint(self) -> StoredCheckpoint | None:
        return self.sealed


@dataclass
class Row:
    request: AnchorRequest
    state: AnchorState = AnchorState.CHECKPOINTED
    anchor: Anchor | None = None


@dataclass
class MemoryRequests:
    """``AnchorRequests`` in memory, with every change of state remembered."""

    rows: dict[int, Row] = field(default_factory=dict)
    anchors: dict[tuple[bytes, bytes], tuple[Anchor, AnchorState]] = field(default_factory=dict)
    history: list[tuple[int, AnchorState]] = field(default_factory=list)

    def add(self, head: AnchoredHead) -> None:
        note = b"checkpoint %d" % head.size
        state = AnchorState.CHECKPOINTED
        self.rows[head.size] = Row(
            AnchorRequest(size=head.size, root=head.root, checkpoint=note, state=state)
        )

    def pending(self) -> AnchorRequest | None:
        waiting = [size for size, row in self.rows.items() if row.state not in _SEEN]
        return self.rows[max(waiting)].request if waiting else None

    def newest(self) -> Anchor | None:
        seen = [anchor for anchor, state in self.anchors.values() if state in _SEEN]
        return max(seen, key=lambda anchor: anchor.head.size) if seen else None

    def unsettled(self) -> list[Anchor]:
        mined = [a for a, state in self.anchors.values() if state is AnchorState.MINED]
        return sorted(mined, key=lambda anchor: anchor.head.size)

    def mark(self, *, size: int, state: AnchorState, anchor: Anchor | None = None) -> None:
        self.history.append((size, state))
        if anchor is not None:
            self.anchors[anchor.transaction_hash, anchor.block_hash] = (anchor, state)
        for row in self.rows.values():
            if state in _SENT:
                if row.request.size <= size and row.state not in _SEEN:
                    row.state = state
            elif state in _SEEN:
                if row.request.size <= size and row.anchor is None:
                    row.anchor = anchor
                if row.anchor == anchor:
                    row.state = state
            elif row.anchor == anchor:
                row.anchor, row.state = None, state


@dataclass
class AnchorWorld:
    """A node's anchoring on one endpoint."""

    folder: Path
    url: str
    engine: str = "evm"
    finality_depth: int | None = 0
    chain_id: int | None = None
    key: AnchorKey = field(default_factory=lambda: test_key("signer"))
    history: MemoryHistory = field(default_factory=MemoryHistory)
    requests: MemoryRequests = field(default_factory=MemoryRequests)
    clock: FixedClock = field(
        default_factory=lambda: FixedClock(datetime(2026, 11, 21, 3, 10, tzinfo=UTC))
    )
    outbox_name: str = "outbox.db"
    timeout_s: int = 5
    wrap: Callable[[str, Any], Any] = lambda _, part: part
    pause: Callable[[float], None] = time.sleep  # between questions whether something is final
    owner: AnchorKey = field(default_factory=lambda: test_key("owner"))
    deployment: Deployment | None = None
    log_id: bytes = b""
    open_parts: list[Any] = field(default_factory=list)

    @property
    def config(self) -> ChainConfig:
        return ChainConfig(
            url=self.url,
            engine=self.engine,
            chain_id=self.chain_id,
            finality_depth=self.finality_depth,
            timeout_s=self.timeout_s,
        )

    def client(self) -> EvmClient:
        client = EvmClient.connect(self.config)
        self.open_parts.append(client)
        return client

    def sender(self, client: EvmClient, key: AnchorKey, outbox: str) -> TransactionSender:
        store = SqliteOutboxStore(
            self.folder / outbox, chain_id=client.chain_id, genesis_hash=client.genesis_hash
        )
        self.open_parts.append(store)
        return TransactionSender(
            client=self.wrap("client", client),
            key=key,
            store=self.wrap("outbox", store),
            lock=SignerLock(self.folder / f"{outbox}.lock"),
            clock=self.clock,
        )

    def set_up(self) -> None:
        """Deploy the contract and open the log, as the owner."""
        client = self.client()
        sender = self.sender(client, self.owner, "owner.db")
        record = self.folder / "deployment.json"
        self.deployment = ensure_deployed(client, sender, record, pause=self.pause)
        contract = RegistryContract(client, self.deployment.contract)
        owner = LogOwner(contract, sender, pause=self.pause)
        self.log_id = owner.open_log(ORIGIN, signer=self.key.address)
        self.restart()

    def restart(self) -> None:
        """Build everything from what is on disk."""
        self.close()
        self.live = self.client()
        self.outbox = self.sender(self.live, self.key, self.outbox_name)
        assert self.deployment is not None
        self.contract = RegistryContract(self.live, self.deployment.contract)
        self.registry = ChainAnchorRegistry(self.contract, self.outbox)
        registry = self.wrap("registry", self.registry)
        self.check = StartCheck(
            log_id=self.log_id,
            history=self.history,
            registry=registry,
            evidence=EvidenceFolder(self.folder / "evidence"),
        )
        self.service = AnchorService(
            requests=self.wrap("requests", self.requests), registry=registry, check=self.check
        )

    def checkpoint(self, count: int = 5) -> AnchoredHead:
        head = self.history.grow(count)
        self.requests.add(head)
        return head

    def close(self) -> None:
        parts, self.open_parts = self.open_parts, []
        for part in reversed(parts):
            part.close()


class CrashError(BaseException):
    """The process dies here; not an ``Exception``, so that nothing can swallow it."""


@dataclass
class Tripwire:
    """Dies before or after the ``at``-th call to the world outside.

    Every call of the node's rows, the registry, the outbox and the sender's client counts twice: once
    before it happens and once after, so that both "without effect" and "with effect" are met.
    """

    at: int
    raises: Callable[[], BaseException] = CrashError
    passed: int = 0
    place: str = ""

    def wrap(self, name: str, part: Any) -> Any:
        return _Wired(self, name, part)

    def disarm(self) -> None:
        self.at = -1

    def step(self, place: str) -> None:
        self.passed += 1
        if self.passed - 1 == self.at:
            self.place = place
            raise self.raises()


class _Wired:
    def __init__(self, wire: Tripwire, name: str, part: Any) -> None:
        self._wire, self._name, self._part = wire, name, part

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._part, attribute)
        if not callable(found) or attribute == "close":
            return found

        def call(*args: Any, **named: Any) -> Any:
            place = f"{self._name}.{attribute}"
            self._wire.step(f"before {place}")
            result = found(*args, **named)
            self._wire.step(f"after {place}")
            return result

        return call


@contextmanager
def anchoring(folder: Path, url: str, **options: Any) -> Iterator[AnchorWorld]:
    """A world whose contract is deployed and whose log is open."""
    world = AnchorWorld(folder, url, **options)
    try:
        world.set_up()
        yield world
    finally:
        world.close()
