"""The case of an enterprise: its statements in the log, its position on the ledger, its output."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from trace_node.formula import exact_sum
from trace_node.ids import to_base64url
from trace_node.period import SHANGHAI, PeriodKind
from trace_node.ports.board import Positions
from trace_node.ports.statements import LoggedBasis, LoggedEmission
from trace_node.ports.store import UnitOfWork
from trace_node.quota.board.advice import Prices
from trace_node.quota.board.case import ApprovedDraft, BoardCase, ExpectedAllocation, YearBasis
from trace_node.quota.board.emission import EmissionYear
from trace_node.quota.board.errors import BoardUnknownError
from trace_node.quota.board.figure import (
    Figure,
    Source,
    SourceKind,
    Standing,
    of_sheet,
    together,
    weakest,
)
from trace_node.quota.records.emission_statement import VERIFIED
from trace_node.quota.records.quota_basis import StatedOutput
from trace_node.services.allocation import UNIT_METHOD, RuleLibrary, allocate_power
from trace_node.services.board_rules import BoardLibrary

YEARS_READ = 3  # the year that runs, the one before, and that before it for its growth


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMaker:
    """Makes cases.

    Attributes:
        library: Rules and methods.
        positions: What the mirror says.
    """

    library: BoardLibrary
    positions: Positions

    def case_of(
        self,
        organisation: str,
        *,
        view: UnitOfWork,
        now: datetime,
        approved: frozenset[ApprovedDraft],
        prices: Prices | None = None,
    ) -> BoardCase:
        """The case of an enterprise at an instant.

        Args:
            organisation: Its name.
            view: The database.
            now: The instant.
            approved: Drafts of the library whose use the log approves.
            prices: Prices that whoever asks puts in.

        Raises:
            BoardUnknownError: No basis of its board is in the log.
        """
        day = now.astimezone(SHANGHAI).date()
        bases = {basis.year: basis for basis in view.statements.bases(organisation=organisation)}
        known = {year: basis for year, basis in bases.items() if year <= day.year}
        if not known:
            raise BoardUnknownError(
                "no basis of a board of {organisation} is in the log",
                field="organisation",
                organisation=organisation[:64],
                remedy="state one: trace-node board basis",
                code="board.unknown.organisation",
            )
        years = (day.year - YEARS_READ + 1, day.year)
        stated = view.statements.emissions(organisation=organisation, years=years)
        newest = known[max(known)]
        position = None
        if newest.ledger is not None:
            position = self.positions.position(newest.ledger, year=day.year)
        return BoardCase(
            organisation=organisation,
            now=now,
            emission=emission_years(stated, covered=_covered(known, years)),
            bases={year: self._basis(basis, day) for year, basis in known.items()},
            position=position,
            leaves={each.digest: each.index for each in stated if each.kind == VERIFIED},
            prices=Prices() if prices is None else prices,
            approved=approved,
        )

    def _basis(self, basis: LoggedBasis, day: date) -> YearBasis:
        source = leaf_of(basis)
        budget = None
        if basis.budget is not None:
            budget = Figure(
                value=Decimal(basis.budget), standing=Standing.PROVISIONAL, sources=(source,)
            )
        expected = None
        if basis.output is not None:
            found = allocation_to_date(basis.output, library=self.library, year=basis.year, day=day)
            figure = Figure(
                value=found.value,
                standing=found.standing,
                sources=together([source], found.sources),
            )
            expected = ExpectedAllocation(to_date=figure, through=basis.output.through.start.month)
        return YearBasis(sector=basis.sector, budget=budget, expected=expected, source=source)


def allocation_to_date(
    output: StatedOutput, *, library: BoardLibrary, year: int, day: date
) -> Figure:
    """Allocation of the output of a year to date by the plan of the year; an estimate.

    Raises:
        InputError: The output does not fit the method.
        RuleNotFoundError: There is no such method or rule for the year.
        RuleExpiredError: It is not in force on that day.
    """
    rules = RuleLibrary(library.rules, library.methods)
    if output.method == UNIT_METHOD:
        units = [(unit.name, unit.inputs) for unit in output.units]
        entity = allocate_power(units, library=rules, year=year, on=day)
        total, sheets = entity.total.result, [*entity.units.values(), entity.total]
    else:
        sheets = [
            rules.calculate(output.method, unit.inputs, year=year, on=day, place=f"{unit.name}: ")
            for unit in output.units
        ]
        total = exact_sum(sheet.result for sheet in sheets)
    return Figure(
        value=total,
        standing=Standing.ESTIMATE,
        sources=together(*(of_sheet(sheet) for sheet in sheets)),
    )


def leaf_of(stated: LoggedEmission | LoggedBasis) -> Source:
    """The leaf of a statement as a source."""
    return Source(kind=SourceKind.LEAF, ref=str(stated.index), digest=to_base64url(stated.digest))


def _covered(bases: Mapping[int, LoggedBasis], years: tuple[int, int]) -> set[int]:
    """The years in which the enterprise is inside the ETS, by the newest basis up to each."""
    first = min(bases)
    found = set()
    for year in range(years[0], years[1] + 1):
        basis = bases[max((known for known in bases if known <= year), default=first)]
        if basis.sector is not None:
            found.add(year)
    return found


def emission_years(
    stated: Sequence[LoggedEmission], *, covered: set[int]
) -> Mapping[int, EmissionYear]:
    """Emission by year from statements in log order.

    Of two statements of one period, kind and sector the later one counts; a verified figure
    outranks a provisional one; figures of several covered sectors add up. Emission outside the ETS
    never enters an obligation, and that inside it never an own budget.

    Args:
        stated: Statements, in log order.
        covered: Years in which the enterprise is inside the ETS.
    """
    newest: dict[tuple[int, int, int | None, str], LoggedEmission] = {}
    for each in stated:
        if (each.sector is not None) is (each.period.start.year in covered):
            month = each.period.start.month if each.period.kind is PeriodKind.MONTH else 0
            newest[each.period.start.year, month, each.sector, each.kind] = each
    by_place: dict[tuple[int, int], list[LoggedEmission]] = defaultdict(list)
    for (year, month, sector, kind), each in newest.items():
        if kind == VERIFIED or (year, month, sector, VERIFIED) not in newest:
            by_place[year, month].append(each)
    years: dict[int, EmissionYear] = {}
    for (year, month), parts in sorted(by_place.items()):
        known = years.get(year, EmissionYear(year=year))
        figure = _sum_of(parts)
        years[year] = EmissionYear(
            year=year,
            months=known.months if month == 0 else {**known.months, month: figure},
            whole=figure if month == 0 else known.whole,
        )
    return years


def _sum_of(parts: Sequence[LoggedEmission]) -> Figure:
    standings = [
        Standing.VERIFIED if part.kind == VERIFIED else Standing.PROVISIONAL for part in parts
    ]
    return Figure(
        value=exact_sum(part.tonnes for part in parts),
        standing=weakest(*standings),
        sources=tuple(leaf_of(part) for part in parts),
    )
