"""The parts of an inventory from the emission records of the log."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Mass, Part
from trace_node.accounting.inventory.purposes import MassPurposes, mass_purposes
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.methods.words import Role
from trace_node.accounting.standing import Standing
from trace_node.ports.accounting import LoggedFigure
from trace_node.services.kept_results import KeptResults
from trace_node.services.stated_figures import stated_figures


def parts_of(
    figures: Iterable[LoggedFigure],
    *,
    versions: Mapping[int, Boundary],
    methods: MethodLibrary,
    results: KeptResults,
) -> Iterator[Part]:
    """Emission records as parts of an inventory.

    Args:
        figures: The records.
        versions: Versions of their boundary by leaf.
        methods: Methods that the records were made by.
        results: Results behind the records.

    Raises:
        MethodNotFoundError: A method of a record is not in the library.
    """
    purposes: dict[str, MassPurposes] = {}
    for logged in figures:
        method = methods.get(logged.method)
        if method.ref not in purposes:
            purposes[method.ref] = mass_purposes(method)
        stated = stated_figures(
            logged.unit, method, logged.totals, canonical=partial(results.canonical, logged.index)
        )
        part = _part(logged, purposes[method.ref], versions[logged.boundary_index])
        yield replace(part, figures=tuple(stated))


def _part(logged: LoggedFigure, purposes: MassPurposes, boundary: Boundary) -> Part:
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
        figures=(),
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
