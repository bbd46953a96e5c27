"""An inventory (温室气体清单): masses and figures of a span of time, each purpose for itself.

Masses are kept per gas and added; a figure is added to figures of its own purpose, unit and GWP set
only. Sinks and clean energy stand beside, never inside.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.inventory.figures import (
    Figure,
    FigureKey,
    SpanFigure,
    span_figures,
)
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.standing import Standing, worst

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mass:
    """The mass of one gas from one source in one period.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        source: Emission source.
        category: Source category.
        scope: 1, 2 or 3.
        iso14064: Category 1 to 6 of ISO 14064-1.
        gas: The gas.
        role: Emission or sink.
        tonnes: Tonnes of the gas.
        purposes: The purposes that it serves; in an inventory it counts once for each of them.
    """

    unit: str
    method: str
    source: str
    category: str
    scope: int
    iso14064: int
    gas: str
    role: Role
    tonnes: Decimal
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One record of the log that an inventory is made of.

    Attributes:
        index: Its leaf.
        boundary_leaf: Leaf of the version of the boundary it was made by.
        unit: Accounting unit.
        method: ``id@version``.
        period: Name of its period.
        begin: First instant.
        end: First instant after it.
        standing: How far it stands.
        demonstration: Why it is a demonstration only; None of a real record.
        masses: Its masses.
        figures: Its figures.
        sources: Emission sources that its unit had by its method in that version.
    """

    index: int
    boundary_leaf: int
    unit: str
    method: str
    period: str
    begin: datetime
    end: datetime
    standing: Standing
    demonstration: str | None
    masses: tuple[Mass, ...]
    figures: tuple[Figure, ...]
    sources: frozenset[str] = frozenset()

    @property
    def purposes(self) -> frozenset[Purpose]:
        """The purposes of its figures."""
        return frozenset(one.purpose for one in self.figures) - {Purpose.AUXILIARY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span that no record of a unit and method covers, or none with some of its sources.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        begin: First instant.
        end: First instant after it.
        purposes: The purposes of the method, whose figures lack this span.
        sources: What the record that covers it was made without, or by an earlier definition, in
            order; nothing where none does.
    """

    unit: str
    method: str
    begin: datetime
    end: datetime
    purposes: tuple[Purpose, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """A record that states again what others state, and that nothing whole replaces (重叠核算).

    Attributes:
        unit: Accounting unit of the record.
        method: Its ``id@version``.
        leaf: Its leaf; it does not count.
        others: Leaves of those that state the same, ascending.
        counted: Whether those count; else the boundary asks for neither as they stand.
        begin: First instant that both state.
        end: First instant after it.
        purposes: The purposes that both serve.
    """

    unit: str
    method: str
    leaf: int
    others: tuple[int, ...]
    counted: bool
    begin: datetime
    end: datetime
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """An inventory: at every instant one figure of a source, or a gap.

    Attributes:
        begin: First instant.
        end: First instant after it.
        parts: The records it is made of.
        gaps: What no record covers; it is complete where there are none.
        overlaps: Records left out because others state the same, where that left a gap.
    """

    begin: datetime
    end: datetime
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...] = ()

    @property
    def standing(self) -> Standing:
        """The worst standing of its parts; missing where a part is."""
        standings = [each.standing for each in self.parts]
        return Standing.MISSING if self.gaps or not standings else worst(standings)

    @property
    def demonstrations(self) -> tuple[str, ...]:
        """Why parts of it are a demonstration only; nothing for a real inventory."""
        return tuple(dict.fromkeys(one.demonstration for one in self.parts if one.demonstration))

    def of_purpose(self, purpose: Purpose) -> "Inventory":
        """What a figure of one purpose is made of, and what it lacks.

        An enterprise inventory that lacks a month leaves the figure of the carbon market whole.
        """
        return replace(
            self,
            parts=tuple(
                part for part in self.parts if any(one.purpose is purpose for one in part.figures)
            ),
            gaps=tuple(gap for gap in self.gaps if purpose in gap.purposes),
            overlaps=tuple(each for each in self.overlaps if purpose in each.purposes),
        )

    def of_unit(self, unit: str) -> "Inventory":
        """What it holds of one accounting unit."""
        return replace(
            self,
            parts=tuple(part for part in self.parts if part.unit == unit),
            gaps=tuple(gap for gap in self.gaps if gap.unit == unit),
            overlaps=tuple(each for each in self.overlaps if each.unit == unit),
        )

    def masses(self, *keys: str, role: Role = Role.EMISSION) -> dict[Key, Decimal]:
        """Tonnes of each gas of each purpose by members of ``Mass``, such as ``scope``, in order.

        A unit that two methods account for, such as one of the carbon market and one of the
        enterprise, has its masses once for each purpose, and no sum over purposes.

        Args:
            keys: Members to group by; each key begins with the purpose and ends with the gas.
            role: Emissions or sinks.
        """
        found: dict[Key, list[Decimal]] = defaultdict(list)
        for part in self.parts:
            for mass in part.masses:
                if mass.role is role:
                    group = tuple(str(getattr(mass, key)) for key in keys)
                    for purpose in mass.purposes:
                        found[purpose.value, *group, mass.gas].append(mass.tonnes)
        return {key: total(found[key]) for key in sorted(found)}

    def by_period(self) -> dict[Key, Decimal]:
        """Tonnes by purpose, period of the record and gas, emissions only."""
        found: dict[Key, list[Decimal]] = defaultdict(list)
        for part in self.parts:
            for mass in part.masses:
                if mass.role is Role.EMISSION:
                    for purpose in mass.purposes:
                        found[purpose.value, part.period, mass.gas].append(mass.tonnes)
        return {key: total(values) for key, values in found.items()}

    def net(self) -> dict[Key, tuple[Decimal, Decimal, Decimal]]:
        """Gross, sinks and net in tonnes by purpose and gas, side by side."""
        gross, sinks = self.masses(), self.masses(role=Role.SINK)
        found = {}
        for key in sorted(gross.keys() | sinks.keys()):
            emitted, bound = gross.get(key, Decimal(0)), sinks.get(key, Decimal(0))
            with precise():
                found[key] = (emitted, bound, emitted - bound)
        return found

    def figures(self) -> dict[FigureKey, Decimal]:
        """The figures by purpose, unit and GWP set; none is added to one of another."""
        return {key: one.value for key, one in self.span_figures().items()}

    def span_figures(self) -> dict[FigureKey, SpanFigure]:
        """The same with what rounding took or gave."""
        return span_figures(one for part in self.parts for one in part.figures)

    def auxiliary(self) -> dict[Key, Decimal]:
        """Quantities that are reported beside, such as clean energy, by total and unit."""
        found: dict[Key, list[Decimal]] = defaultdict(list)
        for part in self.parts:
            for one in part.figures:
                if one.purpose is Purpose.AUXILIARY:
                    found[one.total, one.unit_of].append(one.value)
        return {key: total(values) for key, values in sorted(found.items())}
