"""The accuracy of every figure of an inventory, from what lacks and from its uncertainty."""

from collections.abc import Iterable

from trace_node.accounting.assessment.sums import SumBudget, SumKey
from trace_node.accounting.inventory.accuracy import (
    FigureAccuracy,
    category_share,
    settled_share,
)
from trace_node.accounting.methods.words import Purpose
from trace_node.services.inventory_view import InventoryView


def accuracy_of(view: InventoryView, worth: Iterable[SumBudget]) -> tuple[FigureAccuracy, ...]:
    """How much of the emission each figure holds, and how surely; auxiliary quantities have none.

    Args:
        view: The inventory and its source categories.
        worth: Uncertainty of its figures.
    """
    known = {each.key: each for each in worth}
    return tuple(
        _accuracy(view, key, known.get(key))
        for key in view.inventory.figures()
        if key[0] is not Purpose.AUXILIARY
    )


def _accuracy(view: InventoryView, key: SumKey, known: SumBudget | None) -> FigureAccuracy:
    purpose, unit, gwp_set = key
    budget = None if known is None else known.budget
    return FigureAccuracy(
        purpose=purpose,
        unit=unit,
        gwp_set=gwp_set,
        settled=settled_share(view.inventory, purpose),
        categories=category_share(view.inventory, view.categories, purpose),
        relative=None if budget is None else budget.relative,
        is_whole=known is not None and not known.unevaluated and not known.unstated,
    )
