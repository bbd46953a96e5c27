"""Whether every source category of a method is in an inventory or declared not occurring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Part
from trace_node.accounting.methods.method import Method


class Occurrence(StrEnum):
    """What an inventory says of a source category.

    Attributes:
        PRESENT: It has sources, and masses in every record.
        DECLARED: Declared not occurring, with a reason.
        MISSING: Neither: the inventory is not complete.
    """

    PRESENT = "present"
    DECLARED = "not_occurring"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryState:
    """A source category of a method in an inventory (排放源类别完整性).

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        category: Source category of the method.
        title_zh: Its Chinese name.
        title_en: Its English name.
        scope: 1, 2 or 3.
        occurrence: What the inventory says of it.
        sources: Its emission sources.
        reasons: Why it does not occur, as the versions of the boundary say.
        leaves: Records that say nothing of it; empty unless it is missing.
    """

    unit: str
    method: str
    category: str
    title_zh: str
    title_en: str
    scope: int
    occurrence: Occurrence
    sources: tuple[str, ...]
    reasons: tuple[str, ...]
    leaves: tuple[int, ...]


def categories_of(
    unit: str, method: Method, records: Iterable[tuple[Part, Boundary]]
) -> tuple[CategoryState, ...]:
    """Every source category of a method, from the records of one unit by this method.

    A record is asked together with the version of the boundary that it was made by: a category that
    occurs in one month and not in another is present, and its reasons are shown beside.

    Args:
        unit: The accounting unit.
        method: The method.
        records: Each record and its version of the boundary; without any, all are missing.
    """
    given = list(records)
    return tuple(_state(unit, method, category, given) for category in method.categories)


def _state(
    unit: str, method: Method, category: str, records: list[tuple[Part, Boundary]]
) -> CategoryState:
    known = method.categories[category]
    reasons: dict[str, None] = {}
    sources: dict[str, None] = {}
    silent: list[int] = []
    for part, boundary in records:
        reason = _declared(boundary, unit, method.ref).get(category)
        if reason is not None:
            reasons[reason] = None
        elif any(mass.category == category for mass in part.masses):
            sources |= dict.fromkeys(_sources(boundary, unit, method.ref, category))
        else:
            silent.append(part.index)
    return CategoryState(
        unit=unit,
        method=method.ref,
        category=category,
        title_zh=known.title_zh,
        title_en=known.title_en,
        scope=known.scope,
        occurrence=_occurrence(is_silent=bool(silent) or not records, has_sources=bool(sources)),
        sources=tuple(sources),
        reasons=tuple(reasons),
        leaves=tuple(silent),
    )


def _occurrence(*, is_silent: bool, has_sources: bool) -> Occurrence:
    if is_silent:
        return Occurrence.MISSING
    return Occurrence.PRESENT if has_sources else Occurrence.DECLARED


def _declared(boundary: Boundary, unit: str, method: str) -> Mapping[str, str]:
    for industry in boundary.industries:
        if (industry.unit, industry.method) == (unit, method):
            return industry.not_occurring
    return {}


def _sources(boundary: Boundary, unit: str, method: str, category: str) -> list[str]:
    return [
        each.id
        for each in boundary.sources
        if (each.unit, each.method, each.category) == (unit, method, category)
    ]
