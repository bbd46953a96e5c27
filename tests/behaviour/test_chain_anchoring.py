"""Anchoring over real sockets against a chain that misbehaves on request."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from support.anchoring import ORIGIN, AnchorWorld, MemoryHistory, anchoring, test_key
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, mining, serving_chain

from chain.errors import ChainConfigError, ChainUnavailableError, SenderRejectedError
from chain.log_owner import LogOwner
from chain.registry import RegistryContract
from chain.revert import NotSignerError
from trace_node.errors import ConfigError, StateError, UnavailableError
from trace_node.ids import from_base64url
from trace_node.ports.anchoring import AnchorState
from trace_node.services.anchor import AnchorReport
from trace_node.services.start_check import BehindChainError, ForkedChainError, HeadRelation
from trace_node.tlog.hasher import SM3
from trace_node.tlog.verify import verify_consistency

SEND = "eth_sendRawTransaction"


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        yield rpc


@pytest.fixture
def world(rpc: FakeRpc, tmp_path: Path) -> Iterator[AnchorWorld]:
    with anchoring(tmp_path, rpc.url) as world:
        rpc.requests.clear()
        yield world


def mined_by(rpc: FakeRpc, world: AnchorWorld) -> list[tuple[int, int]]:
    """Nonce and status of the signer's mined transactions, in the order of the chain."""
    receipts = [r for block in rpc.chain.blocks for r in block.receipts]
    return [
        (r.transaction.nonce, r.status)
        for r in receipts
        if r.transaction.sender == world.key.address
    ]


def heads_of(rpc: FakeRpc, world: AnchorWorld) -> list[int]:
    """Sizes to which the chain moved the head, in order."""
    state = rpc.chain.blocks[-1].state.contracts[world.deployment.contract].logs[world.log_id]
    return sorted(state.anchors)


def until_settled(world: AnchorWorld, rpc: FakeRpc, *, passes: int = 12) -> AnchorReport:
    """Call the verb as a timer would: every 30 seconds, whatever happens."""
    for _ in range(passes):
        try:
            report = world.service.anchor_once()
        except UnavailableError:
            report = None
        if report is not None and report.settled:
            return report
        world.clock.move(seconds=30)
        rpc.chain.mine()
    raise AssertionError("anchoring did not come to an end")


class TestTheStraightWay:
    def test_a_checkpoint_becomes_final_in_one_pass(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        head = world.checkpoint()
        report = world.service.anchor_once()
        assert report.chain == report.anchor.head == head
        assert report.settled
        assert world.requests.history == [(5, AnchorState.FINAL)]
        assert mined_by(rpc, world) == [(0, 1)]

    def test_the_recorded_anchor_is_what_the_chain_says(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        anchor = world.service.anchor_once().anchor
        block = rpc.chain.blocks[-1]
        assert anchor.block_hash == block.hash
        assert anchor.block_number == block.number
        assert anchor.block_time == block.time
        assert anchor.transaction_hash == block.receipts[0].transaction.hash
        assert anchor.genesis_hash == rpc.chain.blocks[0].hash
        assert anchor.previous.size == 0
        assert (anchor.chain_id, anchor.log_id) == (1337, world.log_id)

    def test_nothing_to_do_sends_nothing(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        assert world.service.anchor_once().settled
        world.checkpoint()
        world.service.anchor_once()
        rpc.requests.clear()
        world.service.anchor_once()
        assert rpc.count(SEND) == 0

    def test_only_the_newest_checkpoint_is_sent_and_covers_the_others(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        for count in (3, 4, 5):
            world.checkpoint(count)
        report = world.service.anchor_once()
        assert report.settled
        assert heads_of(rpc, world) == [12]
        assert {row.state for row in world.requests.rows.values()} == {AnchorState.FINAL}

    def test_each_further_anchor_proves_its_past(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        for count in (1, 2, 7, 30):
            world.checkpoint(count)
            assert world.service.anchor_once().settled
        assert heads_of(rpc, world) == [1, 3, 10, 40]
        assert mined_by(rpc, world) == [(0, 1), (1, 1), (2, 1), (3, 1)]

    def test_each_transaction_is_handed_in_once_and_each_read_made_once(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        world.service.anchor_once()
        assert rpc.count(SEND) == 1
        assert len(rpc.requests) < 40

    def test_on_demand_waits_until_final(self, rpc: FakeRpc, tmp_path: Path) -> None:
        rpc.chain.automine = True
        with anchoring(tmp_path, rpc.url, finality_depth=3, pause=mining(rpc)) as world:
            world.checkpoint()
            report = world.service.anchor_until_final(pause=rpc.chain.mine, passes=10)
        assert report.settled
        states = [state for _, state in world.requests.history]
        assert states == [AnchorState.MINED, AnchorState.FINAL]

    def test_a_checkpoint_that_waits_is_submitted_then_mined_then_final(
        self, rpc: FakeRpc, tmp_path: Path
    ) -> None:
        with anchoring(tmp_path, rpc.url, finality_depth=1, pause=mining(rpc)) as world:
            rpc.chain.automine = False
            world.checkpoint()
            for _ in range(3):
                report = world.service.anchor_once()
                rpc.chain.mine()
            assert report.settled
        states = [state for _, state in world.requests.history]
        assert states == [AnchorState.SUBMITTED, AnchorState.MINED, AnchorState.FINAL]

    def test_never_final_before_the_depth(self, rpc: FakeRpc, tmp_path: Path) -> None:
        with anchoring(tmp_path, rpc.url, finality_depth=3, pause=mining(rpc)) as world:
            world.checkpoint()
            for _ in range(3):
                report = world.service.anchor_once()
                assert not report.settled
                assert not report.final
                rpc.chain.mine()
            assert world.service.anchor_once().final


class TestFaultsOfTheWay:
    """Each ends with one anchor, one transaction and no gap."""

    @pytest.mark.parametrize("automine", [True, False], ids=["at-once", "later"])
    @pytest.mark.parametrize(
        "fault",
        [
            Fault(SEND, "drop_after"),
            Fault(SEND, "drop_before"),
            Fault(SEND, "drop_after", times=3),
            Fault(SEND, "error_after", text="already known"),
            Fault(SEND, "error_after", text="nonce too low"),
            Fault(SEND, "error_after", text="internal error"),
            Fault(SEND, "error_after", text="insufficient funds for gas * price + value"),
            Fault(SEND, "error_before", text="txpool is full"),
            Fault(SEND, "error_before", text="nonce too low"),
            Fault(SEND, "http_503"),
            Fault(SEND, "garbage"),
            Fault(SEND, "wrong_id"),
            Fault(SEND, "truncate"),
        ],
        ids=lambda fault: f"{fault.kind}-{fault.text}-{fault.times}".replace(" ", "-")[:40],
    )
    def test_a_send_that_goes_wrong(
        self, world: AnchorWorld, rpc: FakeRpc, fault: Fault, automine: bool
    ) -> None:
        rpc.chain.automine = automine
        head = world.checkpoint()
        rpc.faults.append(replace(fault))
        report = until_settled(world, rpc)
        assert report.chain == head
        assert mined_by(rpc, world) == [(0, 1)]

    def test_a_lost_answer_is_not_sent_again_by_the_transport(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.chain.automine = False
        world.checkpoint()
        rpc.faults.append(Fault(SEND, "drop_after"))
        world.service.anchor_once()
        assert rpc.count(SEND) == 1
        assert len(rpc.chain.pool) == 1

    def test_a_send_that_times_out_after_it_was_taken(self, rpc: FakeRpc, tmp_path: Path) -> None:
        with anchoring(tmp_path, rpc.url, timeout_s=2) as world:
            world.checkpoint()
            rpc.faults.append(Fault(SEND, "delay", seconds=3))
            assert world.service.anchor_once().settled
            assert mined_by(rpc, world) == [(0, 1)]

    @pytest.mark.parametrize("kind", ["drop_before", "http_503", "garbage", "malformed"])
    def test_every_single_read_may_fail_once(
        self, world: AnchorWorld, rpc: FakeRpc, kind: str
    ) -> None:
        """The n-th request of a pass fails, for every n; the next pass carries on."""
        for skip in range(3, 40, 3):
            rpc.faults[:] = [Fault("*", kind, skip=skip)]
            world.checkpoint(1)
            report = until_settled(world, rpc)
            assert report.chain == world.history.head()
        assert [status for _, status in mined_by(rpc, world)] == [1] * 13
        assert [nonce for nonce, _ in mined_by(rpc, world)] == list(range(13))

    def test_a_chain_that_was_down_is_caught_up_with_one_anchor(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.down = True
        for _ in range(24):
            world.checkpoint(2)
            with pytest.raises(ChainUnavailableError) as caught:
                world.service.anchor_once()
            assert caught.value.reason == "chain.unavailable"
            world.clock.move(seconds=3600)
        rpc.down = False
        assert world.service.anchor_once().settled
        assert heads_of(rpc, world) == [48]
        assert mined_by(rpc, world) == [(0, 1)]

    def test_a_transaction_that_is_never_mined_is_reported(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.chain.automine = False
        world.checkpoint()
        stuck = []
        for _ in range(11):
            stuck.append(world.service.anchor_once().stuck)
            world.clock.move(seconds=30)
        assert stuck == [False] * 9 + [True] * 2
        rpc.chain.mine()
        report = world.service.anchor_once()
        assert report.settled
        assert not report.stuck
        assert mined_by(rpc, world) == [(0, 1)]

    def test_hosts_behind_one_address_of_which_one_lags(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.chain.mine(5)
        rpc.alternate_lag = 3
        for _ in range(4):
            head = world.checkpoint(3)
            assert until_settled(world, rpc).chain == head
            rpc.chain.mine(2)
        assert heads_of(rpc, world) == [3, 6, 9, 12]
        nonces = [nonce for nonce, _ in mined_by(rpc, world)]
        assert nonces == list(range(len(nonces)))

    def test_a_lagging_head_after_an_anchor_is_not_believed(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        world.service.anchor_once()
        world.checkpoint()
        rpc.faults.append(Fault("*", "stale", lag=1, times=30))
        with pytest.raises(UnavailableError) as caught:
            world.service.anchor_once()
        assert caught.value.reason == "chain.stale_endpoint"
        assert until_settled(world, rpc).chain.size == 10
        assert mined_by(rpc, world) == [(0, 1), (1, 1)]


class TestRefusals:
    def test_a_refused_transaction_gives_its_nonce_to_an_empty_one(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        rpc.faults.append(Fault(SEND, "error_before", text="intrinsic gas too low"))
        report = until_settled(world, rpc)
        assert report.settled
        assert mined_by(rpc, world) == [(0, 1), (1, 1)]
        assert heads_of(rpc, world) == [5]

    def test_a_chain_that_takes_nothing_from_this_sender_is_named(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        rpc.chain.refuse_sender = "Sender account not authorized to send transactions"
        with pytest.raises(SenderRejectedError) as caught:
            world.service.anchor_once()
        assert "not authorized" in caught.value.message
        rpc.chain.refuse_sender = ""
        assert until_settled(world, rpc).settled
        assert [nonce for nonce, _ in mined_by(rpc, world)] == [0]

    def test_a_rotated_signer_is_named(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        client = world.client()
        owner = LogOwner(
            RegistryContract(client, world.deployment.contract),
            world.sender(client, world.owner, "owner.db"),
        )
        owner.rotate_signer(world.log_id, signer=test_key("another").address)
        world.checkpoint()
        with pytest.raises(NotSignerError) as caught:
            world.service.anchor_once()
        assert caught.value.reason == "chain.refused.not_signer"
        assert rpc.count(SEND) == 1  # the rotation itself
        assert mined_by(rpc, world) == []

    def test_a_lost_outbox_costs_a_step_that_changes_nothing(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.chain.automine = False
        world.checkpoint()
        world.service.anchor_once()
        world.close()
        for file in world.folder.glob("outbox.db*"):
            file.unlink()
        world.restart()
        assert until_settled(world, rpc).settled
        assert mined_by(rpc, world) == [(0, 1), (1, 1)]
        assert heads_of(rpc, world) == [5]

    def test_a_gap_below_a_stored_transaction_is_filled_with_empty_ones(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        """Another program took nonces 0 to 2 in the pool, and they were dropped."""
        rpc.chain.automine = False
        world.checkpoint()
        answer = rpc.chain.answer
        rpc.chain.answer = lambda method, params, lag=0: (
            "0x3"
            if method == "eth_getTransactionCount" and params[1] == "pending"
            else answer(method, params, lag=lag)
        )
        world.service.anchor_once()
        del rpc.chain.answer
        assert [item.nonce for item in rpc.chain.pool] == [3]
        assert until_settled(world, rpc).settled
        assert mined_by(rpc, world) == [(0, 1), (1, 1), (2, 1), (3, 1)]


class TestReorganisations:
    @pytest.mark.parametrize("drop", [False, True], ids=["back-to-the-pool", "dropped"])
    def test_an_anchor_that_lost_its_block_is_sent_again(
        self, rpc: FakeRpc, tmp_path: Path, drop: bool
    ) -> None:
        with anchoring(tmp_path, rpc.url, finality_depth=4, pause=mining(rpc)) as world:
            world.checkpoint()
            first = world.service.anchor_once().anchor
            rpc.chain.automine = False
            rpc.chain.reorg(1, drop=drop)
            report = world.service.anchor_once()
            assert report.lost == (first,)
            world.clock.move(seconds=30)
            world.service.anchor_once()
            states = [state for _, state in world.requests.history]
            assert states[:2] == [AnchorState.MINED, AnchorState.REORGED]
            assert set(states[2:]) == {AnchorState.RESUBMITTED}
            report = until_settled(world, rpc)
            assert report.anchor.head == first.head
            assert report.anchor.block_hash != first.block_hash
            assert report.anchor.transaction_hash == first.transaction_hash
            assert mined_by(rpc, world) == [(0, 1)]

    def test_two_anchors_lose_their_blocks_and_come_back_in_order(
        self, rpc: FakeRpc, tmp_path: Path
    ) -> None:
        with anchoring(tmp_path, rpc.url, finality_depth=6, pause=mining(rpc)) as world:
            for _ in range(2):
                world.checkpoint()
                world.service.anchor_once()
            rpc.chain.reorg(2, drop=True)
            assert until_settled(world, rpc, passes=20).chain.size == 10
            nonces = [nonce for nonce, _ in mined_by(rpc, world)]
            assert nonces == list(range(len(nonces)))
            assert heads_of(rpc, world)[-1] == 10

    def test_a_chain_put_back_behind_final_anchors_is_reported_and_anchored_anew(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        for _ in range(3):
            world.checkpoint()
            world.service.anchor_once()
        rpc.chain.reorg(2, drop=True, extra=2)
        report = None
        for _ in range(10):
            try:
                report = world.service.anchor_once()
            except UnavailableError:
                pass
            else:
                if report.lost:
                    break
        assert [anchor.head.size for anchor in report.lost] == [15, 10]
        assert until_settled(world, rpc).chain.size == 15
        nonces = [nonce for nonce, _ in mined_by(rpc, world)]
        assert nonces == list(range(len(nonces)))


class TestTwoSenders:
    def test_two_processes_with_one_outbox_send_once(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        other = AnchorWorld(
            world.folder, rpc.url, history=world.history, requests=world.requests, finality_depth=0
        )
        other.deployment, other.log_id = world.deployment, world.log_id
        other.restart()
        try:
            reports = race(world, other)
        finally:
            other.close()
        assert [report.settled for report in reports] == [True, True]
        assert mined_by(rpc, world) == [(0, 1)]

    @pytest.mark.parametrize("automine", [True, False], ids=["at-once", "later"])
    def test_two_nodes_with_one_key_and_two_outboxes(
        self, world: AnchorWorld, rpc: FakeRpc, automine: bool
    ) -> None:
        """The contract decides; both end with the same head and no transaction is missing."""
        other = AnchorWorld(world.folder, rpc.url, finality_depth=0, outbox_name="other.db")
        other.deployment, other.log_id = world.deployment, world.log_id
        for _ in range(3):
            world.checkpoint()
            other.checkpoint()
        other.restart()
        rpc.chain.automine = automine
        try:
            for _ in range(10):
                race(world, other)
                world.clock.move(seconds=30)
                other.clock.move(seconds=30)
                rpc.chain.mine()
            assert until_settled(world, rpc).chain == until_settled(other, rpc).chain
        finally:
            other.close()
        assert heads_of(rpc, world) == [15]
        nonces = [nonce for nonce, _ in mined_by(rpc, world)]
        assert nonces == list(range(len(nonces)))


def race(*worlds: AnchorWorld) -> list[AnchorReport | None]:
    reports: list[AnchorReport | None] = [None] * len(worlds)
    barrier = threading.Barrier(len(worlds))

    def run(at: int) -> None:
        barrier.wait()
        try:
            reports[at] = worlds[at].service.anchor_once()
        except UnavailableError:
            pass
        finally:
            worlds[at].live.close()  # this thread's connection

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(worlds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return reports


class TestLocalAgainstChain:
    def test_equal_and_ahead_go_on(self, world: AnchorWorld) -> None:
        world.checkpoint()
        world.service.anchor_once()
        assert world.check.run().relation is HeadRelation.EQUAL
        world.history.grow(3)
        assert world.check.run().relation is HeadRelation.AHEAD

    def test_behind_refuses_to_write(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        world.checkpoint(9)
        world.service.anchor_once()
        world.history.tree = MemoryHistory().tree
        world.history.grow(4)
        with pytest.raises(BehindChainError) as caught:
            world.check.run()
        assert caught.value.reason == "state.behind_chain"
        assert isinstance(caught.value, StateError)
        assert "9" in caught.value.message
        assert "restore" in caught.value.remedy
        with pytest.raises(BehindChainError):
            world.service.anchor_once()
        assert rpc.count(SEND) == 1

    @pytest.mark.parametrize("more", [0, 7], ids=["equal-size", "ahead"])
    def test_another_history_stops_with_evidence(
        self, world: AnchorWorld, rpc: FakeRpc, more: int
    ) -> None:
        world.checkpoint(9)
        anchor = world.service.anchor_once().anchor
        world.history.tree = MemoryHistory().tree
        local = world.history.grow(9, flavour=b"rewritten")
        if more:
            world.history.grow(more)
        world.history.seal(b"a signed note\n")
        with pytest.raises(ForkedChainError) as caught:
            world.check.run()
        assert caught.value.reason == "state.forked_chain"
        (file,) = (world.folder / "evidence").iterdir()
        assert str(file) in caught.value.remedy
        evidence = orjson.loads(file.read_bytes())
        assert evidence["type"] == "chain-contradiction@1"
        assert evidence["chain"]["anchor"]["block_hash"] == "0x" + anchor.block_hash.hex()
        assert evidence["chain"]["head"]["root"] != evidence["local"]["root_at_chain_size"]
        assert evidence["local"]["checkpoint"] == "a signed note\n"
        assert local.root != anchor.head.root
        # whoever trusts the signature of the checkpoint sees that it is of the other history
        verify_consistency(
            hasher=SM3,
            size1=9,
            size2=9 + more,
            root1=from_base64url(evidence["local"]["root_at_chain_size"], size=32, field="root"),
            root2=world.history.head().root,
            proof=[
                from_base64url(item, size=32, field="proof") for item in evidence["local"]["proof"]
            ],
        )
        with pytest.raises(ForkedChainError):
            world.service.anchor_once()
        assert len(list((world.folder / "evidence").iterdir())) == 1
        assert rpc.count(SEND) == 1

    def test_the_contract_refuses_the_other_history_too(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        """Even a node that skipped the check cannot anchor a rewritten history."""
        world.checkpoint(9)
        anchor = world.service.anchor_once().anchor
        forged = MemoryHistory()
        forged.grow(20, flavour=b"rewritten")
        with pytest.raises(Exception, match="the proof from size 9 to 20 does not hold"):
            world.registry.submit(
                world.log_id,
                previous=anchor.head,
                head=forged.head(),
                proof=forged.consistency(old_size=9, new_size=20),
            )
        assert rpc.count(SEND) == 1

    def test_a_log_that_was_never_opened_is_named(self, world: AnchorWorld) -> None:
        world.log_id = bytes(32)
        world.restart()
        with pytest.raises(ConfigError) as caught:
            world.check.run()
        assert caught.value.reason == "chain.log_not_open"

    def test_a_chain_out_of_reach_decides_nothing(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        rpc.down = True
        with pytest.raises(UnavailableError):
            world.check.run()


class TestAnotherChain:
    def test_an_address_that_leads_to_another_chain_id(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        rpc.chain.chain_id = 1
        with pytest.raises(ChainConfigError) as caught:
            world.service.anchor_once()
        assert caught.value.reason == "chain.wrong_chain_id"
        assert rpc.count(SEND) == 0

    def test_an_address_that_leads_to_another_genesis(
        self, world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        world.checkpoint()
        rpc.chain.blocks = FakeChain(salt=7).blocks
        with pytest.raises(ChainConfigError) as caught:
            world.service.anchor_once()
        assert caught.value.reason == "chain.wrong_genesis"
        assert rpc.count(SEND) == 0

    def test_an_outbox_of_another_chain_is_not_read(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        rpc.chain.blocks = FakeChain(salt=7).blocks
        with pytest.raises(ChainConfigError) as caught:
            world.restart()
        assert caught.value.reason == "chain.outbox_other_chain"


class TestEngines:
    @pytest.mark.parametrize(
        ("engine", "chain"),
        [
            ("besu", FakeChain(client="besu/v26.9.0/linux-x86_64/openjdk-25", poa=True)),
            ("fisco", FakeChain(client="FISCO-BCOS/3.16.4", fisco=True, log_window=10)),
            ("evm", FakeChain(client="Geth/v1.13.15-stable", poa=True)),
            ("anvil", FakeChain(client="anvil/v1.7.1")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_the_same_on_every_engine(self, engine: str, chain: FakeChain, tmp_path: Path) -> None:
        with (
            serving_chain(chain) as rpc,
            anchoring(tmp_path, rpc.url, engine=engine) as world,
        ):
            for count in (4, 5):
                world.checkpoint(count)
                chain.mine(12)
                report = world.service.anchor_once()
                assert report.settled
                assert report.anchor.block_time < 10**11
            assert report.anchor.engine == engine
            assert heads_of(rpc, world) == [4, 9]
            assert [tag for _, tag in tags_of(rpc) if tag in ("finalized", "safe")] == []

    def test_a_besu_that_never_mines_free_transactions_is_refused(self, tmp_path: Path) -> None:
        with serving_chain(FakeChain(client="besu/v26.7.1/linux")) as rpc:
            world = AnchorWorld(tmp_path, rpc.url, engine="besu")
            with pytest.raises(ChainConfigError) as caught:
                world.client()
            assert caught.value.reason == "chain.engine_too_old"
            assert "26.8.0" in caught.value.message
            world.close()


def tags_of(rpc: FakeRpc) -> list[tuple[str, str]]:
    return [(name, tag) for name, params in rpc.requests for tag in params if isinstance(tag, str)]


def test_the_origin_and_owner_make_the_log_id(world: AnchorWorld) -> None:
    info = world.contract.log_info(world.log_id)
    assert info.owner == world.owner.address
    assert info.signer == world.key.address
    assert info.successor is None
    assert info.predecessor is None
    assert ORIGIN.endswith("/sm3")
