"""The four colours of the board and what each is decided by (绿黄橙红四级预警)."""

from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.quota.board.rules import Thresholds

_EXACT = Context(prec=80)


class Level(StrEnum):
    """Colour of a board, from good to bad."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for green to 3 for red."""
        return tuple(Level).index(self)


class Reason(StrEnum):
    """What decided a colour."""

    LASTS = "lasts"
    RUNS_SHORT = "runs_short"
    NOT_ENOUGH = "not_enough"
    FAR_TOO_LITTLE = "far_too_little"
    EXHAUSTED = "exhausted"
    NOT_SURRENDERED = "not_surrendered"
    SHORT = "short"
    DEADLINE_NEAR = "deadline_near"
    OVERDUE = "overdue"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A colour and why.

    Attributes:
        level: The colour.
        reason: What decided it: of several, the first that leads to this colour.
    """

    level: Level
    reason: Reason

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {"level": self.level.value, "reason": self.reason.value}


def worst(*ratings: Rating) -> Rating:
    """The worst of several, the first of those that are equal."""
    return max(ratings, key=lambda rating: rating.level.rank)


def rate_supply(*, need: Decimal, available: Decimal, thresholds: Thresholds) -> Rating:
    """Rate a year that runs: what will be needed against what is available for it.

    Never better with a larger need, never worse with more available.

    Args:
        need: Expected emission of the year, tonnes, 0 or more.
        available: Tonnes; may be negative, where units are owed.
        thresholds: The thresholds.
    """
    for level, share, reason in (
        (Level.RED, thresholds.red, Reason.FAR_TOO_LITTLE),
        (Level.ORANGE, thresholds.orange, Reason.NOT_ENOUGH),
        (Level.YELLOW, thresholds.yellow, Reason.RUNS_SHORT),
    ):
        if need > _EXACT.multiply(share, max(available, Decimal(0))):
            return Rating(level=level, reason=reason)
    if available < 0:  # nothing is emitted, and units are owed all the same
        return Rating(level=Level.RED, reason=Reason.FAR_TOO_LITTLE)
    return Rating(level=Level.GREEN, reason=Reason.LASTS)


def rate_spent(*, emitted: Decimal, available: Decimal) -> Rating:
    """Rate what was emitted already: red once it is more than what is available."""
    if emitted > available:
        return Rating(level=Level.RED, reason=Reason.EXHAUSTED)
    return Rating(level=Level.GREEN, reason=Reason.LASTS)


def rate_debt(
    *, outstanding: int, covered: int, available: int, days_left: int, thresholds: Thresholds
) -> Rating:
    """Rate a verified year: what is still to be handed in, and how long there is.

    Args:
        outstanding: Whole tonnes still owed, 0 or more.
        covered: Of these, what is set aside.
        available: Whole tonnes that may serve the year.
        days_left: Days to the deadline; negative after it.
        thresholds: The thresholds.
    """
    if outstanding == 0:
        return Rating(level=Level.GREEN, reason=Reason.LASTS)
    if days_left < 0:
        return Rating(level=Level.RED, reason=Reason.OVERDUE)
    if covered < outstanding:
        return _rate_short(outstanding, available, days_left, thresholds)
    if days_left <= thresholds.yellow_days:
        return Rating(level=Level.YELLOW, reason=Reason.NOT_SURRENDERED)
    return Rating(level=Level.GREEN, reason=Reason.LASTS)


def _rate_short(outstanding: int, available: int, days_left: int, thresholds: Thresholds) -> Rating:
    if days_left <= thresholds.red_days:
        return Rating(level=Level.RED, reason=Reason.DEADLINE_NEAR)
    if outstanding > _EXACT.multiply(thresholds.red, Decimal(max(available, 0))):
        return Rating(level=Level.RED, reason=Reason.FAR_TOO_LITTLE)
    return Rating(level=Level.ORANGE, reason=Reason.SHORT)
