"""Each way a device chain can be wrong gives its own draft of a finding, and a right one gives none."""

import itertools

import pytest
from support.chain_runner import BOOTS, ChainRunner, Record, chain

from trace_node.ids import to_base64url
from trace_node.metering.device_chain import FindingDraft, Link, check_link, merge_drafts
from trace_node.metering.errors import SeriesError


def said(drafts: list[FindingDraft]) -> list[tuple[str, int, int]]:
    return [(draft.finding, draft.seq_from, draft.seq_to) for draft in drafts]


def test_an_unbroken_chain_gives_nothing() -> None:
    runner = ChainRunner()
    assert runner.feed_all(chain("A", 0, 20, None)) == []
    assert runner.states[BOOTS["A"]].next_seq == 21
    assert runner.states[BOOTS["A"]].missing == 0


def test_a_gap_names_the_missing_numbers_and_the_record_after_it() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 6, None)
    drafts = runner.feed_all(records[:3] + records[5:])
    assert said(drafts) == [("seq_gap", 3, 4)]
    assert drafts[0].subjects == (3,)
    assert drafts[0].detail == {"linked": False}
    assert drafts[0].boot == BOOTS["A"]
    assert drafts[0].device == "meter-1"
    assert runner.states[BOOTS["A"]].missing == 2


def test_numbers_that_were_skipped_without_loss_are_told_apart() -> None:
    runner = ChainRunner()
    first = chain("A", 0, 2, None)
    drafts = runner.feed_all([*first, Record("A", 5, first[-1])])
    assert said(drafts) == [("seq_gap", 3, 4)]
    assert drafts[0].detail == {"linked": True}


def test_a_boot_that_does_not_begin_at_zero_has_a_gap() -> None:
    runner = ChainRunner()
    drafts = runner.feed_all(chain("A", 4, 6, None))
    assert said(drafts) == [("seq_gap", 0, 3)]


@pytest.mark.parametrize("order", list(itertools.permutations((2, 3, 4))))
def test_late_records_close_the_gap_in_any_order(order: tuple[int, ...]) -> None:
    runner = ChainRunner()
    records = chain("A", 0, 6, None)
    drafts = runner.feed_all(records[:2] + records[5:])
    assert said(drafts) == [("seq_gap", 2, 4)]
    late = runner.feed_all([records[seq] for seq in order])
    assert said(late) == [("seq_gap_closed", order[-1], order[-1])]
    assert runner.feed_all([Record("A", 7, records[6])]) == []


def test_a_late_record_must_fit_both_neighbours() -> None:
    records = chain("A", 0, 6, None)
    runner = ChainRunner()
    runner.feed_all(records[:3] + records[4:])
    wrong_before = Record("A", 3, records[0])
    drafts = runner.feed_all([wrong_before])
    assert said(drafts) == [("prev_mismatch", 3, 3), ("seq_gap_closed", 3, 3)]
    assert drafts[0].detail["expected"] == to_base64url(records[2].digest)

    runner = ChainRunner()
    runner.feed_all(records[:3] + records[4:])
    wrong_after = Record("A", 3, records[2], "other content")
    drafts = runner.feed_all([wrong_after])
    assert said(drafts) == [("prev_mismatch", 3, 3), ("seq_gap_closed", 3, 3)]
    assert drafts[0].detail["named_by_next"] == to_base64url(records[3].digest)
    assert drafts[0].detail["found"] == to_base64url(wrong_after.digest)
    assert drafts[0].subjects == (3, 6)


def test_a_repeat_is_the_same_bytes_again() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 5, None)
    drafts = runner.feed_all([*records, records[2]])
    assert said(drafts) == [("seq_repeat", 2, 2)]
    assert drafts[0].subjects == (2, 6)
    assert runner.feed_all([Record("A", 6, records[5])]) == []


def test_a_fork_is_a_second_successor_and_all_that_follows_it() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 9, None)
    branch = chain("A", 5, 11, records[4], "cloned")
    drafts = runner.feed_all(records + branch)
    assert {draft.finding for draft in drafts} == {"seq_fork"}
    assert [draft.seq_from for draft in drafts] == [5, 6, 7, 8, 9, 10]
    assert drafts[0].subjects == (5, 10)
    assert drafts[-1].detail == {"main": to_base64url(records[9].digest)}
    # The branch has overtaken; the first history going on is now the one that forks.
    going_on = runner.feed_all(chain("A", 10, 11, records[9]))
    assert said(going_on) == [("seq_fork", 10, 10), ("seq_fork", 11, 11)]


def test_a_rollback_is_numbering_that_goes_back_without_a_fork() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 9, None)
    assert runner.feed_all(records) == []
    restarted = Record("A", 0, None, "restarted under the same boot id")
    continued = Record("A", 4, records[9], "goes on from the end with a lower number")
    assert said(runner.feed_all([restarted, continued])) == [
        ("seq_rollback", 0, 0),
        ("seq_rollback", 4, 4),
    ]


def test_two_first_records_without_a_predecessor_are_no_fork() -> None:
    runner = ChainRunner()
    drafts = runner.feed_all([Record("A", 0, None), Record("A", 0, None, "another")])
    assert said(drafts) == [("seq_rollback", 0, 0)]


def test_a_wrong_predecessor_is_named_with_the_right_one() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 3, None)
    wrong = Record("A", 4, records[1])
    drafts = runner.feed_all([*records, wrong])
    assert said(drafts) == [("prev_mismatch", 4, 4)]
    assert drafts[0].detail == {
        "expected": to_base64url(records[3].digest),
        "named": to_base64url(records[1].digest),
    }
    missing = Record("A", 5, None)
    assert runner.feed_all([missing])[0].detail["named"] is None


def test_a_new_boot_is_linked_to_the_last_record_of_the_one_before() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 3, None)
    second = chain("B", 0, 2, records[3])
    drafts = runner.feed_all(records + second)
    assert said(drafts) == [("boot_change", 0, 0)]
    assert drafts[0].boot == BOOTS["B"]
    assert drafts[0].detail == {"linked": True, "previous_boot": to_base64url(BOOTS["A"])}


@pytest.mark.parametrize("prev", [None, Record("C", 9, None)])
def test_a_new_boot_without_the_link_says_so(prev: Record | None) -> None:
    runner = ChainRunner()
    drafts = runner.feed_all([*chain("A", 0, 3, None), Record("B", 0, prev)])
    assert said(drafts) == [("boot_change", 0, 0), ("prev_mismatch", 0, 0)]
    assert drafts[0].detail["linked"] is False


def test_a_new_boot_with_a_gap_at_its_start_says_both() -> None:
    runner = ChainRunner()
    first = chain("A", 0, 3, None)
    second = chain("B", 0, 4, first[-1])
    drafts = runner.feed_all(first + second[2:])
    assert said(drafts) == [("seq_gap", 0, 1), ("boot_change", 2, 2)]


def test_delayed_records_of_the_boot_before_do_not_become_the_newest() -> None:
    runner = ChainRunner()
    first = chain("A", 0, 6, None)
    second = chain("B", 0, 2, first[6])
    drafts = runner.feed_all(first[:4] + second)
    assert said(drafts) == [("boot_change", 0, 0), ("prev_mismatch", 0, 0)]
    assert runner.feed_all(first[4:]) == []
    third = chain("C", 0, 0, second[-1])
    drafts = runner.feed_all(third)
    assert said(drafts) == [("boot_change", 0, 0)]
    assert drafts[0].detail["linked"] is True


def test_what_is_logged_later_does_not_count_as_known() -> None:
    """A store that is asked after the commit knows the whole delivery, this record included."""
    runner = ChainRunner()
    records = chain("A", 0, 5, None)
    logged = [*records[:2], *records[3:], records[2]]
    for index, record in enumerate(logged):
        runner.links[(record.boot, record.seq)] = Link(
            digest=record.digest, prev=record.prev, index=index
        )
    drafts = runner.feed_all(logged)
    assert said(drafts) == [("seq_gap", 2, 2), ("seq_gap_closed", 2, 2)]


def test_the_state_survives_a_restart_at_any_record() -> None:
    """Nothing but the states, the newest record and the log itself is needed to go on."""
    records = chain("A", 0, 3, None) + chain("A", 6, 8, None) + chain("B", 0, 3, None)
    whole = ChainRunner().feed_all(records)
    for cut in range(len(records)):
        before = ChainRunner()
        drafts = before.feed_all(records[:cut])
        after = ChainRunner()
        after.states, after.tail = dict(before.states), before.tail
        after.links, after.index = dict(before.links), before.index
        assert drafts + after.feed_all(records[cut:]) == whole


def test_state_and_newest_record_belong_together() -> None:
    runner = ChainRunner()
    runner.feed_all(chain("A", 0, 3, None))
    record = Record("A", 2, None)
    with pytest.raises(SeriesError):
        check_link(
            record.chained(),
            digest=record.digest,
            index=9,
            state=runner.states[record.boot],
            tail=None,
            link_at=lambda _seq: None,
        )


def test_drafts_of_one_branch_are_folded_into_one() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 99, None)
    drafts = runner.feed_all(records + chain("A", 50, 99, records[49], "cloned"))
    merged = merge_drafts(tuple(drafts))
    assert said(list(merged)) == [("seq_fork", 50, 99)]
    assert merged[0].subjects == tuple(range(50, 150))
    assert merged[0].detail == drafts[0].detail


def test_folding_keeps_what_differs_apart() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 9, None)
    drafts = runner.feed_all([*records, records[2], records[5], records[6]])
    drafts += runner.feed_all(chain("A", 14, 14, None) + chain("A", 19, 19, None))
    assert said(list(merge_drafts(tuple(drafts)))) == [
        ("seq_repeat", 2, 2),
        ("seq_repeat", 5, 6),
        ("seq_gap", 10, 13),
        ("seq_gap", 15, 18),
    ]
    assert merge_drafts(()) == ()


def test_folding_stops_at_the_bound_of_a_finding() -> None:
    runner = ChainRunner()
    records = chain("A", 0, 1999, None)
    drafts = runner.feed_all(records + records)
    merged = merge_drafts(tuple(drafts))
    assert sum(draft.seq_to - draft.seq_from + 1 for draft in merged) == 2000
    assert max(len(draft.subjects) for draft in merged) <= 1024
    assert len(merged) == 4
