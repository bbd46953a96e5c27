"""What a trend is stated to be."""

from enum import StrEnum


class Direction(StrEnum):
    """Where values go (趋势方向).

    Attributes:
        RISING: Up, beyond chance.
        FALLING: Down, beyond chance.
        NOT_SHOWN: Neither is shown: what moved may be chance.
    """

    RISING = "rising"
    FALLING = "falling"
    NOT_SHOWN = "not_shown"
