"""The blocks of the embedded chain against those that plain py-evm makes of the same transactions."""

from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.vm.forks.prague import PragueVM
from eth_typing import BlockNumber
from support.evm import CHAIN_ID, EMPTY_ROOT, equal_consistency, equal_root, registry_on, sender
from support.ledger import OFFICERS, Ledger, Parties
from support.ledger_engines import TimedEngine, timed_embedded
from support.ledger_orders import START
from web3 import Web3

from chain.embedded import program
from chain.embedded.chain import EmbeddedChain
from chain.embedded.machine import Genesis, StorageDatabase, write_genesis
from chain.embedded.storage import Storage

# The head of `_anchors` as the version before translated code made it.
RECORDED_HEAD = "f0317233b0e9016908cf72d42db35bb28d5eae0feaf13ac25fe5e9d4bb51f0bc"
SALES = 12


def _anchors(engine: TimedEngine) -> None:
    """One registry, one log, an anchor with a proof of eight hashes, and one that is refused."""
    owner, registry = sender("owner"), registry_on(engine)
    origin = Web3.keccak(text="recorded")
    log_id = Web3.solidity_keccak(["address", "bytes32"], [owner.address, origin])
    heads = [(size, equal_root(size)) for size in (1_000_000, 1_000_060)]
    proof = equal_consistency(1_000_000, 1_000_060)
    engine.send(registry, "openLog", origin, owner.address, account=owner)
    engine.send(registry, "anchor", log_id, 0, EMPTY_ROOT, *heads[0], [], account=owner)
    for given in (proof[::-1], proof):
        engine.send(registry, "anchor", log_id, *heads[0], *heads[1], given, account=owner)
    engine.advance(60)


def _orders(engine: TimedEngine) -> None:
    """A ledger, its officers, two enterprises, sales, and one of more than there is."""
    ledger = Ledger(engine)
    ledger.appoint(OFFICERS)
    parties = Parties(ledger)
    lot = parties.lot(SALES, trading=True)
    for _ in range(SALES):
        ledger.run(parties.sale((lot, 1)))
    refused = ledger.submission(parties.sale((lot, 1)))
    assert engine.send(ledger.orders, "submit", *refused, account=sender("relay")).status == 0


def _chain(engine: TimedEngine) -> EmbeddedChain:
    chain: EmbeddedChain = engine.web3.provider.chain  # type: ignore[attr-defined]
    return chain


def _plain(folder: Path, genesis: Genesis) -> tuple[Any, Storage]:
    """py-evm as it comes, on a file with the same block 0."""
    rules = PragueVM.configure(__name__="PlainVM", consensus_class=NoProofConsensus)
    storage = Storage(folder / "plain.db")
    with storage.transaction():
        write_genesis(storage, genesis)
    kind = MiningChain.configure(
        __name__="Plain", vm_configuration=((0, rules),), chain_id=genesis.chain_id
    )
    return kind(StorageDatabase(storage)), storage


def _rows(storage: Storage) -> list[tuple[object, ...]]:
    return storage.rows("SELECT k, v FROM kv ORDER BY k", ())


@pytest.mark.parametrize("history", [_anchors, _orders])
@pytest.mark.parametrize("hot_runs", [0, program.HOT_RUNS])
def test_blocks_receipts_and_state_are_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, history: Any, hot_runs: int
) -> None:
    monkeypatch.setattr(program, "HOT_RUNS", hot_runs)
    program.PROGRAMS.clear()
    with timed_embedded(tmp_path) as engine:
        history(engine)
        chain = _chain(engine)
        plain, storage = _plain(tmp_path, Genesis(chain_id=CHAIN_ID, time=START))
        for number in range(1, chain.head().block_number + 1):
            made = chain.block(chain.header(number))
            parent = plain.get_canonical_head()
            with storage.transaction():
                plain.header = plain.create_header_from_parent(
                    parent, timestamp=made.header.timestamp, gas_limit=parent.gas_limit
                )
                again, receipts, _ = plain.mine_all(made.transactions)
            assert rlp.encode(again.imported_block) == rlp.encode(made)
            assert [rlp.encode(each) for each in receipts] == [
                rlp.encode(each) for each in chain.receipts(made.header)
            ]
        assert _rows(storage) == _rows(chain.storage)
        storage.close()


def test_blocks_are_those_of_the_version_before(tmp_path: Path) -> None:
    with timed_embedded(tmp_path) as engine:
        _anchors(engine)
        chain = _chain(engine)
        first = chain.header(0)
        assert first is not None
        assert first.block_number == BlockNumber(0)
        assert chain.head().hash.hex() == RECORDED_HEAD
