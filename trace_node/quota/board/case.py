"""Everything that the board of one enterprise is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeAlias

from trace_node.period import SHANGHAI
from trace_node.quota.board.advice import Prices
from trace_node.quota.board.emission import EmissionYear
from trace_node.quota.board.figure import Figure, Source
from trace_node.quota.board.position import LedgerPosition

_LAST_MONTH, _LAST_DAY = 12, 31
_LAST_SECOND = 253_370_736_000  # the year 9999: a deadline beyond is none


class Note(StrEnum):
    """What a reader of a board has to know about it."""

    OUTSIDE_ETS = "outside_ets"
    NO_BUDGET = "no_budget"
    NO_EMISSION = "no_emission"
    GAPS = "gaps"
    GROWTH_UNKNOWN = "growth_unknown"
    NO_LEDGER = "no_ledger"
    FIGURE_NOT_ON_LEDGER = "figure_not_on_ledger"
    FIGURE_NOT_IN_LOG = "figure_not_in_log"
    FIGURE_DIFFERS = "figure_differs"
    NO_EXPECTED_ALLOCATION = "no_expected_allocation"
    ALLOCATION_TO_DATE = "allocation_to_date"
    ADMISSION_PRESUMED = "admission_presumed"
    DEADLINE_PRESUMED = "deadline_presumed"
    UNCONFIRMED = "unconfirmed"
    PROVINCIAL = "provincial"
    NOT_FINAL = "not_final"
    BEHIND = "behind"
    MIRROR_STOPPED = "mirror_stopped"
    DRAFT_RULE = "draft_rule"
    DRAFT_APPROVED = "draft_approved"
    SEVERAL_SECTORS = "several_sectors"


ApprovedDraft: TypeAlias = tuple[int, str, str]
"""Year, id of a draft of the library, and digest of its row as base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAllocation:
    """Allocation of the output of a year to date (预计配额).

    Attributes:
        to_date: Whole tonnes, by the plan of the year.
        through: Last month of the output, 1 to 12.
    """

    to_date: Figure
    through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBasis:
    """What was stated of an enterprise for one year (年度基础信息).

    Attributes:
        sector: Number of its covered sector; None for an enterprise outside the ETS.
        budget: Its own budget; None where none was set.
        expected: Allocation of its output to date; None where no output was stated.
        source: The leaf that says so.
    """

    sector: int | None
    budget: Figure | None
    expected: ExpectedAllocation | None
    source: Source

    @property
    def is_covered(self) -> bool:
        """Whether it is inside the ETS."""
        return self.sector is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCase:
    """What is known of an enterprise at one instant.

    Attributes:
        organisation: Its name.
        now: The instant; the year of its civil day in China is the year that runs.
        emission: Emission by year: the year that runs and the two before it.
        bases: What was stated of each year; the newest one before a year holds for it too, and the
            first one for the years before it.
        position: What the mirror says; None where it is on no ledger, or there is no mirror.
        leaves: Leaf index by digest of the logged statements of verified figures.
        prices: Prices that whoever asks puts in.
        approved: Drafts of the library whose use the log approves.
    """

    organisation: str
    now: datetime
    emission: Mapping[int, EmissionYear]
    bases: Mapping[int, YearBasis]
    position: LedgerPosition | None
    leaves: Mapping[bytes, int] = field(default_factory=dict)
    prices: Prices = field(default_factory=Prices)
    approved: frozenset[ApprovedDraft] = frozenset()

    @property
    def today(self) -> date:
        """The civil day in China."""
        return self.now.astimezone(SHANGHAI).date()

    @property
    def year(self) -> int:
        """The year that runs."""
        return self.today.year

    def emission_of(self, year: int) -> EmissionYear:
        """Emission of a year; empty where nothing was stated."""
        return self.emission.get(year) or EmissionYear(year=year)

    def basis_of(self, year: int) -> YearBasis | None:
        """What was stated of a year; what changes by the year is left out where it is older."""
        own = self.bases.get(year)
        if own is not None:
            return own
        if not self.bases:
            return None
        earlier = [known for known in self.bases if known < year]
        newest = self.bases[max(earlier) if earlier else min(self.bases)]
        return YearBasis(sector=newest.sector, budget=None, expected=None, source=newest.source)

    def is_covered(self, year: int) -> bool:
        """Whether it is inside the ETS in a year: so it was stated, or the ledger says it owes."""
        basis = self.basis_of(year)
        owes = self.position is not None and bool(self.position.of_year(year))
        return owes or basis is None or basis.is_covered

    def deadline_of(self, year: int) -> tuple[datetime, Source | None]:
        """Last instant of the surrender for a year, and the rule that says so.

        Without a rule on the ledger it is the end of 31 December of the year after (清缴截止).
        """
        rule = None if self.position is None else self.position.deadlines.get(year)
        if rule is not None:
            second = min(rule.number, _LAST_SECOND)
            return datetime.fromtimestamp(second, UTC).astimezone(SHANGHAI), rule.source()
        last = datetime(year + 1, _LAST_MONTH, _LAST_DAY, 23, 59, 59, tzinfo=SHANGHAI)
        return last, None

    def days_left(self, year: int) -> int:
        """Whole days to the deadline of a year; -1 when it has passed."""
        deadline = self.deadline_of(year)[0]
        if self.now > deadline:
            return -1
        return (deadline.date() - self.today).days
