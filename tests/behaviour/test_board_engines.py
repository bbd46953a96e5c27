"""Statements, boards, alerts and plans over both engines (S0-7.1.2-a2, S0-7.1.2-a3, S0-8-b2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from support.boards import Told, admitted, arrear, held, owed, position
from support.builders import NOW, key, key_registration
from support.plant import Plant, plant, statement_log
from support.stating import basis, emission, other, output
from support.stores import ENGINES, new_store

from trace_node.errors import NotFoundError, TraceNodeError, UnavailableError
from trace_node.period import parse_period
from trace_node.ports.archive import ArchivedEntries
from trace_node.ports.board import NoPositions
from trace_node.quota.board.alert import Alert, AlertKind, Schedule
from trace_node.quota.board.case import Note
from trace_node.quota.board.figure import SourceKind, Standing
from trace_node.quota.board.level import Level
from trace_node.quota.board.plan import Act, PlanLine
from trace_node.quota.board.position import Movement
from trace_node.quota.ledger.kinds import Admission, Instrument, Kind
from trace_node.services.board import QuotaBoards
from trace_node.services.board_alerts import BoardAlerts
from trace_node.services.board_delivery import AlertDelivery, AlertDeliveryError
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.fsck import Fsck
from trace_node.services.log_tail import LogTail
from trace_node.services.rebuild import Rebuilder
from trace_node.services.usage_plans import PlanDesk
from trace_node.store import tables
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.hasher import SM3

LIBRARY = BoardLibrary.packaged()


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with new_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def here(store: SqlStore) -> Iterator[Plant]:
    with plant(store) as here:
        yield here


class Mouth:
    """A channel that a test silences."""

    name = "webhook"
    target = "https://example.org/hook"

    def __init__(self) -> None:
        self.said: list[tuple[int, int]] = []
        self.silent = False

    def send(self, alert: Alert, *, attempt: int) -> None:
        if self.silent:
            raise UnavailableError("{detail}", detail="nobody there")
        self.said.append((alert.number, attempt))


def boards(here: Plant, told: Told | NoPositions | None = None) -> QuotaBoards:
    return QuotaBoards(
        store=here.store, positions=told or NoPositions(), library=LIBRARY, clock=here.clock
    )


def alerts(here: Plant, told: Told | None = None) -> BoardAlerts:
    return BoardAlerts(
        store=here.store, boards=boards(here, told), library=LIBRARY, clock=here.clock
    )


def refusal(here: Plant, raw: bytes) -> str:
    with pytest.raises(TraceNodeError) as refused:
        statement_log(here).take(raw)
    return refused.value.reason


def test_a_statement_becomes_a_leaf_once(here: Plant, store: SqlStore) -> None:
    raw = emission("2026-05", "9876.543")
    logged = statement_log(here).take(raw)
    assert statement_log(here).take(raw) == logged
    index = logged.index
    entry = store.reader().entry(index)
    assert (entry.body, entry.kind) == (raw, "emission-statement@1")
    with store.view() as view:
        (row,) = view.statements.emissions()
        assert view.statements.by_digest(SM3.leaf(raw)) == logged
    assert (row.index, row.digest, f"{row.tonnes}") == (index, SM3.leaf(raw), "9876.543")
    assert row.period == parse_period("2026-05")


def test_who_may_state_what(here: Plant) -> None:
    elsewhere = other("plant-b")
    assert refusal(here, emission("2026-05", 1, organisation=elsewhere)) == "statement.key"
    assert refusal(here, emission("2026-05", 1, signer="collector")) == "statement.key"
    assert refusal(here, emission("2026-05", 1, signer="nobody")) == "statement.key"
    assert statement_log(here).take(
        emission("2026-05", 1, organisation=elsewhere, signer="authority")
    )
    here.enrolment.enrol(key_registration("node-b", usage="node", organisation=elsewhere))
    assert statement_log(here).take(emission("2026-05", 1, organisation=elsewhere, signer="node-b"))


def test_bad_statements_have_their_codes(here: Plant) -> None:
    late = NOW + timedelta(minutes=2)
    assert refusal(here, key_registration("x")) == "record.type"
    other_log = "trace-node.local/other/sm3"
    assert refusal(here, emission("2026-05", 1, origin=other_log)) == "statement.log"
    assert refusal(here, emission("2026-05", 1, stated_at=late)) == "record.future"
    altered = emission("2026-05", 17).replace(b'"17"', b'"18"')
    assert refusal(here, altered).startswith("integrity.signature")
    negative = emission("2026-05", 17).replace(b'"17"', b'"-7"')
    assert refusal(here, negative) == "record.tonnes"
    strange = replace(output("2026-06"), method="cn.ets.allocation.glass")
    assert refusal(here, basis(2026, output=strange)) == "quota.rule.unknown"
    assert refusal(here, basis(2026, output=output("2026-06", load_percent="-1"))) == "quota.input"


def test_the_check_of_the_log_knows_statements(here: Plant, store: SqlStore) -> None:
    authority = key("authority").public
    index = statement_log(here).take(emission("2025", 118_000, kind="verified")).index
    statement_log(here).take(basis(2026, budget=5, output=output("2026-06")))
    assert Fsck(store=store, authorities=[authority]).run().is_sound
    table = tables.EMISSION_STATEMENTS
    with store.unit_of_work() as work:
        work.connection.execute(update(table).values(tonnes="118001"))
    (problem,) = Fsck(store=store, authorities=[authority]).run().problems
    assert (problem.code, problem.index) == ("fsck.index_row", index)
    with store.unit_of_work() as work:
        work.connection.execute(delete(tables.QUOTA_BASES))
    assert len(Fsck(store=store, authorities=[authority]).run().problems) == 2


def test_a_restore_makes_the_rows_again(here: Plant, store: SqlStore) -> None:
    statement_log(here).take(emission("2026-05", "9876.543"))
    statement_log(here).take(basis(2026, budget=5, output=output("2026-06")))
    with store.view() as view:
        before = (view.statements.emissions(), view.statements.bases())
    assert all(len(rows) == 1 for rows in before)
    with store.unit_of_work() as work:
        bodies = work.entries.bodies(0, work.entries.state().size)
        for table in (
            tables.EMISSION_STATEMENTS,
            tables.QUOTA_BASES,
            tables.STATEMENTS,
            tables.METER_REGISTERS,
            tables.DEVICES,
            tables.ENROLLED_KEYS,
            tables.ENTRIES,
        ):
            work.connection.execute(delete(table))
        work.connection.execute(
            update(tables.TREE_STATE).values(size=0, root=SM3.empty(), hashes=b"")
        )
        batch = LogTail(hasher=SM3).begin(work)
        Rebuilder(profile="collectors").add(
            ArchivedEntries(first_index=0, bodies=tuple(bodies)), batch
        )
        batch.finish()
    with store.view() as view:
        assert (view.statements.emissions(), view.statements.bases()) == before


def test_a_board_from_the_log_and_the_mirror(here: Plant) -> None:
    """2025: 118,000 verified and on the ledger. 2026: ten months of 11,000, a year before 10,000.

    Expected 110,000 + 2 x 11,000 = 132,000.
    """
    take = statement_log(here).take
    take(basis(2025))
    digest = SM3.leaf(report := emission("2025", 118_000, kind="verified"))
    leaf = take(report).index
    for month in range(1, 13):
        take(emission(f"2025-{month:02}", 9_999))
        take(emission(f"2025-{month:02}", 10_000))  # the later statement counts
        if month <= 10:
            take(emission(f"2026-{month:02}", 11_000))
    take(emission("2026-01", 500_000, sector=None))  # outside the ETS: never enters
    told = Told()
    told.found = position(
        held(1, 2025, 118_000),
        held(2, 2026, 140_000),
        obligations=(owed(2025, 118_000, leaf_digest=digest),),
        admissions=admitted((1, 2025, Admission.ALLOWANCE)),
    )
    board = boards(here, told).board("plant-a")
    assert board.earlier.debt is not None
    obligation = board.earlier.debt.obligation
    assert (obligation.value, obligation.standing) == (118_000, Standing.VERIFIED)
    assert (SourceKind.LEAF, str(leaf)) in {(each.kind, each.ref) for each in obligation.sources}
    assert Note.FIGURE_NOT_IN_LOG not in board.earlier.notes
    assert board.current.expected is not None
    assert board.current.expected.value == 132_000
    assert board.current.supply.held.value == 140_000
    row = boards(here, told).overview().rows[0]
    assert (row.organisation, row.fault) == ("plant-a", "")
    assert row.overdue is not None
    assert row.overdue.value == 0


def test_expected_allocation_from_stated_output(here: Plant) -> None:
    """Worked in docs/spec/allocation-library.md: 2025/26 plan, class I, 60 %, Ff = 1.

    Electricity 3,000,000 x 0.7894 = 2,368,200; heat 500,000 x 0.1021 = 51,050; 2,419,250 in all,
    above 80 % of 2,500,000. Six months of 400,000 a month, a year of 4,800,000: twice as much.
    """
    take = statement_log(here).take
    take(basis(2026, output=output("2026-06"), ledger=None))
    for month in range(1, 11):
        take(emission(f"2026-{month:02}", 400_000))
    supply = boards(here).board("plant-a").current.supply
    assert supply.expected_allocation is not None
    days = 31 + 28 + 31 + 30 + 31 + 30 + 31 + 31 + 30 + 31  # 304 of the ten months
    ahead = sum(round(4_000_000 * each / days, 3) for each in (30, 31))
    expected = int(2_419_250 * (4_000_000 + ahead) / 2_400_000)
    assert supply.expected_allocation.value == expected
    assert supply.expected_allocation.standing is Standing.ESTIMATE


def test_an_organisation_without_a_basis_has_no_board(here: Plant) -> None:
    with pytest.raises(NotFoundError) as refused:
        boards(here).board("plant-z")
    assert refused.value.reason == "board.unknown.organisation"
    assert boards(here).overview().rows == ()


def rising(here: Plant) -> None:
    take = statement_log(here).take
    take(basis(2026, sector=None, ledger=None, budget=120_000))
    for month, tonnes in enumerate((9_000, 9_000, 9_100, 9_200), 1):
        take(emission(f"2026-{month:02}", tonnes, sector=None))


def test_an_alert_is_raised_once_for_each_change_and_each_month_of_a_rise(here: Plant) -> None:
    """36,300 t in 120 days: 110,412.5 t a year, above 90 % of 120,000 t: yellow."""
    rising(here)
    desk = alerts(here)
    (raised,) = desk.raise_due()
    assert raised.draft.kind is AlertKind.LEVEL
    assert raised.draft.level is Level.YELLOW
    assert desk.raise_due() == []
    statement_log(here).take(emission("2026-05", 9_300, sector=None))
    (trend,) = desk.raise_due()
    assert (trend.draft.kind, trend.draft.detail["periods"]) == (AlertKind.TREND, 3)
    assert desk.raise_due() == []
    statement_log(here).take(basis(2026, sector=None, ledger=None, budget=200_000))
    (better,) = desk.raise_due()
    assert (better.draft.level, better.draft.repeats) == (Level.GREEN, False)
    shown = desk.newest(organisation="plant-a", only_open=True, limit=10)
    assert [each.alert.number for each in shown] == [3, 2, 1]
    assert desk.newest(organisation="plant-b", only_open=False, limit=10) == []


def test_arrears_are_told_once(here: Plant) -> None:
    statement_log(here).take(basis(2025))
    told = Told()
    told.found = position(arrears=(arrear(4, 1, 2024, 30),))
    assert [each.draft.key for each in alerts(here, told).raise_due()] == ["arrear-4"]
    assert alerts(here, told).raise_due() == []


def test_an_acknowledgement_is_entered_once(here: Plant) -> None:
    rising(here)
    desk = alerts(here)
    (raised,) = desk.raise_due()
    done = desk.acknowledge(raised.number, by="Li Hua", note="bought 5,000 t")
    assert done.alert.acknowledgement is not None
    assert done.alert.acknowledgement.by == "Li Hua"
    assert done.alert.acknowledgement.at == NOW
    for number, by, note, reason in (
        (raised.number, "Wang", "", "board.conflict.acknowledged"),
        (99, "Wang", "", "board.unknown.alert"),
        (raised.number, "", "", "board.input.text"),
        (raised.number, "Wang", "\x1b[2J", "board.input.text"),
        (raised.number, "Wang", "n" * 501, "board.input.text"),
    ):
        with pytest.raises(TraceNodeError) as refused:
            desk.acknowledge(number, by=by, note=note)
        assert refused.value.reason == reason


def test_alerts_are_repeated_until_acknowledged_and_failures_are_shown(here: Plant) -> None:
    rising(here)
    desk, mouth, deaf = alerts(here), Mouth(), Mouth()
    deaf.silent, deaf.target = True, "https://example.org/deaf"
    (raised,) = desk.raise_due()
    delivery = AlertDelivery(
        store=here.store,
        channels=[mouth, deaf],
        schedule=Schedule(repeat=timedelta(hours=24), retry=timedelta(minutes=1)),
        clock=here.clock,
    )
    with pytest.raises(AlertDeliveryError) as failed:
        delivery.deliver_due()
    assert "nobody there" in failed.value.message
    assert mouth.said == [(raised.number, 1)]
    here.clock.move(seconds=59)
    with pytest.raises(AlertDeliveryError):  # not due yet, and still not there
        delivery.deliver_due()
    assert len(desk.find(raised.number).attempts) == 2
    here.clock.move(seconds=1)
    with pytest.raises(AlertDeliveryError):
        delivery.deliver_due()
    deaf.silent = False
    here.clock.move(seconds=119)
    with pytest.raises(AlertDeliveryError):
        delivery.deliver_due()
    here.clock.move(seconds=1)
    assert delivery.deliver_due() == 1
    attempts = desk.find(raised.number).attempts
    assert [(each.target[-4:], each.delivered) for each in attempts] == [
        ("hook", True),
        ("deaf", False),
        ("deaf", False),
        ("deaf", True),
    ]
    here.clock.move(seconds=24 * 3600)
    assert delivery.deliver_due() == 2
    assert mouth.said[-1] == (raised.number, 2)
    desk.acknowledge(raised.number, by="Li Hua", note="")
    here.clock.move(seconds=48 * 3600)
    assert delivery.deliver_due() == 0


def moved(month: int, kind: Kind, *, received: int = 0, given: int = 0, **changes: int) -> Movement:
    return Movement(
        year=2026,
        month=month,
        kind=kind,
        class_id=1,
        instrument=Instrument.CCER if kind is Kind.OFFSET_USE else Instrument.ALLOWANCE,
        received=received,
        given=given,
        unconfirmed=changes.get("unconfirmed", 0),
    )


def test_a_plan_is_versioned_and_compared_with_what_happened(here: Plant) -> None:
    """Issued 1,000 in March, sold 300 in May and bought 50; 40 CCER used in June.

    At the end of May 1,000 - 300 + 50 = 750 are held.
    """
    statement_log(here).take(basis(2026))
    told = Told()
    at = datetime(2026, 6, 20, tzinfo=UTC)
    told.found = position()
    told.found = replace(told.found, mark=replace(told.found.mark, time=int(at.timestamp())))
    told.moved = [
        moved(3, Kind.ISSUE, received=1_000),
        moved(5, Kind.LISTED, received=50, given=300, unconfirmed=50),
        moved(6, Kind.OFFSET_USE, given=40),
    ]
    desk = PlanDesk(store=here.store, positions=told, clock=here.clock)
    may, june, july = (parse_period(f"2026-0{month}") for month in (5, 6, 7))
    lines = [
        PlanLine(month=may, act=Act.SELL, tonnes=200),
        PlanLine(month=may, act=Act.HOLD, tonnes=800),
        PlanLine(month=june, act=Act.OFFSET, tonnes=40),
        PlanLine(month=july, act=Act.BUY, tonnes=10),
    ]
    first = desk.submit("plant-a", 2026, lines[:1], by="Li Hua", after=0)
    second = desk.submit("plant-a", 2026, lines, by="Li Hua", note="more", after=1)
    assert (first.version, second.version) == (1, 2)
    with pytest.raises(TraceNodeError) as refused:
        desk.submit("plant-a", 2026, lines, by="Wang", after=1)
    assert refused.value.reason == "board.conflict.plan"
    found = desk.compared("plant-a", 2026)
    assert (found.plan, found.versions) == (second, 2)
    rows = {(row.month.name, row.act): (row.planned, row.actual, row.is_over) for row in found.rows}
    assert rows["2026-03", Act.HOLD] == (None, 1_000, True)
    assert rows["2026-05", Act.SELL] == (200, 300, True)
    assert rows["2026-05", Act.BUY] == (None, 50, True)
    assert rows["2026-05", Act.HOLD] == (800, 750, True)
    assert rows["2026-06", Act.OFFSET] == (40, 40, False)
    assert rows["2026-07", Act.BUY] == (10, None, False)
    assert desk.compared("plant-a", 2026, version=1).plan == first
    with pytest.raises(TraceNodeError) as missing:
        desk.compared("plant-a", 2027)
    assert missing.value.reason == "board.unknown.plan"


def test_bad_plans_have_their_codes(here: Plant) -> None:
    statement_log(here).take(basis(2026))
    desk = PlanDesk(store=here.store, positions=NoPositions(), clock=here.clock)
    may = parse_period("2026-05")
    line = PlanLine(month=may, act=Act.SELL, tonnes=1)
    for lines, reason in (
        ([line, line], "board.plan.twice"),
        ([replace(line, tonnes=-1)], "board.plan.tonnes"),
        ([replace(line, tonnes=10**12 + 1)], "board.plan.tonnes"),
        ([replace(line, month=parse_period("2028-01"))], "board.plan.month"),
        ([replace(line, month=parse_period("2026"))], "board.plan.month"),
    ):
        with pytest.raises(TraceNodeError) as refused:
            desk.submit("plant-a", 2026, lines, by="Li Hua")
        assert refused.value.reason == reason
    with pytest.raises(TraceNodeError) as strange:
        desk.submit("plant-z", 2026, [line], by="Li Hua")
    assert strange.value.reason == "board.unknown.organisation"
    with pytest.raises(TraceNodeError) as none:
        desk.compared("plant-a", 2026)
    assert none.value.reason == "board.unknown.plan"
