"""What a board shows: two years of one enterprise, side by side (两年并列看板)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.quota.board.advice import Advice, CcerRoom
from trace_node.quota.board.case import Note
from trace_node.quota.board.emission import Rise
from trace_node.quota.board.figure import Figure, Source, optional_json
from trace_node.quota.board.forecast import Forecast
from trace_node.quota.board.holdings import ClassRow
from trace_node.quota.board.level import Level, Rating, Reason, worst
from trace_node.quota.board.position import LedgerMark

LEGAL_RECORD = "the registries of the national market are the legal record, not this board"


class YearKind(StrEnum):
    """What a year of a board is run against.

    Attributes:
        OBLIGATION: A verified obligation, or the figure that is to become one.
        PROVISIONAL: The year that runs: expected emission against what is available.
        BUDGET: The enterprise's own budget; it is outside the ETS and owes nothing.
    """

    OBLIGATION = "obligation"
    PROVISIONAL = "provisional"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is owed for the year, and how far it is paid (清缴情况).

    Attributes:
        obligation: Whole tonnes owed for the year.
        surrendered: Allowances handed in.
        offset: CCER that count, within the cap.
        offset_in_progress: CCER set aside and not used yet, within the cap.
        outstanding: What is still owed: obligation - surrendered - offset, at least 0.
        set_aside: Allowances held that are set aside for it.
        deadline: Last instant of the surrender.
        deadline_source: Rule of the ledger behind it; None where it is presumed.
        overdue: Tonnes owed after the deadline; 0 before it.
    """

    obligation: Figure
    surrendered: Figure
    offset: Figure
    offset_in_progress: Figure
    outstanding: Figure
    set_aside: Figure
    deadline: datetime
    deadline_source: Source | None
    overdue: Figure

    def to_json(self) -> JsonObject:
        """What is shown."""
        source = self.deadline_source
        return {
            "deadline": self.deadline.isoformat(),
            "deadline_source": None if source is None else source.to_json(),
            "obligation": self.obligation.to_json(),
            "offset": self.offset.to_json(),
            "offset_in_progress": self.offset_in_progress.to_json(),
            "outstanding": self.outstanding.to_json(),
            "overdue": self.overdue.to_json(),
            "set_aside": self.set_aside.to_json(),
            "surrendered": self.surrendered.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What there is for a year (可用配额).

    Attributes:
        held: Units that count for the year; a budget, outside the ETS.
        expected_allocation: Allocation of the whole year; None where nothing is known of it.
        issued: Of it, what was issued already; None as well.
        to_come: What is still to come of it; negative where some is to be given back.
        available: Held and to come together.
    """

    held: Figure
    expected_allocation: Figure | None
    issued: Figure | None
    to_come: Figure | None
    available: Figure

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "available": self.available.to_json(),
            "expected_allocation": optional_json(self.expected_allocation),
            "held": self.held.to_json(),
            "issued": optional_json(self.issued),
            "to_come": optional_json(self.to_come),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBoard:
    """One obligation year of an enterprise.

    Attributes:
        year: The obligation year.
        kind: What it is run against.
        rating: Colour and reason; None where no emission is known, or nothing of what is held.
        emitted: Emission stated so far; None where none was.
        expected: Emission of the whole year, stated or estimated.
        forecast: How it was estimated; None where nothing was.
        debt: What is owed; None for a year that runs, and outside the ETS.
        supply: What there is for the year.
        remaining: Available less emitted so far; for a verified year less what is outstanding.
        balance: Available less what the whole year needs: a surplus, or negative a shortfall.
        exhausted_on: First day on which more was emitted than is available; None if that lasts.
        classes: Units by class.
        ccer: How far CCER may be used; None outside the ETS and where no cap is known.
        advice: What can be done about a shortfall; None without one.
        notes: What has to be known about it.
    """

    year: int
    kind: YearKind
    rating: Rating | None
    emitted: Figure | None
    expected: Figure | None
    forecast: Forecast | None
    debt: Debt | None
    supply: Supply
    remaining: Figure | None
    balance: Figure | None
    exhausted_on: date | None
    classes: tuple[ClassRow, ...]
    ccer: CcerRoom | None
    advice: Advice | None
    notes: tuple[Note, ...]

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "advice": None if self.advice is None else self.advice.to_json(),
            "balance": optional_json(self.balance),
            "ccer": None if self.ccer is None else self.ccer.to_json(),
            "classes": [row.to_json() for row in self.classes],
            "debt": None if self.debt is None else self.debt.to_json(),
            "emitted": optional_json(self.emitted),
            "exhausted_on": None if self.exhausted_on is None else self.exhausted_on.isoformat(),
            "expected": optional_json(self.expected),
            "forecast": None if self.forecast is None else self.forecast.to_json(),
            "kind": self.kind.value,
            "notes": [note.value for note in self.notes],
            "rating": None if self.rating is None else self.rating.to_json(),
            "remaining": optional_json(self.remaining),
            "supply": self.supply.to_json(),
            "year": self.year,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDebt:
    """A debt of a year before both, or units owed back (历史欠缴).

    Attributes:
        kind: ``obligation`` or ``arrear``.
        number: Its number on the ledger.
        year: Obligation year, or vintage of the units owed.
        open: What is still owed.
        set_aside: What is set aside for it.
    """

    kind: str
    number: int
    year: int
    open: Figure
    set_aside: Figure

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "kind": self.kind,
            "number": self.number,
            "open": self.open.to_json(),
            "set_aside": self.set_aside.to_json(),
            "year": self.year,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The board of one enterprise (碳能看板).

    Attributes:
        organisation: Its name.
        now: Instant it was computed for.
        mark: Block of the mirror; None where none was used.
        earlier: The year before the one that runs.
        current: The year that runs.
        old_debts: What is owed from before.
        rise: How long emission has been rising.
        thresholds: Rules that the colours were decided by.
    """

    organisation: str
    now: datetime
    mark: LedgerMark | None
    earlier: YearBoard
    current: YearBoard
    old_debts: tuple[OldDebt, ...]
    rise: Rise
    thresholds: tuple[Source, ...]

    @property
    def rating(self) -> Rating | None:
        """The worst of old debts and both years; None where nothing can be rated."""
        ratings = [year.rating for year in (self.earlier, self.current) if year.rating is not None]
        if any(debt.open.value for debt in self.old_debts):
            ratings.insert(0, Rating(level=Level.RED, reason=Reason.ARREARS))
        return worst(*ratings) if ratings else None

    def to_json(self) -> JsonObject:
        """What is shown."""
        rating = self.rating
        return {
            "legal_record": LEGAL_RECORD,
            "mirror": None if self.mark is None else self.mark.to_json(),
            "now": self.now.isoformat(),
            "old_debts": [debt.to_json() for debt in self.old_debts],
            "organisation": self.organisation,
            "rating": None if rating is None else rating.to_json(),
            "rise": {
                "before": optional_json(self.rise.before),
                "last": self.rise.last,
                "now": optional_json(self.rise.now),
                "periods": self.rise.periods,
            },
            "thresholds": [source.to_json() for source in self.thresholds],
            "years": [self.earlier.to_json(), self.current.to_json()],
        }
