"""When a destination is reported to: at once, on a schedule, by hand, or by a file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collectors.runtime.toml_table import Table
from collectors.runtime.toml_values import DAY_MS, duration_ms

CIVIL_OFFSET_MS: Final = 8 * 3_600_000
"""A schedule goes by the civil time of China, which has no summer time."""
_LEAST_MS: Final = 1_000
_MOST_MS: Final = 31 * DAY_MS


class ReportMode(StrEnum):
    """How records get to a destination (上报方式).

    Attributes:
        ALWAYS: As soon as they are read.
        SCHEDULE: On a schedule, and by hand in between.
        BY_HAND: When somebody says so.
        FILE: In a file that somebody exports and carries there.
    """

    ALWAYS = "always"
    SCHEDULE = "schedule"
    BY_HAND = "by hand"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRule:
    """When a destination is reported to.

    Attributes:
        mode: How.
        every_ms: The interval of a schedule, aligned to midnight in China; else 0.
    """

    mode: ReportMode = ReportMode.ALWAYS
    every_ms: int = 0

    def is_due(self, *, last_ms: int, now_ms: int) -> bool:
        """Whether a tick of the schedule lies between the last report and now.

        A last report in the future was made by a clock that was wrong then, as after a start
        without a battery; a schedule that waited for that day would wait in silence.
        """
        if self.mode is not ReportMode.SCHEDULE:
            return False
        last, now = ((each + CIVIL_OFFSET_MS) // self.every_ms for each in (last_ms, now_ms))
        return now != last


def read_rule(table: Table) -> ReportRule:
    """Read the key ``report`` of a destination.

    Raises:
        FileError: It is neither a word nor a duration from 1 second to 31 days.
    """
    said = table.text("report", default=ReportMode.ALWAYS.value)
    if said in {ReportMode.ALWAYS, ReportMode.BY_HAND, ReportMode.FILE}:
        return ReportRule(mode=ReportMode(said))
    every_ms = duration_ms(said)
    if every_ms is None or not _LEAST_MS <= every_ms <= _MOST_MS:
        raise table.refuse(
            "report",
            'must be "always", "by hand", "file" or how often, from a second to 31 days',
            rule="value",
            remedy='write for example "1d", "6h" or "15m"',
        )
    return ReportRule(mode=ReportMode.SCHEDULE, every_ms=every_ms)
