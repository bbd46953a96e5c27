"""Whatever logs send it, a witness cosigns one history only and never goes back."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from support.tlog_keys import ORIGIN, log_signer, sm2_witness

from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import log_verifier
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.witness_request import AddCheckpoint
from trace_node.tlog.witness_state import WitnessedHead, WitnessedLog, add_checkpoint

LARGEST = 24
SHARED = 9  # leaves that the two histories have in common
SIGNER = log_signer()
HONEST = MemoryTree(hasher=SM3, leaf_hashes=SM3.leaves(b"%d" % n for n in range(LARGEST)))
FORKED = MemoryTree(
    hasher=SM3,
    leaf_hashes=SM3.leaves(b"%d" % (n if n < SHARED else -n) for n in range(LARGEST)),
)
LOGS = {ORIGIN: WitnessedLog(verifiers=[log_verifier(SIGNER.vkey)], hasher=SM3)}
NOTES = {
    (name, size): checkpoints.sign(
        Checkpoint(origin=ORIGIN, size=size, root=tree.root(size=size)), signers=[SIGNER]
    )
    for name, tree in (("honest", HONEST), ("forked", FORKED))
    for size in range(LARGEST + 1)
}


class Store:
    def __init__(self) -> None:
        self.heads: dict[str, WitnessedHead] = {}

    def head(self, origin: str) -> WitnessedHead | None:
        return self.heads.get(origin)

    def compare_and_set(
        self, origin: str, *, expected: WitnessedHead | None, new: WitnessedHead
    ) -> bool:
        if self.heads.get(origin) != expected:
            return False
        self.heads[origin] = new
        return True


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, int, AddCheckpoint]:
    """A request that is often right, and otherwise wrong in one of several ways."""
    name = draw(st.sampled_from(["honest", "forked"]))
    tree = {"honest": HONEST, "forked": FORKED}[name]
    size = draw(st.integers(0, LARGEST))
    old = draw(st.integers(0, size))
    prover = draw(st.sampled_from([tree, tree, HONEST, FORKED]))
    proof = prover.consistency(size1=old, size2=size) if old else []
    change = draw(st.sampled_from(["none", "none", "none", "cut", "more", "swap"]))
    if change == "cut":
        proof = proof[:-1]
    elif change == "more":
        proof = [*proof, bytes(32)]
    elif change == "swap":
        proof = proof[::-1]
    return name, size, AddCheckpoint(old_size=old, proof=tuple(proof), note=NOTES[name, size])


@given(sent=st.lists(requests(), min_size=1, max_size=30), follow=st.booleans())
def test_one_history_only(sent: list[tuple[str, int, AddCheckpoint]], follow: bool) -> None:
    store = Store()
    cosigned: list[tuple[str, int]] = []
    for name, size, asked in sent:
        head = store.head(ORIGIN)
        request = asked
        if follow and head is not None and head.size <= size:
            # A log that knows where the witness is and proves from there, honest or not.
            tree = {"honest": HONEST, "forked": FORKED}[name]
            proof = tree.consistency(size1=head.size, size2=size) if head.size else []
            request = dataclasses.replace(asked, old_size=head.size, proof=tuple(proof))
        outcome = add_checkpoint(
            request.format(),
            logs=LOGS,
            store=store,
            cosigners=[sm2_witness("w.example")],
            time=1_790_000_000,
        )
        assert outcome.status in {200, 409, 422}
        assert (outcome.status == 200) == outcome.body.startswith("— w.example ")
        if outcome.status == 200:
            cosigned.append((name, size))
            assert store.head(ORIGIN).size == size
        else:
            assert store.head(ORIGIN) == head
    sizes = [size for _, size in cosigned]
    assert sizes == sorted(sizes)
    assert len({name for name, size in cosigned if size > SHARED}) <= 1
    if follow and cosigned:
        assert sizes[-1] == store.head(ORIGIN).size


@given(sizes=st.lists(st.integers(0, LARGEST), min_size=1, max_size=10))
def test_an_honest_log_is_always_cosigned(sizes: list[int]) -> None:
    store = Store()
    old = 0
    for size in sorted(sizes):
        proof = HONEST.consistency(size1=old, size2=size) if old else []
        request = AddCheckpoint(old_size=old, proof=tuple(proof), note=NOTES["honest", size])
        outcome = add_checkpoint(
            request.format(),
            logs=LOGS,
            store=store,
            cosigners=[sm2_witness("w.example")],
            time=1_790_000_000,
        )
        assert outcome.status == 200
        old = size
