"""Deployments, their records, and what the owner of a log does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.anchoring import (
    ORIGIN,
    AnchorWorld,
    CrashError,
    Tripwire,
    anchoring,
    test_key,
)
from support.fake_chain import FakeChain
from support.fake_rpc import FakeRpc, Fault, serving_chain

from chain.addresses import keccak256, log_id_of
from chain.artifacts import load
from chain.deploy import (
    check_deployment,
    ensure_deployed,
    read_deployment,
    write_deployment,
)
from chain.errors import ChainConfigError, ChainUnavailableError, ContractRefusalError
from chain.log_owner import LogOwner
from chain.registry import RegistryContract
from chain.revert import LogClosedError, NotOwnerError
from trace_node.ids import Origin

NEXT = Origin("trace-node.local/plant-a-2/sm3")


@pytest.fixture
def rpc() -> Iterator[FakeRpc]:
    with serving_chain(FakeChain()) as rpc:
        yield rpc


@pytest.fixture
def world(rpc: FakeRpc, tmp_path: Path) -> Iterator[AnchorWorld]:
    world = AnchorWorld(tmp_path, rpc.url)
    yield world
    world.close()


def deployed_contracts(rpc: FakeRpc) -> int:
    return len(rpc.chain.blocks[-1].state.contracts)


class TestDeployment:
    def test_it_is_recorded_with_what_proves_it(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        client = world.client()
        record = world.folder / "deployment.json"
        made = ensure_deployed(client, world.sender(client, world.owner, "o.db"), record)
        assert read_deployment(record) == made
        assert made.runtime_code_hash == keccak256(load().runtime_code)
        assert made.chain_id == 1337
        assert made.genesis_hash == rpc.chain.blocks[0].hash
        assert made.block_hash == rpc.chain.blocks[made.block_number].hash
        assert made.deployer == world.owner.address
        assert list(rpc.chain.blocks[-1].state.contracts) == [made.contract]

    def test_it_is_used_again(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        client = world.client()
        sender = world.sender(client, world.owner, "o.db")
        record = world.folder / "deployment.json"
        first = ensure_deployed(client, sender, record)
        assert ensure_deployed(client, sender, record) == first
        assert deployed_contracts(rpc) == 1

    @pytest.mark.parametrize("field", ["chain_id", "genesis_hash", "runtime_code_hash"])
    def test_a_record_the_chain_contradicts_is_not_deployed_over(
        self, world: AnchorWorld, rpc: FakeRpc, field: str
    ) -> None:
        client = world.client()
        sender = world.sender(client, world.owner, "o.db")
        record = world.folder / "deployment.json"
        made = ensure_deployed(client, sender, record)
        wrong = 5 if field == "chain_id" else bytes(32)
        write_deployment(record, replace(made, **{field: wrong}))
        with pytest.raises(ChainConfigError) as caught:
            ensure_deployed(client, sender, record)
        assert caught.value.reason == "chain.deployment.differs"
        assert caught.value.field == field
        assert deployed_contracts(rpc) == 1

    def test_an_address_without_code_is_not_a_deployment(self, world: AnchorWorld) -> None:
        client = world.client()
        made = ensure_deployed(
            client, world.sender(client, world.owner, "o.db"), world.folder / "d.json"
        )
        with pytest.raises(ChainConfigError):
            check_deployment(client, replace(made, contract=bytes(20)))

    @pytest.mark.parametrize(
        "damage",
        [
            lambda raw: raw[:-20],
            lambda raw: raw.replace(b"chain-deployment@1", b"chain-deployment@2"),
            lambda raw: raw.replace(b'"chain_id":1337', b'"chain_id":"1337"'),
            lambda raw: raw.replace(b'"chain_id":1337', b'"chain_id":true'),
            lambda raw: raw.replace(b'{"', b'{ "', 1),
            lambda raw: raw.replace(b'{"', b'{"aa":1,"', 1),
            lambda raw: raw.replace(b'"0x', b'"0X'),
            lambda _: b"",
            lambda _: b" " * 5000,
        ],
    )
    def test_a_damaged_record_is_named(self, world: AnchorWorld, damage) -> None:  # noqa: ANN001
        client = world.client()
        record = world.folder / "deployment.json"
        sender = world.sender(client, world.owner, "o.db")
        ensure_deployed(client, sender, record)
        record.write_bytes(damage(record.read_bytes()))
        with pytest.raises(ChainConfigError) as caught:
            ensure_deployed(client, sender, record)
        assert caught.value.reason == "chain.deployment.file"
        assert str(record) in caught.value.message

    def test_a_crash_at_any_point_deploys_once(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        record = world.folder / "deployment.json"
        for at in range(60):
            wire = Tripwire(at)
            world.wrap = wire.wrap
            client = world.client()
            try:
                ensure_deployed(client, world.sender(client, world.owner, "o.db"), record)
            except CrashError:
                world.close()
            else:
                break
        assert at > 5
        assert deployed_contracts(rpc) == 1
        assert read_deployment(record).contract in rpc.chain.blocks[-1].state.contracts

    def test_a_creation_that_reverts_is_named(self, world: AnchorWorld) -> None:
        client = world.client()
        broken = replace(load(), bytecode=b"\xfe")
        with pytest.raises(ContractRefusalError) as caught:
            ensure_deployed(
                client,
                world.sender(client, world.owner, "o.db"),
                world.folder / "d.json",
                artifact=broken,
            )
        assert "reverted" in caught.value.message
        assert not (world.folder / "d.json").exists()

    def test_a_chain_that_makes_no_blocks(self, world: AnchorWorld, rpc: FakeRpc) -> None:
        rpc.chain.automine = False
        client = world.client()
        sender = world.sender(client, world.owner, "o.db")
        record = world.folder / "deployment.json"
        waits: list[float] = []
        with pytest.raises(ChainUnavailableError) as caught:
            ensure_deployed(client, sender, record, pause=waits.append, timeout_s=5)
        assert caught.value.reason == "chain.not_mined"
        assert waits == [1] * 5
        rpc.chain.mine()
        ensure_deployed(client, sender, record, pause=lambda _: rpc.chain.mine())
        assert deployed_contracts(rpc) == 1

    @pytest.mark.parametrize("drop", [False, True], ids=["mined again", "sent again"])
    def test_it_is_recorded_where_it_is_final_and_not_where_it_was_first_mined(
        self, rpc: FakeRpc, tmp_path: Path, drop: bool
    ) -> None:
        world = AnchorWorld(tmp_path, rpc.url, finality_depth=2)
        client = world.client()
        moves = [lambda: rpc.chain.reorg(1, drop=drop)]

        def pause(_: float) -> None:
            moves.pop()() if moves else rpc.chain.mine()

        made = ensure_deployed(
            client,
            world.sender(client, world.owner, "o.db"),
            world.folder / "deployment.json",
            pause=pause,
        )
        block = rpc.chain.blocks[made.block_number]
        assert block.hash == made.block_hash
        assert made.contract in block.state.contracts
        assert rpc.chain.blocks[-1].number >= made.block_number + 2
        assert deployed_contracts(rpc) == 1
        world.close()


@pytest.fixture
def open_world(rpc: FakeRpc, tmp_path: Path) -> Iterator[AnchorWorld]:
    with anchoring(tmp_path, rpc.url) as world:
        yield world


def owner_of(world: AnchorWorld, name: str = "owner") -> LogOwner:
    return LogOwner(
        RegistryContract(world.live, world.deployment.contract),
        world.sender(world.live, test_key(name), f"{name}.db"),
    )


class TestOwner:
    def test_opening_twice_sends_once(self, open_world: AnchorWorld, rpc: FakeRpc) -> None:
        before = rpc.count("eth_sendRawTransaction")
        again = owner_of(open_world).open_log(ORIGIN, signer=open_world.key.address)
        assert again == open_world.log_id
        assert again == log_id_of(owner=open_world.owner.address, origin=ORIGIN)
        assert rpc.count("eth_sendRawTransaction") == before

    def test_an_open_log_with_another_signer_is_named(self, open_world: AnchorWorld) -> None:
        with pytest.raises(ChainConfigError) as caught:
            owner_of(open_world).open_log(ORIGIN, signer=b"x" * 20)
        assert caught.value.reason == "chain.other_signer"

    def test_the_signer_rotates_there_and_back(self, open_world: AnchorWorld) -> None:
        owner, new = owner_of(open_world), test_key("new").address
        for signer in (new, open_world.key.address, new, new):
            owner.rotate_signer(open_world.log_id, signer=signer)
            assert open_world.contract.log_info(open_world.log_id).signer == signer

    def test_only_the_owner_rotates(self, open_world: AnchorWorld, rpc: FakeRpc) -> None:
        before = rpc.count("eth_sendRawTransaction")
        with pytest.raises(NotOwnerError) as caught:
            owner_of(open_world, "stranger").rotate_signer(open_world.log_id, signer=b"x" * 20)
        assert caught.value.reason == "chain.refused.not_owner"
        assert rpc.count("eth_sendRawTransaction") == before

    def test_a_successor_names_what_it_continues(self, open_world: AnchorWorld) -> None:
        open_world.checkpoint(7)
        last = open_world.service.anchor_once().chain
        owner = owner_of(open_world)
        successor = owner.open_successor(
            NEXT, signer=open_world.key.address, old_log_id=open_world.log_id
        )
        info = open_world.contract.log_info(successor)
        assert (info.predecessor, info.predecessor_head) == (open_world.log_id, last)
        assert open_world.contract.log_info(open_world.log_id).successor == successor
        assert (
            owner.open_successor(NEXT, signer=open_world.key.address, old_log_id=open_world.log_id)
            == successor
        )
        open_world.checkpoint(1)
        with pytest.raises(LogClosedError):
            open_world.service.anchor_once()

    def test_a_log_that_continues_another_is_not_taken_for_it(
        self, open_world: AnchorWorld
    ) -> None:
        owner = owner_of(open_world)
        owner.open_log(NEXT, signer=open_world.key.address)
        with pytest.raises(ChainConfigError) as caught:
            owner.open_successor(NEXT, signer=open_world.key.address, old_log_id=open_world.log_id)
        assert caught.value.reason == "chain.other_predecessor"

    def test_a_lost_answer_does_not_open_it_twice(
        self, open_world: AnchorWorld, rpc: FakeRpc
    ) -> None:
        rpc.faults.append(Fault("eth_sendRawTransaction", "drop_after"))
        log_id = owner_of(open_world).open_log(NEXT, signer=open_world.key.address)
        assert open_world.contract.log_info(log_id).signer == open_world.key.address
