"""Putting a ledger on a chain: once, whatever happens in between."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from support.anchoring import AnchorWorld, CrashError, Tripwire, test_key
from support.evm import anvil, anvil_program
from support.fake_chain import FakeChain
from support.fake_rpc import serving_chain

from chain.client import EvmClient
from chain.errors import ChainConfigError
from chain.ledger_contracts import view
from chain.ledger_deploy import MAX_ROLE_DELAY, ensure_ledger_deployed
from chain.ledger_join import join_ledger
from chain.ledger_record import LedgerDeployment, read_ledger, write_ledger
from trace_node.quota.ledger.kinds import Book, Role

NO_ANVIL = "no anvil: run infra/scripts/contracts --install, or set TN_ANVIL to the program"
ADMINISTRATORS = [test_key(f"administrator {number}").address for number in (1, 2, 3)]
DELAY = 3_600


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AnchorWorld]:
    world = AnchorWorld(tmp_path, f"embedded:{tmp_path / 'chain.db'}", engine="embedded")
    yield world
    world.close()


def deploy(world: AnchorWorld, client: EvmClient) -> LedgerDeployment:
    return ensure_ledger_deployed(
        client,
        world.sender(client, world.owner, "owner.db"),
        world.folder / "ledger.json",
        administrators=ADMINISTRATORS,
        role_delay=DELAY,
        pause=lambda _: None,
    )


def ask(client: EvmClient, deployment: LedgerDeployment, name: str, hint: type, *words: bytes):  # noqa: ANN201
    asked = view(Book.ACCESS, name, hint)
    address = deployment.contracts[Book.ACCESS].address
    (output,) = client.call_many([(address, asked.data(*words))], block="latest")
    return asked.read(output)


def check_made(world: AnchorWorld, client: EvmClient) -> None:
    made = deploy(world, client)
    record = world.folder / "ledger.json"
    assert read_ledger(record) == made
    assert (made.chain_id, made.genesis_hash) == (client.chain_id, client.genesis_hash)
    for administrator in ADMINISTRATORS:
        padded = bytes(12) + administrator
        assert ask(client, made, "roleOf", Role, padded) is Role.ADMINISTRATOR
    assert ask(client, made, "roleOf", Role, bytes(12) + world.owner.address) is Role.NONE
    assert ask(client, made, "administratorCount", int) == len(ADMINISTRATORS)
    assert ask(client, made, "roleDelay", int) == DELAY
    joined = join_ledger(
        client, made.contracts[Book.ORDERS].address, world.folder / "of another node.json"
    )
    assert joined == made
    assert deploy(world, client) == made
    assert client.nonce(world.owner.address, pending=False) == 3


def test_it_is_made_once_and_the_sender_has_no_rights(world: AnchorWorld) -> None:
    check_made(world, world.client())


@pytest.mark.anvil
def test_the_same_on_anvil(tmp_path: Path) -> None:
    if anvil_program() is None:
        pytest.skip(NO_ANVIL)
    with anvil() as engine:
        url = engine.web3.provider.endpoint_uri
        with closing(AnchorWorld(tmp_path, url, engine="anvil", timeout_s=60)) as world:
            check_made(world, world.client())


def test_a_crash_at_any_point_makes_it_once(world: AnchorWorld) -> None:
    """Each life gets a little further than the one before it, and finds what that one has done."""
    lives = 0
    for at in count(0, 5):
        wire = Tripwire(at)
        world.wrap = wire.wrap
        client = world.client()
        try:
            deploy(world, client)
        except CrashError:
            lives += 1
            world.close()
        else:
            break
    assert lives > 5
    assert client.height() == 3
    assert client.nonce(world.owner.address, pending=False) == 3


@pytest.mark.parametrize(
    ("administrators", "delay", "code"),
    [
        (ADMINISTRATORS[:1], DELAY, "chain.ledger.administrators"),
        ([], DELAY, "chain.ledger.administrators"),
        ([*ADMINISTRATORS, ADMINISTRATORS[0]], DELAY, "chain.ledger.administrators"),
        ([*ADMINISTRATORS, bytes(20)], DELAY, "chain.ledger.administrators"),
        (ADMINISTRATORS, 0, "chain.ledger.role_delay"),
        (ADMINISTRATORS, -1, "chain.ledger.role_delay"),
        (ADMINISTRATORS, MAX_ROLE_DELAY + 1, "chain.ledger.role_delay"),
    ],
)
def test_wrong_arguments_cost_no_transaction(
    world: AnchorWorld, administrators: list[bytes], delay: int, code: str
) -> None:
    client = world.client()
    with pytest.raises(ChainConfigError) as caught:
        ensure_ledger_deployed(
            client,
            world.sender(client, world.owner, "owner.db"),
            world.folder / "ledger.json",
            administrators=administrators,
            role_delay=delay,
        )
    assert caught.value.reason == code
    assert client.height() == 0
    assert not (world.folder / "ledger.json").exists()


def test_a_chain_that_counts_milliseconds_is_refused(tmp_path: Path) -> None:
    """Every deadline would have passed."""
    chain = FakeChain(client="FISCO-BCOS/3.10.0", fisco=True)
    with (
        serving_chain(chain) as rpc,
        closing(AnchorWorld(tmp_path, rpc.url, engine="fisco")) as world,
    ):
        client = world.client()
        with pytest.raises(ChainConfigError) as caught:
            deploy(world, client)
        assert caught.value.reason == "chain.ledger.milliseconds"
        with pytest.raises(ChainConfigError) as caught:
            join_ledger(client, bytes(20), tmp_path / "joined.json")
        assert caught.value.reason == "chain.ledger.milliseconds"
        assert rpc.count("eth_sendRawTransaction") == 0


def test_nothing_is_deployed_over_a_record_that_the_chain_contradicts(world: AnchorWorld) -> None:
    client = world.client()
    made = deploy(world, client)
    record = world.folder / "ledger.json"
    lots = replace(made.contracts[Book.LOTS], address=made.contracts[Book.RULES].address)
    for wrong, field in (
        (replace(made, chain_id=5), "chain_id"),
        (replace(made, genesis_hash=bytes(32)), "genesis_hash"),
        (replace(made, contracts=dict(made.contracts) | {Book.LOTS: lots}), "LotBook"),
    ):
        write_ledger(record, wrong)
        with pytest.raises(ChainConfigError) as caught:
            deploy(world, client)
        assert caught.value.reason == "chain.ledger.differs"
        assert caught.value.field == field
        assert read_ledger(record) == wrong
    record.write_bytes(b"{}")
    with pytest.raises(ChainConfigError) as caught:
        deploy(world, client)
    assert caught.value.reason == "chain.ledger.file"
    assert client.height() == 3
