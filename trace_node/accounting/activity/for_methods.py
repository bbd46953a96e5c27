"""From a unit of meters and documents to one that methods compute with, exactly.

Methods tell electricity from heat, which meters count in the same units: the quantity of the meter
register decides. A unit that methods do not have, such as ``L`` or ``kt``, becomes one that they
have. Where the result would have to be rounded it is refused: that is for a method to say.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.dimension import of_what, typed_unit
from trace_node.accounting.errors import DimensionError
from trace_node.units import UNITS, Unit

_ENERGY: Final = UNITS["J"].dimension
_HEAT: Final = frozenset({"enthalpy", "heat", "steam", "thermal"})
_ELECTRIC: Final = frozenset({"active", "electric", "electrical", "electricity", "power"})
_OF_ELECTRICITY: Final = UNITS["kWh"]
_OF_HEAT: Final = UNITS["MJ"]  # a kilowatt-hour is 3.6 of it; of GJ 0.0036


def for_methods(data: ActivityData, *, quantity: str) -> ActivityData:
    """The same data in a unit of methods; what was obtained stays beside it.

    Args:
        data: The data.
        quantity: What the meter register measures, such as ``active_energy`` or ``heat``; empty
            where nothing says so.

    Raises:
        InexactError: The value has no finite decimal form in that unit.
    """
    if data.converted is None:
        return data
    unit = data.converted.unit
    target = unit_for_methods(unit, quantity=quantity)
    if target == unit:
        return data
    said = f"unit: {unit.symbol} to {target.symbol}"
    return replace(
        data,
        converted=data.converted.to(target),
        conversion=f"{data.conversion}; {said}" if data.conversion else said,
    )


@cache
def unit_for_methods(unit: Unit, *, quantity: str) -> Unit:
    """The unit that methods get values of a unit in: the same, where they have it."""
    if unit.dimension == _ENERGY:
        preferred = _energy_for(quantity) or (_OF_ELECTRICITY if _dimension(unit) is None else unit)
        return unit if _dimension(unit) == _dimension(preferred) else preferred
    if _dimension(unit) is not None:
        return unit
    for other in UNITS.values():
        if other.dimension == unit.dimension and _dimension(other) and _is_finite(unit, other):
            return other
    return unit


def _energy_for(quantity: str) -> Unit | None:
    """A unit of the kind of energy that a quantity names by one of its words; None if by none.

    Energy of fuel is neither: it stays in the unit of its meter, which is one of heat.
    """
    words = set(quantity.replace(".", "_").split("_"))
    if words & _HEAT:
        return _OF_HEAT
    return _OF_ELECTRICITY if words & _ELECTRIC else None


def _dimension(unit: Unit) -> tuple[tuple[str, int], ...] | None:
    """The dimension that methods see in a unit; None where they do not have it."""
    try:
        return typed_unit(of_what(unit.symbol, None)).flat().dimension
    except DimensionError:
        return None


def _is_finite(unit: Unit, other: Unit) -> bool:
    """Whether each value of a unit has a finite decimal form in another."""
    rest = Fraction(unit.factor, other.factor).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and unit.zero == other.zero
