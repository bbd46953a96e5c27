"""Rules that make activity data of an emission source from others: standard 002 8.3.2.

Sums, differences and shares are exact; products and quotients have 50 significant digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Final, Protocol

from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.arithmetic import exact_product, precise, to_decimal
from trace_node.units import Quantity, Unit

SHARE_PLACES: Final = 30


class Rule(Protocol):
    """One rule (汇总规则).

    Attributes:
        inputs: Names of what it takes, in order.
    """

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what it takes, in order."""

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """What it makes of them, in order; an ``InputError`` where they do not fit."""


@dataclass(frozen=True, slots=True)
class Add:
    """The sum (累加), in the unit of the first."""

    inputs: tuple[str, ...]

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """Add them; ``UnitError`` where they measure different things."""
        return reduce(lambda left, right: left + right, values)


@dataclass(frozen=True, slots=True)
class Subtract:
    """The first without all others (相减), in the unit of the first."""

    inputs: tuple[str, ...]

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """Subtract them; ``UnitError`` where they measure different things."""
        return reduce(lambda left, right: left - right, values)


@dataclass(frozen=True, slots=True)
class Multiply:
    """The product (相乘) of all and of a factor: a source derived from a typical activity value.

    Attributes:
        inputs: Names of what is multiplied.
        factor: Constant factor.
        unit: Unit of the product, as the method states it.
    """

    inputs: tuple[str, ...]
    factor: Decimal
    unit: Unit

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """Multiply their numbers."""
        with precise():
            return Quantity(
                reduce(lambda product, each: product * each.value, values, self.factor), self.unit
            )


@dataclass(frozen=True, slots=True)
class Divide:
    """The first over the second (相除).

    Attributes:
        inputs: Names of dividend and divisor.
        unit: Unit of the quotient, as the method states it.
    """

    inputs: tuple[str, str]
    unit: Unit

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """Divide their numbers; ``ActivityError`` where the divisor is 0."""
        dividend, divisor = values
        if divisor.value == 0:
            raise ActivityError(
                "{field}: {name} is 0, and nothing is divided by it",
                field="inputs",
                name=self.inputs[1],
                remedy="check the activity data that the rule divides by",
                code="activity.division",
            )
        with precise():
            return Quantity(dividend.value / divisor.value, self.unit)


@dataclass(frozen=True, slots=True)
class Apportion:
    """One source's share of a value (分摊).

    Attributes:
        inputs: Name of what is shared.
        shares: Share of every source, exactly 1 together.
        to: The source that this is the share of.

    Raises:
        ActivityError: The shares are not of that kind, or ``to`` has none.
    """

    inputs: tuple[str]
    shares: Mapping[str, Decimal]
    to: str

    def __post_init__(self) -> None:
        require_shares(self.shares)
        if self.to not in self.shares:
            raise ActivityError(
                "{field}: {name} has no share",
                field="to",
                name=self.to,
                remedy="name a source among the shares",
                code="activity.shares",
            )

    def compute(self, values: Sequence[Quantity]) -> Quantity:
        """The share of ``to``."""
        return apportion(values[0], self.shares)[self.to]


def apportion(quantity: Quantity, shares: Mapping[str, Decimal]) -> dict[str, Quantity]:
    """Share a value among sources; the parts sum to it exactly.

    Raises:
        ActivityError: A share is negative, or they do not sum to exactly 1.
    """
    require_shares(shares)
    return {
        name: Quantity(exact_product(quantity.value, share), quantity.unit)
        for name, share in shares.items()
    }


def shares_by_weight(weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares in proportion to weights, such as outputs or areas, exactly 1 together.

    They have 30 decimals, rounded down; what that leaves goes to the largest.

    Raises:
        ActivityError: A weight is negative, or all are 0.
    """
    whole = sum(map(Fraction, weights.values()))
    if whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ActivityError(
            "{field}: {names} have no weights to share by",
            field="weights",
            names=", ".join(weights),
            remedy="weigh by quantities of 0 or more, one of them above 0",
            code="activity.weights",
        )
    steps = {
        name: int(Fraction(weight) / whole * 10**SHARE_PLACES) for name, weight in weights.items()
    }
    largest = max(steps, key=lambda name: steps[name])
    steps[largest] += 10**SHARE_PLACES - sum(steps.values())
    with precise():
        return {name: Decimal(step).scaleb(-SHARE_PLACES) for name, step in steps.items()}


def require_shares(shares: Mapping[str, Decimal]) -> None:
    """Require shares of 0 or more that are exactly 1 together.

    Raises:
        ActivityError: They are not.
    """
    whole = sum(map(Fraction, shares.values()))
    if whole != 1 or any(share < 0 for share in shares.values()):
        raise ActivityError(
            "{field}: the shares of {names} sum to {whole}, not to exactly 1",
            field="shares",
            names=", ".join(shares),
            whole=to_decimal(Fraction(whole)),
            remedy="give each share as a fraction of 0 or more, and the rest to the last one",
            code="activity.shares",
        )
