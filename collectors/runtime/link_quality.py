"""Round-trip time, loss and outages of every link: meter lines, devices on them, and uplinks.

An outage runs from the first of at least two failed requests in a row to the next answer.
"""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

WINDOW: Final = 256  # round trips that the percentile looks at
OUTAGE_FAILURES: Final = 2
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time without an answer.

    Attributes:
        link: Name of the link.
        began_ms: Time of the first failed request, milliseconds since the epoch.
        ended_ms: Time of the next answer; None while it lasts.
        reason: Reason of the first failure.
    """

    link: str
    began_ms: int
    ended_ms: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What is known of a link (链路质量).

    Attributes:
        link: Name, such as ``device:EM-01``, ``line:pit`` or ``uplink:node``.
        requests: Requests sent since the link was first known.
        answers: Answers among them; an exception answer of a meter is one.
        loss_ppm: Requests without answer, in millionths.
        failures: Number of failures by reason.
        round_trip_us: Last round trip in microseconds; None before the first.
        mean_us: Mean of the last 256 round trips.
        p95_us: Their 95th percentile.
        worst_us: The longest since start-up.
        outages: Outages so far.
        outage_ms: Their length together, milliseconds.
        down_since_ms: Begin of the present outage; None if there is none.
        down_reason: Its reason.
    """

    link: str
    requests: int
    answers: int
    loss_ppm: int
    failures: dict[str, int]
    round_trip_us: int | None
    mean_us: int | None
    p95_us: int | None
    worst_us: int | None
    outages: int
    outage_ms: int
    down_since_ms: int | None
    down_reason: str | None


@dataclass(slots=True, kw_only=True)
class LinkTotals:
    """The part of a link's figures that outlives the process."""

    requests: int = 0
    answers: int = 0
    outages: int = 0
    outage_ms: int = 0
    failures: dict[str, int] | None = None


class LinkMeter:
    """Measures one link.

    Args:
        link: Its name.
        totals: Figures of earlier runs.
    """

    def __init__(self, link: str, totals: LinkTotals | None = None) -> None:
        self.link = link
        self._totals = totals or LinkTotals()
        self._failures: Counter[str] = Counter(self._totals.failures or {})
        self._window: deque[int] = deque(maxlen=WINDOW)
        self._worst_us: int | None = None
        self._failed_in_a_row = 0
        self._first_failure: tuple[int, str] = (0, "")
        self._finished: list[Outage] = []

    def answered(self, *, round_trip_ns: int, now_ms: int) -> None:
        """Note an answer that took ``round_trip_ns`` and was complete at ``now_ms``."""
        self._totals.requests += 1
        self._totals.answers += 1
        took_us = round_trip_ns // 1_000
        self._window.append(took_us)
        self._worst_us = max(took_us, self._worst_us or 0)
        if self._is_down():
            began_ms, reason = self._first_failure
            self._totals.outages += 1
            self._totals.outage_ms += max(0, now_ms - began_ms)
            self._finished.append(
                Outage(link=self.link, began_ms=began_ms, ended_ms=now_ms, reason=reason)
            )
        self._failed_in_a_row = 0

    def failed(self, reason: str, *, now_ms: int) -> None:
        """Note a request without answer."""
        self._totals.requests += 1
        self._failures[reason] += 1
        if not self._failed_in_a_row:
            self._first_failure = (now_ms, reason)
        self._failed_in_a_row += 1

    def take_outages(self) -> list[Outage]:
        """Outages that ended since the last call, to be written down."""
        finished, self._finished = self._finished, []
        return finished

    def totals(self) -> LinkTotals:
        """The figures to keep for the next run."""
        totals = self._totals
        return LinkTotals(
            requests=totals.requests,
            answers=totals.answers,
            outages=totals.outages,
            outage_ms=totals.outage_ms,
            failures=dict(self._failures),
        )

    def report(self, *, now_ms: int) -> LinkReport:
        """The figures at ``now_ms``; an outage that lasts is counted in."""
        totals, window = self._totals, sorted(self._window)
        down = self._first_failure if self._is_down() else None
        lost = totals.requests - totals.answers
        return LinkReport(
            link=self.link,
            requests=totals.requests,
            answers=totals.answers,
            loss_ppm=lost * _MILLION // totals.requests if totals.requests else 0,
            failures=dict(self._failures),
            round_trip_us=self._window[-1] if self._window else None,
            mean_us=sum(window) // len(window) if window else None,
            p95_us=window[(len(window) * 95 - 1) // 100] if window else None,
            worst_us=self._worst_us,
            outages=totals.outages + (down is not None),
            outage_ms=totals.outage_ms + (max(0, now_ms - down[0]) if down else 0),
            down_since_ms=down[0] if down else None,
            down_reason=down[1] if down else None,
        )

    def _is_down(self) -> bool:
        return self._failed_in_a_row >= OUTAGE_FAILURES
