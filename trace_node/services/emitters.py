"""Whether an organisation is a key or a general emitter, year by year (standard 002, 5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.emitter_status import EMITTER_STATUS, EmitterStatus
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.library import factor_library
from trace_node.services.statement_leaves import leaves

THRESHOLD: Final = "ets.threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmitterYear:
    """What the list of a year says (排放单位类别).

    Attributes:
        index: Leaf of the record.
        status: What it says.
    """

    index: int
    status: EmitterStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigure:
    """A figure of a year beside the threshold of key emitters; the list decides, not the figure.

    Attributes:
        purpose: What it is for.
        unit: ``tCO2`` or ``tCO2e``.
        gwp_set: GWP set; empty for CO2.
        value: The figure.
        is_whole: Whether the year has no gap.
        reaches: Whether it is at least the threshold.
    """

    purpose: Purpose
    unit: str
    gwp_set: str
    value: Decimal
    is_whole: bool
    reaches: bool


def emitter_years(organisation: str, *, store: Store) -> tuple[EmitterYear, ...]:
    """The newest record of each year, in the order of the years."""
    newest: dict[str, EmitterYear] = {}
    with store.view() as view:
        for leaf in leaves(view, EMITTER_STATUS):
            content = leaf.content
            if isinstance(content, EmitterStatus) and content.organisation == organisation:
                newest[content.period.name] = EmitterYear(index=leaf.logged.index, status=content)
    return tuple(newest[year] for year in sorted(newest))


def threshold_of(organisation: str, *, store: Store) -> FactorRow:
    """The emission of a year that makes a key emitter, with its source.

    Raises:
        FactorNotFoundError: The library holds none.
    """
    with store.view() as view:
        library = factor_library(view, organisation=OrganisationId(organisation))
    return library.row(THRESHOLD)


def year_figures(
    organisation: str, boundary: str, year: Period, *, store: Store
) -> Sequence[YearFigure]:
    """The figures of a year beside the threshold.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        FactorNotFoundError: The library holds no threshold.
    """
    threshold = threshold_of(organisation, store=store).value
    request = InventoryRequest(
        organisation=organisation, boundary=boundary, span=Span(begin=year.start, end=year.end)
    )
    found = inventory_of(request, store=store)
    return [
        YearFigure(
            purpose=purpose,
            unit=unit,
            gwp_set=gwp_set,
            value=value,
            is_whole=not found.of_purpose(purpose).gaps,
            reaches=value >= threshold,
        )
        for (purpose, unit, gwp_set), value in found.figures().items()
    ]
