"""A signature that does not verify is found and named, whoever verifies it."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import update
from support.builders import Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node import canonical_json
from trace_node.crypto import signed_record
from trace_node.errors import UnavailableError
from trace_node.ids import from_base64url, to_base64url
from trace_node.metering.records.received import RECEIVED
from trace_node.services.fsck import Fsck
from trace_node.services.fsck_signatures import SignatureCheck
from trace_node.store import tables
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.hasher import SM3

SIGNED = signed_record.sign({"type": "test"}, key("node"))


def forged(body: bytes) -> bytes:
    """The same record under a signature that is well-formed and wrong."""
    fields = canonical_json.decode_object(body)
    signature = fields["signature"]
    assert isinstance(signature, dict)
    der = from_base64url(str(signature["value"]), size=None, field="value")
    value = to_base64url(der[:-1] + bytes([der[-1] ^ 1]))
    return canonical_json.encode({**fields, "signature": {**signature, "value": value}})


@pytest.fixture(scope="module")
def helpers() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(params=["here", "elsewhere"])
def signatures(request: pytest.FixtureRequest) -> SignatureCheck:
    if request.param == "here":
        return SignatureCheck()
    return SignatureCheck(request.getfixturevalue("helpers"))


def verify(body: bytes) -> partial[None]:
    return partial(signed_record.verify, body, key("node").public)


def test_exactly_the_wrong_ones_are_blamed_in_order(signatures: SignatureCheck) -> None:
    wrong = {0, 63, 64, 700, 2999}
    bad, blamed = forged(SIGNED), []
    for place in range(3000):
        signatures.add(
            verify(bad if place in wrong else SIGNED),
            lambda reason, place=place: blamed.append((place, reason)),
        )
    signatures.finish()
    assert [place for place, _ in blamed] == sorted(wrong)
    assert all(reason.startswith("signature: does not fit") for _, reason in blamed)
    signatures.finish()  # once more finds nothing anew
    assert len(blamed) == len(wrong)


def test_a_helper_that_ends_is_said() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        victim = pool.submit(os.getpid).result()
        signatures = SignatureCheck(pool)
        pool.submit(time.sleep, 60)
        signatures.add(verify(SIGNED), pytest.fail)
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(UnavailableError) as caught:
            signatures.finish()
    assert caught.value.reason == "fsck.helper_ended"


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as made:
        yield made


def test_a_receipt_rewritten_with_its_leaf_hash_is_named(
    here: Plant, signatures: SignatureCheck
) -> None:
    run = Run()
    for _ in range(3):
        here.deliver_records(run, 5)
    store = here.store
    assert isinstance(store, SqlStore)
    assert Fsck(store=store, signatures=signatures).run().is_sound
    entries = store.reader().entries(0, here.writer.snapshot.size)
    chosen = [entry for entry in entries if entry.kind == RECEIVED][1]
    body = forged(chosen.body)
    with store.unit_of_work() as work:
        this = update(tables.ENTRIES).where(tables.ENTRIES.c.leaf_index == chosen.index)
        work.connection.execute(this.values(body=body, leaf_hash=SM3.leaf(body)))
    report = Fsck(store=store, signatures=signatures).run()
    (problem,) = [item for item in report.problems if item.code == "fsck.signature"]
    assert problem.index == chosen.index
