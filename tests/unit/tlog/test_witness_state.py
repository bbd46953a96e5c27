"""The witness: every answer of add-checkpoint, and that it never forgets or loses a race."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.tlog_keys import ORIGIN, interop_signer, log_signer, sm2_witness

from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.cosignature import WitnessKeyVerifier
from trace_node.tlog.errors import NoteFormatError, OversizeError, WitnessRequestError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import NoteSignature, SignedNote, parse_signature_line
from trace_node.tlog.note_keys import log_verifier
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.witness_request import AddCheckpoint, parse_request
from trace_node.tlog.witness_state import Outcome, WitnessedHead, WitnessedLog, add_checkpoint

TIME = 1_790_000_000
WITNESS = sm2_witness("w.example")
TREE = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(b"%d" % n for n in range(40)))
FORK = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(b"fork %d" % n for n in range(40)))
LOGS = {ORIGIN: WitnessedLog(verifiers=[log_verifier(log_signer().vkey)], hasher=SM3)}


class MemoryStore:
    """A store whose compare-and-set is atomic by a lock; it counts what it kept."""

    def __init__(self) -> None:
        self.heads: dict[str, WitnessedHead] = {}
        self.writes = 0
        self._lock = threading.Lock()

    def head(self, origin: str) -> WitnessedHead | None:
        return self.heads.get(origin)

    def compare_and_set(
        self, origin: str, *, expected: WitnessedHead | None, new: WitnessedHead
    ) -> bool:
        with self._lock:
            if self.heads.get(origin) != expected:
                return False
            self.heads[origin] = new
            self.writes += 1
            return True


def _note(size: int, *, tree: MemoryTree = TREE, origin: str = ORIGIN) -> SignedNote:
    checkpoint = Checkpoint(origin=origin, size=size, root=tree.root(size=size))
    return checkpoints.sign(checkpoint, signers=[log_signer(origin)])


def _body(old: int, size: int, *, tree: MemoryTree = TREE) -> bytes:
    proof = tree.consistency(size1=old, size2=size) if 0 < old <= size else []
    return AddCheckpoint(old_size=old, proof=tuple(proof), note=_note(size, tree=tree)).format()


def _ask(store: MemoryStore, raw: bytes) -> Outcome:
    return add_checkpoint(raw, logs=LOGS, store=store, cosigners=[WITNESS], time=TIME)


def _answers(store: MemoryStore, *steps: tuple[int, int]) -> list[int]:
    return [_ask(store, _body(old, size)).status for old, size in steps]


def test_a_log_that_grows_is_cosigned() -> None:
    store = MemoryStore()
    assert _answers(store, (0, 0), (0, 1), (1, 8), (8, 8), (8, 33), (33, 40)) == [200] * 6
    head = store.head(ORIGIN)
    kept, _ = checkpoints.open_signed(head.checkpoint, verifiers=[log_verifier(log_signer().vkey)])
    assert (head.size, head.root) == (kept.size, kept.root) == (40, TREE.root())


def test_the_answer_is_a_cosignature_of_the_checkpoint() -> None:
    note = _note(5)
    raw = AddCheckpoint(old_size=0, proof=(), note=note).format()
    outcome = _ask(MemoryStore(), raw)
    assert (outcome.status, outcome.content_type) == (200, "text/plain; charset=utf-8")
    line = parse_signature_line(outcome.body.removesuffix("\n"))
    assert outcome.body == line.format()
    assert WitnessKeyVerifier(WITNESS.key).verified_time(note.text, line.signature) == TIME


def test_the_record_is_kept_before_the_cosignature_is_made() -> None:
    store = MemoryStore()

    class Checking:
        def cosign(self, text: str, *, time: int) -> NoteSignature:
            assert store.head(ORIGIN).size == 5
            return WITNESS.cosign(text, time=time)

    outcome = add_checkpoint(_body(0, 5), logs=LOGS, store=store, cosigners=[Checking()], time=TIME)
    assert outcome.status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + _note(5).format(),
        b"old -1\n\n" + _note(5).format(),
        b"old 9223372036854775808\n\n" + _note(5).format(),
        b"new 0\n\n" + _note(5).format(),
        b" old 0\n\n" + _note(5).format(),
        b"old 0\nAAAA\n\n" + _note(5).format(),
        b"old 0\n" + b"A" * 43 + b"\n\n" + _note(5).format(),
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + _note(5).format(),
        b"old 0\n\n" + _note(5).format()[:-1],
        b"old 0\n\nno note at all\n",
        b"old 6\n\n" + _note(5).format(),  # above the checkpoint's size
        b"\xff" * 200_000,
    ],
)
def test_400_for_what_is_no_request(raw: bytes) -> None:
    store = MemoryStore()
    outcome = _ask(store, raw)
    assert outcome.status == 400
    assert outcome.reason
    assert not store.writes


def test_404_for_a_log_that_is_not_watched() -> None:
    raw = AddCheckpoint(old_size=0, proof=(), note=_note(5, origin="other.example/sm3")).format()
    outcome = _ask(MemoryStore(), raw)
    assert (outcome.status, outcome.reason) == (404, "tlog.witness.unknown_log")


def test_403_without_a_good_signature_of_the_log() -> None:
    good = _note(5)
    line = good.signatures[0]
    spoilt = NoteSignature(name=line.name, key_id=line.key_id, signature=line.signature[::-1])
    unknown = interop_signer().sign(good.text)
    for signature, reason in (
        (spoilt, "tlog.note.signature"),
        (unknown, "tlog.note.unknown_keys"),
    ):
        note = SignedNote(text=good.text, signatures=(signature,))
        store = MemoryStore()
        outcome = _ask(store, AddCheckpoint(old_size=0, proof=(), note=note).format())
        assert (outcome.status, outcome.reason, store.writes) == (403, reason, 0)


def test_403_for_a_key_of_another_name_even_if_it_was_given_for_this_log() -> None:
    other = interop_signer("other.example/sm3")
    logs = {ORIGIN: WitnessedLog(verifiers=[log_verifier(other.vkey)], hasher=SM3)}
    note = SignedNote(text=_note(5).text, signatures=(other.sign(_note(5).text),))
    outcome = add_checkpoint(
        AddCheckpoint(old_size=0, proof=(), note=note).format(),
        logs=logs,
        store=MemoryStore(),
        cosigners=[WITNESS],
        time=TIME,
    )
    assert (outcome.status, outcome.reason) == (403, "tlog.note.unknown_keys")


def test_409_with_the_size_known_here() -> None:
    store = MemoryStore()
    assert _answers(store, (0, 8)) == [200]
    for old in (0, 5, 9):
        outcome = _ask(store, _body(old, 20))
        assert (outcome.status, outcome.body) == (409, "8\n")
        assert outcome.content_type == "text/x.tlog.size"
        assert outcome.reason == "tlog.witness.stale_size"
        assert outcome.conflict is None
    fresh = _ask(MemoryStore(), _body(3, 20))
    assert (fresh.status, fresh.body) == (409, "0\n")


def test_409_and_the_evidence_for_two_roots_at_one_size() -> None:
    store = MemoryStore()
    assert _answers(store, (0, 8)) == [200]
    for old in (8, 0, 3):  # whatever the log says about the past
        outcome = _ask(store, _body(old, 8, tree=FORK))
        assert (outcome.status, outcome.body, outcome.reason) == (409, "8\n", "tlog.witness.fork")
        for raw, tree in zip(outcome.conflict, (TREE, FORK), strict=True):
            known, _ = checkpoints.open_signed(raw, verifiers=[log_verifier(log_signer().vkey)])
            assert (known.size, known.root) == (8, tree.root(size=8))
    assert store.head(ORIGIN).root == TREE.root(size=8)


def test_lines_that_anybody_can_append_are_not_kept() -> None:
    """Else whoever sends in a public checkpoint decides what the witness stores and shows."""
    strangers = [sm2_witness(f"stranger{n}.example") for n in range(60)]
    store = MemoryStore()
    for old, tree in ((0, TREE), (8, FORK)):
        note = _note(8, tree=tree)
        crowded = note.with_signatures(each.cosign(note.text, time=TIME) for each in strangers)
        outcome = _ask(store, AddCheckpoint(old_size=old, proof=(), note=crowded).format())
    assert notes.parse(store.head(ORIGIN).checkpoint).text == _note(8).text
    for raw in (store.head(ORIGIN).checkpoint, *outcome.conflict):
        assert [line.name for line in notes.parse(raw).signatures] == [ORIGIN]


def test_409_for_an_empty_log_with_another_root() -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=0, root=bytes(32))
    note = checkpoints.sign(checkpoint, signers=[log_signer()])
    outcome = _ask(MemoryStore(), AddCheckpoint(old_size=0, proof=(), note=note).format())
    assert (outcome.status, outcome.reason) == (409, "tlog.witness.fork")


def test_422_for_a_fork_or_a_bad_proof() -> None:
    store = MemoryStore()
    assert _answers(store, (0, 8)) == [200]
    proof = tuple(TREE.consistency(size1=8, size2=20))
    for old, hashes, note in (
        (8, tuple(FORK.consistency(size1=8, size2=20)), _note(20, tree=FORK)),
        (8, proof, _note(20, tree=FORK)),
        (8, proof[:-1], _note(20)),
        (8, (*proof, bytes(32)), _note(20)),
        (8, (), _note(20)),
        (8, (bytes(32),), _note(8)),  # equal sizes need none
    ):
        raw = AddCheckpoint(old_size=old, proof=hashes, note=note).format()
        outcome = _ask(store, raw)
        assert outcome.status == 422
        assert outcome.reason.startswith("tlog.proof.")
    fresh = MemoryStore()
    raw = AddCheckpoint(old_size=0, proof=(bytes(32),), note=_note(20)).format()
    assert _ask(fresh, raw).status == 422
    assert (store.head(ORIGIN).size, store.writes, fresh.writes) == (8, 1, 0)


def test_the_race_of_c2sp_cannot_roll_back() -> None:
    """A request is checked against size 8; meanwhile another one moves the record to 40."""
    store = MemoryStore()
    assert _answers(store, (0, 8)) == [200]
    overtaken = store.compare_and_set

    def overtake(origin: str, *, expected: WitnessedHead, new: WitnessedHead) -> bool:
        store.compare_and_set = overtaken
        assert _answers(store, (8, 40)) == [200]
        return overtaken(origin, expected=expected, new=new)

    for size in (20, 8):
        store.compare_and_set = overtake
        store.heads[ORIGIN] = WitnessedHead(
            size=8, root=TREE.root(size=8), checkpoint=_note(8).format()
        )
        outcome = _ask(store, _body(8, size))
        assert (outcome.status, outcome.body) == (409, "40\n")
        assert outcome.reason == "tlog.witness.raced"
        assert store.head(ORIGIN).size == 40


def test_of_two_forks_at_once_one_wins() -> None:
    for _ in range(20):
        store = MemoryStore()
        bodies = [_body(0, 8, tree=tree) for tree in (TREE, FORK)]
        gate = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda raw: (gate.wait(), _ask(store, raw))[1], bodies))  # noqa: B023
        assert sorted(answer.status for answer in answers) == [200, 409]
        assert store.writes == 1


def test_an_error_of_the_store_is_not_hidden() -> None:
    class Broken(MemoryStore):
        def compare_and_set(self, *_: object, **__: object) -> bool:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        _ask(Broken(), _body(0, 5))


def test_requests_are_read_back() -> None:
    raw = _body(8, 33)
    request = parse_request(raw)
    assert request.format() == raw
    assert (request.old_size, len(request.proof)) == (8, len(TREE.consistency(size1=8, size2=33)))
    with pytest.raises(OversizeError):
        parse_request(bytes(135_169))
    with pytest.raises(NoteFormatError):
        parse_request(b"old 1\n\nx\n")
    for fields in ({"old_size": -1, "proof": ()}, {"old_size": 1, "proof": (b"x",)}):
        with pytest.raises(WitnessRequestError):
            AddCheckpoint(note=_note(3), **fields)
