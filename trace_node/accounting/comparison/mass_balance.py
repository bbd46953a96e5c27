"""Carbon in minus carbon out (C9): E = (in - product - waste) * 44/12.

A negative balance is a fault of measurement. It is reported as it is and never set to zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.findings import NEGATIVE, finding
from trace_node.accounting.nonconformity import NonConformity

_CO2: Final = 44
_CARBON: Final = 12
_SHOWN_PLACES: Final = 3


class Side(StrEnum):
    """Where a stream goes (物料流向)."""

    IN = "in"
    PRODUCT = "product"
    WASTE = "waste"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonStream:
    """A stream of material with its carbon (含碳物料).

    Attributes:
        name: Its name, once in a balance.
        side: Where it goes.
        quantity: Tonnes, 0 or more.
        carbon: Tonnes of carbon per tonne, a fraction from 0 to 1.

    Raises:
        ComparisonError: A value is out of its range.
    """

    name: str
    side: Side
    quantity: Decimal
    carbon: Decimal

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or self.quantity < 0:
            raise ComparisonError(
                "{field}: {name} has no quantity of {value} t",
                field="quantity",
                name=self.name,
                value=self.quantity,
                remedy="state which side the stream is on instead of a sign",
                code="comparison.stream",
            )
        if not self.carbon.is_finite() or not 0 <= self.carbon <= 1:
            raise ComparisonError(
                "{field}: {name} has no carbon content of {value} tC/t",
                field="carbon",
                name=self.name,
                value=self.carbon,
                remedy="divide a percent by 100: 61.2 % is 0.612",
                code="comparison.carbon",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MassBalance:
    """The balance of carbon (物料平衡).

    Attributes:
        carbon: Tonnes of carbon on each side.
        co2: Tonnes of CO2, negative where more carbon left than came.
        nonconformity: Says so then; None otherwise.
    """

    carbon: MappingProxyType[Side, Decimal]
    co2: Decimal
    nonconformity: NonConformity | None


def balance(streams: Sequence[CarbonStream]) -> MassBalance:
    """Balance the carbon of all streams.

    Raises:
        ComparisonError: A stream is named twice, or nothing goes in.
    """
    names = [stream.name for stream in streams]
    if len(set(names)) != len(names) or all(stream.side is not Side.IN for stream in streams):
        raise ComparisonError(
            "{field}: {names} are no balance: each stream once, and one that goes in",
            field="streams",
            names=", ".join(names),
            remedy="sum the quantities of one stream before",
            code="comparison.streams",
        )
    with precise():
        carbon = {
            side: total(each.quantity * each.carbon for each in streams if each.side is side)
            for side in Side
        }
        rest = carbon[Side.IN] - carbon[Side.PRODUCT] - carbon[Side.WASTE]
        co2 = rest * _CO2 / _CARBON
    negative = finding(NEGATIVE, co2=half_up(-co2, _SHOWN_PLACES))
    return MassBalance(
        carbon=MappingProxyType(carbon), co2=co2, nonconformity=negative if co2 < 0 else None
    )
