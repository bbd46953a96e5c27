"""Alerts: when they are raised, and when they are delivered again (预警)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trace_node.canonical_json import JsonObject
from trace_node.quota.board.figure import optional_json
from trace_node.quota.board.level import Level, Rating, Reason
from trace_node.quota.board.year_board import Board, OldDebt, YearBoard

RISING = "rising"


class AlertKind(StrEnum):
    """What an alert is about.

    Attributes:
        LEVEL: The colour of a year changed.
        TREND: Emission has risen for so many months running.
        ARREARS: Something is owed from before.
    """

    LEVEL = "level"
    TREND = "trend"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDraft:
    """An alert that is to be kept, if none with its key is.

    Attributes:
        organisation: Whose board.
        year: Obligation year.
        kind: What it is about.
        key: Tells it from others of its organisation and kind.
        level: Colour that it tells.
        reason: What decided it.
        detail: The figures behind it.
        raised_at: When.
        repeats: Whether it is delivered again until it is acknowledged; false for good news.
    """

    organisation: str
    year: int
    kind: AlertKind
    key: str
    level: Level
    reason: str
    detail: JsonObject
    raised_at: datetime
    repeats: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Who has taken notice of an alert (确认).

    Attributes:
        by: Who.
        at: When.
        note: What they had to say; may be empty.
    """

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that is kept.

    Attributes:
        number: Its number, from 1.
        draft: What it says.
        acknowledgement: Who has taken notice; None while nobody has.
    """

    number: int
    draft: AlertDraft
    acknowledgement: Acknowledgement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver an alert (推送记录).

    Attributes:
        alert: Number of the alert.
        channel: ``webhook`` or ``email``.
        target: Whom it was to tell.
        at: When.
        delivered: Whether it arrived.
        detail: What went wrong; empty where nothing did.
    """

    alert: int
    channel: str
    target: str
    at: datetime
    delivered: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When an alert is delivered again.

    Attributes:
        repeat: Pause after it arrived.
        retry: Pause after the first failure; it doubles with each that follows, up to ``repeat``.
    """

    repeat: timedelta
    retry: timedelta

    def due(self, alert: Alert, attempts: Sequence[Attempt]) -> datetime | None:
        """When it is to be delivered next over one channel; None for never again.

        Args:
            alert: The alert.
            attempts: Earlier attempts over the channel, oldest first.
        """
        if alert.acknowledgement is not None:
            return None
        if not attempts:
            return alert.draft.raised_at
        last = attempts[-1]
        if last.delivered:
            return last.at + self.repeat if alert.draft.repeats else None
        failures = 0
        for attempt in reversed(attempts):
            if attempt.delivered:
                break
            failures += 1
        pause = self.retry
        while failures > 1 and pause < self.repeat:
            pause, failures = pause * 2, failures - 1
        return last.at + min(pause, self.repeat)


def drafts_of(board: Board, *, told: Mapping[int, Level], periods: int) -> list[AlertDraft]:
    """The alerts that a board gives rise to.

    Args:
        board: The board.
        told: Colour that was told last, by year; green where none was.
        periods: Months running in which emission has risen, from which on that is told.
    """
    found = []
    for year in (board.earlier, board.current):
        before = told.get(year.year, Level.GREEN)
        if year.rating is not None and year.rating.level is not before:
            found.append(_of_level(board, year, year.rating, before))
    if board.rise.periods >= periods:
        found.append(_of_rise(board))
    found += [_of_debt(board, debt) for debt in board.old_debts if debt.open.value]
    return found


def _of_level(board: Board, year: YearBoard, rating: Rating, before: Level) -> AlertDraft:
    debt = year.debt
    return AlertDraft(
        organisation=board.organisation,
        year=year.year,
        kind=AlertKind.LEVEL,
        key=f"{year.year}-{before.value}-{rating.level.value}-{board.now.isoformat()}",
        level=rating.level,
        reason=rating.reason.value,
        detail={
            "available": year.supply.available.to_json(),
            "balance": optional_json(year.balance),
            "before": before.value,
            "deadline": None if debt is None else debt.deadline.isoformat(),
            "exhausted_on": None if year.exhausted_on is None else year.exhausted_on.isoformat(),
            "expected": optional_json(year.expected),
            "outstanding": None if debt is None else debt.outstanding.to_json(),
        },
        raised_at=board.now,
        repeats=rating.level.rank > before.rank,
    )


def _of_debt(board: Board, debt: OldDebt) -> AlertDraft:
    return AlertDraft(
        organisation=board.organisation,
        year=debt.year,
        kind=AlertKind.ARREARS,
        key=f"{debt.kind}-{debt.number}",
        level=Level.RED,
        reason=Reason.ARREARS.value,
        detail=debt.to_json(),
        raised_at=board.now,
        repeats=True,
    )


def _of_rise(board: Board) -> AlertDraft:
    rise = board.rise
    rating = board.rating
    return AlertDraft(
        organisation=board.organisation,
        year=int(rise.last[:4]),
        kind=AlertKind.TREND,
        key=rise.last,
        level=Level.YELLOW if rating is None or rating.level is Level.GREEN else rating.level,
        reason=RISING,
        detail={
            "before": optional_json(rise.before),
            "last": rise.last,
            "now": optional_json(rise.now),
            "periods": rise.periods,
        },
        raised_at=board.now,
        repeats=True,
    )
