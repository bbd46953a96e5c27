"""The time-of-knowledge table, made by an outsider from a verified bundle."""

from datetime import datetime, timedelta

import pytest
from support import bundles
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, FakeChain, World, period_world, small_world, trust_root

from trace_node.services.knowledge import KnowledgeRow, KnowledgeTable, knowledge_table
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import Report, verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.bundle_errors import EvidenceError

MINUTE = timedelta(minutes=1)


def _report(raw: bytes, *, chain: object = None, **changes: object) -> Report:
    root = trust_root(**changes)
    return verify_file(raw, against=Against(trust_root=root.raw, now=bundles.NOW, chain=chain))


def _period(world: World, first: int = 2, last: int = 10) -> bytes:
    request = PeriodRequest(begin=START + STEP * first, end=START + STEP * last)
    return prove_period(request, reader=WorldReader(world))


def _row(table: KnowledgeTable, at: datetime) -> KnowledgeRow:
    return next(row for row in table.rows if row.observed_at == at and row.meter_register)


class TestPeriod:
    def test_each_record_of_the_period_has_a_row(self) -> None:
        table = knowledge_table(_report(_period(period_world())))
        assert len(table.rows) == 8 * 2 + 1  # and an event
        assert [row.index for row in table.rows] == sorted(row.index for row in table.rows)
        assert all(START + STEP * 2 <= row.observed_at < START + STEP * 10 for row in table.rows)

    def test_every_step_is_there_with_its_lag(self) -> None:
        world = period_world()
        report = _report(
            _period(world), chain=FakeChain(world.anchors), witness_policy=bundles.witness_policy()
        )
        table = knowledge_table(report)
        row = _row(table, START + STEP * 5)  # second delivery, at 2:00
        assert row.collected_at == row.observed_at + timedelta(seconds=2)
        assert row.received_at == START + timedelta(hours=2)
        assert row.witnessed_at == START + timedelta(hours=2, minutes=1)
        assert row.block_time == START + timedelta(hours=2, minutes=2)
        assert row.not_before == START + timedelta(hours=1, minutes=2)  # the anchor it had seen
        assert row.checkpoint_size == world.anchors[1].head.size
        assert row.live
        assert row.to_json()["lag_s"] == {
            "collected": 2,
            "received": 45 * 60,
            "witnessed": 46 * 60,
            "anchored": 47 * 60,
        }

    def test_each_record_is_fixed_by_the_first_anchor_in_the_file(self) -> None:
        world = period_world()
        table = knowledge_table(_report(_period(world)))
        for row in table.rows:
            first = next(anchor for anchor in world.anchors if anchor.head.size > row.index)
            assert row.checkpoint_size == first.head.size
            assert not row.live  # nobody asked the chain

    def test_late_ones_stand_out(self) -> None:
        table = knowledge_table(_report(_period(period_world())), late_after=MINUTE * 40)
        late = {row.observed_at for row in table.late}
        assert late == {START + STEP * step for step in (4, 5, 8, 9)}
        assert table.to_json()["late"] == len(table.late)
        everything = knowledge_table(_report(_period(period_world())), late_after=MINUTE * 0)
        assert len(everything.late) == len(everything.rows)

    def test_what_is_anchored_nowhere_is_late(self) -> None:
        world = period_world()
        world.anchors.clear()
        table = knowledge_table(_report(_period(world)))
        assert len(table.late) == len(table.rows)
        assert {row.block_time for row in table.rows} == {None}
        assert {row.checkpoint_size for row in table.rows} == {max(world.notes)}


class TestSeenHeads:
    """What a collector had seen bounds its records from below, if it is the head that was."""

    def _world(self, **changes: object) -> World:
        """Two deliveries; the collector states, before the second, which head it has seen."""
        world = World()
        for part in range(2):
            steps = range(6 * part, 6 * part + 6)
            bodies = [world.reading(START + STEP * step) for step in steps]
            world.deliver(bodies, at=START + STEP * (6 * part + 6))
            world.seal(at=START + STEP * (6 * part + 6))
            world.anchor(at=START + STEP * (6 * part + 6))
            seen = world.newest_head()
            assert seen is not None
            world.new_context(head=bundles.replace(seen, **changes))
        return world

    def test_the_head_of_this_log_does(self) -> None:
        table = knowledge_table(_report(_period(self._world())))
        assert _row(table, START + STEP * 5).not_before is None
        assert _row(table, START + STEP * 6).not_before == START + STEP * 6
        assert not table.contradicted

    def test_a_head_of_another_log_with_the_same_size_does_not(self) -> None:
        world = self._world(origin=bundles.Origin("trace-node.example/plant-b/sm3"))
        table = knowledge_table(_report(_period(world)))
        assert {row.not_before for row in table.rows} == {None}

    def test_another_root_of_that_size_is_a_fork(self) -> None:
        world = self._world(root=bytes(32))
        report = _report(_period(world), chain=FakeChain(world.anchors))
        failure = report.verdict.first_failure
        assert failure is not None
        assert (failure.kind.name, failure.reason) == ("history", "history.head")
        assert report.verdict.exit_code == 1
        table = knowledge_table(report)
        assert {row.not_before for row in table.rows} == {None}

    @pytest.mark.parametrize(
        ("change", "contradicted"),
        [
            ({"collected_at": START + STEP * 6 - MINUTE * 4}, False),
            ({"collected_at": START + STEP * 6 - MINUTE * 6}, True),  # had seen the anchor of 6
            ({"collected_at": START + STEP * 12 + MINUTE * 4}, False),
            ({"collected_at": START + STEP * 12 + MINUTE * 6}, True),  # the block is of 12
            ({"observed_at": START + STEP * 12 + MINUTE * 6}, True),
        ],
    )
    def test_a_date_outside_of_what_the_chain_shows_stands_out(
        self, change: dict[str, datetime], contradicted: bool
    ) -> None:
        world = World()
        bodies = [world.reading(START + STEP * step) for step in range(6)]
        world.deliver(bodies, at=START + STEP * 6)
        world.seal(at=START + STEP * 6)
        world.anchor(at=START + STEP * 6)
        world.new_context()
        world.deliver([world.reading(START + STEP * 6, **change)], at=START + STEP * 12)
        world.seal(at=START + STEP * 12)
        world.anchor(at=START + STEP * 12)
        table = knowledge_table(_report(_period(world, last=48)))
        assert [row.is_contradicted for row in table.rows] == [False] * 4 + [contradicted]
        assert table.to_json()["contradicted"] == contradicted


class TestSingle:
    def test_a_single_proof_has_one_row(self) -> None:
        world = small_world()
        report = _report(world.bundle_file(6), chain=FakeChain(world.anchors))
        (row,) = knowledge_table(report).rows
        assert (row.index, row.received_at, row.live) == (6, None, True)
        assert row.block_time == START + timedelta(hours=1, minutes=2)

    def test_an_anchor_of_another_chain_is_no_anchor(self) -> None:
        world = small_world()
        chain = bundles.replace(bundles.CHAIN, chain_id=1)
        (row,) = knowledge_table(_report(world.bundle_file(6), chain=None)).rows
        assert row.block_time is not None
        # the signed half stands, but nothing anchors it on the chain of this trust root
        (row,) = knowledge_table(
            verify_file(
                world.bundle_file(6),
                against=Against(trust_root=trust_root(chain=chain).raw, now=bundles.NOW),
            )
        ).rows
        assert row.block_time is None
        assert row.is_late

    def test_an_anchor_that_the_chain_refutes_is_no_anchor(self) -> None:
        for world, raw in (
            (small_world(), small_world().bundle_file(6)),
            (period_world(), _period(period_world())),
        ):
            elsewhere = [bundles.replace(anchor, block_time=1) for anchor in world.anchors]
            report = _report(raw, chain=FakeChain(elsewhere))
            assert report.verdict.exit_code == 1
            table = knowledge_table(report)
            assert {(row.block_time, row.is_late) for row in table.rows} == {(None, True)}

    def test_times_of_what_did_not_verify_mean_nothing(self) -> None:
        raw = small_world().bundle_file(6).replace(b'"block_number":1', b'"block_number":2')
        with pytest.raises(EvidenceError) as caught:
            knowledge_table(_report(raw))
        assert caught.value.reason == "knowledge.not_verified"
