"""Which checkpoint a proof is made from, where witnesses were away when some were made."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.tlog_keys import signed_checkpoint, sm2_witness

from api.home import Home
from api.wiring.cosigning import vouched_by
from trace_node.errors import StateError
from trace_node.services import prove
from trace_node.services.prove import evidence_for
from trace_node.tlog.note import NoteSignature

WITNESS = sm2_witness("w.example")
GOOD = b"vouched for"


class Log:
    """A log of which only the sizes and notes of checkpoints and anchors are known."""

    def __init__(self, checkpoints: dict[int, bytes], *, anchored: set[int]) -> None:
        self._checkpoints = checkpoints
        self._anchored = sorted(anchored)
        self.asked = 0

    def checkpoint_of(self, size: int) -> SimpleNamespace | None:
        note = self._checkpoints.get(size)
        return None if note is None else SimpleNamespace(size=size, note=note)

    def checkpoint(self) -> SimpleNamespace | None:
        return self.checkpoint_of(max(self._checkpoints, default=0))

    def anchor_covering(self, size: int) -> SimpleNamespace | None:
        self.asked += 1
        found = next((head for head in self._anchored if head >= size), None)
        return None if found is None else SimpleNamespace(head=SimpleNamespace(size=found))

    def chosen(self, index: int, vouched: Callable[[bytes], bool] | None) -> tuple[int, int | None]:
        checkpoint, anchor = evidence_for(index, reader=self, vouched=vouched)
        return checkpoint.size, None if anchor is None else anchor.head.size


def is_good(note: bytes) -> bool:
    return note == GOOD


@pytest.mark.parametrize(
    ("good", "index", "without", "with_quorum"),
    [
        pytest.param({10, 20, 30, 40}, 5, (10, 10), (10, 10), id="the first anchored one"),
        pytest.param({20, 30}, 5, (10, 10), (20, 20), id="witnesses were away at the first"),
        pytest.param({10, 30}, 15, (20, 20), (30, 30), id="and one before does not cover it"),
        pytest.param({40}, 5, (10, 10), (40, None), id="only the newest, not anchored yet"),
        pytest.param(set(), 5, (10, 10), (10, 10), id="none at all"),
        pytest.param(set(), 35, (40, None), (40, None), id="not anchored yet"),
    ],
)
def test_the_first_anchored_checkpoint_with_its_quorum(
    good: set[int], index: int, without: tuple[int, int | None], with_quorum: tuple[int, int | None]
) -> None:
    notes = {size: GOOD if size in good else b"" for size in (10, 20, 30, 40)}
    log = Log(notes, anchored={10, 20, 30})
    assert log.chosen(index, None) == without
    assert log.chosen(index, is_good) == with_quorum


def test_an_entry_that_no_checkpoint_covers() -> None:
    for vouched in (None, is_good):
        for log in (Log({}, anchored=set()), Log({10: GOOD}, anchored={10})):
            with pytest.raises(StateError) as caught:
                log.chosen(10, vouched)
            assert caught.value.reason == "prove.not_sealed"


def test_the_search_is_bounded() -> None:
    sizes = range(1, 1000)
    log = Log(dict.fromkeys(sizes, b""), anchored=set(sizes))
    assert log.chosen(0, is_good) == (1, 1)
    assert log.asked == prove.MAX_ANCHORS_TRIED


def test_a_nodes_own_policy_vouches(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert vouched_by(home) is None
    home.witness_policy.write_text(f"witness w {WITNESS.key.vkey}\nquorum none\n")
    assert vouched_by(home) is None
    home.witness_policy.write_text(f"witness w {WITNESS.key.vkey}\nquorum w\n")
    vouched = vouched_by(home)
    assert vouched is not None
    note = signed_checkpoint(size=3, root=bytes(32))
    line = WITNESS.cosign(note.text, time=7)
    spoilt = NoteSignature(name=line.name, key_id=line.key_id, signature=line.signature[::-1])
    assert not vouched(note.format())
    assert vouched(note.with_signatures([line]).format())
    assert not vouched(note.with_signatures([line, spoilt]).format())
