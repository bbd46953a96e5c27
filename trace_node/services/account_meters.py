"""The description of a meter that a period is accounted by: multiplier, unit and decimals."""

from datetime import datetime, timedelta
from typing import Final

from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.sources import MeterPoint
from trace_node.metering.meter import meter_at
from trace_node.period import Period
from trace_node.ports.log_reader import LogReader
from trace_node.ports.registry import EnrolledMeter

MULTIPLIER_CHANGED: Final = "account.multiplier"
_INSTANT: Final = timedelta(milliseconds=1)


def description_for(
    point: MeterPoint, period: Period, *, reader: LogReader, now: datetime
) -> EnrolledMeter:
    """The description that holds at the end of a period, or now where the period still runs.

    A later one does not change what was measured before: another current transformer in July leaves
    June as it was. Of a meter that was registered after the period the one of now is taken.

    Args:
        point: The point of the boundary.
        period: The period.
        reader: The log.
        now: The node's clock.

    Raises:
        BoundaryError: The meter register is not registered, or its multiplier changes within the
            period, which one total cannot be multiplied by.
    """
    known = reader.enrolled_meters(device=point.device)
    meters, last = tuple(each.meter for each in known), min(now, period.end - _INSTANT)
    meter = meter_at(meters, at=last) or meter_at(meters, at=now)
    if meter is None or point.meter_register not in {one.name for one in meter.meter_registers}:
        raise _unregistered(point)
    changes = {each.valid_from for each in meters if period.start < each.valid_from <= last}
    held = (meter_at(meters, at=each) for each in (period.start, *changes))
    multipliers = {
        one.multiplier
        for each in held
        if each is not None
        for one in each.meter_registers
        if one.name == point.meter_register
    }
    if len(multipliers) > 1:
        raise _changed(point, period)
    return next(each for each in reversed(known) if each.meter == meter)


def _changed(point: MeterPoint, period: Period) -> BoundaryError:
    return BoundaryError(
        "{field}: the multiplier of {device} {name} changes within {period}",
        field="meters",
        device=point.device,
        name=point.meter_register,
        period=period.name,
        remedy="account for the months, days or hours before and after, which an inventory adds",
        code=MULTIPLIER_CHANGED,
    )


def _unregistered(point: MeterPoint) -> BoundaryError:
    return BoundaryError(
        "{field}: {device} has no meter register {name} in this log",
        field="meters",
        device=point.device,
        name=point.meter_register,
        remedy="register the meter, or log a version of the boundary without it",
        code="boundary.meter",
    )
