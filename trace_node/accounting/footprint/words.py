"""The closed lists of words that batch events and footprints are written in."""

from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """What happened to batches (批次事件).

    Attributes:
        EXTRACT: Taken from the ground: there is no batch before it (开采).
        FEED: Fed to a process that makes other products (入选、投料).
        SPLIT: Parted without any process (分批).
        BLEND: Put together (掺配).
        REWORK: Run through a process again (返工).
        LOAD: Loaded and carried (装运).
        DELIVER: Handed over, to another enterprise or within one (交付).
        BURN: Burnt; nothing is left (燃用).
    """

    EXTRACT = "extract"
    FEED = "feed"
    SPLIT = "split"
    BLEND = "blend"
    REWORK = "rework"
    LOAD = "load"
    DELIVER = "deliver"
    BURN = "burn"


class Stage(StrEnum):
    """A stage of the life cycle (生命周期阶段)."""

    MINING = "mining"
    WASHING = "washing"
    RAW_MEAL = "raw_meal"
    CLINKER = "clinker"
    CEMENT = "cement"
    PROCESS = "process"
    SUPPLY = "supply"
    TRANSPORT = "transport"
    USE = "use"


class Side(StrEnum):
    """On which side of the gate a figure lies (系统边界).

    Attributes:
        GATE: From cradle to gate: what a customer is told.
        DOWNSTREAM: Behind the gate: transport to the customer and use; shown apart.
    """

    GATE = "gate"
    DOWNSTREAM = "downstream"


class Origin(StrEnum):
    """Where the carbon of a gas comes from (碳来源).

    Attributes:
        FOSSIL: Coal, oil, gas, carbonates; gases without carbon too.
        BIOGENIC: Waste water, biomass, waste; for CH4, never for CO2.
    """

    FOSSIL = "fossil"
    BIOGENIC = "biogenic"


class Allocation(StrEnum):
    """By what a burden is parted among products (分配方法).

    Attributes:
        WHOLE: There is one product; it bears all.
        MASS: By mass.
        ENERGY: By mass times net calorific value.
        VALUE: By mass times price.
    """

    WHOLE = "whole"
    MASS = "mass"
    ENERGY = "energy"
    VALUE = "value"


CARRYING: Final = frozenset({EventKind.LOAD, EventKind.DELIVER})
NEEDS_STAGE: Final = frozenset({EventKind.EXTRACT, EventKind.FEED, EventKind.REWORK})
