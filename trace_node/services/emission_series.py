"""The figure of one purpose month by month, from the emission records that hold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trace_node.accounting.inventory.figures import FigureKey
from trace_node.accounting.inventory.inventory import Inventory, Part
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.outlook.series import month_of, number_of
from trace_node.accounting.standing import Standing
from trace_node.errors import InputError
from trace_node.period import PeriodKind, period_of
from trace_node.ports.store import Store
from trace_node.services.inventory import (
    InventoryRequest,
    Span,
    boundary_versions,
    inventory_from,
    parts_in,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionSeries:
    """Monthly figures (月度排放序列).

    Attributes:
        key: Purpose, unit and GWP set.
        values: The figure of each month that every unit and method of the purpose has a record of.
        provisional: Names of the months that will be settled again.
        partial: Names of the months that some unit or method of the purpose has no record of; they
            have no value.
        leaves: Leaves of each month.
    """

    key: FigureKey
    values: Mapping[int, Decimal]
    provisional: tuple[str, ...]
    partial: tuple[str, ...]
    leaves: Mapping[int, tuple[int, ...]]


def emission_series(
    request: InventoryRequest,
    *,
    purpose: Purpose,
    store: Store,
    now: datetime,
    gwp_set: str | None = None,
) -> EmissionSeries:
    """Monthly figures of a span, months that have not ended left out.

    Args:
        request: Whose, and the span.
        purpose: Which figure.
        store: The log.
        now: The node's clock.
        gwp_set: Its GWP set; None where the records hold one only.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        InputError: The records hold no figure of the purpose, or several that are never added.
    """
    by_month: dict[int, list[Part]] = defaultdict(list)
    for part in parts_in(request, store=store):
        month = period_of(part.begin, PeriodKind.MONTH)
        if part.end <= month.end and month.end <= now:
            by_month[number_of(month)].append(part)
    with store.view() as view:
        found = boundary_versions(request.organisation, request.boundary, view=view)
    inventories = {
        number: inventory_from(parts, _of_month(request, number), found, store=store).of_purpose(
            purpose
        )
        for number, parts in sorted(by_month.items())
    }
    key = _key(inventories.values(), purpose, gwp_set)
    whole = {
        number: one for number, one in inventories.items() if not one.gaps and key in one.figures()
    }
    return EmissionSeries(
        key=key,
        values={number: one.figures()[key] for number, one in whole.items()},
        provisional=tuple(
            month_of(number).name
            for number, one in whole.items()
            if one.standing is not Standing.FINAL
        ),
        partial=tuple(month_of(each).name for each in inventories if each not in whole),
        leaves={number: tuple(part.index for part in one.parts) for number, one in whole.items()},
    )


def _of_month(request: InventoryRequest, number: int) -> InventoryRequest:
    month = month_of(number)
    return replace(request, span=Span(begin=month.start, end=month.end))


def _key(found: Iterable[Inventory], purpose: Purpose, gwp_set: str | None) -> FigureKey:
    keys = sorted(
        {
            key
            for one in found
            for key in one.figures()
            if key[0] is purpose and gwp_set in {None, key[2]}
        }
    )
    if len(keys) != 1:
        raise InputError(
            "{field}: the records hold {count} figures of the purpose {purpose}",
            field="purpose",
            count=len(keys),
            purpose=purpose.value,
            remedy="name a purpose that the methods have, and one GWP set: "
            + (
                ", ".join(f"{unit} {gwp or '-'}" for _purpose, unit, gwp in keys) or "none is there"
            ),
            code="inventory.figure",
        )
    return keys[0]
