"""A forked, shortened or rolled-back history: refused on the chain, refused at the start, restored."""

import base64
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from eth_utils import keccak
from support import reference
from support.anchoring import MemoryHistory
from support.audit import (
    audit,
    chain_head,
    contract_of,
    lineage,
    open_log,
    refusal_of_anchor,
    require_fsck_clean,
    rpc,
    sm3,
)
from support.campaign import Acknowledged, Uplink, collector_key, enrol
from support.chains import outside_chain
from support.evm import anvil, anvil_program
from support.node_process import (
    LOG,
    NodeProcess,
    complaint,
    free_port,
    get,
    make_home,
    run,
    run_well,
)
from support.usual_engine import choose_database

from api.home import Home
from api.settings import load
from api.wiring.chain_side import connected
from chain.revert import BadConsistencyProofError, HeadMismatchError, SizeNotGrowingError
from trace_node.clock import SystemClock
from trace_node.tlog.anchor import AnchoredHead

pytestmark = pytest.mark.timeout(600)

DEVICE = "load-1"


class Works:
    """A home, what was acknowledged from it, and nodes that run on it one after the other."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.home = folder, folder / "home"
        more = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
        make_home(self.home, more=more)
        enrol(self.home, collector=collector_key(), devices=[DEVICE])
        self.known = Acknowledged()
        self.uplink = Uplink(DEVICE, self.known)

    @contextmanager
    def node(self) -> Iterator[NodeProcess]:
        with NodeProcess(self.home) as node:
            node.ready()
            self.uplink.url = node.url
            yield node
            node.stop()

    def deliver(self, node: NodeProcess, deliveries: int) -> int:
        """Deliver, wait until everything is anchored for good, and give the size."""
        for _ in range(deliveries):
            self.uplink.deliver(5)
        return node.wait_final(node.size())

    def refused(self) -> tuple[str, str, str]:
        """Start a node that must not come up, and give its complaint; nothing was written."""
        before = audit(self.home).leaves
        done = run("up", "--home", self.home)
        assert done.returncode == 1, (done.stdout, done.stderr)
        assert audit(self.home).leaves == before
        return complaint(done)

    def require_whole(self, node: NodeProcess, size: int) -> None:
        """Everything that was ever acknowledged is there, anchored in one lineage, and sound."""
        node.wait_final(size)
        contract = contract_of(self.home)
        found = audit(self.home, heads=lineage(node.chain_url, contract))
        found.require_holds(self.known.snapshot())
        require_fsck_clean(self.home)


def copy(source: Path, target: Path) -> Path:
    """Put a copy of a folder in the place of another; a home brings a copy of its database."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    if (target / "trace-node.toml").exists():
        choose_database(target)
    return target


def test_an_older_copy_of_the_home_is_refused_and_restored_from_the_archive(tmp_path: Path) -> None:
    works = Works(tmp_path, archive_url=(tmp_path / "second-place").as_uri())
    with works.node() as node:
        works.deliver(node, 2)
    copy(works.home, tmp_path / "old")
    with works.node() as node:
        size = works.deliver(node, 3)
    copy(tmp_path / "old", works.home)
    message, code, remedy = works.refused()
    assert code == "seal.rolled_back"
    assert f"the archive holds {size} entries" in message
    assert "trace-node restore" in remedy
    assert f"holds {size} entries" in run_well("restore", "--home", works.home)
    with works.node() as node:
        works.require_whole(node, size)
        works.require_whole(node, works.deliver(node, 1))


def test_a_log_behind_its_chain_is_refused_until_it_is_restored(tmp_path: Path) -> None:
    port = free_port()
    with outside_chain(tmp_path / "chain.db", port) as url:
        works = Works(tmp_path, chain_url=url)
        with works.node() as node:
            works.deliver(node, 2)
        copy(works.home, tmp_path / "old")
        with works.node() as node:
            size = works.deliver(node, 3)
        copy(works.home, tmp_path / "new")
        copy(tmp_path / "old", works.home)
        message, code, remedy = works.refused()
        assert code == "state.behind_chain"
        assert f"{size} are anchored" in message
        assert "archive" in remedy
        too_old = run("restore", "--home", works.home)
        assert too_old.returncode == 1
        assert complaint(too_old)[1] == "restore.anchored"
        copy(tmp_path / "new" / "archive", works.home / "archive")
        run_well("restore", "--home", works.home)
        with works.node() as node:
            works.require_whole(node, size)


def test_a_fork_stops_the_node_with_evidence_of_both_heads(tmp_path: Path) -> None:
    port = free_port()
    with outside_chain(tmp_path / "chain.db", port) as url:
        works = Works(tmp_path, chain_url=url)
        with works.node() as node:
            works.deliver(node, 2)
        copy(works.home, tmp_path / "old")
        with works.node() as node:
            anchored = works.deliver(node, 1)
            root = audit(works.home).roots[anchored]
    copy(tmp_path / "old", works.home)
    works.uplink = Uplink(DEVICE, Acknowledged())
    with ExitStack() as stack:
        node = stack.enter_context(NodeProcess(works.home)).ready()  # its chain is down
        works.uplink.url = node.url
        for _ in range(3):
            works.uplink.deliver(5)
        assert node.size() > anchored
        stack.enter_context(outside_chain(tmp_path / "chain.db", port))
        # One of each head that the log had when somebody met the chain: sealing, anchoring or both.
        folder = works.home / "evidence"
        for kept in node.wait_for(lambda: list(folder.glob("contradiction-*.json")), "evidence"):
            require_two_heads(json.loads(kept.read_bytes()), anchored, root)
        node.wait_for(lambda: works.uplink.post(works.uplink.body(1))[0] == 503, "refusal")
        assert lineage(url, contract_of(works.home))[-1] == (anchored, root)
        node.stop()
        message, code, remedy = works.refused()
    assert code == "state.forked_chain"
    assert str(anchored) in message
    assert any(kept.name in remedy for kept in folder.iterdir())


def require_two_heads(evidence: dict, size: int, root: bytes) -> None:
    """What the chain holds and what the log says of the same size, and the anchor's own event."""
    assert evidence["type"] == "chain-contradiction@1"
    chain, local = evidence["chain"], evidence["local"]
    shown = base64.urlsafe_b64encode(root).rstrip(b"=").decode()
    assert chain["head"] == {"size": size, "root": shown}
    assert chain["anchor"]["head"] == chain["head"]
    assert local["root_at_chain_size"] != chain["head"]["root"]
    assert local["head"]["size"] > size


@pytest.fixture(params=["embedded", pytest.param("anvil", marks=pytest.mark.anvil)])
def anchored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Works, NodeProcess]]:
    """A node with an anchored log, on its own chain and on anvil."""
    with ExitStack() as stack:
        settings = {}
        if request.param == "anvil":
            if anvil_program() is None:
                pytest.skip("no anvil: npm ci --prefix contracts, or set TN_ANVIL to the program")
            engine = stack.enter_context(anvil())
            settings["chain_url"] = engine.web3.provider.endpoint_uri
            settings["chain_engine"] = "anvil"
        works = Works(tmp_path, **settings)
        node = stack.enter_context(works.node())
        works.deliver(node, 3)
        yield works, node


def test_an_independent_client_reads_the_head_and_a_forged_one_reverts(
    anchored: tuple[Works, NodeProcess],
) -> None:
    works, node = anchored
    require_head_is_the_checkpoint(works, node)
    home = Home(works.home)
    with connected(
        load(home=works.home), home, url=node.chain_url, clock=SystemClock(), deploy=False
    ) as side:
        head = side.registry.head(side.log_id)
        forged = MemoryHistory()
        forged.grow(head.size + 9, flavour=b"rewritten")
        proof = forged.consistency(old_size=head.size, new_size=forged.tree.size)
        shorter = AnchoredHead(size=4, root=forged.root_at(4))
        other = AnchoredHead(size=head.size, root=forged.root_at(head.size))
        attempts = [
            (head, forged.head(), proof, BadConsistencyProofError),
            (other, forged.head(), proof, HeadMismatchError),
            (head, shorter, (), SizeNotGrowingError),
            (head, other, (), SizeNotGrowingError),
        ]
        for previous, wanted, given, error in attempts:
            with pytest.raises(error):
                side.registry.submit(side.log_id, previous=previous, head=wanted, proof=given)
        explained = reverts(node)  # the first one, where trying it out would be as dear as sending
        side.registry._contract.rehearse = lambda *_, **__: None  # and as transactions in blocks
        for sent, (previous, wanted, given, _) in enumerate(attempts, 1):
            side.registry.submit(side.log_id, previous=previous, head=wanted, proof=given)
            node.wait_for(lambda sent=sent: reverts(node) - explained >= sent, "the revert")
            # A step is not begun again while it is under way, so its end is learnt before the next.
            side.registry.settle(side.log_id)
    require_head_is_the_checkpoint(works, node)
    assert reverts(node) - explained == len(attempts)
    works.require_whole(node, works.deliver(node, 1))


def reverts(node: NodeProcess) -> int:
    """How many transactions in the blocks of the chain have reverted."""
    return sum(
        receipt["status"] == "0x0"
        for number in range(int(rpc(node.chain_url, "eth_blockNumber"), 16) + 1)
        for receipt in rpc(node.chain_url, "eth_getBlockReceipts", hex(number))
    )


def require_head_is_the_checkpoint(works: Works, node: NodeProcess) -> None:
    """``eth_call`` with call data made by hand gives what the log's own checkpoint says."""
    lines = get(f"{node.url}/log/{LOG}/checkpoint").decode().split("\n")
    size, root = chain_head(node.chain_url, contract_of(works.home), log_id(works))
    assert lines[:3] == [f"trace-node.local/{LOG}/sm3", str(size), base64.b64encode(root).decode()]


def log_id(works: Works) -> str:
    """The log's name on the chain."""
    return json.loads(run_well("chain", "status", "--home", works.home, "-o", "json"))["log_id"]


def test_a_client_that_shares_no_code_gets_the_contracts_own_refusals(
    anchored: tuple[Works, NodeProcess],
) -> None:
    """Call data made by hand, in the name of the address that may move the head."""
    works, node = anchored
    contract, name = contract_of(works.home), log_id(works)
    size, stored = chain_head(node.chain_url, contract, name)
    sender = "0x" + json.loads((works.home / "keys" / "anchor.json").read_bytes())["address"]
    with closing(open_log(works.home)) as connection:
        query = "SELECT body FROM entries ORDER BY leaf_index"
        kept = [body for (body,) in connection.execute(query).fetchmany(size)]
    assert reference.root(sm3, kept) == stored
    rewritten = [b"another", *kept[1:]]

    def refusal(entries: Sequence[bytes], *, previous: Sequence[bytes] = kept) -> str | None:
        """How the contract refuses a head of these entries, with the proof that they would have."""
        heads = tuple((len(each), reference.root(sm3, each)) for each in (previous, entries))
        proof = reference.consistency(sm3, size, entries) if len(entries) > size else []
        return refusal_of_anchor(
            node.chain_url, contract, name, sender=sender, heads=heads, proof=proof
        )

    assert refusal([*kept, b"one more"]) is None
    assert refusal(kept[:-1]) == selector("SizeNotGrowing(uint64,uint64)")
    assert refusal([*rewritten, b"one more"]) == selector("BadConsistencyProof(uint64,uint64)")
    other = refusal([*rewritten, b"one more"], previous=rewritten)
    assert other == selector("HeadMismatch(bytes32,uint64,bytes32)")


def selector(error: str) -> str:
    """The first four bytes of an error of a contract."""
    return "0x" + keccak(text=error)[:4].hex()
