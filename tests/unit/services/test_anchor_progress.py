"""How far an entry has come."""

from hypothesis import given
from hypothesis import strategies as st

from trace_node.ports.anchoring import AnchorProgress, AnchorState

ORDER = [
    AnchorState.RECEIVED,
    AnchorState.DURABLE,
    AnchorState.CHECKPOINTED,
    AnchorState.SUBMITTED,
    AnchorState.MINED,
    AnchorState.FINAL,
]


def progress(*sizes: int, reorged_from: int = 0) -> AnchorProgress:
    names = ("received", "durable", "checkpointed", "submitted", "mined", "final")
    return AnchorProgress(**dict(zip(names, sizes, strict=True)), reorged_from=reorged_from)


def test_each_entry_has_the_state_its_index_has_reached() -> None:
    states = [progress(6, 5, 4, 3, 2, 1).state_of(index) for index in range(7)]
    assert states == [*reversed(ORDER), None]


@given(st.lists(st.integers(0, 50), min_size=6, max_size=6), st.integers(0, 60))
def test_a_later_entry_has_never_come_further(sizes: list[int], index: int) -> None:
    sizes.sort(reverse=True)
    found = progress(*sizes)
    here, after = found.state_of(index), found.state_of(index + 1)
    if here is None:
        assert after is None
        assert index >= sizes[0]
    elif after is not None:
        assert ORDER.index(after) <= ORDER.index(here)


def test_what_lost_its_block_says_so_and_then_that_it_was_sent_again() -> None:
    lost = progress(9, 9, 9, 4, 4, 4, reorged_from=7)
    assert lost.state_of(3) is AnchorState.FINAL
    assert lost.state_of(5) is AnchorState.REORGED
    assert lost.state_of(8) is AnchorState.CHECKPOINTED
    again = progress(9, 9, 9, 7, 4, 4, reorged_from=7)
    assert again.state_of(5) is AnchorState.RESUBMITTED
