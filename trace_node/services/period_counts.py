"""The readings of a device in a period, counted, and whether the file reaches beyond both ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from trace_node.metering.meter import Meter
from trace_node.metering.records.chained import ChainedRecord
from trace_node.metering.records.reading import READING
from trace_node.services.period_report import ChainLink, Doubt, MeterRegisterCount
from trace_node.tlog.verdict import Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def count_readings(
    links: Sequence[ChainLink], *, meter: Meter | None, begin: datetime, end: datetime
) -> tuple[MeterRegisterCount, ...]:
    """Count the readings observed in [begin, end) by meter register.

    Args:
        links: The records of one device in the order of its chain.
        meter: Its description; ``None`` when it is not registered.
        begin: First instant of the period.
        end: First instant after it.
    """
    readings = readings_by_register(links)
    intervals: dict[str, int] = {}
    if meter is not None:
        intervals = {item.name: item.interval_s for item in meter.meter_registers}
    first, last = milliseconds(begin), milliseconds(end)
    counts = []
    for name in sorted(readings.keys() | intervals.keys()):
        series = readings.get(name, [])
        inside = [record for record in series if first <= record.observed_at_ms < last]
        interval_s = intervals.get(name)
        counts.append(
            MeterRegisterCount(
                meter_register=name,
                unit=(series[0].unit or "") if series else "",
                planned=None if interval_s is None else _ticks(first, last, interval_s),
                present=sum(record.value_scaled is not None for record in inside),
                failed=sum(record.value_scaled is None for record in inside),
                backward=sum(b.observed_at_ms < a.observed_at_ms for a, b in pairwise(series)),
            )
        )
    return tuple(counts)


def open_ends(
    device: str, links: Sequence[ChainLink], *, begin: datetime, end: datetime
) -> list[Doubt]:
    """Say where the file does not reach beyond the period, so that records could be cut off.

    For each meter register a reading before the period and one after it must be there; only they
    show that what is outside of the file is outside of the period. The beginning of a chain does
    not stand for the reading before: a run of the collector that lost its memory begins so too.

    Args:
        device: Its name.
        links: Its records in the order of its chain.
        begin: First instant of the period.
        end: First instant after it.
    """
    readings = readings_by_register(links)
    if not readings:
        return [
            Doubt(
                status=Status.NOT_DONE,
                reason="period.no_readings",
                message="{device}: the file holds no reading of it",
                params={"device": device},
            )
        ]
    begins = links[0].record.seq == 0 and links[0].record.prev is None
    first, last = milliseconds(begin), milliseconds(end)
    unopened = [name for name, series in readings.items() if series[0].observed_at_ms >= first]
    unclosed = [name for name, series in readings.items() if series[-1].observed_at_ms < last]
    doubts: list[Doubt] = []
    if unopened:
        doubts.append(_no_start(device, unopened, begins=begins))
    if unclosed:
        doubts.append(
            Doubt(
                status=Status.NOT_DONE,
                reason="period.open_end",
                message="{device}: no reading of {meter_register} after the period is in the file",
                params={"device": device, "meter_register": ", ".join(sorted(unclosed))},
            )
        )
    return doubts


def readings_by_register(links: Sequence[ChainLink]) -> dict[str, list[ChainedRecord]]:
    """The readings among the records, by meter register, in the order of the chain."""
    series: dict[str, list[ChainedRecord]] = {}
    for link in links:
        if link.record.type == READING and link.record.meter_register is not None:
            series.setdefault(link.record.meter_register, []).append(link.record)
    return series


def milliseconds(instant: datetime) -> int:
    """Milliseconds from the epoch to an aware time."""
    return (instant - _EPOCH) // _MILLISECOND


def _ticks(first: int, last: int, interval_s: int) -> int:
    """How many multiples of the interval lie in [first, last), times in milliseconds."""
    interval = interval_s * 1000
    return -(-last // interval) + (-first // interval)  # both divisions rounded up


def _no_start(device: str, names: Sequence[str], *, begins: bool) -> Doubt:
    params: dict[str, object] = {"device": device, "meter_register": ", ".join(sorted(names))}
    if begins:
        return Doubt(
            status=Status.NOT_DONE,
            reason="period.chain_start",
            message="{device}: no reading of {meter_register} before the period is in the file; its"
            " chain begins here, and a run before it cannot be excluded",
            params=params,
        )
    return Doubt(
        status=Status.NOT_DONE,
        reason="period.open_start",
        message="{device}: no reading of {meter_register} before the period is in the file",
        params=params,
    )
