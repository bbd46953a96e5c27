"""The series of one meter register: its samples and restarts, in the order calculations need.

Records come late, twice and out of order. A calculation over them must not depend on that: it takes
the series in the order of ``observed_at``, one value an instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from trace_node.canonical_json import JsonObject
from trace_node.metering.meter import MeterRegister, has_scale
from trace_node.metering.records.event import Event
from trace_node.metering.scaled import to_scaled
from trace_node.period import to_ms
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A valid value at an instant (样本).

    Attributes:
        at_ms: ``observed_at`` in milliseconds since the epoch.
        value: Scaled value; None where two records of the instant contradict each other.
        digest: 32-byte digest of the record; of the lesser where several agree.
    """

    at_ms: int
    value: int | None
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """An explained restart of a counter: a reset, or another meter in its place (换表).

    Attributes:
        at_ms: ``observed_at`` of the event in milliseconds since the epoch.
        end: Scaled value shown last before it; None if nobody read it.
        start: Scaled value shown first after it; None if nobody read it.
        digest: 32-byte digest of the event's record.
    """

    at_ms: int
    end: int | None
    start: int | None
    digest: bytes


Item: TypeAlias = Sample | Restart

RESTART_EVENTS = frozenset({"reset", "replacement"})


def restart_of(event: Event, *, digest: bytes, meter_register: MeterRegister) -> Restart:
    """What an event ``reset`` or ``replacement`` says about a counter.

    Its ``detail`` holds ``end`` and ``start``: decimals with the meter register's number of
    decimals, or null where nobody read the value.

    Raises:
        RecordError: The event is another, or ``end`` or ``start`` is missing or no such decimal.
    """
    if event.event not in RESTART_EVENTS:
        raise RecordError(
            "{field}: {event} explains no restart of a counter",
            field="event",
            event=event.event,
            remedy="use reset or replacement",
            code="record.event",
        )
    return Restart(
        at_ms=to_ms(event.observed_at),
        end=_shown(event.detail, "end", meter_register),
        start=_shown(event.detail, "start", meter_register),
        digest=digest,
    )


def _shown(detail: JsonObject, key: str, meter_register: MeterRegister) -> int | None:
    if detail.get(key, "") is None:
        return None
    value = read_decimal({key: detail.get(key)}, key)
    if not has_scale(value, meter_register.scale):
        raise RecordError(
            "{field}: must have {scale} decimals, as {name} has",
            field=key,
            scale=meter_register.scale,
            name=meter_register.name,
            remedy="write the value as the instrument shows it",
            code=f"record.{key}",
        )
    return to_scaled(value, scale=meter_register.scale)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Samples and restarts by their instants, one sample an instant.

    Samples of one instant that agree become one; those that contradict each other become one
    without a value, because neither may win. At the instant of a restart a sample that shows the
    value before it comes first, any other after.
    """
    samples: dict[int, Sample] = {}
    restarts: dict[int, Restart] = {}
    for item in items:
        if isinstance(item, Restart):
            known = restarts.get(item.at_ms)
            restarts[item.at_ms] = item if known is None else _one_restart(known, item)
        else:
            other = samples.get(item.at_ms)
            samples[item.at_ms] = item if other is None else _one_sample(other, item)
    ordered: list[Item] = []
    for at_ms in sorted({*samples, *restarts}):
        sample, event = samples.get(at_ms), restarts.get(at_ms)
        pair = [item for item in (event, sample) if item is not None]
        if sample is not None and event is not None and sample.value == event.end:
            pair.reverse()
        ordered += pair
    return ordered


def _one_sample(left: Sample, right: Sample) -> Sample:
    return Sample(
        at_ms=left.at_ms,
        value=left.value if left.value == right.value else None,
        digest=min(left.digest, right.digest),
    )


def _one_restart(left: Restart, right: Restart) -> Restart:
    return Restart(
        at_ms=left.at_ms,
        end=left.end if left.end == right.end else None,
        start=left.start if left.start == right.start else None,
        digest=min(left.digest, right.digest),
    )
