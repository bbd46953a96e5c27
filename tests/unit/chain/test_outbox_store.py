"""The outbox file: what is stored before a send survives everything that follows."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chain.errors import ChainConfigError, ChainUnavailableError, OutboxConflictError
from chain.outbox_store import SqliteOutboxStore
from trace_node.ports.outbox import (
    Attempt,
    AttemptKind,
    MinedIn,
    OutboxStore,
    Submission,
    SubmissionState,
)

GENESIS = bytes(range(32))
SIGNER, OTHER = b"s" * 20, b"o" * 20


def opened(path: Path, **other: Any) -> SqliteOutboxStore:
    return SqliteOutboxStore(path, **({"chain_id": 2**53 + 1, "genesis_hash": GENESIS} | other))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteOutboxStore]:
    store = opened(tmp_path / "outbox.db")
    yield store
    store.close()


def submission(nonce: int, *, signer: bytes = SIGNER, request: str = "") -> Submission:
    return Submission(
        request_id=request or f"request-{nonce}",
        signer=signer,
        nonce=nonce,
        state=SubmissionState.STORED,
    )


def attempt(of: Submission, number: int = 0, kind: AttemptKind = AttemptKind.ASKED) -> Attempt:
    tx = bytes([number, of.nonce]) + of.signer + bytes(10)
    return Attempt(transaction_hash=tx, request_id=of.request_id, kind=kind, raw=b"raw" + tx)


def add(store: OutboxStore, nonce: int, **other: Any) -> Submission:
    item = submission(nonce, **other)
    store.add(item, attempt(item))
    return item


def test_what_was_added_is_found(store: SqliteOutboxStore) -> None:
    item = add(store, 4)
    assert store.find("request-4") == item
    assert store.at_nonce(SIGNER, 4) == item
    assert store.attempts("request-4") == [attempt(item)]
    assert store.find("another") is None
    assert store.at_nonce(OTHER, 4) is None


def test_a_request_id_is_used_once(store: SqliteOutboxStore) -> None:
    add(store, 1, request="the same")
    with pytest.raises(OutboxConflictError) as caught:
        add(store, 2, request="the same")
    assert caught.value.reason == "chain.outbox_conflict"
    assert store.at_nonce(SIGNER, 2) is None


def test_a_nonce_of_a_signer_is_used_once(store: SqliteOutboxStore) -> None:
    add(store, 1, request="one")
    with pytest.raises(OutboxConflictError):
        add(store, 1, request="two")
    assert store.find("two") is None
    add(store, 1, request="three", signer=OTHER)


def test_a_transaction_is_stored_once_and_all_or_nothing(store: SqliteOutboxStore) -> None:
    item = add(store, 1)
    with pytest.raises(OutboxConflictError):
        store.add_attempt(attempt(item))
    other = submission(2)
    with pytest.raises(OutboxConflictError):
        store.add(other, attempt(item))
    assert store.find(other.request_id) is None


def test_further_attempts_keep_their_order(store: SqliteOutboxStore) -> None:
    item = add(store, 1)
    for number in (9, 3, 7):
        store.add_attempt(attempt(item, number, AttemptKind.NOOP))
    assert [each.transaction_hash[0] for each in store.attempts(item.request_id)] == [0, 9, 3, 7]


def test_every_field_of_a_state_comes_back(store: SqliteOutboxStore) -> None:
    item = add(store, 1)
    place = MinedIn(
        transaction_hash=b"t" * 32, block_number=2**40, block_hash=b"b" * 32, succeeded=False
    )
    changed = replace(
        item,
        state=SubmissionState.REVERTED,
        mined=place,
        contract=b"c" * 20,
        reorgs=2,
        misses=3,
        refusal="no",
        sent_at=1_790_000_000_123,
    )
    store.update(changed)
    assert store.find(item.request_id) == changed
    assert store.find(item.request_id).failed


def test_the_next_nonce_is_the_largest_and_one(store: SqliteOutboxStore) -> None:
    assert store.next_nonce(SIGNER) == 0
    for nonce in (5, 3):
        add(store, nonce)
    add(store, 9, signer=OTHER, request="other")
    assert store.next_nonce(SIGNER) == 6
    assert store.next_nonce(OTHER) == 10


def test_unfinished_in_the_order_of_nonces(store: SqliteOutboxStore) -> None:
    items = [add(store, nonce) for nonce in (3, 1, 2, 0)]
    for state, item in zip(
        (SubmissionState.FINAL, SubmissionState.MINED, SubmissionState.SUPERSEDED),
        items,
        strict=False,
    ):
        store.update(replace(item, state=state))
    assert [item.nonce for item in store.unfinished(SIGNER)] == [0, 1]
    assert store.unfinished(OTHER) == []


def test_sends_are_counted(store: SqliteOutboxStore) -> None:
    item = add(store, 1)
    for at in range(3):
        store.count_send(replace(item, sent_at=at), attempt(item).transaction_hash)
    assert store.attempts(item.request_id)[0].sends == 3
    assert store.find(item.request_id) == replace(item, sent_at=2)


def test_it_survives_being_closed(tmp_path: Path) -> None:
    first = opened(tmp_path / "outbox.db")
    item = add(first, 1)
    first.close()
    second = opened(tmp_path / "outbox.db")
    assert second.find(item.request_id) == item
    second.close()


@pytest.mark.parametrize("other", [{"chain_id": 5}, {"genesis_hash": b"g" * 32}])
def test_a_file_of_another_chain_is_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    opened(tmp_path / "outbox.db").close()
    with pytest.raises(ChainConfigError) as caught:
        opened(tmp_path / "outbox.db", **other)
    assert caught.value.reason == "chain.outbox_other_chain"


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "outbox.db").close()
    with sqlite3.connect(tmp_path / "outbox.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ChainConfigError) as caught:
        opened(tmp_path / "outbox.db")
    assert caught.value.reason == "chain.outbox_version"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"not a database" * 100)
    with pytest.raises(ChainUnavailableError) as caught:
        opened(tmp_path / "outbox.db")
    assert caught.value.reason == "chain.outbox"


WRITER = """
import sys
from pathlib import Path
from chain.outbox_store import SqliteOutboxStore
from trace_node.ports.outbox import Attempt, AttemptKind, Submission, SubmissionState
store = SqliteOutboxStore(Path(sys.argv[1]), chain_id=1, genesis_hash=bytes(32))
nonce = store.next_nonce(bytes(20))
while True:
    item = Submission(request_id=f"r{nonce}", signer=bytes(20), nonce=nonce,
                      state=SubmissionState.STORED)
    store.add(item, Attempt(transaction_hash=nonce.to_bytes(32), request_id=item.request_id,
                            kind=AttemptKind.ASKED, raw=b"raw"))
    print(nonce, flush=True)
    nonce += 1
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        lines = [process.stdout.readline() for _ in range(20 + 7 * round_)]
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.read().splitlines()
        process.wait()
        process.stdout.close()
        acknowledged = max(int(line) for line in lines if line.strip())
        store = SqliteOutboxStore(path, chain_id=1, genesis_hash=bytes(32))
        assert store.next_nonce(bytes(20)) >= acknowledged + 1
        unfinished = store.unfinished(bytes(20))
        assert [item.nonce for item in unfinished] == list(range(len(unfinished)))
        assert all(len(store.attempts(item.request_id)) == 1 for item in unfinished)
        store.close()
