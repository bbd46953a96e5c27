"""Rows of series as the projection holds them: increments, states of roll-ups, totals."""

from dataclasses import dataclass
from enum import IntEnum

from trace_node.metering.increment import Increment
from trace_node.metering.period_total import PeriodTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIncrement:
    """An increment as the projection holds it.

    Attributes:
        point_id: Which point.
        increment: The increment; its value is scaled.
        scale: Number of decimals of the value.
    """

    point_id: int
    increment: Increment
    scale: int


class Grade(IntEnum):
    """How long a state of a roll-up is kept."""

    FREQUENT = 0  # a day
    DAILY = 1  # some weeks
    MONTHLY = 2  # for good


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesState:
    """A roll-up as it stood after one item of its series.

    Attributes:
        point_id: Which point.
        at_ms: Instant of that item, milliseconds since the epoch.
        state: What ``save_rollup`` gave.
        grade: How long it is kept.
    """

    point_id: int
    at_ms: int
    state: bytes
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTotal:
    """The total of a point in a period that is over.

    Attributes:
        point_id: Which point.
        total: The total.
    """

    point_id: int
    total: PeriodTotal
