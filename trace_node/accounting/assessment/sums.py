"""The uncertainty of sums of records: a meter errs in every month the same way.

Contributions that share an error add with their signs, over months, units and lines; all others add
by their squares. So a year of one meter is as uncertain, relatively, as each of its months, and
dividing by the root of twelve is wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import total
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.records.uncertainty_parts import Contribution
from trace_node.accounting.uncertainty.budget import Budget, combine
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput

SumKey = tuple[Purpose, str, str]
"""Purpose, unit and GWP set of a sum of figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addend:
    """A figure of a record that enters a sum.

    Attributes:
        key: Which sum.
        leaf: Leaf of the emission record.
        figure: Id of the total.
        record: The uncertainty beside it; None where it was not evaluated.
    """

    key: SumKey
    leaf: int
    figure: str
    record: Uncertainty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SumBudget:
    """The uncertainty of a sum of figures.

    Attributes:
        key: Which sum.
        budget: Its budget; a row for each error, of a standard uncertainty of 1 and a sensitivity
            that is its contribution. None where no addend was evaluated.
        unevaluated: Leaves of records whose uncertainty was not evaluated: U does not hold them.
        unstated: Sources of which nothing is known, by name.
    """

    key: SumKey
    budget: Budget | None
    unevaluated: tuple[int, ...]
    unstated: tuple[str, ...]


def sum_budgets(
    addends: Iterable[Addend], values: Mapping[SumKey, Decimal]
) -> tuple[SumBudget, ...]:
    """The uncertainty of each sum.

    Args:
        addends: The figures of records that enter the sums.
        values: The sums, which a method may round once.
    """
    by_key: dict[SumKey, list[Addend]] = defaultdict(list)
    for each in addends:
        by_key[each.key].append(each)
    return tuple(_sum(key, by_key[key], values[key]) for key in sorted(by_key))


def _sum(key: SumKey, addends: list[Addend], value: Decimal) -> SumBudget:
    found: dict[tuple[str, Kind], list[Decimal]] = defaultdict(list)
    unstated: set[str] = set()
    for each in addends:
        if each.record is None:
            continue
        unstated.update(each.record.unstated)
        for one in each.record.by_figure[each.figure].contributions:
            found[_error(one, each), one.kind].append(one.contribution)
    sizes = {f"{name} {kind.value}": total(values) for (name, kind), values in found.items()}
    inputs = [
        UncertainInput(
            name=f"{name} {kind.value}",
            value=Decimal(0),
            parts=(Part(kind=kind, u=Decimal(1), origin=name),),
        )
        for name, kind in found
    ]
    is_evaluated = any(each.record is not None for each in addends)
    return SumBudget(
        key=key,
        budget=combine(value, sizes, inputs) if is_evaluated else None,
        unevaluated=tuple(sorted({each.leaf for each in addends if each.record is None})),
        unstated=tuple(sorted(unstated)),
    )


def _error(one: Contribution, addend: Addend) -> str:
    """What errs: a name shared with other addends, or one of this addend alone."""
    if one.shared is not None:
        return one.shared
    return f"{one.source} of leaf {addend.leaf}"
