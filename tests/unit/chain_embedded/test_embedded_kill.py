"""``kill -9`` of the process that owns the chain: nothing that was answered is lost, nothing forks."""

import http.client
import json
import os
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

import pytest
from support.evm import CHAIN_ID, Engine, registry_on, sender
from web3 import Web3
from web3.contract import Contract

from chain.embedded.chain import EmbeddedChain
from chain.embedded.child import EmbeddedChild
from chain.embedded.events import EventFilter, matching
from chain.embedded.provider import EmbeddedProvider

OWNER = sender("owner who is killed")
SEED = int(os.environ.get("TN_SEED", "20260601"))
SETUP_BLOCKS = 2


def _prepare(path: Path) -> tuple[Contract, bytes]:
    with EmbeddedProvider(path, chain_id=CHAIN_ID) as provider:
        engine = Engine("embedded", Web3(provider))
        registry = registry_on(engine)
        origin = Web3.keccak(text="killed")
        engine.send(registry, "openLog", origin, OWNER.address, account=OWNER)
        return registry, Web3.solidity_keccak(["address", "bytes32"], [OWNER.address, origin])


def _signer_of(nonce: int) -> str:
    return Web3.to_checksum_address(f"0x{nonce:040x}")


def _raw(registry: Contract, log_id: bytes, nonce: int) -> str:
    data = registry.encode_abi("rotateSigner", args=[log_id, _signer_of(nonce)])
    fields = {"to": registry.address, "data": data, "gas": 100_000, "gasPrice": 0}
    signed = OWNER.sign_transaction(fields | {"nonce": nonce, "chainId": CHAIN_ID})
    return "0x" + signed.raw_transaction.hex()


def _send_until_killed(
    child: EmbeddedChild, raws: Sequence[str], delay: float, *, after_first: bool
) -> list[bytes]:
    """Send one after another; the process is killed meanwhile. Returns the hashes it answered.

    The delay counts from the start or from the first answer, so that on a slow machine too some
    kills come between answers.
    """
    answered: list[bytes] = []
    connection = http.client.HTTPConnection(str(urlsplit(child.url).netloc), timeout=30)
    killer = Timer(delay, child.process.kill)
    if not after_first:
        killer.start()
    try:
        for raw in raws:
            body = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw]}
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/", json.dumps(body), headers)
            answered.append(bytes.fromhex(json.load(connection.getresponse())["result"][2:]))
            if after_first and len(answered) == 1:
                killer.start()
    except (ConnectionError, http.client.HTTPException):
        pass
    finally:
        killer.join()
        connection.close()
        child.stop()
    return answered


def _check(path: Path, registry: Contract, log_id: bytes, answered: list[bytes]) -> int:
    """Everything agrees with everything; returns the next nonce."""
    with EmbeddedChain(path) as chain:
        newest = chain.head().block_number
        places = [chain.place_of(each) for each in answered]
        assert None not in places
        assert [place[0] for place in places if place] == sorted({p[0] for p in places if p})
        headers = [chain.header(number) for number in range(newest + 1)]
        for parent, child in pairwise(headers):
            assert parent is not None
            assert child is not None
            assert child.parent_hash == parent.hash
        rotations = EventFilter(first=SETUP_BLOCKS + 1, last=newest)
        events = matching(chain.storage, rotations)
        assert [each.block for each in events] == list(range(SETUP_BLOCKS + 1, newest + 1))
        return _check_state(chain, registry, log_id, newest)


def _check_state(chain: EmbeddedChain, registry: Contract, log_id: bytes, newest: int) -> int:
    web3 = Web3(EmbeddedProvider(chain))
    nonce = web3.eth.get_transaction_count(OWNER.address)
    assert newest == SETUP_BLOCKS + nonce - 1
    bound = web3.eth.contract(address=registry.address, abi=registry.abi)
    expected = _signer_of(nonce - 1) if nonce > 1 else OWNER.address
    assert bound.functions.logInfo(log_id).call()[1] == expected
    return nonce


def _campaign(path: Path, rounds: int) -> None:
    chance = random.Random(SEED)
    registry, log_id = _prepare(path)
    answered: list[bytes] = []
    nonce = _check(path, registry, log_id, answered)
    for number in range(rounds):
        raws = [_raw(registry, log_id, each) for each in range(nonce, nonce + 60)]
        running = EmbeddedChild(path)
        before = nonce
        delay, after_first = chance.uniform(0.02, 0.4), number % 2 == 0
        new = _send_until_killed(running, raws, delay, after_first=after_first)
        answered += new
        nonce = _check(path, registry, log_id, answered)
        # One block may have become durable whose answer was still on its way.
        assert nonce - before - len(new) in (0, 1), f"round {number} of seed {SEED}"
    assert answered


def test_a_few_kills(tmp_path: Path) -> None:
    _campaign(tmp_path / "chain.db", rounds=3)


@pytest.mark.soak
def test_a_hundred_kills(tmp_path: Path) -> None:
    short = os.environ.get("TN_SOAK") == "short"
    _campaign(tmp_path / "chain.db", rounds=10 if short else 100)
