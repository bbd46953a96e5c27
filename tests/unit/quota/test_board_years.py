"""Boards worked by hand: two obligation years side by side (S0-7.1.2-a2, S0-8-a1, S0-8-a2)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.boards import (
    LEAF,
    admitted,
    arrear,
    at,
    basis,
    case,
    held,
    owed,
    position,
    rules,
    stated,
    year_of,
)

from trace_node import canonical_json
from trace_node.quota.board.advice import Prices
from trace_node.quota.board.case import BoardCase, Note
from trace_node.quota.board.compute import board_of
from trace_node.quota.board.figure import SourceKind, Standing
from trace_node.quota.board.level import Level, Reason
from trace_node.quota.board.position import RuleNumber
from trace_node.quota.board.year_board import Board, YearKind
from trace_node.quota.ledger.kinds import Admission, Instrument

EVEN = dict.fromkeys(range(1, 13), 10_000)  # 120,000 t a year
HALF = dict.fromkeys(range(1, 7), 11_000)  # 66,000 t by the end of June


def board(given: BoardCase) -> Board:
    return board_of(given, rules=rules(given.now.strftime("%Y-%m-%d %H:%M")))


def usual(**changes: object) -> BoardCase:
    """Obligation of 2025: 118,000 t. Held: 100,000 of 2025 and 50,000 of 2026.

    2025: 118,000 owed, oldest first: all 100,000 of 2025, then 18,000 of 2026.
    2026: 50,000 - 18,000 = 32,000 of 2026 are left.
    """
    values: dict[str, object] = {
        "position": position(
            held(1, 2025, 90_000, trading=10_000),
            held(2, 2026, 50_000),
            obligations=(owed(2025, 118_000),),
            admissions=admitted((1, 2025, Admission.ALLOWANCE), (2, 2025, Admission.ALLOWANCE)),
            issued={1: 110_000, 2: 50_000},
        ),
        "bases": {2024: basis(), 2026: basis(to_date=60_000, through=6)},
    }
    return case("2026-07-15 09:00", year_of(2025, EVEN), year_of(2026, HALF), **(values | changes))


def test_what_is_owed_for_the_year_before_does_not_count_for_the_year() -> None:
    found = board(usual())
    debt = found.earlier.debt
    assert debt is not None
    assert found.earlier.kind is YearKind.OBLIGATION
    assert debt.obligation.value == debt.outstanding.value == debt.set_aside.value == 118_000
    assert found.earlier.supply.held.value == 118_000 + 32_000
    assert found.earlier.balance is not None
    assert found.earlier.balance.value == 32_000
    assert found.current.supply.held.value == 32_000
    assert {row.holding.code: (row.set_aside, row.counted) for row in found.current.classes} == {
        "CEA25": (100_000, 0),
        "CEA26": (18_000, 32_000),
    }


def test_growth_and_expected_allocation_of_the_year_that_runs() -> None:
    """Growth 66,000 / 60,000 - 1 = 10 %; a month ahead 10,000 x 1.1 = 11,000; year 132,000.

    Allocation: 60,000 for 66,000 t emitted; for 132,000 t it is 60,000 x 132,000 / 66,000 =
    120,000. Of it 50,000 are issued, 70,000 to come. Available 32,000 + 70,000 = 102,000; missing
    132,000 - 102,000 = 30,000. 102,000 are used up after nine months (99,000) and 3,000 of the
    11,000 t of October: 3,000 / (11,000 / 31) = 8.45 days, so on the ninth.
    """
    year = board(usual()).current
    assert year.forecast is not None
    assert year.forecast.growth == Decimal("0.100000")
    assert year.expected is not None
    assert (year.expected.value, year.expected.standing) == (132_000, Standing.ESTIMATE)
    supply = year.supply
    assert supply.expected_allocation is not None
    assert supply.to_come is not None
    assert supply.expected_allocation.value == 120_000
    assert supply.expected_allocation.standing is Standing.ESTIMATE
    assert (supply.to_come.value, supply.available.value) == (70_000, 102_000)
    assert year.remaining is not None
    assert year.balance is not None
    assert (year.remaining.value, year.balance.value) == (102_000 - 66_000, -30_000)
    assert year.exhausted_on == date(2026, 10, 9)
    assert year.rating is not None
    assert (year.rating.level, year.rating.reason) == (Level.RED, Reason.FAR_TOO_LITTLE)


def test_advice_of_the_year_that_runs() -> None:
    """Cap floor(5 % x 132,000) = 6,600; CCER held 1,000: use 1,000, and 5,600 may be bought.

    At 80 and 60 yuan: 5,600 x 60 + (30,000 - 6,600) x 80 = 336,000 + 1,872,000 = 2,208,000;
    without buying CCER (30,000 - 1,000) x 80 = 2,320,000.
    """
    given = usual()
    assert given.position is not None
    ccer = held(9, 2024, 1_000, instrument=Instrument.CCER)
    more = replace(
        given.position,
        holdings=(*given.position.holdings, ccer),
        admissions={**given.position.admissions, **admitted((9, 2026, Admission.OFFSET))},
    )
    prices = Prices(allowance=Decimal(80), ccer=Decimal(60))
    advice = board(replace(given, position=more, prices=prices)).current.advice
    assert advice is not None
    assert advice.cost is not None
    assert advice.cost_without_ccer is not None
    assert advice.missing.value == 30_000
    assert advice.ccer_to_use.value == 1_000
    assert advice.ccer_to_buy.value == 5_600
    assert advice.allowances_to_buy.value == 23_400
    assert (advice.cost.value, advice.cost.unit) == (2_208_000, "CNY")
    assert advice.cost_without_ccer.value == 2_320_000
    assert advice.penalty_from is None


@pytest.mark.parametrize(
    ("reserved", "used", "left"),
    [(0, 0, 5_900), (5_899, 0, 1), (5_900, 5_900, 0), (6_000, 0, 0)],
)
def test_ccer_still_usable_is_the_cap_less_what_is_reserved(
    reserved: int, used: int, left: int
) -> None:
    """floor(500 x 118,019 / 10,000) = floor(5,900.95) = 5,900, one tonne less than rounded."""
    line = owed(2025, 118_019, offset_reserved=reserved, offset_used=used)
    found = board(case("2026-07-15 09:00", position=position(obligations=(line,))))
    room = found.earlier.ccer
    assert room is not None
    assert room.cap.value == 5_900
    assert room.still_usable.value == left


def test_a_shortfall_is_fined_by_a_draft_rule() -> None:
    """Owed 1,000, CCER in progress 30, held 900: 70 missing; fine 5 to 10 times 70 x 80 yuan."""
    given = case(
        "2026-07-15 09:00",
        position=position(
            held(1, 2025, 900),
            obligations=(owed(2025, 1_000, offset_reserved=30),),
            admissions=admitted((1, 2025, Admission.ALLOWANCE)),
        ),
        prices=Prices(allowance=Decimal(80)),
    )
    year = board(given).earlier
    assert year.advice is not None
    assert year.advice.penalty_from is not None
    assert year.advice.penalty_to is not None
    assert year.debt is not None
    assert year.debt.offset_in_progress.value == 30
    assert year.advice.missing.value == 70
    assert year.advice.penalty_from.value == 5 * 70 * 80
    assert year.advice.penalty_to.value == 10 * 70 * 80
    assert any(source.draft for source in year.advice.penalty_from.sources)
    assert Note.DRAFT_RULE in year.notes
    assert Note.DRAFT_APPROVED not in year.notes
    drafts = {
        (2025, source.ref, source.digest)
        for figure in (year.advice.penalty_from, year.supply.available)
        for source in figure.sources
        if source.draft
    }
    approved = board(replace(given, approved=frozenset(drafts))).earlier.notes
    assert Note.DRAFT_RULE not in approved
    assert Note.DRAFT_APPROVED in approved
    # An approval holds for its year and for exactly that row.
    for year_of_it, digest in ((2024, None), (2025, "another")):
        other = frozenset((year_of_it, ref, digest or known) for _, ref, known in drafts)
        assert Note.DRAFT_RULE in board(replace(given, approved=other)).earlier.notes


def test_a_released_draft_of_the_ledger_is_not_called_unapproved() -> None:
    (place, rule), *_ = admitted((1, 2025, Admission.ALLOWANCE)).items()
    at_hand = position(
        held(1, 2025, 900),
        obligations=(owed(2025, 1_000),),
        admissions={place: replace(rule, draft=True)},
    )
    notes = board(case("2026-07-15 09:00", position=at_hand)).earlier
    assert Note.DRAFT_APPROVED in notes.notes
    assert Note.DRAFT_RULE not in notes.notes


def test_used_offsets_above_the_cap_do_not_count() -> None:
    """O 1,000, cap 50, used 60, surrendered 900: 1,000 - 900 - 50 = 50 outstanding."""
    line = owed(2025, 1_000, surrendered=900, offset_reserved=60, offset_used=60)
    debt = board(case("2026-07-15 09:00", position=position(obligations=(line,)))).earlier.debt
    assert debt is not None
    assert (debt.offset.value, debt.outstanding.value) == (50, 50)


@pytest.mark.parametrize(
    ("now", "level", "reason"),
    [
        ("2026-07-15 09:00", Level.ORANGE, Reason.SHORT),
        ("2026-12-01 00:00", Level.RED, Reason.DEADLINE_NEAR),
        ("2026-12-31 23:59", Level.RED, Reason.DEADLINE_NEAR),
    ],
)
def test_a_short_year_gets_red_as_its_deadline_comes(
    now: str, level: Level, reason: Reason
) -> None:
    """960 held for 1,000: short, but 1,000 <= 1.05 x 960 = 1,008."""
    given = case(
        now,
        position=position(
            held(1, 2025, 960),
            obligations=(owed(2025, 1_000),),
            admissions=admitted((1, 2025, Admission.ALLOWANCE)),
        ),
    )
    rating = board(given).earlier.rating
    assert rating is not None
    assert (rating.level, rating.reason) == (level, reason)


def test_overdue_begins_after_the_last_second_of_the_deadline() -> None:
    deadline = RuleNumber(
        rule="surrender-deadline",
        year=2025,
        version=2,
        number=int(at("2026-11-30 23:59").timestamp()),
        digest=b"\3" * 32,
        draft=False,
    )
    there = position(
        held(1, 2025, 10_000),
        obligations=(owed(2025, 1_000),),
        admissions=admitted((1, 2025, Admission.ALLOWANCE)),
        deadlines={2025: deadline},
    )
    in_time = board(case("2026-11-30 23:59", position=there)).earlier
    late = board(case("2026-12-01 00:00", position=there)).earlier
    assert in_time.debt is not None
    assert late.debt is not None
    assert in_time.debt.overdue.value == 0
    assert in_time.rating is not None
    assert in_time.rating.reason is Reason.NOT_SURRENDERED
    assert late.debt.overdue.value == 1_000
    assert late.rating is not None
    assert (late.rating.level, late.rating.reason) == (Level.RED, Reason.OVERDUE)
    assert late.debt.deadline_source is not None
    assert late.debt.deadline_source.ref == "surrender-deadline/2025@2"


def test_old_debts_come_first_and_are_red() -> None:
    """Arrear of 30 units of class 1, 50 of 2024 open; 100 of 2024 and 100 of 2025 held.

    Arrear: 30 of 2024. Obligation of 2024: 50 of 2024. 2025 owes 90: 20 of 2024 are left but not
    admitted for it, so 90 of 2025. For 2026: 10 of 2025 (presumed), and the 20 of 2024 are not.
    """
    there = position(
        held(1, 2024, 100),
        held(2, 2025, 100),
        obligations=(owed(2024, 50, number=1), owed(2025, 90, number=2)),
        arrears=(arrear(1, 1, 2024, 30),),
        admissions=admitted(
            (1, 2024, Admission.ALLOWANCE),
            (2, 2025, Admission.ALLOWANCE),
            (1, 2025, Admission.NO),
        ),
    )
    found = board(case("2026-07-15 09:00", year_of(2026, HALF), position=there))
    assert [(debt.kind, debt.open.value, debt.set_aside.value) for debt in found.old_debts] == [
        ("arrear", 30, 30),
        ("obligation", 50, 50),
    ]
    assert found.earlier.debt is not None
    assert found.earlier.debt.set_aside.value == 90
    assert found.current.supply.held.value == 10
    assert Note.ADMISSION_PRESUMED in found.current.notes
    assert found.rating is not None
    assert (found.rating.level, found.rating.reason) == (Level.RED, Reason.ARREARS)


def test_outside_the_ets_there_is_only_the_own_budget() -> None:
    """A coal mine: budget 130,000, expected 132,000: missing 2,000, and nothing is owed."""
    mine = {2024: basis(sector=None), 2026: basis(sector=None, budget=130_000)}
    found = board(case("2026-07-15 09:00", year_of(2025, EVEN), year_of(2026, HALF), bases=mine))
    year = found.current
    assert year.kind is YearKind.BUDGET
    assert Note.OUTSIDE_ETS in year.notes
    assert year.debt is None
    assert year.advice is None
    assert year.ccer is None
    assert year.balance is not None
    assert year.balance.value == -2_000
    assert year.rating is not None
    assert year.rating.level is Level.ORANGE
    assert Note.NO_BUDGET in found.earlier.notes
    assert found.earlier.rating is None


def test_a_verified_figure_counts_as_confirmed_only_from_the_ledger() -> None:
    verified = stated(118_000, index=42, standing=Standing.VERIFIED)
    alone = board(case("2026-07-15 09:00", year_of(2025, EVEN, whole=verified))).earlier
    assert alone.debt is not None
    assert alone.debt.obligation.standing is Standing.UNCONFIRMED
    assert Note.FIGURE_NOT_ON_LEDGER in alone.notes
    both = board(usual(emission={2025: year_of(2025, EVEN, whole=verified)})).earlier
    assert both.debt is not None
    assert both.debt.obligation.standing is Standing.VERIFIED
    kinds = {source.kind: source.ref for source in both.debt.obligation.sources}
    assert kinds[SourceKind.LEAF] == "77"
    assert kinds[SourceKind.OBLIGATION] == "1"
    assert kinds[SourceKind.MIRROR] == "1000"
    assert {Note.FIGURE_NOT_IN_LOG, Note.FIGURE_DIFFERS}.isdisjoint(both.notes)


def test_a_leaf_that_the_log_lacks_and_another_figure_are_told() -> None:
    verified = stated(118_001, standing=Standing.VERIFIED)
    given = usual(emission={2025: year_of(2025, EVEN, whole=verified)}, leaves={LEAF[:-1]: 1})
    assert {Note.FIGURE_NOT_IN_LOG, Note.FIGURE_DIFFERS} <= {*board(given).earlier.notes}


def test_transfers_without_a_registry_number_leave_every_holding_unconfirmed() -> None:
    given = usual()
    assert given.position is not None
    open_order = replace(given, position=replace(given.position, unconfirmed=(b"\5" * 32,)))
    year = board(open_order).current
    assert year.supply.held.standing is Standing.UNCONFIRMED
    assert SourceKind.ORDER in {source.kind for source in year.supply.held.sources}
    assert Note.UNCONFIRMED in year.notes
    assert board(given).current.supply.held.standing is Standing.VERIFIED


def test_more_issued_than_expected_is_to_be_given_back() -> None:
    """Pre-allocated 150,000, expected 120,000: 30,000 to be given back, 100,000 + (-30,000)."""
    there = position(held(2, 2026, 100_000), issued={2: 150_000})
    bases = {2024: basis(), 2026: basis(to_date=60_000)}
    given = case(
        "2026-07-15 09:00", year_of(2025, EVEN), year_of(2026, HALF), bases=bases, position=there
    )
    found = board(given)
    assert found.current.supply.to_come is not None
    assert found.current.supply.to_come.value == -30_000


def test_without_any_figure_there_is_no_colour() -> None:
    found = board(case("2026-07-15 09:00"))
    assert found.rating is None
    assert Note.NO_EMISSION in found.current.notes
    assert Note.NO_LEDGER in found.current.notes


def test_what_is_shown_can_be_written_as_canonical_json() -> None:
    shown = board(usual()).to_json()
    assert canonical_json.decode_object(canonical_json.encode(shown)) == shown


def test_a_mirror_that_is_behind_or_stopped_confirms_nothing() -> None:
    given = usual()
    assert given.position is not None
    mark = given.position.mark
    behind = board(replace(given, position=replace(given.position, mark=replace(mark, head=1001))))
    assert Note.BEHIND in behind.current.notes
    stopped = replace(given.position, mark=replace(mark, stopped="difference"))
    found = board(replace(given, position=stopped))
    assert found.earlier.debt is not None
    assert Note.MIRROR_STOPPED in found.earlier.notes
    assert found.earlier.debt.obligation.standing is Standing.UNCONFIRMED
    assert found.current.supply.held.standing is Standing.UNCONFIRMED


def test_units_on_the_provincial_account_are_told() -> None:
    given = usual()
    assert given.position is not None
    held_there = replace(given, position=replace(given.position, provincial=5))
    assert Note.PROVINCIAL in board(held_there).earlier.notes


def test_a_deadline_without_end_is_the_last_one_that_can_be_told() -> None:
    never = RuleNumber(
        rule="surrender-deadline", year=2025, version=1, number=2**63, digest=bytes(32), draft=False
    )
    there = position(obligations=(owed(2025, 1_000),), deadlines={2025: never})
    debt = board(case("2026-12-31 23:59", position=there)).earlier.debt
    assert debt is not None
    assert debt.deadline.year == 9999


def test_what_the_ledger_says_is_owed_is_owed_whatever_was_stated() -> None:
    there = position(held(1, 2025, 10), obligations=(owed(2025, 1_000),))
    found = board(case("2026-07-15 09:00", position=there, bases={2025: basis(sector=None)}))
    assert found.earlier.kind is YearKind.OBLIGATION
    assert found.earlier.debt is not None
    assert found.earlier.debt.outstanding.value == 1_000
    assert found.current.kind is YearKind.BUDGET
