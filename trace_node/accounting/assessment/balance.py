"""A mass balance from activity data, with what errs behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node.accounting.activity.data import ActivityData
from trace_node.accounting.arithmetic import precise, to_decimal, total
from trace_node.accounting.assessment.sources import ErrorSource, joined, points_of
from trace_node.accounting.boundary.rule_form import RulePoint
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.mass_balance import CarbonStream, MassBalance, Side, balance
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.planned import PlannedStream
from trace_node.units import Unit, unit

_CO2_OF_CARBON: Final = Fraction(44, 12)
_CARBON_UNITS: Final = frozenset({"1", "tC/t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """A balance and its sources of error.

    Attributes:
        balance: The balance.
        sources: What errs, with the derivative of its CO2 by each.
    """

    balance: MassBalance
    sources: tuple[ErrorSource, ...]


def missing_points(streams: Iterable[PlannedStream], data: Mapping[str, ActivityData]) -> list[str]:
    """Names of points of a balance that have no value; a missing one is not 0."""
    names = dict.fromkeys(name for each in streams for name in (each.quantity, each.carbon))
    return [name for name in names if data[name].converted is None]


def balanced(
    streams: Sequence[PlannedStream],
    data: Mapping[str, ActivityData],
    items: Mapping[str, ActivityItem],
    rules: Iterable[RulePoint],
) -> Balanced:
    """Balance the carbon of streams.

    Args:
        streams: The streams.
        data: All activity data by name; that of the streams has a value.
        items: What of it has a value, as a record states it.
        rules: The rules of the boundary.

    Raises:
        ComparisonError: A quantity is no mass, a carbon content no fraction, or a value is out of
            its range.
    """
    amounts = {each.name: _amounts(each, data) for each in streams}
    found = balance(
        [
            CarbonStream(name=each.name, side=each.side, quantity=mass, carbon=carbon)
            for each in streams
            for mass, carbon in (amounts[each.name],)
        ]
    )
    slopes: dict[str, Decimal] = {}
    for each in streams:
        mass, carbon = amounts[each.name]
        sign = to_decimal(_CO2_OF_CARBON if each.side is Side.IN else -_CO2_OF_CARBON)
        with precise():
            in_tonnes = to_decimal(_unit(data[each.quantity]).factor / unit("t").factor)
            for name, slope in (
                (each.quantity, sign * carbon * in_tonnes),
                (each.carbon, sign * mass),
            ):
                slopes[name] = total((slopes.get(name, Decimal(0)), slope))
    return Balanced(
        balance=found,
        sources=joined(points_of(slopes, items, rules)),
    )


def _amounts(each: PlannedStream, data: Mapping[str, ActivityData]) -> tuple[Decimal, Decimal]:
    """Tonnes, and tonnes of carbon per tonne."""
    quantity, carbon = data[each.quantity].converted, data[each.carbon].converted
    assert quantity is not None  # noqa: S101 (missing ones were asked for)
    assert carbon is not None  # noqa: S101 (likewise)
    if quantity.unit.dimension != "mass" or carbon.unit.symbol not in _CARBON_UNITS:
        raise ComparisonError(
            "{field}: {name} is {quantity} and {carbon}, not a mass and a fraction of carbon",
            field="balance",
            name=each.name,
            quantity=quantity.unit.symbol,
            carbon=carbon.unit.symbol,
            remedy="give the mass in t, and the carbon in 1 or from a laboratory",
            code="measurement.stream",
        )
    return quantity.to(unit("t")).value, carbon.value


def _unit(data: ActivityData) -> Unit:
    assert data.converted is not None  # noqa: S101 (likewise)
    return data.converted.unit
