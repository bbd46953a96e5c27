"""A node and its witnesses over real HTTP: quorum, folding, silence, restarts of either side."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.builders import NOW
from support.sealed_log import SIGNER, VERIFIER, SealedLog, sealed_log
from support.stores import ORIGIN
from support.witnesses import CountedWitness, RealWitness, silent

from trace_node.clock import FixedClock
from trace_node.crypto import ed25519, sm2
from trace_node.errors import NotFoundError, StateError
from trace_node.services.cosign import Cosigned, Cosigning
from trace_node.tlog import policy_text
from trace_node.tlog.aggregate import AGGREGATE_NAME
from trace_node.tlog.cosignature import Cosigner, ed25519_cosigner, sm2_cosigner
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import KeyKind
from trace_node.tlog.policy import Policy, Quorum

SECONDS = int(NOW.timestamp())
NAMES = ("regulator.test", "verifier.test", "peer.test")


class Network:
    """A log, its witnesses, and a policy by which two of them are a quorum."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.log: SealedLog = stack.enter_context(sealed_log(folder / "node"))
        self.witnesses: list[RealWitness] = []
        self.clients: list[CountedWitness] = []

    def witness(
        self,
        name: str,
        *,
        clock: FixedClock | None = None,
        cosigners: list[Cosigner] | None = None,
    ) -> RealWitness:
        """Add a witness that is up."""
        made = RealWitness(
            self._folder, name, log=VERIFIER, clock=clock or self.log.clock, cosigners=cosigners
        )
        self._stack.callback(made.store.close)
        self.witnesses.append(made)
        self.clients.append(self._stack.enter_context(made.client()))
        return made

    def policy(self) -> Policy:
        lines = [f"witness w{n} {each.vkey}" for n, each in enumerate(self.witnesses)]
        labels = " ".join(f"w{n}" for n in range(len(self.witnesses)))
        text = "\n".join([f"log {SIGNER.vkey}", *lines, f"group g 2 {labels}", "quorum g", ""])
        return policy_text.parse(text.encode())

    def cosigning(self, *clients: CountedWitness) -> Cosigning:
        """The node's side, knowing nothing of the witnesses yet, as after a start."""
        return Cosigning(
            store=self.log.store,
            clock=self.log.clock,
            policy=self.policy(),
            witnesses=clients or self.clients,
        )

    def quorum(self) -> Quorum:
        """What an outsider with the policy makes of the stored note."""
        checkpoint, quorum = self.policy().verify(self.log.note().format())
        assert checkpoint.origin == ORIGIN
        return quorum


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with ExitStack() as stack:
        yield Network(tmp_path, stack)


@pytest.fixture
def three(network: Network) -> Network:
    for name in NAMES:
        network.witness(name)
    return network


def names(note: SignedNote) -> list[str]:
    return [line.name for line in note.signatures]


def test_three_witnesses_fold_into_one_line_that_meets_the_quorum(three: Network) -> None:
    made = three.log.grow()
    assert three.cosigning().cosign_newest() == Cosigned(size=made.size, lines=1, refused=())
    assert names(three.log.note()) == [ORIGIN, AGGREGATE_NAME]
    assert three.quorum() == Quorum(
        required=True, met=True, cosigned=tuple((f"w{n}", SECONDS) for n in range(3))
    )


def test_growth_is_cosigned_again_and_again(three: Network) -> None:
    cosigning = three.cosigning()
    for _ in range(4):
        made = three.log.grow(7)
        assert cosigning.cosign_newest() == Cosigned(size=made.size, lines=1, refused=())
        assert three.quorum().met
        three.log.clock.move(seconds=60)
        for each in three.witnesses:
            assert each.store.head(ORIGIN).root == made.root
    assert [client.statuses for client in three.clients] == [[200] * 4] * 3


def test_a_quorum_is_met_beside_a_silent_witness_which_may_come_later(three: Network) -> None:
    three.log.grow()
    late = three.clients[2]
    with silent(timeout=0.3) as mute:
        mute.name = late.name
        cosigning = three.cosigning(*three.clients[:2], mute)
        done = cosigning.cosign_newest()
        assert (done.lines, done.refused) == (1, ((late.name, "unavailable.witness"),))
    assert three.quorum().cosigned == (("w0", SECONDS), ("w1", SECONDS))
    mute._client = late._client  # it is back
    three.log.clock.move(seconds=30)
    assert (cosigning.cosign_newest().lines, cosigning.cosign_newest().lines) == (1, 0)
    assert three.quorum().cosigned[2] == ("w2", SECONDS + 30)
    assert names(three.log.note()) == [ORIGIN, AGGREGATE_NAME, NAMES[2]]
    assert [len(client.asked) for client in three.clients[:2]] == [1, 1]


def test_one_of_three_is_no_quorum(three: Network) -> None:
    three.log.grow()
    done = three.cosigning(three.clients[1]).cosign_newest()
    assert (done.lines, done.refused) == (1, ())
    quorum = three.policy().evaluate(three.log.note())
    assert (quorum.met, quorum.cosigned) == (False, (("w1", SECONDS),))


def test_silent_witnesses_delay_nobody_but_once(three: Network) -> None:
    three.log.grow()
    with ExitStack() as stack:
        mutes = [stack.enter_context(silent(timeout=1)) for _ in range(5)]
        begun = time.monotonic()
        done = three.cosigning(*mutes, *three.clients).cosign_newest()
        assert time.monotonic() - begun < 4  # five seconds, were they asked in turn
    assert [reason for _, reason in done.refused] == ["unavailable.witness"] * 5
    assert three.quorum().met


def test_a_node_that_starts_again_asks_from_where_the_witness_is(three: Network) -> None:
    three.log.grow(20)
    three.cosigning().cosign_newest()
    made = three.log.grow(11)
    for client in three.clients:
        client.statuses.clear()
    assert three.cosigning().cosign_newest() == Cosigned(size=made.size, lines=1, refused=())
    assert [client.statuses for client in three.clients] == [[409, 200]] * 3
    assert three.quorum().met


def test_starting_again_and_again_does_not_let_the_note_grow(three: Network) -> None:
    three.log.grow()
    three.cosigning(*three.clients[:2]).cosign_newest()
    before = three.log.note()
    for _ in range(5):
        three.log.clock.move(seconds=1)
        assert three.cosigning(*three.clients[:2]).cosign_newest().lines == 0
    assert three.log.note() == before


def test_what_all_have_cosigned_is_not_asked_for_again(three: Network) -> None:
    made = three.log.grow()
    three.cosigning().cosign_newest()
    with silent(timeout=0.3) as mute:
        done = three.cosigning(mute).cosign_newest()
    assert done == Cosigned(size=made.size, lines=0, refused=())
    assert [len(client.asked) for client in three.clients] == [1, 1, 1]


def test_a_crash_between_record_and_answer_is_made_good(
    three: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness has moved its record, and the answer is lost."""
    made = three.log.grow()
    broken = three.witnesses[0].cosigners[0]
    cosign = broken.cosign

    def crash(*_: object, **__: object) -> None:
        monkeypatch.setattr(broken, "cosign", cosign)
        raise StateError("killed here")

    monkeypatch.setattr(broken, "cosign", crash)
    cosigning = three.cosigning()
    assert cosigning.cosign_newest().refused == (
        (three.clients[0].name, "unavailable.witness_refused"),
    )
    assert three.witnesses[0].store.head(ORIGIN).size == made.size
    assert cosigning.cosign_newest().lines == 1
    assert three.clients[0].statuses == [500, 409, 200]
    assert [label for label, _ in three.quorum().cosigned] == ["w0", "w1", "w2"]


def test_a_witness_that_starts_again_remembers(network: Network, tmp_path: Path) -> None:
    first = network.witness(NAMES[0])
    network.witness(NAMES[1])
    network.log.grow()
    network.cosigning().cosign_newest()
    again = RealWitness(
        tmp_path, NAMES[0], log=VERIFIER, clock=network.log.clock, cosigners=first.cosigners
    )
    network.log.grow()
    with again.client() as client:
        assert network.cosigning(client, network.clients[1]).cosign_newest().refused == ()
        assert client.statuses == [409, 200]
    again.store.close()
    assert network.quorum().met


def test_witnesses_whose_clocks_differ_are_folded_by_time(network: Network) -> None:
    for name in NAMES:
        network.witness(name)
    network.witness("slow.test", clock=FixedClock(NOW.replace(year=2025)))
    network.log.grow()
    assert network.cosigning().cosign_newest().lines == 2
    assert names(network.log.note()) == [ORIGIN, AGGREGATE_NAME, "slow.test"]
    assert [label for label, _ in network.quorum().cosigned] == ["w0", "w1", "w2", "w3"]


def test_all_kinds_of_keys_stand_side_by_side(network: Network) -> None:
    network.witness(NAMES[0], cosigners=[sm2_cosigner(name=NAMES[0], signer=sm2.generate())])
    private = ed25519.generate()
    network.witness(NAMES[1], cosigners=[ed25519_cosigner(name=NAMES[1], private=private)])
    network.witness(NAMES[2])
    network.log.grow()
    assert network.cosigning().cosign_newest().lines == 3
    assert {line.name for line in network.log.note().signatures} == {ORIGIN, *NAMES}
    assert {each.key.kind for each in network.policy().witnesses} == {
        KeyKind.SM2_COSIGNATURE,
        KeyKind.ED25519_COSIGNATURE,
        KeyKind.BLS_COSIGNATURE,
    }
    assert network.quorum().met


def test_an_older_copy_of_the_node_is_told_so_and_nothing_is_added(
    three: Network, tmp_path: Path
) -> None:
    three.log.grow(9)
    three.cosigning().cosign_newest()
    with sealed_log(tmp_path / "older") as older:
        older.grow(1)
        before = older.note()
        cosigning = Cosigning(
            store=older.store, clock=older.clock, policy=three.policy(), witnesses=three.clients
        )
        done = cosigning.cosign_newest()
        assert {reason for _, reason in done.refused} == {"integrity.witness_ahead"}
        assert older.note() == before


def test_a_second_history_is_refused_and_kept_as_evidence(three: Network, tmp_path: Path) -> None:
    made = three.log.grow()
    three.cosigning().cosign_newest()
    with sealed_log(tmp_path / "second") as second:  # same key and origin, other salts
        assert second.grow().size == made.size
        cosigning = Cosigning(
            store=second.store, clock=second.clock, policy=three.policy(), witnesses=three.clients
        )
        done = cosigning.cosign_newest()
        assert {reason for _, reason in done.refused} == {"integrity.witness_refused"}
        assert names(second.note()) == [ORIGIN]
    assert [len(each.store.conflicts()) for each in three.witnesses] == [1, 1, 1]


def test_without_a_checkpoint_nobody_is_asked(three: Network) -> None:
    assert three.cosigning().cosign_newest() is None
    assert not any(client.asked for client in three.clients)


def test_an_error_of_the_store_is_not_blamed_on_a_witness(
    three: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.log.grow()
    three.cosigning().cosign_newest()
    three.log.grow()

    def lost(*_: object, **__: object) -> bytes:
        raise NotFoundError("a tile is lost")

    monkeypatch.setattr("trace_node.store.subtrees.TileSubtrees.node", lost)
    with pytest.raises(NotFoundError):
        three.cosigning().cosign_newest()
