"""The parts of an inventory from the emission records of the log."""

from collections.abc import Iterator

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Figure, Mass, Part
from trace_node.accounting.inventory.purposes import MassPurposes
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing
from trace_node.ports.accounting import LoggedFigure


def part_of(logged: LoggedFigure, purposes: MassPurposes, boundary: Boundary) -> Part:
    """An emission record as a part of an inventory.

    Args:
        logged: The record.
        purposes: What the masses of its method are for.
        boundary: The version of the boundary that it names.
    """
    return Part(
        index=logged.index,
        boundary_leaf=logged.boundary_index,
        unit=logged.unit,
        method=logged.method,
        period=logged.period.name,
        begin=logged.period.start,
        end=logged.period.end,
        standing=Standing(logged.standing),
        demonstration=logged.demonstration,
        masses=tuple(_masses(logged, purposes)),
        figures=tuple(_figures(logged)),
        sources=frozenset(
            each.id
            for each in boundary.sources
            if (each.unit, each.method) == (logged.unit, logged.method)
        ),
    )


def _masses(logged: LoggedFigure, purposes: MassPurposes) -> Iterator[Mass]:
    for one in logged.items:
        yield Mass(
            unit=logged.unit,
            method=logged.method,
            source=one.source,
            category=one.category,
            scope=one.scope,
            iso14064=one.iso14064,
            gas=one.gas,
            role=Role(one.role),
            tonnes=one.mass,
            purposes=purposes.of(one.category, Role(one.role)),
        )


def _figures(logged: LoggedFigure) -> Iterator[Figure]:
    for one in logged.totals:
        yield Figure(
            unit=logged.unit,
            method=logged.method,
            total=one.id,
            purpose=Purpose(one.purpose),
            value=one.value,
            unit_of=one.unit,
            gwp_set=one.gwp_set,
        )
