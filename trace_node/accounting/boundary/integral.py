"""How a momentary value becomes a quantity (积分), as a part of a meter point."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from trace_node.accounting.activity.integrate import Between
from trace_node.canonical_json import JsonObject
from trace_node.record.fields import (
    read_choice,
    read_integer,
    read_object,
    read_unit,
    require_keys,
)

MOST_GAP_S: Final = 2 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """How the readings of a gauge are integrated over time (积分规则).

    Attributes:
        unit: Unit of the quantity, such as ``Nm3`` of a flow in ``Nm3/h``.
        between: What the rate does between two readings.
        longest_gap_s: Readings farther apart than so many seconds leave a gap, 1 s to two days.
    """

    unit: str
    between: Between
    longest_gap_s: int

    @property
    def longest_gap(self) -> timedelta:
        """The longest time between two readings that is no gap."""
        return timedelta(seconds=self.longest_gap_s)

    @classmethod
    def read(cls, fields: JsonObject, key: str) -> "Integration":
        """Read its members."""
        own = read_object(fields, key)
        require_keys(own, frozenset({"between", "longest_gap_s", "unit"}))
        return cls(
            unit=read_unit(own, "unit"),
            between=Between(read_choice(own, "between", frozenset(Between))),
            longest_gap_s=read_integer(own, "longest_gap_s", minimum=1, maximum=MOST_GAP_S),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "between": self.between.value,
            "longest_gap_s": self.longest_gap_s,
            "unit": self.unit,
        }
