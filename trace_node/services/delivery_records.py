"""Do the records of a delivery belong to it, and were their meters registered when they were taken?

All are looked at together first. What does not pass at that glance is looked at one by one, which
lets it pass or says which record is wrong, and why.
"""

from collections.abc import Sequence
from datetime import timedelta

from trace_node.ids import RegisterId
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.delivered import Columns, Delivered, Point
from trace_node.metering.records.rules import require_not_future_ms, require_registered
from trace_node.services.enrolled import Enrolled, EnrolmentBook
from trace_node.services.ingest_errors import DeliveryError


class RecordCheck:
    """Checks the records of deliveries.

    Args:
        book: What is enrolled.
        tolerance: By how much a record's times may lie ahead of the clock.
    """

    def __init__(self, *, book: EnrolmentBook, tolerance: timedelta) -> None:
        self._book = book
        self._tolerance_ms = tolerance // timedelta(milliseconds=1)

    def require_fit(
        self,
        records: Sequence[bytes],
        together: Delivered | None,
        *,
        context: bytes,
        boot: bytes,
        now_ms: int,
    ) -> Columns:
        """Require the records of a delivery to fit it.

        Args:
            records: Their bytes.
            together: What they say; None where they have to be read one by one.
            context: Digest of the delivery's context.
            boot: Boot of that context.
            now_ms: The clock, in milliseconds since the epoch.

        Raises:
            InputError: One is no permitted record, of another context or boot, of the future, or
                of a meter that was not registered so.
        """
        if together is not None and self._fit(together, context, boot, now_ms=now_ms):
            return together.columns
        one_by_one = [read_chained(raw) for raw in records]
        self._require_each(one_by_one, context, boot, now_ms=now_ms)
        return Columns.of(one_by_one)

    def _fit(self, records: Delivered, context: bytes, boot: bytes, *, now_ms: int) -> bool:
        """Whether all pass at a glance."""
        first_ms, last_ms = min(records.collected_ms), max(records.collected_ms)
        enrolled = self._book.current
        return (
            records.contexts == {context}
            and records.boots == {boot}
            and max(last_ms, *records.observed_ms) <= now_ms + self._tolerance_ms
            and all(
                _is_registered_throughout(point, enrolled, first_ms=first_ms, last_ms=last_ms)
                for point in records.points
            )
        )

    def _require_each(
        self, records: Sequence[ChainedRecord], context: bytes, boot: bytes, *, now_ms: int
    ) -> None:
        enrolled, latest_ms = self._book.current, now_ms + self._tolerance_ms
        for place, record in enumerate(records):
            if record.context != context or record.boot != boot:
                raise _foreign(record, place, context)
            if record.observed_at_ms > latest_ms or record.collected_at_ms > latest_ms:
                require_not_future_ms(record, now_ms=now_ms, tolerance_ms=self._tolerance_ms)
            if not _is_registered(record, enrolled):
                enrolled = self._book.renew_if_stale()
                if not _is_registered(record, enrolled):
                    raise _unregistered(record, place, enrolled)


def _is_registered_throughout(
    point: Point, enrolled: Enrolled, *, first_ms: int, last_ms: int
) -> bool:
    """Whether a point fits the one description that holds from first to last."""
    described = enrolled.meter_registers(point.device, first_ms=first_ms, last_ms=last_ms)
    if described is None or point.meter_register is None:
        return described is not None
    found = described.get(point.meter_register)
    return (
        found is not None
        and point.unit in {None, found.unit}
        and point.scale in {None, found.scale}
    )


def _is_registered(record: ChainedRecord, enrolled: Enrolled) -> bool:
    """Whether device and meter register were described when the record was collected.

    Raises:
        RecordError: They were, with another unit or number of decimals.
    """
    if record.meter_register is None:
        return enrolled.has_device(record.device, at_ms=record.collected_at_ms)
    found = enrolled.meter_register(
        record.device, record.meter_register, at_ms=record.collected_at_ms
    )
    if found is None:
        return False
    require_registered(record, found)
    return True


def _foreign(record: ChainedRecord, place: int, digest: bytes) -> DeliveryError:
    field = "boot" if record.context == digest else "context"
    return DeliveryError(
        "{field}: record {place} belongs to another context than the delivery",
        field=field,
        place=place,
        remedy="deliver the records of each context by themselves",
        code=f"ingest.record_{field}",
    )


def _unregistered(record: ChainedRecord, place: int, enrolled: Enrolled) -> DeliveryError:
    known = enrolled.has_device(record.device, at_ms=record.collected_at_ms)
    return DeliveryError(
        "{field}: record {place} is of {device} {name}, which was not registered"
        " when it was collected",
        field="meter_register" if known else "device",
        place=place,
        device=record.device,
        name=RegisterId(record.meter_register or ""),
        remedy="register the device with this meter register, valid from before that time",
        code="ingest.meter_register" if known else "ingest.device",
    )
