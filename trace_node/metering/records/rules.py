"""Rules on records that need to know more than the record: the time now, and the meter register."""

from datetime import datetime, timedelta
from typing import Final

from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.chained import ChainedRecord
from trace_node.metering.records.device_record import DeviceRecord
from trace_node.record.errors import RecordError

FUTURE_TOLERANCE: Final = timedelta(seconds=60)


def require_not_future(
    record: DeviceRecord, *, now: datetime, tolerance: timedelta = FUTURE_TOLERANCE
) -> None:
    """Require both times of a record to be at most ``tolerance`` after ``now``.

    Raises:
        RecordError: One is later; ``record.future``.
    """
    for field, instant in (
        ("observed_at", record.observed_at),
        ("collected_at", record.collected_at),
    ):
        if instant - now > tolerance:
            raise _future(field, (instant - now) // timedelta(milliseconds=1))


def require_not_future_ms(
    record: ChainedRecord, *, now_ms: int, tolerance_ms: int = 60_000
) -> None:
    """The same rule on what the fast reader gives; times in milliseconds since the epoch.

    Raises:
        RecordError: One of the times is later; ``record.future``.
    """
    if record.observed_at_ms - now_ms > tolerance_ms:
        raise _future("observed_at", record.observed_at_ms - now_ms)
    if record.collected_at_ms - now_ms > tolerance_ms:
        raise _future("collected_at", record.collected_at_ms - now_ms)


def require_registered(record: ChainedRecord, meter_register: MeterRegister) -> None:
    """Require a reading to have the unit and the number of decimals its meter register has.

    Raises:
        RecordError: Another unit (``record.unit``) or number of decimals (``record.scale``).
    """
    if record.unit is not None and record.unit != meter_register.unit:
        raise RecordError(
            "{field}: {name} is registered in {expected}, the reading is in {found}",
            field="unit",
            name=meter_register.name,
            expected=meter_register.unit,
            found=record.unit,
            remedy="correct the point list, or register the device again",
            code="record.unit",
        )
    if record.value_scaled is not None and record.scale != meter_register.scale:
        raise RecordError(
            "{field}: {name} is registered with {expected} decimals, the reading has {found}",
            field="value",
            name=meter_register.name,
            expected=meter_register.scale,
            found=record.scale,
            remedy="correct the point list, or register the device again",
            code="record.scale",
        )


def _future(field: str, ahead_ms: int) -> RecordError:
    return RecordError(
        "{field}: lies {ahead_ms} ms in the future",
        field=field,
        ahead_ms=ahead_ms,
        remedy="synchronise the clocks of collector and node, then deliver again",
        code="record.future",
    )
