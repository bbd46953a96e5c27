"""A plant that exists only as arithmetic: what its meters show at any instant, from a seed.

Everything is counted in integers, so the same seed gives the same digits on every machine, and any
instant can be asked for without living through those before it. A counter adds up hourly amounts:
nominal amount x load of the hour x noise. Within an hour the amount is spread over its minutes by
weights, within a minute evenly; the slope of a counter is the momentary rate that belongs to it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

MS_PER_HOUR: Final = 3_600_000
MS_PER_MINUTE: Final = 60_000
HOURS_PER_DAY: Final = 24
LOCAL_MS: Final = 8 * MS_PER_HOUR  # Asia/Shanghai, which keeps no summer time
PERMILLE: Final = 1_000
FINE: Final = 1_000  # counters count in thousandths of their last decimal, so that rates are smooth
_THURSDAY: Final = 3  # weekday of the epoch, Monday being 0
_SATURDAY: Final = 5
_SUNDAY: Final = 6
_MINUTE_SPREAD: Final = 120  # minutes differ by up to 12 % within an hour
_LATTICE_MS: Final = 10 * MS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How the load of a part of the plant runs over the week.

    Attributes:
        name: Its name.
        hours: Load in each hour of the day, local time, in thousandths.
        saturday: Factor of Saturdays, in thousandths.
        sunday: Factor of Sundays, in thousandths.
        stop_every_days: Days from one planned stop to the next; 0 for none.
        stop_hours: Length of a planned stop, at the end of that time.
    """

    name: str
    hours: Sequence[int]
    saturday: int
    sunday: int
    stop_every_days: int
    stop_hours: int

    def load(self, hour: int, *, first_hour: int) -> int:
        """Load in an hour, in thousandths.

        Args:
            hour: Number of the hour since the epoch, local time.
            first_hour: The hour in which the plant was commissioned.
        """
        if self.stop_every_days:
            period = self.stop_every_days * HOURS_PER_DAY
            if (hour - first_hour) % period >= period - self.stop_hours:
                return 0
        day = (hour // HOURS_PER_DAY + _THURSDAY) % 7
        factor = {_SATURDAY: self.saturday, _SUNDAY: self.sunday}.get(day, PERMILLE)
        return self.hours[hour % HOURS_PER_DAY] * factor // PERMILLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Numbers that look random and are always the same for a seed and a name."""

    seed: int
    name: str

    def at(self, place: int, *, spread: int) -> int:
        """A number from ``-spread`` to ``spread``."""
        text = f"{self.seed}/{self.name}/{place}".encode()
        drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        return drawn % (2 * spread + 1) - spread

    def smooth(self, at_ms: int, *, spread: int) -> int:
        """The same, changing evenly from one lattice point to the next, ten minutes apart."""
        place, rest = divmod(at_ms, _LATTICE_MS)
        before, after = self.at(place, spread=spread), self.at(place + 1, spread=spread)
        return before + (after - before) * rest // _LATTICE_MS


@dataclass(slots=True, kw_only=True)
class Counter:
    """A counter's amount since commissioning, in thousandths of its last decimal.

    Attributes:
        noise: Its noise.
        profile: Its load.
        nominal: Amount in an hour of full load.
        spread: Noise of an hour, in thousandths.
        first_hour: Hour of commissioning, local time.
    """

    noise: Noise
    profile: Profile
    nominal: int
    spread: int
    first_hour: int
    _days: list[int] = field(default_factory=lambda: [0])

    def amount(self, at_ms: int) -> int:
        """What was counted from commissioning to ``at_ms`` (milliseconds since the epoch)."""
        hour, rest = divmod(at_ms + LOCAL_MS, MS_PER_HOUR)
        if hour < self.first_hour:
            return 0
        day, hour_of_day = divmod(hour - self.first_hour, HOURS_PER_DAY)
        total = self._until_day(day)
        start = hour - hour_of_day
        total += sum(self._in_hour(start + number) for number in range(hour_of_day))
        return total + self._in_part(hour, rest)

    def per_minute(self, at_ms: int) -> int:
        """What is counted in the minute of ``at_ms``."""
        hour, rest = divmod(at_ms + LOCAL_MS, MS_PER_HOUR)
        if hour < self.first_hour:
            return 0
        begin = rest - rest % MS_PER_MINUTE
        return self._in_part(hour, begin + MS_PER_MINUTE) - self._in_part(hour, begin)

    def _until_day(self, day: int) -> int:
        while len(self._days) <= day:
            first = self.first_hour + (len(self._days) - 1) * HOURS_PER_DAY
            amount = sum(self._in_hour(first + number) for number in range(HOURS_PER_DAY))
            self._days.append(self._days[-1] + amount)
        return self._days[day]

    def _in_hour(self, hour: int) -> int:
        load = self.profile.load(hour, first_hour=self.first_hour)
        varied = PERMILLE + self.noise.at(hour, spread=self.spread)
        return self.nominal * load * varied // (PERMILLE * PERMILLE)

    def _in_part(self, hour: int, rest_ms: int) -> int:
        """What is counted in the first ``rest_ms`` of an hour."""
        amount = self._in_hour(hour)
        weights = _minute_weights(self.noise, hour)
        minute, rest = divmod(rest_ms, MS_PER_MINUTE)
        done = weights[minute] * MS_PER_MINUTE
        if rest:
            done += (weights[minute + 1] - weights[minute]) * rest
        return amount * done // (weights[-1] * MS_PER_MINUTE)


@lru_cache(maxsize=4_096)
def _minute_weights(noise: Noise, hour: int) -> tuple[int, ...]:
    """Weights of the minutes of an hour, added up: 61 numbers from 0."""
    total, sums = 0, [0]
    for minute in range(60):
        total += PERMILLE + noise.at(hour * 60 + minute, spread=_MINUTE_SPREAD)
        sums.append(total)
    return tuple(sums)


def level(
    noise: Noise,
    profile: Profile,
    *,
    nominal: int,
    depends: int,
    spread: int,
    first_hour: int,
    at_ms: int,
) -> int:
    """A gauge that follows the load in part, in units of its last decimal.

    Args:
        noise: Its noise.
        profile: The load.
        nominal: Its value at full load.
        depends: Share of the value that goes with the load, in thousandths.
        spread: Noise, in thousandths.
        first_hour: Hour of commissioning, local time.
        at_ms: Instant, milliseconds since the epoch.
    """
    hour, rest = divmod(at_ms + LOCAL_MS, MS_PER_HOUR)
    before = profile.load(hour, first_hour=first_hour)
    after = profile.load(hour + 1, first_hour=first_hour)
    load = before + (after - before) * rest // MS_PER_HOUR
    share = PERMILLE - depends + depends * load // PERMILLE
    varied = PERMILLE + noise.smooth(at_ms, spread=spread)
    return nominal * share * varied // (PERMILLE * PERMILLE)


def placed(number: int, decimals: int) -> Decimal:
    """``number`` with its last ``decimals`` digits behind the point."""
    return Decimal(number).scaleb(-decimals)
