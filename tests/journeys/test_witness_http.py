"""A witness over real HTTP: it cosigns growth, refuses forks, forgets nothing, and keeps evidence.

Shows S2-7.4-2.
"""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from support.servers import serving

from api.witness_app import create_witness_app
from api.witness_client import HttpWitness
from trace_node.clock import FixedClock
from trace_node.crypto import bls, ed25519, sm2
from trace_node.errors import UnavailableError
from trace_node.ids import Origin
from trace_node.store.witness_file import WitnessFile
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import cosignature, proof
from trace_node.tlog import note as notes
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import LogKeyVerifier, Sm2NoteSigner
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.witness_request import AddCheckpoint
from trace_node.tlog.witness_state import WitnessedLog

ORIGIN = Origin("trace-node.test/plant/sm3")
NAME = "witness.test/regulator"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
LOG = Sm2NoteSigner(name=ORIGIN, signer=sm2.generate())


class Witness:
    """A witness under test and the log it watches."""

    def __init__(self, folder: Path) -> None:
        self.store = WitnessFile.create(folder / "witness.db")
        self.cosigners = [
            cosignature.sm2_cosigner(name=NAME, signer=sm2.generate()),
            cosignature.ed25519_cosigner(name=NAME, private=ed25519.generate()),
            cosignature.bls_cosigner(name=NAME, private=bls.generate()),
        ]
        logs = {ORIGIN: WitnessedLog(verifiers=[LogKeyVerifier(LOG.key)], hasher=SM3)}
        self.app = create_witness_app(
            logs=logs, store=self.store, cosigners=self.cosigners, clock=FixedClock(NOW)
        )


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    made = Witness(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def url(witness: Witness) -> Iterator[str]:
    with serving(witness.app) as base:
        yield base


def tree(*leaves: bytes) -> MemoryTree:
    made = MemoryTree(hasher=SM3)
    for leaf in leaves:
        made.append(SM3.leaf(leaf))
    return made


def signed(grown: MemoryTree) -> SignedNote:
    said = Checkpoint(origin=ORIGIN, size=grown.size, root=grown.root())
    return checkpoints.sign(said, signers=[LOG])


def request(grown: MemoryTree, *, old_size: int) -> bytes:
    path = (
        proof.consistency(size1=old_size, size2=grown.size, reader=grown)
        if 0 < old_size < grown.size
        else []
    )
    return AddCheckpoint(old_size=old_size, proof=tuple(path), note=signed(grown)).format()


def post(url: str, body: bytes, **params: int) -> httpx.Response:
    return httpx.post(f"{url}/add-checkpoint", content=body, params=params, trust_env=False)


LEAVES = [b"a", b"b", b"c", b"d", b"e"]


def test_growth_is_cosigned_by_every_key(witness: Witness, url: str) -> None:
    first = post(url, request(tree(*LEAVES[:3]), old_size=0))
    grown = tree(*LEAVES)
    second = post(url, request(grown, old_size=3), time=SECONDS + 7)
    assert (first.status_code, second.status_code) == (200, 200)
    lines = [notes.parse_signature_line(line) for line in second.text.splitlines()]
    assert len(lines) == 3
    for line, cosigner in zip(lines, witness.cosigners, strict=True):
        verifier = cosignature.WitnessKeyVerifier(cosigner.key)
        assert verifier.verified_time(signed(grown).text, line.signature) == SECONDS + 7
    digest = hashlib.sha256(ORIGIN.encode()).hexdigest()
    shown = httpx.get(f"{url}/{digest}/checkpoint", trust_env=False)
    assert checkpoints.parse(notes.parse(shown.content).text).size == 5
    shown_keys = httpx.get(f"{url}/keys", trust_env=False).text.split()
    assert shown_keys == [cosigner.key.vkey for cosigner in witness.cosigners]


@pytest.mark.parametrize("proposed", [SECONDS + 11, SECONDS - 11, 0])
def test_a_proposed_time_far_from_its_own_is_not_used(
    witness: Witness, url: str, proposed: int
) -> None:
    grown = tree(b"a")
    answer = post(url, request(grown, old_size=0), time=proposed)
    line = notes.parse_signature_line(answer.text.splitlines()[0])
    verifier = cosignature.WitnessKeyVerifier(witness.cosigners[0].key)
    assert verifier.verified_time(signed(grown).text, line.signature) == SECONDS


def test_a_fork_is_refused_and_both_heads_are_kept(witness: Witness, url: str) -> None:
    post(url, request(tree(b"a", b"b"), old_size=0))
    forked = post(url, request(tree(b"a", b"X"), old_size=2))
    assert (forked.status_code, forked.text) == (409, "2\n")
    ((origin, seen, cosigned, offered),) = witness.store.conflicts()
    assert (origin, seen) == (ORIGIN, SECONDS)
    for raw in (cosigned, offered):
        checkpoints.open_signed(raw, verifiers=[LogKeyVerifier(LOG.key)])
    assert cosigned != offered


def test_a_rewritten_history_has_no_proof(url: str) -> None:
    post(url, request(tree(b"a", b"b"), old_size=0))
    rewritten = tree(b"X", b"b", b"c")
    assert post(url, request(rewritten, old_size=2)).status_code == 422


def test_a_shortened_history_is_told_the_size(url: str) -> None:
    post(url, request(tree(*LEAVES), old_size=0))
    answer = post(url, request(tree(*LEAVES[:3]), old_size=0))
    assert (answer.status_code, answer.text) == (409, "5\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


def test_strangers_and_forgers_are_refused(url: str) -> None:
    grown = tree(b"a")
    other = Sm2NoteSigner(name="trace-node.test/other/sm3", signer=sm2.generate())
    said = Checkpoint(origin=Origin(other.name), size=1, root=grown.root())
    stranger = checkpoints.sign(said, signers=[other])
    forger = Sm2NoteSigner(name=ORIGIN, signer=sm2.generate())
    forged = checkpoints.sign(
        Checkpoint(origin=ORIGIN, size=1, root=grown.root()), signers=[forger]
    )
    for note, status in ((stranger, 404), (forged, 403)):
        body = AddCheckpoint(old_size=0, proof=(), note=note).format()
        assert post(url, body).status_code == status
    assert post(url, b"old 0\n").status_code == 400
    assert post(url, b"x" * 2_000_000).status_code == 413


def test_it_forgets_nothing_over_a_restart(url: str, tmp_path: Path) -> None:
    post(url, request(tree(*LEAVES), old_size=0))
    again = WitnessFile(tmp_path / "witness.db")
    head = again.head(ORIGIN)
    again.close()
    assert head is not None
    assert head.size == 5


def test_two_requests_at_once_cannot_both_win(url: str) -> None:
    post(url, request(tree(b"a"), old_size=0))
    rivals = [request(tree(b"a", bytes([n])), old_size=1) for n in range(8)]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda body=body: statuses.append(post(url, body).status_code))
        for body in rivals
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7


def test_the_client_reports_silence_by_name() -> None:
    silent = HttpWitness("http://127.0.0.1:9")
    with pytest.raises(UnavailableError) as caught:
        silent.add_checkpoint(b"x", time=SECONDS)
    assert caught.value.reason == "unavailable.witness"


def test_a_witness_whose_file_fails_says_so_and_cosigns_nothing(
    witness: Witness, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bool:
        raise UnavailableError(
            "the witness file /secret/place cannot be used", code="unavailable.x"
        )

    monkeypatch.setattr(witness.store, "compare_and_set", full)
    answer = post(url, request(tree(b"a"), old_size=0))
    assert (answer.status_code, answer.text) == (503, "unavailable.x\n")
