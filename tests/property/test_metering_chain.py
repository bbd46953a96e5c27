"""The checker of device chains: nothing is said of a chain that is whole, and something of every other."""

from hypothesis import given
from hypothesis import strategies as st
from support.chain_runner import BOOTS, ChainRunner, Record, chain

from trace_node.metering.device_chain import SEQ_GAP, SEQ_GAP_CLOSED, merge_drafts

LENGTHS = st.integers(min_value=2, max_value=25)


@given(LENGTHS, st.data())
def test_missing_numbers_are_named_exactly(length: int, data: st.DataObject) -> None:
    records = chain("A", 0, length, None)
    kept = data.draw(st.sets(st.integers(0, length - 1))) | {length}
    runner = ChainRunner()
    drafts = runner.feed_all([record for record in records if record.seq in kept])
    assert {draft.finding for draft in drafts} <= {SEQ_GAP}
    named = [seq for draft in drafts for seq in range(draft.seq_from, draft.seq_to + 1)]
    assert named == sorted(set(range(length)) - kept)
    assert runner.states[BOOTS["A"]].missing == len(named)


@given(LENGTHS, st.data())
def test_delays_leave_no_trace_but_a_gap_that_is_closed(length: int, data: st.DataObject) -> None:
    records = chain("A", 0, length, None)
    order = data.draw(st.permutations(records))
    runner = ChainRunner()
    drafts = runner.feed_all(order)
    assert {draft.finding for draft in drafts} <= {SEQ_GAP, SEQ_GAP_CLOSED}
    state = runner.states[BOOTS["A"]]
    assert (state.next_seq, state.missing, state.last) == (length + 1, 0, records[-1].digest)
    gaps = sum(draft.finding == SEQ_GAP for draft in drafts)
    assert bool(gaps) == (drafts != []) == (drafts[-1:] != [] and gaps > 0)


@given(LENGTHS, st.data())
def test_any_record_out_of_place_is_noticed(length: int, data: st.DataObject) -> None:
    records = chain("A", 0, length, None)
    position = data.draw(st.integers(0, length))
    seq = data.draw(st.integers(0, length + 3))
    prev = data.draw(st.none() | st.sampled_from(records))
    intruder = Record("A", seq, prev, "intruder")
    runner = ChainRunner()
    drafts = runner.feed_all([*records[:position], intruder, *records[position:]])
    assert drafts
    assert merge_drafts(tuple(drafts))
