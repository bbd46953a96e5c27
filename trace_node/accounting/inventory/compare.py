"""Inventories compared, and intensities."""

from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.words import Purpose
from trace_node.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure in two spans (同比、环比).

    Attributes:
        purpose: What it is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        before: The figure of the earlier span; None where it has none.
        after: The figure of the later span; None where it has none.
        ratio: After over before less 1; None where that has no value.
    """

    purpose: Purpose
    unit: str
    gwp_set: str
    before: Decimal | None
    after: Decimal | None
    ratio: Decimal | None


def compare(before: Inventory, after: Inventory) -> tuple[Change, ...]:
    """Each figure of either, side by side."""
    old, new = before.figures(), after.figures()
    changes = []
    for key in sorted(old.keys() | new.keys()):
        one, two = old.get(key), new.get(key)
        with precise():
            ratio = two / one - 1 if one and two is not None else None
        purpose, unit, gwp_set = key
        changes.append(
            Change(purpose=purpose, unit=unit, gwp_set=gwp_set, before=one, after=two, ratio=ratio)
        )
    return tuple(changes)


def intensity(figure: Decimal, quantity: Decimal) -> Decimal:
    """A figure for each unit of a product, of output value or of energy (排放强度).

    Args:
        figure: Tonnes.
        quantity: How much was made, above 0.

    Raises:
        InputError: The quantity is not above 0.
    """
    if not quantity.is_finite() or quantity <= 0:
        raise InputError(
            "{field}: an intensity needs a quantity above 0, not {quantity}",
            field="per",
            quantity=quantity,
            remedy="give the output of the same span",
            code="inventory.intensity",
        )
    with precise():
        return figure / quantity
