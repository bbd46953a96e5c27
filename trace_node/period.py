"""Half-open periods in the civil time of China, in which every total of the product is stated.

Asia/Shanghai is a fixed +08:00 here: the zone has had no summer time since 1991, and a fixed offset
needs no time-zone database, so an outsider computes the same periods anywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.errors import InputError

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9998
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CIVIL_EPOCH: Final = _EPOCH.astimezone(SHANGHAI)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MONTHS: Final = 12


class PeriodError(InputError):
    """A period is named or asked for in a way that has no meaning."""

    code: ClassVar[str] = "period"


class PeriodKind(StrEnum):
    """The kinds of period (时段), from the shortest to the longest."""

    SECOND = "second"
    MINUTE = "minute"
    QUARTER_HOUR = "quarter-hour"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


KINDS: Final = tuple(PeriodKind)
# Kinds of fixed length; all of them begin at a whole multiple of it in +08:00.
LENGTH_MS: Final = {
    PeriodKind.SECOND: 1_000,
    PeriodKind.MINUTE: 60_000,
    PeriodKind.QUARTER_HOUR: 900_000,
    PeriodKind.HOUR: 3_600_000,
    PeriodKind.DAY: 86_400_000,
}
_OFFSET_MS: Final = 8 * 3_600_000
_NAME_LENGTHS: Final = {  # of the ISO 8601 text of the start
    PeriodKind.SECOND: 19,
    PeriodKind.MINUTE: 16,
    PeriodKind.QUARTER_HOUR: 16,
    PeriodKind.HOUR: 13,
    PeriodKind.DAY: 10,
    PeriodKind.MONTH: 7,
    PeriodKind.YEAR: 4,
}
_NAME: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)|(/PT15M))?)?)?)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period (时段) of civil time: from its first instant up to, not including, its end.

    Make one with ``period_of`` or ``parse_period``.

    Attributes:
        kind: What kind of period it is.
        start: First instant, in +08:00, on a boundary of its kind.

    Raises:
        PeriodError: ``start`` is not the beginning of a period of this kind, or its year is not one
            of 1970 to 9998.
    """

    kind: PeriodKind
    start: datetime

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.start.year <= LAST_YEAR:
            raise _outside(self.start.year)
        if self.start.utcoffset() != SHANGHAI.utcoffset(None) or (
            start_ms(to_ms(self.start), self.kind) != to_ms(self.start)
            or self.start.microsecond % 1000
        ):
            raise PeriodError(
                "{field}: {start} does not begin a {kind} in Asia/Shanghai",
                field="start",
                start=self.start.isoformat(),
                kind=self.kind.value,
                remedy="use period_of to find the period an instant lies in",
                code="period.start",
            )

    @property
    def end(self) -> datetime:
        """First instant after it, in +08:00."""
        return from_ms(end_ms(to_ms(self.start), self.kind))

    @property
    def name(self) -> str:
        """Its name in civil time: ``2026``, ``2026-11``, ``2026-11-21`` or ``2026-11-21T11``.

        A quarter of an hour is named ``2026-11-21T11:15/PT15M``, a minute ``2026-11-21T11:15``.
        """
        suffix = "/PT15M" if self.kind is PeriodKind.QUARTER_HOUR else ""
        return self.start.isoformat()[: _NAME_LENGTHS[self.kind]] + suffix

    def contains(self, instant: datetime) -> bool:
        """Whether ``instant`` lies in it; its end does not."""
        return self.start <= instant < self.end

    def next(self) -> "Period":
        """The period of its kind that begins where it ends."""
        return Period(kind=self.kind, start=self.end)

    def previous(self) -> "Period":
        """The period of its kind that ends where it begins."""
        return period_of(self.start - _MILLISECOND, self.kind)

    def within(self, kind: PeriodKind) -> "Period":
        """The period of a longer kind that holds it.

        Raises:
            PeriodError: ``kind`` is shorter than its own.
        """
        if KINDS.index(kind) < KINDS.index(self.kind):
            raise _not_nested(self.kind, kind)
        return period_of(self.start, kind)

    def parts(self, kind: PeriodKind) -> Iterator["Period"]:
        """Its parts of a shorter kind, in order; together they are exactly it.

        Raises:
            PeriodError: ``kind`` is longer than its own.
        """
        if KINDS.index(kind) > KINDS.index(self.kind):
            raise _not_nested(kind, self.kind)
        return periods_between(self.start, self.end, kind)


def period_of(instant: datetime, kind: PeriodKind) -> Period:
    """The period of this kind that holds ``instant``.

    Raises:
        PeriodError: ``instant`` is naive, or its year is not one of 1970 to 9998.
    """
    if instant.tzinfo is None:
        raise PeriodError(
            "{field}: a time without a zone lies in no period",
            field="instant",
            remedy="attach the time zone where the time is taken",
            code="period.naive",
        )
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise _outside(instant.year)
    return Period(kind=kind, start=from_ms(start_ms(to_ms(instant), kind)))


def periods_between(start: datetime, end: datetime, kind: PeriodKind) -> Iterator[Period]:
    """The periods of this kind that begin at or after the one of ``start`` and before ``end``.

    Raises:
        PeriodError: A time is naive.
    """
    period = period_of(start, kind)
    while period.start < end:
        yield period
        period = period.next()


def parse_period(name: str) -> Period:
    """The period of this name; see ``Period.name``.

    Raises:
        PeriodError: It is not the name of a period.
    """
    match = _NAME.fullmatch(name)
    if match is not None:
        parts = [int(part) for part in match.groups()[:6] if part is not None]
        kind = _kind_named(len(parts), quarter=match.group(7) is not None)
        try:
            return Period(kind=kind, start=_civil(parts))
        except ValueError:  # no such month, day or hour
            pass
    raise PeriodError(
        "{field}: {name} names no period",
        field="period",
        name=repr(name[:40]),
        remedy="write 2026, 2026-11, 2026-11-21, 2026-11-21T11, 2026-11-21T11:15/PT15M,"
        " 2026-11-21T11:15 or 2026-11-21T11:15:07, in the civil time of China",
        code="period.name",
    )


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since the epoch, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The instant, in +08:00, that lies ``milliseconds`` after the epoch."""
    return _CIVIL_EPOCH + milliseconds * _MILLISECOND


def start_ms(at_ms: int, kind: PeriodKind) -> int:
    """Where the period that holds ``at_ms`` begins; both in milliseconds since the epoch."""
    length = LENGTH_MS.get(kind)
    if length is not None:
        return at_ms - (at_ms + _OFFSET_MS) % length
    civil = from_ms(at_ms)
    month = civil.month if kind is PeriodKind.MONTH else 1
    return to_ms(datetime(civil.year, month, 1, tzinfo=SHANGHAI))


def end_ms(begin_ms: int, kind: PeriodKind) -> int:
    """Where the period that begins at ``begin_ms`` ends; both in milliseconds since the epoch."""
    length = LENGTH_MS.get(kind)
    if length is not None:
        return begin_ms + length
    civil = from_ms(begin_ms)
    if kind is PeriodKind.YEAR or civil.month == _MONTHS:
        return to_ms(datetime(civil.year + 1, 1, 1, tzinfo=SHANGHAI))
    return to_ms(datetime(civil.year, civil.month + 1, 1, tzinfo=SHANGHAI))


def _civil(parts: list[int]) -> datetime:
    year, month, day, hour, minute, second = parts + [0, 1, 1, 0, 0, 0][len(parts) :]
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def _kind_named(parts: int, *, quarter: bool) -> PeriodKind:
    if quarter:
        return PeriodKind.QUARTER_HOUR
    by_parts = (
        *(PeriodKind.YEAR, PeriodKind.MONTH, PeriodKind.DAY),
        *(PeriodKind.HOUR, PeriodKind.MINUTE, PeriodKind.SECOND),
    )
    return by_parts[parts - 1]


def _outside(year: int) -> PeriodError:
    return PeriodError(
        "{field}: the year {year} is not one of {first} to {last}",
        field="period",
        year=year,
        first=FIRST_YEAR,
        last=LAST_YEAR,
        remedy="check the clock the time was taken from",
        code="period.year",
    )


def _not_nested(inner: PeriodKind, outer: PeriodKind) -> PeriodError:
    return PeriodError(
        "{field}: a {inner} is not part of a {outer}",
        field="kind",
        inner=inner.value,
        outer=outer.value,
        remedy="ask for a longer kind to hold it, or a shorter kind to split it",
        code="period.kind",
    )
