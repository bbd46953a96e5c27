"""What is derived from the readings is computed again, and every row that differs is named."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, insert, select, update
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
from support.stores import ENGINES, IDENTITY, copy_of, migrated_url

from trace_node.services import project_series
from trace_node.services.fsck import Fsck
from trace_node.services.fsck_report import Report
from trace_node.services.project import Projector
from trace_node.store import tables
from trace_node.store.sql_store import SqlStore, create_store, open_store
from trace_node.tlog.hasher import SM3

FIRST = NOW - timedelta(days=5)
REMEDY = "restore into an empty database"


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a log that each test has a copy of: it is harmed in many ways."""
    with migrated_url(request.param, tmp_path_factory.mktemp("filled")) as url:
        store = create_store(url, identity=IDENTITY)
        with pytest.MonkeyPatch.context() as patch, plant(store) as made:
            several_pages(patch)
            fill(made)
        store.close()
        yield url


@pytest.fixture
def store(filled: str, tmp_path: Path) -> Iterator[SqlStore]:
    with copy_of(filled, tmp_path) as url:
        store = open_store(url)
        try:
            yield store
        finally:
            store.close()


@pytest.fixture
def here(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    several_pages(monkeypatch)
    with plant(store, enrol=False) as made:
        yield made


def several_pages(patch: pytest.MonkeyPatch) -> None:
    """Let a series have several pages and states in between."""
    patch.setattr(project_series, "ITEMS_BETWEEN_STATES", 40)
    patch.setattr(project_series, "PAGE", 97)


def fill(made: Plant) -> None:
    """Readings of two meter registers in disorder, over two boots, with a replacement."""
    run = Run()
    records = [
        run.reading(f"{Decimal('1.25') * place:.2f}", at=FIRST + timedelta(minutes=place * 12))
        for place in range(300)
    ]
    detail = {"end": "376.00", "start": "5.00"}
    at = FIRST + timedelta(minutes=12 * 299, seconds=30)
    records.append(run.event("replacement", at=at, detail=detail, meter_register=COUNTER))
    blocks = [records[start : start + 20] for start in range(0, len(records), 20)]
    random.Random(7).shuffle(blocks)
    there = projector(made)
    for block in blocks:
        made.deliver(run.deliver(block))
        there.project_once()
    after = Run()
    gauges = [
        after.reading(f"{n % 7}.5", meter_register=GAUGE, unit="kW", at=at + timedelta(hours=n))
        for n in range(30)
    ]
    made.deliver(after.deliver([*gauges[:9], *gauges[10:]]))  # one number is missing
    projector(made).project_once()
    made.deliver_records(after, 3)  # not projected


def projector(here: Plant) -> Projector:
    return Projector(store=here.store, writer=here.writer, signer=key("node"), clock=here.clock)


def check(here: Plant, *, derived: bool = True) -> Report:
    return Fsck(store=here.store, derived=derived).run()


def test_what_the_projection_made_is_sound(here: Plant) -> None:
    report = check(here)
    assert [problem.message for problem in report.problems] == []
    assert "derived" not in report.not_done
    assert (report.counts["points"], report.counts["streams"]) == (2, 2)
    projector(here).project_once()
    assert check(here).is_sound


def change(store: SqlStore, table: Table, changed: dict[str, object]) -> None:
    with store.unit_of_work() as work:
        row = work.connection.execute(select(table).limit(1).offset(1)).one()
        same = [column == row._mapping[column.name] for column in table.primary_key.columns]
        work.connection.execute(update(table).where(*same).values(changed))


def drop(store: SqlStore, table: Table) -> None:
    with store.unit_of_work() as work:
        row = work.connection.execute(select(table).limit(1).offset(1)).one()
        same = [column == row._mapping[column.name] for column in table.primary_key.columns]
        work.connection.execute(delete(table).where(*same))


def add(store: SqlStore, table: Table, changed: dict[str, object]) -> None:
    with store.unit_of_work() as work:
        row = work.connection.execute(select(table).limit(1).offset(1)).one()
        work.connection.execute(insert(table), {**row._mapping, **changed})


STEPS, TOTALS = tables.INCREMENTS, tables.PERIOD_TOTALS
STATES, TAILS = tables.CHAIN_STATES, tables.DEVICE_TAILS
LATE = 2**45  # after everything


@pytest.mark.parametrize(
    ("table", "harm"),
    [
        (STEPS, lambda store: change(store, STEPS, {"value": 99})),
        (STEPS, lambda store: change(store, STEPS, {"value": None})),
        (STEPS, lambda store: change(store, STEPS, {"flag": "no such flag"})),
        (STEPS, lambda store: change(store, STEPS, {"from_digest": bytes(32)})),
        (STEPS, lambda store: drop(store, STEPS)),
        (STEPS, lambda store: add(store, STEPS, {"digest": bytes(32)})),
        (STEPS, lambda store: add(store, STEPS, {"from_ms": LATE, "to_ms": LATE})),
        (TOTALS, lambda store: change(store, TOTALS, {"total": "1.00"})),
        (TOTALS, lambda store: change(store, TOTALS, {"sample_sum": "0.1"})),
        (TOTALS, lambda store: change(store, TOTALS, {"flags": ""})),
        (TOTALS, lambda store: change(store, TOTALS, {"covered": 0})),
        (TOTALS, lambda store: drop(store, TOTALS)),
        (TOTALS, lambda store: add(store, TOTALS, {"begin_ms": LATE, "until_ms": LATE + 1})),
        (STATES, lambda store: change(store, STATES, {"next_seq": 7})),
        (STATES, lambda store: change(store, STATES, {"missing": 5})),
        (STATES, lambda store: change(store, STATES, {"branch": bytes(32)})),
        (STATES, lambda store: drop(store, STATES)),
    ],
)
def test_a_harmed_row_is_named(
    here: Plant, store: SqlStore, table: Table, harm: Callable[[SqlStore], None]
) -> None:
    harm(store)
    report = check(here)
    assert {problem.code for problem in report.problems} == {"fsck.derived_row"}
    assert {problem.params["table"] for problem in report.problems} == {table.name}
    assert len(report.problems) == 1
    assert REMEDY in report.problems[0].message
    without = check(here, derived=False)
    assert without.is_sound
    assert "derived" in without.not_done


def test_the_newest_record_of_a_device_is_compared(here: Plant, store: SqlStore) -> None:
    with store.unit_of_work() as work:
        work.connection.execute(update(TAILS).values(digest=bytes(32)))
    (problem,) = check(here).problems
    assert (problem.params["table"], problem.params["key"]) == ("device_tails", "meter-1")


def test_a_series_of_an_earlier_description_is_sound(here: Plant) -> None:
    """It is computed anew when the next reading comes, not before."""
    slow = counter(max_rate=Decimal("0.0001"))
    described = meter(meter_registers=(slow, gauge()), valid_from=NOW - timedelta(days=9))
    here.enrolment.enrol(device_registration(described))
    assert check(here).is_sound


def test_where_a_record_is_altered_the_chains_are_not_judged(here: Plant, store: SqlStore) -> None:
    with store.unit_of_work() as work:
        index = work.connection.execute(select(tables.READINGS.c.leaf_index).limit(1)).scalar_one()
        body = store.reader().entry(index).body.replace(b'"seq":', b'"seq" ')
        this = update(tables.ENTRIES).where(tables.ENTRIES.c.leaf_index == index)
        work.connection.execute(this.values(body=body, leaf_hash=SM3.leaf(body)))
    report = check(here)
    assert "chain_states" in report.not_done
    assert not [p for p in report.problems if p.params.get("table") == "chain_states"]


def test_an_event_that_cannot_be_computed_with_is_left_out_as_the_projection_does(
    here: Plant,
) -> None:
    run = Run()
    bad = run.event("replacement", detail={"end": "1", "start": None}, meter_register=COUNTER)
    here.deliver(run.deliver([bad]))
    projector(here).project_once()
    report = check(here)
    assert report.is_sound
    assert "derived" not in report.not_done
