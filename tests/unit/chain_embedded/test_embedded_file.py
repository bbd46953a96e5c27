"""The chain file: one owner, durable blocks, and damage that is told instead of served."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.evm import CHAIN_ID, Engine, registry_on, sender
from web3 import Web3

from chain.artifacts import load
from chain.embedded.chain import DEFAULT_CHAIN_ID, EmbeddedChain
from chain.embedded.dispatch import answer_call
from chain.embedded.errors import (
    ChainCorruptError,
    ChainFileError,
    ChainFileOwnedError,
    ChainWriteError,
)
from chain.embedded.provider import EmbeddedProvider
from chain.embedded.storage import APPLICATION_ID

ANA = sender("ana")
PAGE = 4096


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A closed chain file with a registry and some blocks."""
    path = tmp_path / "chain.db"
    with EmbeddedProvider(path, chain_id=CHAIN_ID) as provider:
        engine = Engine("embedded", Web3(provider))
        registry = registry_on(engine)
        for number in range(5):
            origin = Web3.keccak(text=str(number))
            engine.send(registry, "openLog", origin, ANA.address, account=ANA)
    return path


def _send(chain: EmbeddedChain, nonce: int) -> bytes:
    fields = {"nonce": nonce, "gas": 50_000, "gasPrice": 0, "to": ANA.address, "chainId": CHAIN_ID}
    return chain.send(bytes(ANA.sign_transaction(fields).raw_transaction))


def test_what_was_answered_is_there_after_reopening(filled: Path) -> None:
    with EmbeddedChain(filled) as chain:
        before = (chain.chain_id, chain.head().hash, chain.head().block_number)
        _send(chain, 5)
    with EmbeddedChain(filled) as chain:
        assert before == (CHAIN_ID, chain.head().parent_hash, 6)
        assert chain.head().block_number == 7


def test_a_second_owner_is_refused_and_told_who_is_first(filled: Path) -> None:
    with EmbeddedChain(filled):
        with pytest.raises(ChainFileOwnedError, match=str(os.getpid())):
            EmbeddedChain(filled)
        command = [sys.executable, "-m", "chain.embedded", str(filled), "--any-sender"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert '"code": "chain.embedded.owned"' in done.stdout
    with EmbeddedChain(filled) as chain:
        assert chain.head().block_number == 6


def test_another_chain_id_is_refused(filled: Path) -> None:
    with pytest.raises(ChainFileError, match="31337") as caught:
        EmbeddedChain(filled, chain_id=5)
    assert caught.value.reason == "chain.embedded.file.chain_id"
    with EmbeddedChain(filled, chain_id=CHAIN_ID):
        pass


def test_a_new_file_without_an_id_takes_the_default(tmp_path: Path) -> None:
    with EmbeddedChain(tmp_path / "chain.db") as chain:
        assert chain.chain_id == DEFAULT_CHAIN_ID


@pytest.mark.parametrize("chain_id", [0, -1, 2**53])
def test_an_impossible_chain_id_is_refused(tmp_path: Path, chain_id: int) -> None:
    with pytest.raises(ChainFileError, match="chain_id"):
        EmbeddedChain(tmp_path / "chain.db", chain_id=chain_id)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChainFileError, match="No such file"):
        EmbeddedChain(tmp_path / "missing" / "chain.db")


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ChainFileError) as caught:
        EmbeddedChain(path)
    assert caught.value.reason == "chain.embedded.file.foreign"
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chain.db"
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(ChainFileError) as caught:
        EmbeddedChain(path)
    assert caught.value.reason == "chain.embedded.file.foreign"


def test_a_file_of_a_newer_program_is_refused(filled: Path) -> None:
    _edit(filled, "PRAGMA user_version = 99")
    with pytest.raises(ChainFileError, match="newer version"):
        EmbeddedChain(filled)


def test_a_file_under_other_rules_is_refused(filled: Path) -> None:
    _edit(filled, "UPDATE facts SET value = 'osaka' WHERE name = 'rules'")
    with pytest.raises(ChainFileError) as caught:
        EmbeddedChain(filled)
    assert caught.value.reason == "chain.embedded.file.rules"


def _edit(path: Path, sql: str, *values: Any) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, values)
    connection.close()


def test_every_damaged_page_is_found_when_the_file_is_opened(filled: Path) -> None:
    """Each page in turn is overwritten; none may pass as a sound chain with other content."""
    sound = filled.read_bytes()
    assert len(sound) % PAGE == 0
    for page in range(len(sound) // PAGE):
        damaged = bytearray(sound)
        damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
        filled.write_bytes(damaged)
        with pytest.raises((ChainCorruptError, ChainFileError)) as caught:
            EmbeddedChain(filled)
        known = {"chain.embedded.corrupt", "chain.embedded.file.foreign"}
        assert caught.value.reason in known, page
        assert "backup" in caught.value.remedy


def _break_code(path: Path) -> None:
    """One bit of the registry's code, in a page that stays well-formed."""
    code = load().runtime_code
    broken = code[:100] + bytes([code[100] ^ 1]) + code[101:]
    _edit(path, "UPDATE kv SET v = ? WHERE k = ?", broken, Web3.keccak(code))


def test_an_altered_value_is_not_served(filled: Path) -> None:
    _break_code(filled)
    with EmbeddedChain(filled) as chain:
        receipt = answer_call(chain, "eth_getBlockReceipts", ["0x1"])["result"][0]
        answer = answer_call(chain, "eth_getCode", [receipt["contractAddress"]])
        assert answer["error"]["code"] == -32603
        assert answer["error"]["data"]["code"] == "chain.embedded.corrupt"
        assert "backup" in answer["error"]["data"]["remedy"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM kv WHERE k = CAST('v1:canonical_head_hash' AS BLOB)",
        "UPDATE facts SET value = 'aa' WHERE name = 'genesis_hash'",
        "UPDATE events SET block = 99 WHERE block = 6",
    ],
)
def test_tables_that_contradict_each_other_are_refused(filled: Path, sql: str) -> None:
    _edit(filled, sql)
    with pytest.raises(ChainCorruptError):
        EmbeddedChain(filled)


def test_a_lost_block_is_told_and_not_taken_for_one_that_never_was(filled: Path) -> None:
    with EmbeddedChain(filled) as chain:
        block = chain.header(3)
        assert block is not None
    _edit(filled, "DELETE FROM kv WHERE k = ?", block.hash)
    with EmbeddedChain(filled) as chain:
        for method, given in (("eth_getBlockByNumber", "0x3"), ("eth_getBlockByHash", block.hash)):
            shown = given if isinstance(given, str) else "0x" + given.hex()
            error = answer_call(chain, method, [shown])["error"]
            assert error["data"]["code"] == "chain.embedded.corrupt"
        wanted = {"fromBlock": "0x3", "toBlock": "0x3"}
        error = answer_call(chain, "eth_getLogs", [wanted])["error"]
        assert error["data"]["code"] == "chain.embedded.corrupt"


def test_the_number_of_another_block_is_no_stamp(filled: Path) -> None:
    with EmbeddedChain(filled) as chain:
        hashes = [chain.stamp(number)[0] for number in (3, 4)]
        assert chain.stamp(4) == (chain.header(4).hash, chain.header(4).timestamp)
    swapped = b"\xa0" + hashes[1]
    _edit(filled, "UPDATE kv SET v = ? WHERE v = ?", swapped, b"\xa0" + hashes[0])
    with EmbeddedChain(filled) as chain, pytest.raises(ChainCorruptError):
        chain.stamp(3)


def test_the_hash_of_a_state_node_is_no_block(filled: Path) -> None:
    with EmbeddedChain(filled) as chain:
        root = "0x" + chain.head().state_root.hex()
        assert answer_call(chain, "eth_getBlockByHash", [root]) == {"result": None}


def test_a_lost_state_is_refused(filled: Path) -> None:
    with EmbeddedChain(filled) as chain:
        root = chain.head().state_root
    _edit(filled, "DELETE FROM kv WHERE k = ?", root)
    with pytest.raises(ChainCorruptError, match="state of block 6 is missing"):
        EmbeddedChain(filled)


def test_a_full_disk_stores_nothing_and_says_so(chain: EmbeddedChain) -> None:
    _send(chain, 0)
    run = chain.storage._connection.execute
    (pages,) = run("PRAGMA page_count").fetchone()
    run(f"PRAGMA max_page_count = {pages}")
    head, nonce = chain.head(), 1
    with pytest.raises(ChainWriteError, match="full"):  # noqa: PT012  sends until it is full
        while True:
            _send(chain, nonce)
            head, nonce = chain.head(), nonce + 1
    assert chain.head() == head
    answer = answer_call(chain, "eth_blockNumber", [])
    assert int(answer["result"], 16) == head.block_number
    run(f"PRAGMA max_page_count = {pages + 1000}")
    assert chain.place_of(_send(chain, nonce)) == (nonce + 1, 0)


def test_a_full_disk_is_told_over_json_rpc(chain: EmbeddedChain) -> None:
    run = chain.storage._connection.execute
    (pages,) = run("PRAGMA page_count").fetchone()
    run(f"PRAGMA max_page_count = {pages}")
    code = "0x" + "60016000f3" + "00" * 20_000
    fields = {"nonce": 0, "gas": 5_000_000, "gasPrice": 0, "chainId": CHAIN_ID, "data": code}
    raw = ANA.sign_transaction(fields | {"to": ""}).raw_transaction
    error = answer_call(chain, "eth_sendRawTransaction", ["0x" + raw.hex()])["error"]
    assert error["code"] == -32002
    assert error["data"]["code"] == "chain.embedded.write"


@pytest.mark.parametrize("stage", ["mine_all", "store"])
def test_a_failure_within_a_block_leaves_no_trace(
    chain: EmbeddedChain, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("in the middle")

    _send(chain, 0)
    before = _content(chain)
    with monkeypatch.context() as patch:
        if stage == "store":
            patch.setattr("chain.embedded.events.store", fail)
        else:
            patch.setattr(type(chain._machine), "persist_block", fail)
        with pytest.raises(RuntimeError):
            _send(chain, 1)
    assert _content(chain) == before
    assert chain.place_of(_send(chain, 1)) == (2, 0)


def _content(chain: EmbeddedChain) -> list[Any]:
    rows: Callable[..., list[Any]] = chain.storage.rows
    return [chain.head().hash, rows("SELECT * FROM kv", ()), rows("SELECT * FROM events", ())]


def test_the_file_is_recognisable_and_commits_are_synchronous(chain: EmbeddedChain) -> None:
    run = chain.storage._connection.execute
    assert run("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert run("PRAGMA journal_mode").fetchone() == ("wal",)
    assert run("PRAGMA synchronous").fetchone() == (2,)
