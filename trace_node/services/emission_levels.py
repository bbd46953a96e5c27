"""What the emission of a year is measured by: history, plan, sector benchmark, advanced value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.errors import FactorNotFoundError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorKind, FactorRow, FactorStatus
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.outlook.rating import Measure, Reference
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, month_of
from trace_node.accounting.records.emission_levels import EMISSION_LEVELS, EmissionLevels
from trace_node.period import Period, PeriodKind
from trace_node.ports.store import Store
from trace_node.services.span_activity import SpanActivities
from trace_node.services.statement_leaves import leaves
from trace_node.units import Quantity, UnitError, unit

_NONE: Final = "-"
_OF_KIND: Final = frozenset({FactorKind.BENCHMARK, FactorKind.REFERENCE})
_USABLE: Final = frozenset({FactorStatus.ACTIVE, FactorStatus.DRAFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLevels:
    """The levels that hold for a year.

    Attributes:
        index: Leaf of the record.
        levels: What it says.
    """

    index: int
    levels: EmissionLevels


def levels_of(
    organisation: str, boundary: str, year: Period, *, store: Store
) -> LoggedLevels | None:
    """The newest record of a boundary and year; None without one."""
    topic = f"{organisation} {boundary} {year.name}"
    found = None
    with store.view() as view:
        for leaf in leaves(view, EMISSION_LEVELS, topic=topic):
            if isinstance(leaf.content, EmissionLevels):
                found = LoggedLevels(index=leaf.logged.index, levels=leaf.content)
    return found


def history_of(
    known: Series, months: Sequence[int], by_month: Mapping[int, tuple[int, ...]]
) -> Measure:
    """The same months of the year before."""
    earlier = [month - MONTHS_OF_A_YEAR for month in months]
    lacking = [month_of(each).name for each in earlier if each not in known]
    if lacking or not earlier:
        return _without(Reference.HISTORY, "no figure of " + ", ".join(lacking[:12]))
    indexes = [str(index) for each in earlier for index in by_month[each]]
    return Measure(
        reference=Reference.HISTORY,
        value=total(known[each] for each in earlier),
        citation=f"{month_of(earlier[0]).name} to {month_of(earlier[-1]).name},"
        f" leaves {', '.join(indexes[:24])}",
    )


def plan_of(found: LoggedLevels | None, months: Sequence[int], year: Period) -> Measure:
    """The plan for some months of a year; a plan for the year as a whole is shared by days."""
    if found is None or not found.levels.plan:
        return _without(Reference.PLAN, "no plan is on record for the year")
    plan = found.levels.plan
    citation = f"leaf {found.index}: {found.levels.document}"
    if year.name not in plan:
        value = total(plan[month_of(each).name] for each in months)
        return Measure(reference=Reference.PLAN, value=value, citation=citation)
    days = sum(_days(month_of(each)) for each in months)
    with precise():
        value = plan[year.name] * days / _days(year)
    by_days = "" if days == _days(year) else f", {days} of {_days(year)} days"
    return Measure(reference=Reference.PLAN, value=value, citation=citation + by_days)


def benchmark_of(
    reference: Reference,
    found: LoggedLevels | None,
    months: Sequence[int],
    *,
    activities: SpanActivities,
    library: FactorLibrary,
    approvals: Approvals,
) -> Measure:
    """A benchmark row times the output of some months.

    Raises:
        BoundaryNotFoundError: The output is no activity of the boundary.
    """
    row_id = None if found is None else _row_of(found.levels, reference)
    if found is None or row_id is None or found.levels.output is None:
        return _without(reference, "no row is on record for the year")
    try:
        row = library.row(row_id)
    except FactorNotFoundError:
        return _without(reference, f"the library holds no row {row_id}")
    status = library.status_of(row)
    if row.kind not in _OF_KIND or status not in _USABLE:
        return _without(reference, f"the row {row.id} is {status.value} {row.kind.value}")
    parts = [activities.of(found.levels.output, month_of(each)) for each in months]
    lacking = [name for part in parts for name in part.missing]
    if lacking or not parts:
        return _without(reference, "no output of " + ", ".join(lacking[:12]))
    return _measured(
        reference,
        row,
        [part.value for part in parts if part.value is not None],
        is_draft=status is FactorStatus.DRAFT and row.digest not in approvals.rows,
    )


def _measured(
    reference: Reference, row: FactorRow, output: Sequence[Quantity], *, is_draft: bool
) -> Measure:
    tonnes, _, each = row.unit.partition("/")
    if tonnes not in {"tCO2", "tCO2e"} or not each:
        return _without(reference, f"the row {row.id} is in {row.unit}, not in tonnes for a unit")
    try:
        amounts = [one.to(unit(each)).value for one in output]
    except UnitError as error:
        return _without(reference, f"{row.id}: {error}")
    amount = total(amounts)
    with precise():
        value: Decimal = row.value * amount
    return Measure(
        reference=reference,
        value=value,
        citation=f"{row.id} {row.value:f} {row.unit} times {amount:f} {each}: {row.source}",
        is_draft=is_draft,
    )


def _row_of(levels: EmissionLevels, reference: Reference) -> str | None:
    return levels.sector if reference is Reference.SECTOR else levels.advanced


def _without(reference: Reference, lacks: str) -> Measure:
    return Measure(reference=reference, value=None, citation=_NONE, lacks=lacks)


def _days(period: Period) -> int:
    return sum(1 for _ in period.parts(PeriodKind.DAY))
