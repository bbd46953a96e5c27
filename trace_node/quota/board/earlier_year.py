"""The year before the one that runs: what is owed for it, by its deadline (上一履约年度)."""

from decimal import Decimal

from trace_node.quota.board.advice import Advice, CcerRoom, advise
from trace_node.quota.board.case import BoardCase, Note
from trace_node.quota.board.claims import SetAside
from trace_node.quota.board.debts import (
    EARLIER,
    TO_GIVE_BACK,
    Owed,
    figure_of,
    nothing,
)
from trace_node.quota.board.figure import Figure, derived
from trace_node.quota.board.holdings import ClassRow, Holdings
from trace_node.quota.board.level import Rating, rate_debt
from trace_node.quota.board.offsets import ccer_room
from trace_node.quota.board.outlook import draft_notes, ledger_notes, outlook_of, whole_tonnes
from trace_node.quota.board.rules import BoardRules, Thresholds
from trace_node.quota.board.supply import expected_allocation, issued_of, supply_of
from trace_node.quota.board.verified_figure import obligation_figure
from trace_node.quota.board.year_board import Debt, Supply, YearBoard, YearKind
from trace_node.quota.errors import RuleExpiredError, RuleNotFoundError
from trace_node.quota.rule import Rule

FINES = ("ets.penalty.low", "ets.penalty.high")


class EarlierYear:
    """The year before the one that runs, first what it needs, then its board.

    Args:
        case: The case.
        holdings: What is held.
        rules: Rules of the day.
        thresholds: When the colour changes.

    Attributes:
        needed: Whole tonnes of allowances that are to be set aside for it.
        to_give_back: Whole tonnes of its allocation that are expected to be clawed back.
    """

    def __init__(
        self, case: BoardCase, holdings: Holdings, *, rules: BoardRules, thresholds: Thresholds
    ) -> None:
        self._case, self._holdings = case, holdings
        self._rules, self._thresholds = rules, thresholds
        self._year = case.year - 1
        self._notes: list[Note] = []
        self._seen = outlook_of(case, self._year, rules=rules)
        lines = () if case.position is None else case.position.of_year(self._year)
        self._owed = Owed.of(lines) if lines else None
        self._obligation = obligation_figure(
            case, owed=self._owed, seen=self._seen, notes=self._notes
        )
        self._allocation, self._issued = self._allotted()
        self.needed = self._needed()
        self.to_give_back = self._to_give_back()

    def _allotted(self) -> tuple[Figure | None, Figure | None]:
        notes: list[Note] = []  # of a year that is over, an allocation is as a rule issued
        allocation = expected_allocation(
            self._seen.emission,
            self._case.bases.get(self._year),
            self._seen.expected,
            rules=self._rules,
            notes=notes,
        )
        return allocation, issued_of(self._case, self._year)

    def _outstanding(self) -> int:
        if self._owed is not None:
            return self._owed.outstanding
        return 0 if self._obligation is None else whole_tonnes(self._obligation.value)

    def _needed(self) -> int:
        if not self._case.is_covered(self._year):
            return 0
        in_progress = 0 if self._owed is None else self._owed.in_progress
        return max(self._outstanding() - in_progress, 0)

    def _to_give_back(self) -> int:
        if self._allocation is None or not self._case.is_covered(self._year):
            return 0
        issued = Decimal(0) if self._issued is None else self._issued.value
        return max(int(issued - self._allocation.value), 0)

    def board(self, shared: SetAside) -> YearBoard:
        """Its board, once units are set aside."""
        case, seen, year = self._case, self._seen, self._year
        supply, classes = self._supply(shared)
        if any(row.presumed and row.counted for row in classes):
            self._notes.append(Note.ADMISSION_PRESUMED)
        debt = self._debt(shared)
        room = ccer_room(
            case,
            year,
            holdings=self._holdings,
            owed=self._owed,
            need=self._obligation,
            rules=self._rules,
        )
        balance = None
        if debt is not None and case.position is not None:
            needed = derived(self.needed, debt.outstanding, debt.offset_in_progress)
            balance = derived(supply.available.value - needed.value, supply.available, needed)
        advice = self._advice(balance, room)
        penalty = None if advice is None else advice.penalty_from
        used = [self._obligation, supply.available, None if room is None else room.cap, penalty]
        drafts = draft_notes(used, year=year, approved=case.approved)
        return YearBoard(
            year=year,
            kind=YearKind.OBLIGATION,
            rating=self._rating(supply),
            emitted=seen.emitted,
            expected=seen.expected,
            forecast=seen.forecast,
            debt=debt,
            supply=supply,
            remaining=balance,
            balance=balance,
            exhausted_on=None,
            classes=classes,
            ccer=room,
            advice=advice,
            notes=tuple(dict.fromkeys((*seen.notes, *self._notes, *ledger_notes(case), *drafts))),
        )

    def _supply(self, shared: SetAside) -> tuple[Supply, tuple[ClassRow, ...]]:
        year = self._year
        counted = dict(shared.taken[EARLIER])
        for each in shared.left:
            if each.tonnes and self._holdings.serves(each.class_id, each.vintage, year):
                counted[each.class_id] = counted.get(each.class_id, 0) + each.tonnes
        held = self._holdings.figure(sum(counted.values()), counted, year=year)
        supply = supply_of(held, self._allocation, self._issued)
        if supply.to_come is not None and supply.to_come.value < 0:
            # what is to be given back was set aside from the units before, so it is not taken twice
            short = self.to_give_back - shared.total(TO_GIVE_BACK)
            supply = Supply(
                held=held,
                expected_allocation=supply.expected_allocation,
                issued=supply.issued,
                to_come=supply.to_come,
                available=derived(held.value - short, held, supply.to_come),
            )
        return supply, self._holdings.table(year, shared=shared, counted=counted)

    def _debt(self, shared: SetAside) -> Debt | None:
        if self._obligation is None:
            return None
        owed, position = self._owed, self._case.position
        deadline, source = self._case.deadline_of(self._year)
        if source is None:
            self._notes.append(Note.DEADLINE_PRESUMED)
        taken = shared.taken[EARLIER]
        parts = dict.fromkeys(("surrendered", "offset", "offset_in_progress"), nothing(position))
        outstanding = derived(self._outstanding(), self._obligation)
        if owed is not None and position is not None:
            parts = {
                "surrendered": figure_of(owed.surrendered, *owed.lines, of=position),
                "offset": figure_of(owed.offset, *owed.lines, of=position),
                "offset_in_progress": figure_of(owed.in_progress, *owed.lines, of=position),
            }
            outstanding = figure_of(owed.outstanding, *owed.lines, of=position)
        is_late = self._case.days_left(self._year) < 0
        return Debt(
            obligation=self._obligation,
            **parts,
            outstanding=outstanding,
            set_aside=self._holdings.figure(sum(taken.values()), taken, year=self._year),
            deadline=deadline,
            deadline_source=source,
            overdue=derived(outstanding.value if is_late else 0, outstanding),
        )

    def _rating(self, supply: Supply) -> Rating | None:
        if self._obligation is None or self._case.position is None:
            return None
        in_progress = 0 if self._owed is None else self._owed.in_progress
        available = int(supply.available.value) + in_progress
        outstanding = self._outstanding()
        return rate_debt(
            outstanding=outstanding,
            covered=min(outstanding, max(available, 0)),
            available=available,
            days_left=self._case.days_left(self._year),
            thresholds=self._thresholds,
        )

    def _advice(self, balance: Figure | None, room: CcerRoom | None) -> Advice | None:
        if balance is None or balance.value >= 0:
            return None
        missing = derived(-balance.value, balance)
        return advise(missing, room=room, prices=self._case.prices, fines=self._fines())

    def _fines(self) -> tuple[Rule, Rule] | None:
        try:
            low, high = (self._rules.rule(name, year=self._year) for name in FINES)
        except (RuleNotFoundError, RuleExpiredError):
            return None
        return low, high
