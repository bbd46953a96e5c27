"""What is derived from the log does not depend on the order of arrival or on restarts."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.builders import (
    COUNTER,
    GAUGE,
    NOW,
    Run,
    counter,
    device_registration,
    gauge,
    key,
    meter,
)
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from trace_node.crypto import signed_record
from trace_node.errors import StateError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.chained import read_chained
from trace_node.metering.records.event import parse_event
from trace_node.metering.records.finding import parse_finding
from trace_node.metering.rollup import RollUp, roll_up
from trace_node.metering.series import Item, Sample, in_order, restart_of
from trace_node.period import PeriodKind, from_ms
from trace_node.ports.projections import Point
from trace_node.services import project_series
from trace_node.services.project import NAME, Projector
from trace_node.services.project_series import kinds_of
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.hasher import SM3

BEGIN, END = from_ms(0), NOW + timedelta(days=9999)
POSTGRESQL_ONCE = pytest.param("postgresql", 2, marks=pytest.mark.postgresql)
FIRST = NOW - timedelta(days=5)


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


def projector(here: Plant) -> Projector:
    return Projector(store=here.store, writer=here.writer, signer=key("node"), clock=here.clock)


def point_of(here: Plant, name: str = COUNTER) -> Point:
    return next(item for item in here.store.reader().points() if item.meter_register == name)


def minutes(run: Run, count: int, *, start: int = 0, step: int = 1) -> list[bytes]:
    """Readings of the counter, one a minute; it rises by 1.25 each time."""
    return [
        run.reading(f"{Decimal('1.25') * place:.2f}", at=FIRST + timedelta(minutes=place * step))
        for place in range(start, start + count)
    ]


def items_of(records: list[bytes], meter_register: MeterRegister) -> list[Item]:
    items: list[Item] = []
    for raw in records:
        record = read_chained(raw)
        if record.event is not None:
            items.append(
                restart_of(parse_event(raw), digest=SM3.leaf(raw), meter_register=meter_register)
            )
        elif record.meter_register == meter_register.name and record.value_scaled is not None:
            items.append(
                Sample(at_ms=record.observed_at_ms, value=record.value_scaled, digest=SM3.leaf(raw))
            )
    return items


def require_projected(here: Plant, records: list[bytes], meter_register: MeterRegister) -> None:
    """What is stored is what one computation over all values gives."""
    items = items_of(records, meter_register)
    kinds = kinds_of(meter_register)
    whole = roll_up(items, meter_register, kinds=kinds)
    point = point_of(here, meter_register.name)
    with here.store.view() as view:
        stored = [
            total
            for kind in kinds
            for total in view.projections.totals(
                point.point_id, kind, begin=BEGIN, end=END, limit=100_000
            )
        ]
        steps = view.projections.increments(point.point_id, begin=BEGIN, end=END, limit=100_000)
    finished = [total for total in whole if total.is_complete]
    order = [kind.value for kind in kinds]
    finished.sort(key=lambda total: (order.index(total.period.kind), total.period.start))
    assert stored == finished
    if meter_register.kind == "counter":
        running = RollUp(meter_register, kinds=kinds)
        assert len(steps) == len([item for item in in_order(items) if isinstance(item, Sample)])
        for item in in_order(items):
            running.add(item)
        certain = [step.increment.value for step in steps if step.increment.value is not None]
        assert sum(certain) == running.running
    else:
        assert steps == []


def test_readings_are_found_by_point_and_time(here: Plant) -> None:
    run = Run()
    records = [*minutes(run, 5), run.reading(None, at=FIRST + timedelta(minutes=9))]
    done = here.deliver(run.deliver(records))
    assert projector(here).project_once() == here.writer.snapshot.size
    reader = here.store.reader()
    found = reader.readings(point_of(here).point_id, begin=BEGIN, end=END, limit=100)
    assert [item.index for item in found] == list(range(done.first_index, done.first_index + 6))
    assert [item.value for item in found[:5]] == [Decimal("1.25") * place for place in range(5)]
    assert (found[5].value, found[5].reason, found[5].flags) == (None, "timeout", ("failed",))
    assert found[3].observed_at == FIRST + timedelta(minutes=3)
    assert found[3].collected_at == NOW
    some = reader.readings(
        point_of(here).point_id,
        begin=FIRST + timedelta(minutes=1),
        end=FIRST + timedelta(minutes=3),
        limit=100,
    )
    assert [item.index - done.first_index for item in some] == [1, 2]


def test_totals_of_a_day_in_order(here: Plant) -> None:
    run = Run()
    records = minutes(run, 1600)
    there = projector(here)
    for start in range(0, 1600, 700):
        here.deliver(run.deliver(records[start : start + 700]))
        there.project_once(piece=333)
    require_projected(here, records, counter())


def test_a_restarted_projection_goes_on(here: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_series, "ITEMS_BETWEEN_STATES", 50)
    run = Run()
    records = minutes(run, 1500)
    for start in range(0, 1500, 250):
        here.deliver(run.deliver(records[start : start + 250]))
        projector(here).project_once(piece=101)  # a new one each time
    require_projected(here, records, counter())


@pytest.mark.parametrize(
    ("store", "seed"), [("sqlite", 0), ("sqlite", 1), POSTGRESQL_ONCE], indirect=["store"]
)
def test_the_order_of_arrival_does_not_matter(
    here: Plant, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(project_series, "ITEMS_BETWEEN_STATES", 40)
    monkeypatch.setattr(project_series, "PAGE", 97)
    random_order = random.Random(seed)
    run = Run()
    records = minutes(run, 400, step=12)
    records.append(run.reading("77.00", at=FIRST + timedelta(minutes=120)))  # contradicts another
    records.append(
        run.event(
            "replacement",
            at=FIRST + timedelta(minutes=12 * 350, seconds=30),
            detail={"end": "438.00", "start": "5.00"},
            meter_register=COUNTER,
        )
    )
    blocks = [records[start : start + 9] for start in range(0, len(records), 9)]
    random_order.shuffle(blocks)
    there = projector(here)
    while blocks:
        count = random_order.randrange(1, 12)
        here.deliver(run.deliver([record for block in blocks[:count] for record in block]))
        del blocks[:count]
        if random_order.random() < 0.3:
            there = projector(here)
        there.project_once(piece=random_order.randrange(1, 200))
    require_projected(here, records, counter())


def test_a_gauge_has_totals_without_increments(here: Plant) -> None:
    run = Run()
    records = [
        run.reading(
            f"{place % 7}.5",
            meter_register=GAUGE,
            unit="kW",
            at=FIRST + timedelta(minutes=place),
        )
        for place in range(200)
    ]
    here.deliver(run.deliver(records))
    projector(here).project_once()
    require_projected(here, records, gauge())


def test_shorter_periods_are_stored_where_the_interval_fills_them() -> None:
    assert kinds_of(counter(interval_s=1))[0] is PeriodKind.SECOND
    assert kinds_of(counter(interval_s=60))[0] is PeriodKind.MINUTE
    assert kinds_of(counter(interval_s=61))[0] is PeriodKind.QUARTER_HOUR
    assert kinds_of(counter(interval_s=901))[0] is PeriodKind.HOUR


def test_a_failed_transaction_leaves_no_mark(
    here: Plant, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run()
    records = minutes(run, 400)
    there = projector(here)
    here.deliver(run.deliver(records[:200]))
    there.project_once()
    here.deliver(run.deliver(records[200:]))
    with store.unit_of_work() as work:
        repository = type(work.projections)
    with monkeypatch.context() as patched:
        patched.setattr(repository, "add_series", _fail)
        with pytest.raises(RuntimeError, match="on purpose"):
            there.project_once()
    there.project_once()
    require_projected(here, records, counter())


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("on purpose")


def test_two_projections_cannot_run_at_once(here: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    here.deliver_records(Run(), 5)
    one, other = projector(here), projector(here)
    signed = one._signed

    def meanwhile(drafts: object) -> object:
        other.project_once()
        return signed(drafts)

    monkeypatch.setattr(one, "_signed", meanwhile)
    with pytest.raises(StateError) as refusal:
        one.project_once()
    assert refusal.value.reason == "store.cursor_moved"


def test_projections_that_take_turns_go_on_where_the_other_ended(here: Plant) -> None:
    """What one remembers of chains and series is old once another has gone on."""
    run = Run()
    one, other = projector(here), projector(here)
    records: list[bytes] = []
    for turn in range(6):
        fresh = minutes(run, 70, start=70 * turn)
        records += fresh
        here.deliver(run.deliver(fresh))
        (one, other)[turn % 2].project_once()
    assert codes(here) == []
    require_projected(here, records, counter())


def codes(here: Plant) -> list[str]:
    return [item.code for item in reversed(here.store.reader().findings(limit=1000))]


def test_gaps_and_breaks_give_signed_findings_once(here: Plant) -> None:
    run = Run()
    first = [run.reading() for _ in range(6)]
    here.deliver(run.deliver([*first[:2], *first[4:]]))  # 2 and 3 are missing
    projector(here).project_once()
    assert codes(here) == ["seq_gap"]
    here.deliver(run.deliver(first[2:4]))
    broken = run.reading(prev=bytes(32))
    here.deliver(run.deliver([broken]))
    after = Run()
    here.deliver(after.deliver([after.reading(prev=SM3.leaf(broken))]))
    there = projector(here)
    there.project_once()
    there.project_once()
    assert codes(here) == ["seq_gap", "seq_gap_closed", "prev_mismatch", "boot_change"]
    reader = here.store.reader()
    for item in reader.findings():
        assert item.index is not None
        entry = reader.entry(item.index)
        assert (entry.kind, entry.body) == ("finding@1", item.body)
        signed_record.verify(item.body, key("node").public)
    gap = parse_finding(reader.findings()[-1].body)
    assert (gap.seq_from, gap.seq_to) == (2, 3)
    logged = [entry.kind for entry in reader.entries(0, here.writer.snapshot.size)].count(
        "finding@1"
    )
    assert logged == 4


def test_a_finding_that_was_not_logged_yet_is_logged_later(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run()
    records = [run.reading() for _ in range(3)]
    here.deliver(run.deliver([records[0], records[2]]))
    there = projector(here)
    monkeypatch.setattr(there, "_log_findings", lambda: None)  # killed before it came to that
    there.project_once()
    assert [item.index for item in here.store.reader().findings()] == [None]
    projector(here).project_once()
    assert here.store.reader().findings()[0].index is not None


def test_values_out_of_range_are_found_when_they_leave_it(here: Plant) -> None:
    run = Run()
    values = ["1.00", "999999.99", "999999.99", "2.00", "999999.99"]
    records = [
        run.reading(value, at=FIRST + timedelta(minutes=place))
        for place, value in enumerate(values)
    ]
    for record in records:
        here.deliver(run.deliver([record]))
        projector(here).project_once()
    assert codes(here) == ["out_of_range", "out_of_range"]
    found = here.store.reader().readings(point_of(here).point_id, begin=BEGIN, end=END, limit=9)
    assert [item.flags for item in found] == [
        *((), ("out_of_range",), ("out_of_range",), (), ("out_of_range",))
    ]
    assert [item.is_valid for item in found] == [True, False, False, True, False]


def test_an_unusable_restart_is_a_finding(here: Plant) -> None:
    run = Run()
    bad = run.event("replacement", detail={"end": "1", "start": None}, meter_register=COUNTER)
    here.deliver(run.deliver([bad]))
    projector(here).project_once()
    assert codes(here) == ["restart_unusable"]


def test_an_unusable_restart_is_left_out_again_after_a_restart_and_for_late_data(
    here: Plant,
) -> None:
    run = Run()
    readings = minutes(run, 30)
    bad = run.event(
        "reset", at=FIRST + timedelta(minutes=12, seconds=5), meter_register=COUNTER, detail={}
    )
    here.deliver(run.deliver([*readings[:10], *readings[15:], bad]))
    projector(here).project_once()
    here.deliver(run.deliver(readings[10:15]))  # late, and to a projector that knows nothing
    projector(here).project_once()
    assert "restart_unusable" in codes(here)
    require_projected(here, readings, counter())


def test_a_new_description_holds_for_what_was_stored_before_any_state(here: Plant) -> None:
    """A whole day and no state of it yet: what the old description gave must not stay."""
    run = Run()
    first = [
        run.reading(value, at=FIRST + timedelta(minutes=at))
        for at, value in enumerate(["998.00", "999.00", "1.00", "2.00"])
    ]
    here.deliver(run.deliver(first))
    projector(here).project_once()
    narrow = counter(maximum=Decimal("999.99"), capacity=Decimal("1000.00"))
    described = meter(meter_registers=[narrow, gauge()], valid_from=FIRST - timedelta(days=1))
    here.enrolment.enrol(device_registration(described))
    more = [run.reading("3.00", at=FIRST + timedelta(minutes=4))]
    here.deliver(run.deliver(more))
    projector(here).project_once()
    with here.store.view() as view:
        steps = view.projections.increments(
            point_of(here).point_id, begin=BEGIN, end=END, limit=100
        )
    assert [step.increment.value for step in steps] == [None, 100, 200, 100, 100]
    require_projected(here, [*first, *more], narrow)


def test_the_lag_is_shown(here: Plant) -> None:
    here.deliver_records(Run(), 10)
    there = projector(here)
    there.project_once(piece=4, most=4)
    lag = there.lag()
    assert (lag.name, lag.next_index, lag.entries) == (NAME, 4, here.writer.snapshot.size - 4)
    there.project_once()
    assert [item.entries for item in here.store.reader().lags()] == [0]
