"""How far a value stands: what every figure takes over from its inputs."""

from collections.abc import Iterable
from enum import StrEnum


class Standing(StrEnum):
    """How far a value stands (数据状态).

    Attributes:
        FINAL: It is what the period ends with.
        PROVISIONAL: It will be settled again, for example when the month's samples arrive.
        MISSING: There is none; it is not 0.
    """

    FINAL = "final"
    PROVISIONAL = "provisional"
    MISSING = "missing"


_FROM_WORST = (Standing.MISSING, Standing.PROVISIONAL)


def worst(standings: Iterable[Standing]) -> Standing:
    """What a value has that is made of values with these; final of none."""
    given = set(standings)
    return next((each for each in _FROM_WORST if each in given), Standing.FINAL)
