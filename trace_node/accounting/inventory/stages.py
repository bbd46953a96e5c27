"""The emission of each stage: its share, and how it moves (各环节排放分析, KSSJ/YY25-2023 7.1.2 a).

A stage is an accounting unit of the boundary: a mine, a washery, a kiln line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.words import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigure:
    """A figure of one stage.

    Attributes:
        unit: The accounting unit.
        purpose: What the figure is for.
        unit_of: ``tCO2`` or ``tCO2e``.
        gwp_set: GWP set; empty for CO2.
        value: The figure of the span.
        share: Its share of all stages, a fraction; None where all are 0.
        before: The figure of the span before; None where it has a gap or none.
        year_before: The figure of the same span a year before; None likewise.
        is_whole: Whether the stage has no gap in the span.
        masses: Tonnes of each gas by source category.
    """

    unit: str
    purpose: Purpose
    unit_of: str
    gwp_set: str
    value: Decimal
    share: Decimal | None
    before: Decimal | None
    year_before: Decimal | None
    is_whole: bool
    masses: Mapping[tuple[str, ...], Decimal]

    @property
    def change(self) -> Decimal | None:
        """Value over the span before, less 1; None where that has no value."""
        return _ratio(self.value, self.before)

    @property
    def change_on_year(self) -> Decimal | None:
        """Value over the same span a year before, less 1; None where that has no value."""
        return _ratio(self.value, self.year_before)

    @property
    def rises(self) -> bool:
        """Whether it is more than in the span before."""
        return self.before is not None and self.value > self.before


def stages_of(
    found: Inventory, before: Inventory, year_before: Inventory
) -> tuple[StageFigure, ...]:
    """Every figure of every stage, the largest first within a purpose.

    Args:
        found: The span.
        before: The span of the same length before it.
        year_before: The same span a year before.
    """
    whole = found.figures()
    rows = []
    for unit in dict.fromkeys(part.unit for part in found.parts):
        mine = found.of_unit(unit)
        earlier, last_year = before.of_unit(unit), year_before.of_unit(unit)
        for key, value in mine.figures().items():
            purpose, unit_of, gwp_set = key
            with precise():
                share = value / whole[key] if whole[key] else None
            rows.append(
                StageFigure(
                    unit=unit,
                    purpose=purpose,
                    unit_of=unit_of,
                    gwp_set=gwp_set,
                    value=value,
                    share=share,
                    before=_figure(earlier, key),
                    year_before=_figure(last_year, key),
                    is_whole=not mine.of_purpose(purpose).gaps,
                    masses=_masses(mine, purpose),
                )
            )
    return tuple(sorted(rows, key=lambda one: (one.purpose, one.gwp_set, -one.value, one.unit)))


def rising(values: Sequence[Decimal]) -> int:
    """How many of the last values each rose above the one before, without a break."""
    count = 0
    for earlier, later in zip(reversed(values[:-1]), reversed(values), strict=False):
        if later <= earlier:
            break
        count += 1
    return count


def _masses(found: Inventory, purpose: Purpose) -> dict[tuple[str, ...], Decimal]:
    """Tonnes by source category and gas of one purpose."""
    rows = found.masses("category").items()
    return {key[1:]: mass for key, mass in rows if key[0] == purpose.value}


def _figure(found: Inventory, key: tuple[Purpose, str, str]) -> Decimal | None:
    return None if found.of_purpose(key[0]).gaps else found.figures().get(key)


def _ratio(value: Decimal, before: Decimal | None) -> Decimal | None:
    if not before:
        return None
    with precise():
        return value / before - 1
