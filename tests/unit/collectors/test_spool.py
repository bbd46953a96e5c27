"""The spool: chains over restarts, deliveries, refusals, finality, and what is never removed."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.spool_parts import (
    NOON,
    ORIGIN,
    append,
    builder,
    event,
    new_key,
    open_spool,
    reading,
    signing,
)

from collectors.errors import SpoolError
from collectors.runtime.link_quality import LinkTotals, Outage
from collectors.runtime.outbox import DeliveryState, Outbox
from collectors.runtime.retention import Finality, forget, former, prune
from collectors.runtime.spool import Spool
from collectors.runtime.spool_notes import SpoolNotes
from trace_node.crypto.sm2 import PrivateKey
from trace_node.ids import from_base64url
from trace_node.metering.records.context import parse_context
from trace_node.metering.records.delivery import parse_delivery
from trace_node.metering.records.digests import exchange_digest, record_digest
from trace_node.metering.records.reading import parse_reading
from trace_node.tlog.anchor import AnchoredHead

KEY = new_key()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = open_spool(tmp_path, KEY)
    yield spool
    spool.close()


def outbox(spool: Spool, name: str = "node") -> Outbox:
    return Outbox(spool, destination=name, origin=ORIGIN)


def pack_all(box: Outbox, key: PrivateKey = KEY, most: int = 1000) -> int:
    count = 0
    while packed := box.pack(signing(key), most_count=most, most_bytes=1_000_000):
        count += packed
    return count


def bodies(spool: Spool) -> list[bytes]:
    return [row[0] for row in spool.connection.execute("SELECT body FROM records ORDER BY id")]


class TestChains:
    def test_each_record_points_at_the_one_before_of_its_device(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading("a"), reading("b"), reading("a"), reading("a")])
        a0, b0, a1, a2 = (parse_reading(body) for body in bodies(spool))
        raw = bodies(spool)
        assert [(r.seq, r.prev) for r in (a0, b0)] == [(0, None), (0, None)]
        assert (a1.seq, a1.prev) == (1, record_digest(raw[0]))
        assert (a2.seq, a2.prev) == (2, record_digest(raw[2]))

    def test_a_restart_begins_a_boot_and_goes_on_with_the_chain(self, tmp_path: Path) -> None:
        spool = open_spool(tmp_path, KEY)
        append(spool, builder(spool, KEY), [reading(), reading()])
        last = bodies(spool)[-1]
        spool.close()
        spool = open_spool(tmp_path, KEY)
        append(spool, builder(spool, KEY), [reading()])
        first, after = parse_reading(bodies(spool)[0]), parse_reading(bodies(spool)[2])
        assert after.seq == 0
        assert after.boot != first.boot
        assert after.prev == record_digest(last)
        spool.close()

    def test_a_batch_in_doubt_is_written_once(self, spool: Spool) -> None:
        batch = builder(spool, KEY).build([reading()], rows={})
        spool.append(batch)
        spool.append(batch)
        assert len(bodies(spool)) == 1

    def test_a_batch_that_fails_leaves_nothing_behind(self, spool: Spool) -> None:
        chain = builder(spool, KEY)
        good = chain.build([reading()], rows={})
        spool.connection.execute(
            "CREATE TRIGGER t BEFORE INSERT ON exchanges BEGIN SELECT raise(ABORT, 'disk'); END"
        )
        with pytest.raises(sqlite3.Error):
            spool.append(good)
        assert bodies(spool) == []
        spool.connection.execute("DROP TRIGGER t")
        spool.append(good)
        assert [parse_reading(body).seq for body in bodies(spool)] == [0]

    def test_the_row_of_a_meter_is_kept_with_its_record(self, spool: Spool) -> None:
        chain = builder(spool, KEY)
        spool.append(chain.build([reading("a")], rows={"a": 7}))
        spool.append(chain.build([event("a")], rows={}))
        assert spool.heads()["a"].row == 7


class TestOwnership:
    def test_two_collectors_cannot_share_a_spool(self, tmp_path: Path) -> None:
        first = open_spool(tmp_path, KEY)
        with pytest.raises(SpoolError) as caught:
            open_spool(tmp_path, KEY)
        assert caught.value.reason == "collector.spool.in_use"
        first.close()

    def test_another_key_cannot_take_it_over(self, tmp_path: Path) -> None:
        open_spool(tmp_path, KEY).close()
        with pytest.raises(SpoolError) as caught:
            open_spool(tmp_path, new_key())
        assert caught.value.reason == "collector.spool.owner"
        open_spool(tmp_path, KEY).close()

    @pytest.mark.parametrize("in_the_way", ["spool.db", "spool.db.lock", "."])
    def test_a_disk_that_refuses_is_no_damage(self, tmp_path: Path, in_the_way: str) -> None:
        folder = tmp_path / "spool"
        if in_the_way == ".":
            folder.write_bytes(b"")
        else:
            (folder / in_the_way).mkdir(parents=True)
        with pytest.raises(SpoolError) as caught:
            open_spool(folder, KEY)
        assert caught.value.reason == "collector.spool.disk"
        assert "same file" in caught.value.remedy

    @pytest.mark.parametrize("damage", [b"nonsense" * 1000, None])
    def test_a_file_that_is_no_spool_is_refused_and_kept(
        self, tmp_path: Path, damage: bytes | None
    ) -> None:
        path = tmp_path / "spool.db"
        if damage is None:
            other = sqlite3.connect(path)
            other.execute("CREATE TABLE other (a)")
            other.close()
        else:
            path.write_bytes(damage)
        before = path.read_bytes()
        with pytest.raises(SpoolError) as caught:
            open_spool(tmp_path, KEY)
        assert caught.value.reason in {"collector.spool.damaged", "collector.spool.version"}
        assert path.read_bytes() == before


class TestDeliveries:
    def test_hold_the_records_of_one_context_in_order(self, spool: Spool) -> None:
        chain = builder(spool, KEY)
        append(spool, chain, [reading(second=n) for n in range(5)])
        chain.renew_context(None, now=NOON)
        append(spool, chain, [reading(second=n) for n in range(5, 8)])
        box = outbox(spool)
        assert pack_all(box) == 8
        sizes = []
        while stored := box.due(now_ms=0):
            context, records = box.contents(stored)
            delivery = parse_delivery(stored.body)
            assert delivery.count == len(records) == stored.count
            assert delivery.context == record_digest(context)
            assert {parse_reading(body).context for body in records} == {record_digest(context)}
            assert parse_context(context).collector == KEY.public.key_id
            sizes.append(stored.count)
            box.acknowledged(stored, next_index=10, status=201, answer=b"{}")
        assert sizes == [5, 3]

    def test_are_bounded_by_count_and_bytes(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading() for _ in range(10)])
        box = outbox(spool)
        assert box.pack(signing(KEY), most_count=4, most_bytes=1_000_000) == 4
        size = len(bodies(spool)[4])
        assert box.pack(signing(KEY), most_count=4, most_bytes=2 * size + 10) == 2
        assert box.pack(signing(KEY), most_count=4, most_bytes=1) == 1

    def test_are_the_same_bytes_after_a_restart(self, tmp_path: Path) -> None:
        spool = open_spool(tmp_path, KEY)
        append(spool, builder(spool, KEY), [reading()])
        box = outbox(spool)
        pack_all(box)
        stored = box.due(now_ms=0)
        before = (stored.body, *box.contents(stored))
        spool.close()
        spool = open_spool(tmp_path, KEY)
        box = outbox(spool)
        stored = box.due(now_ms=0)
        assert (stored.body, *box.contents(stored)) == before
        spool.close()

    def test_each_destination_has_its_own_cursor(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading()])
        one, two = outbox(spool, "one"), outbox(spool, "two")
        pack_all(one)
        one.acknowledged(one.due(now_ms=0), next_index=3, status=201, answer=b"")
        assert two.counts().unpacked == 1
        pack_all(two)
        assert two.due(now_ms=0) is not None
        assert one.due(now_ms=0) is None

    def test_a_refused_one_waits_and_keeps_the_answer(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading()])
        box = outbox(spool)
        pack_all(box)
        box.refused(box.due(now_ms=0), status=400, answer=b"why", not_before_ms=1_000)
        assert box.due(now_ms=999) is None
        again = box.due(now_ms=1_000)
        assert again.state is DeliveryState.REFUSED
        assert box.counts().refused == 1
        row = spool.connection.execute("SELECT status, answer FROM deliveries").fetchone()
        assert row == (400, b"why")

    def test_a_refused_one_can_be_split_by_device(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading("a"), reading("b"), reading("a")])
        box = outbox(spool)
        pack_all(box)
        assert box.split(box.due(now_ms=0), signing(KEY)) == 2
        parts = []
        while stored := box.due(now_ms=0):
            _, records = box.contents(stored)
            assert parse_delivery(stored.body).count == len(records)
            parts.append([str(parse_reading(body).device) for body in records])
            box.acknowledged(stored, next_index=5, status=201, answer=b"")
        assert parts == [["a", "a"], ["b"]]

    def test_one_of_a_single_device_is_not_split(self, spool: Spool) -> None:
        append(spool, builder(spool, KEY), [reading("a"), reading("a")])
        box = outbox(spool)
        pack_all(box)
        assert box.split(box.due(now_ms=0), signing(KEY)) == 1
        assert box.due(now_ms=0).count == 2


class TestRetention:
    def acknowledge(self, box: Outbox, next_index: int) -> None:
        pack_all(box)
        while stored := box.due(now_ms=0):
            box.acknowledged(stored, next_index=next_index, status=201, answer=b"")

    def test_only_what_is_final_everywhere_is_removed(self, spool: Spool, tmp_path: Path) -> None:
        append(spool, builder(spool, KEY), [reading(), reading()])
        one, two = outbox(spool, "one"), outbox(spool, "two")
        self.acknowledge(one, 10)
        self.acknowledge(two, 20)
        assert prune(spool, raw_folder=tmp_path / "raw") == 0
        Finality(spool, destination="one").finalise(size=10)
        assert prune(spool, raw_folder=tmp_path / "raw") == 0
        Finality(spool, destination="two").finalise(size=19)
        assert prune(spool, raw_folder=tmp_path / "raw") == 0
        Finality(spool, destination="two").finalise(size=20)
        assert prune(spool, raw_folder=tmp_path / "raw") == 2
        assert bodies(spool) == []

    def test_raw_exchanges_move_into_the_file_of_their_day(
        self, spool: Spool, tmp_path: Path
    ) -> None:
        append(spool, builder(spool, KEY), [reading()])
        raw = parse_reading(bodies(spool)[0]).raw
        box = outbox(spool)
        self.acknowledge(box, 3)
        Finality(spool, destination="node").finalise(size=3)
        prune(spool, raw_folder=tmp_path / "raw")
        (line,) = (tmp_path / "raw" / "2026-11-21.jsonl").read_text().splitlines()
        kept = json.loads(line)
        assert from_base64url(kept["digest"], size=32, field="digest") == raw
        exchange = bytes.fromhex(kept["sent"]) + bytes.fromhex(kept["received"])
        nonce = from_base64url(kept["nonce"], size=16, field="nonce")
        assert exchange_digest(exchange, nonce=nonce) == raw
        assert spool.connection.execute("SELECT count(*) FROM exchanges").fetchone() == (0,)

    def test_refused_records_are_never_removed(self, spool: Spool, tmp_path: Path) -> None:
        append(spool, builder(spool, KEY), [reading("a"), reading("b")])
        box = outbox(spool)
        pack_all(box)
        box.split(box.due(now_ms=0), signing(KEY))
        box.refused(box.due(now_ms=0), status=400, answer=b"", not_before_ms=10**15)
        box.acknowledged(box.due(now_ms=0), next_index=5, status=201, answer=b"")
        Finality(spool, destination="node").finalise(size=5)
        assert prune(spool, raw_folder=tmp_path / "raw") == 1
        assert [str(parse_reading(body).device) for body in bodies(spool)] == ["a"]
        assert prune(spool, raw_folder=tmp_path / "raw") == 0

    def test_what_was_refused_long_ago_is_removed_once_it_is_final(
        self, spool: Spool, tmp_path: Path
    ) -> None:
        box, finality = outbox(spool), Finality(spool, destination="node")
        append(spool, builder(spool, KEY), [reading("a"), reading("b"), reading("c")])
        pack_all(box)
        box.split(box.due(now_ms=0), signing(KEY))
        box.refused(box.due(now_ms=0), status=400, answer=b"", not_before_ms=9)
        box.acknowledged(box.due(now_ms=0), next_index=5, status=201, answer=b"")
        box.refused(box.due(now_ms=0), status=400, answer=b"", not_before_ms=10**15)
        finality.finalise(size=5)
        assert prune(spool, raw_folder=tmp_path / "raw") == 1
        box.acknowledged(box.due(now_ms=9), next_index=8, status=201, answer=b"")
        assert prune(spool, raw_folder=tmp_path / "raw") == 0
        finality.finalise(size=8)
        assert prune(spool, raw_folder=tmp_path / "raw") == 1
        assert [str(parse_reading(body).device) for body in bodies(spool)] == ["c"]

    def test_what_is_refused_costs_later_calls_nothing(
        self, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A device that is refused for weeks must not hold up the thread that records."""
        monkeypatch.setattr("collectors.runtime.retention.PRUNED_AT_ONCE", 100)
        box, chain = outbox(spool), builder(spool, KEY)
        append(spool, chain, [reading() for _ in range(500)])
        pack_all(box)
        while (stored := box.due(now_ms=0)) is not None:
            box.refused(stored, status=400, answer=b"", not_before_ms=10**15)

        def work() -> int:
            steps = 0

            def count() -> int:
                nonlocal steps
                steps += 1
                return 0

            spool.connection.set_progress_handler(count, 100)
            assert prune(spool, raw_folder=tmp_path / "raw") == 0
            spool.connection.set_progress_handler(None, 0)
            return steps

        found = [work() for _ in range(7)]
        assert found[0] > 0
        assert found[6] <= 1

    def test_a_log_that_lost_entries_gets_them_again(self, spool: Spool) -> None:
        chain = builder(spool, KEY)
        append(spool, chain, [reading()])
        box = outbox(spool)
        self.acknowledge(box, 3)
        append(spool, chain, [reading()])
        self.acknowledge(box, 6)
        assert Finality(spool, destination="node").reclaim(size=4) == 1
        assert box.due(now_ms=0).first == 2

    def test_the_chain_goes_on_after_everything_was_removed(
        self, spool: Spool, tmp_path: Path
    ) -> None:
        append(spool, builder(spool, KEY), [reading()])
        last = bodies(spool)[0]
        box = outbox(spool)
        self.acknowledge(box, 3)
        Finality(spool, destination="node").finalise(size=3)
        prune(spool, raw_folder=tmp_path / "raw")
        append(spool, builder(spool, KEY), [reading()])
        assert parse_reading(bodies(spool)[0]).prev == record_digest(last)
        assert pack_all(box) == 1

    def test_a_former_destination_holds_records_until_it_is_forgotten(
        self, spool: Spool, tmp_path: Path
    ) -> None:
        append(spool, builder(spool, KEY), [reading()])
        self.acknowledge(outbox(spool, "new"), 5)
        outbox(spool, "old")
        Finality(spool, destination="new").finalise(size=5)
        assert former(spool, ["new"]) == ["old"]
        assert prune(spool, raw_folder=tmp_path / "raw") == 0
        forget(spool, ["old"])
        assert former(spool, ["new"]) == []
        assert prune(spool, raw_folder=tmp_path / "raw") == 1

    def test_a_destination_cannot_become_another_log(self, spool: Spool) -> None:
        outbox(spool)
        with pytest.raises(SpoolError) as caught:
            Outbox(spool, destination="node", origin="trace-node.local/plant-b/sm3")
        assert caught.value.reason == "collector.spool.destination"

    def test_the_newest_head_is_kept(self, spool: Spool) -> None:
        outbox(spool)
        finality = Finality(spool, destination="node")
        assert finality.seen_head() is None
        head = AnchoredHead(size=9, root=bytes(range(32)))
        finality.keep_head(head)
        assert finality.seen_head() == head


class TestNotes:
    def test_alarms_are_counted_and_cleared(self, spool: Spool) -> None:
        notes = SpoolNotes(spool)
        notes.raise_alarm("refused", "node", detail="first", now_ms=1)
        notes.raise_alarm("refused", "node", detail="second", now_ms=5)
        (alarm,) = notes.alarms()
        assert (alarm.times, alarm.raised_ms, alarm.last_ms, alarm.detail) == (2, 1, 5, "second")
        notes.clear_alarm("refused", "node")
        assert notes.alarms() == []

    def test_link_figures_outlive_the_process(self, tmp_path: Path) -> None:
        spool = open_spool(tmp_path, KEY)
        totals = LinkTotals(requests=5, answers=4, outages=1, outage_ms=9, failures={"timeout": 1})
        outage = Outage(link="line:a", began_ms=1, ended_ms=10, reason="timeout")
        SpoolNotes(spool).save_links({"line:a": totals}, [outage])
        spool.close()
        spool = open_spool(tmp_path, KEY)
        assert SpoolNotes(spool).link_totals() == {"line:a": totals}
        assert SpoolNotes(spool).outages(most=5) == [outage]
        spool.close()
