"""The quantity behind the readings of a gauge (瞬时量积分), in the node and for an outsider.

The same function integrates the readings that the log holds and those that a record names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Filling,
    Provenance,
    converted_by,
)
from trace_node.accounting.activity.integrate import (
    Between,
    Integral,
    RateSample,
    integrate,
)
from trace_node.accounting.activity.interpolation import WINDOW
from trace_node.accounting.boundary.integral import Integration
from trace_node.accounting.boundary.sources import MeterPoint
from trace_node.accounting.standing import Standing
from trace_node.ids import OrganisationId
from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.reading import Reading
from trace_node.period import Period, from_ms, to_ms
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point, StoredReading
from trace_node.ports.store import Store
from trace_node.services.gauge_lists import (
    MOST_READINGS,
    listed_in_log,
    too_many,
    valid_readings,
)
from trace_node.units import Quantity, unit

_INSTANT: Final = timedelta(milliseconds=1)
_REACH_MS: Final = 4 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The readings of a gauge around a period.

    Attributes:
        samples: In order of time.
        links: The leaves of the readings.
    """

    samples: tuple[RateSample, ...]
    links: tuple[EvidenceLink, ...]


def rates_in_log(
    place: Point | None, period: Period, *, organisation: OrganisationId, store: Store
) -> Rates:
    """The valid readings from the last before a period to the first behind it.

    Where they are too many for one record, the lists of their days stand for them.

    Raises:
        BoundaryError: They are too many, or too many and not listed.
    """
    if place is None:
        return Rates(samples=(), links=())
    used = _used(place, period, reader=store.reader())
    links: list[EvidenceLink] = []
    named: set[int] = set()
    if len(used) > MOST_READINGS:
        with store.view() as view:
            inside = [each for each in used if period.start <= each.observed_at < period.end]
            lists = listed_in_log(organisation, place, inside, view=view)
        links = [each.link for each in lists]
        named = {index for each in lists for index in each.readings}
    alone = [each.index for each in used if each.index not in named]
    if len(links) + len(alone) > MOST_READINGS:
        raise too_many(
            place,
            period,
            bound=MOST_READINGS,
            remedy="account for it on record, which lists the readings of each day first; or for"
            " days or hours, which an inventory adds",
        )
    with store.view() as view:
        bodies = view.footprints.bodies(alone)
    return Rates(
        samples=_samples((each.observed_at, each.value) for each in used),
        links=(*links, *(EvidenceLink(index, bodies[index].leaf_hash) for index in alone)),
    )


def _used(place: Point, period: Period, *, reader: LogReader) -> list[StoredReading]:
    """The valid readings in a period, those of the last instant before, and of the first behind."""
    inside = valid_readings(place, period, reader=reader)
    before: Sequence[StoredReading] = ()
    last = reader.last_sample_at(place.point_id, before=period.start)
    if last is not None:
        before = reader.readings(
            place.point_id, begin=last, end=min(last + _INSTANT, period.start), limit=16
        )
    behind = reader.readings(
        place.point_id, begin=period.end, end=from_ms(to_ms(period.end) + _REACH_MS), limit=16
    )
    after = [each for each in behind if each.is_valid and each.value is not None]
    first = [each for each in after if each.observed_at == after[0].observed_at]
    return [
        *(each for each in before if each.is_valid and each.value is not None),
        *inside,
        *first,
    ]


def rates_of_leaves(
    bodies: Iterable[bytes], meter_register: MeterRegister, *, device: str
) -> tuple[RateSample, ...]:
    """The rates that readings state; records of other registers are left out.

    Raises:
        InputError: One is no record.
    """
    found = []
    for body in bodies:
        record = parse_record(body)
        named = (device, meter_register.name, meter_register.unit)
        if (
            isinstance(record, Reading)
            and record.value is not None
            and (record.device, record.meter_register, record.unit) == named
        ):
            found.append((record.observed_at, record.value))
    return _samples(found)


def integral_data(
    point: MeterPoint,
    rule: Integration,
    meter_register: MeterRegister,
    period: Period,
    samples: Sequence[RateSample],
    *,
    links: tuple[EvidenceLink, ...],
    running: bool,
    may_fill: bool,
) -> ActivityData:
    """The quantity of a period; missing where a gap is left.

    Args:
        point: The point of the boundary.
        rule: How it is integrated.
        meter_register: The description of the gauge.
        period: The period.
        samples: Its readings in order of time.
        links: Leaves it rests on.
        running: Whether the period still runs: then it is what was measured until the last reading.
        may_fill: Whether the method lets interpolated values in.

    Raises:
        ActivityError: The units do not belong together.
    """
    found = _integral(rule, meter_register, period, samples, running=running)
    quantity, note = found.quantity, f"integrated, {rule.between.value}"
    filled = False
    if quantity is None and may_fill:
        longest = replace(rule, between=Between.LINEAR, longest_gap_s=int(WINDOW.total_seconds()))
        quantity = _integral(longest, meter_register, period, samples, running=running).quantity
        filled = quantity is not None
        note += f"; interpolated over {_seconds(found):f} s of gaps"
    data = ActivityData(
        name=point.name,
        source=point.source,
        provenance=Provenance.METER,
        reference=f"{point.device}/{point.meter_register}",
        period=period,
        raw=None if quantity is None else found.covered,
        converted=quantity,
        links=tuple(sorted(set(links))),
        standing=_standing(quantity, running=running),
        conversion=note if quantity is not None else "",
        filling=Filling.INTERPOLATED if filled else None,
        filled_by="estimates" if filled else None,
    )
    if meter_register.multiplier == 1 or data.converted is None:
        return data
    return converted_by(
        data,
        factor=meter_register.multiplier,
        unit=data.converted.unit,
        conversion=f"{note}; multiplier of the meter register: {meter_register.multiplier:f}",
    )


def _integral(
    rule: Integration,
    meter_register: MeterRegister,
    period: Period,
    samples: Sequence[RateSample],
    *,
    running: bool,
) -> Integral:
    found = integrate(
        samples,
        rate=unit(meter_register.unit),
        target=unit(rule.unit),
        period=period,
        between=rule.between,
        longest_gap=rule.longest_gap,
    )
    last = to_ms(samples[-1].at) if samples else None
    if not running or last is None:
        return found
    return replace(found, gaps=tuple(gap for gap in found.gaps if gap[0] != last))


def _samples(values: Iterable[tuple[datetime, Decimal | None]]) -> tuple[RateSample, ...]:
    """One sample of each instant; values that contradict each other are none."""
    found = []
    for at, group in groupby(sorted(values, key=lambda one: one[0]), key=lambda one: one[0]):
        rates = {rate for _at, rate in group}
        found.append(RateSample(at, rates.pop() if len(rates) == 1 else None))
    return tuple(found)


def _standing(quantity: Quantity | None, *, running: bool) -> Standing:
    if quantity is None:
        return Standing.MISSING
    return Standing.PROVISIONAL if running else Standing.FINAL


def _seconds(found: Integral) -> Decimal:
    return Decimal(sum(end - begin for begin, end in found.gaps)) / 1000
