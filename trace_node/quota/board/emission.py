"""Emission as it was stated, by month and by year, and whether it keeps rising."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from trace_node.formula import exact_sum
from trace_node.quota.board.figure import Figure, Standing, together, weakest

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionYear:
    """What was stated of the emission of one year (年度排放).

    Attributes:
        year: The obligation year.
        months: Figure of each month that was stated, from 1 to 12.
        whole: Figure of the whole year, if one was stated; it outranks the sum of the months.
    """

    year: int
    months: Mapping[int, Figure] = field(default_factory=dict)
    whole: Figure | None = None

    def total(self) -> Figure | None:
        """Emission stated so far; None where nothing was."""
        if self.whole is not None:
            return self.whole
        return self.sum_of(sorted(self.months)) if self.months else None

    def sum_of(self, months: Sequence[int]) -> Figure:
        """Sum over stated months.

        Raises:
            KeyError: A month was not stated.
        """
        parts = [self.months[month] for month in months]
        return Figure(
            value=exact_sum(part.value for part in parts),
            standing=weakest(*(part.standing for part in parts)),
            sources=together(*(part.sources for part in parts)),
        )

    @property
    def gaps(self) -> tuple[int, ...]:
        """Months before the last stated one that were not stated."""
        last = max(self.months, default=0)
        return tuple(month for month in MONTHS if month < last and month not in self.months)

    @property
    def is_over(self) -> bool:
        """Whether nothing of the year is to be estimated."""
        return self.whole is not None or all(month in self.months for month in MONTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """How long emission has risen (连续上升).

    Attributes:
        periods: Months running up to the last, each above the one before.
        last: Name of the last stated month, such as ``2026-05``; empty where none was stated.
        before: Emission of the month before the first of them; None without a rise.
        now: Emission of the last month; None where none was stated.
    """

    periods: int
    last: str
    before: Figure | None
    now: Figure | None


def rise_of(years: Sequence[EmissionYear]) -> Rise:
    """How many months running emission has risen, counted back from the last one stated.

    A month that was not stated ends the run: over it nothing can be said.

    Args:
        years: Years in ascending order without a gap.
    """
    line = [(year.year, month, year.months.get(month)) for year in years for month in MONTHS]
    while line and line[-1][2] is None:
        line.pop()
    if not line:
        return Rise(periods=0, last="", before=None, now=None)
    periods, first = 0, line[-1][2]
    for earlier, later in zip(reversed(line[:-1]), reversed(line), strict=False):
        if earlier[2] is None or later[2] is None or not earlier[2].value < later[2].value:
            break
        periods, first = periods + 1, earlier[2]
    year, month, now = line[-1]
    return Rise(
        periods=periods, last=f"{year}-{month:02}", before=first if periods else None, now=now
    )


def zero() -> Figure:
    """A figure of nothing, which comes from nothing."""
    return Figure(value=Decimal(0), standing=Standing.VERIFIED, sources=())
