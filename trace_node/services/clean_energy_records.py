"""Clean energy that documents show, and what the figures deducted without one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.records.clean_energy import (
    CLEAN_ENERGY,
    CleanEnergyEntry,
    CleanKind,
)
from trace_node.period import to_ms
from trace_node.ports.store import Store
from trace_node.services.clean_energy import CleanEnergy
from trace_node.services.inventory import Span
from trace_node.services.statement_leaves import leaves
from trace_node.units import Quantity, unit

SHOWN_IN: Final = "MWh"
COVERING: Final = frozenset({CleanKind.BOUGHT_POWER, CleanKind.CERTIFICATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanRecord:
    """A clean-energy record of the log.

    Attributes:
        index: Its leaf.
        entry: What it says.
    """

    index: int
    entry: CleanEnergyEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanStatistic:
    """Clean energy of a span (清洁能源统计): a statistic of its own, never netted.

    Attributes:
        records: Records of periods inside the span, each number once.
        totals: Amount of each kind in the unit of its first record.
        deducted: MWh of non-fossil power that figures of the span took off what was bought.
        uncovered: MWh of these that no certificate or contract on record covers, 0 or more.
    """

    records: tuple[CleanRecord, ...]
    totals: dict[CleanKind, Quantity]
    deducted: Decimal
    uncovered: Decimal


def clean_records(organisation: str, span: Span, *, store: Store) -> tuple[CleanRecord, ...]:
    """The newest record of each number, of periods that lie inside a span."""
    newest: dict[str, CleanRecord] = {}
    with store.view() as view:
        for leaf in leaves(view, CLEAN_ENERGY):
            if isinstance(leaf.content, CleanEnergyEntry):
                newest[leaf.content.topic] = CleanRecord(
                    index=leaf.logged.index, entry=leaf.content
                )
    return tuple(
        each
        for each in sorted(newest.values(), key=lambda one: (one.entry.period.name, one.index))
        if each.entry.organisation == organisation
        and to_ms(span.begin) <= to_ms(each.entry.period.start)
        and to_ms(each.entry.period.end) <= to_ms(span.end)
    )


def clean_statistic(
    records: Sequence[CleanRecord], deducted: Iterable[CleanEnergy]
) -> CleanStatistic:
    """Sum up what is on record, and what figures took off without a document on record.

    Raises:
        UnitError: An amount has no finite form in MWh.
    """
    by_kind: dict[CleanKind, list[Quantity]] = defaultdict(list)
    for each in records:
        by_kind[each.entry.kind].append(Quantity(each.entry.quantity, unit(each.entry.unit)))
    totals = {kind: _sum(values) for kind, values in sorted(by_kind.items())}
    shown = unit(SHOWN_IN)
    taken = _sum([Quantity(one.value, unit(one.unit)).to(shown) for one in deducted]).value
    covered = _sum([totals[kind].to(shown) for kind in COVERING if kind in totals]).value
    return CleanStatistic(
        records=tuple(records),
        totals=totals,
        deducted=taken,
        uncovered=max(taken - covered, Decimal(0)),
    )


def _sum(values: Sequence[Quantity]) -> Quantity:
    whole = values[0] if values else Quantity(Decimal(0), unit(SHOWN_IN))
    for each in values[1:]:
        whole += each
    return whole
