"""Wire models: readings and the points they belong to."""

from typing import Annotated, Final

from pydantic import Field

from api.schemas.base import (
    DecimalText,
    Index,
    Instant,
    Name,
    Time,
    WireModel,
)
from trace_node.ports.anchoring import AnchorState

MOST_READINGS: Final = 1_000
PAGE: Final = r"^[0-9]{1,14}-[0-9]{1,6}$"


class ReadingsQuery(WireModel):
    """Which readings of one meter register.

    Attributes:
        device: Name of the device.
        meter_register: Name of the meter register.
        begin: First instant, by ``observed_at``.
        end: First instant after the last.
        unit: Unit of the readings; needed only where it was changed.
        limit: Readings in one answer.
        page: ``next_page`` of the answer before; leave it out for the first.
    """

    device: Name
    meter_register: Name
    begin: Annotated[Instant, Field(alias="from")]
    end: Annotated[Instant, Field(alias="to")]
    unit: str | None = Field(default=None, min_length=1, max_length=32)
    limit: int = Field(default=100, ge=1, le=MOST_READINGS)
    page: str | None = Field(default=None, pattern=PAGE, max_length=21)


class ReadingRow(WireModel):
    """One reading as it was logged.

    Attributes:
        index: Leaf index; names the reading for proofs.
        observed_at: Instant the value holds for.
        collected_at: The collector's clock when it was taken.
        value: The value; null when the meter could not be read.
        reason: Why there is no value; null when there is one.
        flags: Codes of the validation rules it breaks; none when it is valid.
        origin: How it was obtained; ``replay`` and ``simulator`` are not measurements of today.
        clock: State of the collector's clock.
        state: How far its anchoring has come.
    """

    index: Index
    observed_at: Time
    collected_at: Time
    value: DecimalText | None
    reason: str | None
    flags: tuple[str, ...]
    origin: str
    clock: str
    state: AnchorState | None


class Readings(WireModel):
    """Readings in the order of ``observed_at``.

    Attributes:
        device: Name of the device.
        meter_register: Name of the meter register.
        unit: Unit of every value; null where there are no readings yet.
        readings: Up to ``limit`` readings.
        next_page: Hand it in as ``page`` for those that follow; null at the end.
        pending_entries: Entries of the log that this answer does not know of yet.
    """

    device: Name
    meter_register: Name
    unit: str | None
    readings: tuple[ReadingRow, ...]
    next_page: str | None
    pending_entries: int


class PointsQuery(WireModel):
    """Which points.

    Attributes:
        device: Name of a device; leave it out for all.
    """

    device: Name | None = None


class PointRow(WireModel):
    """A meter register as it is registered now.

    Attributes:
        device: Name of the device.
        device_kind: Kind of the instrument.
        serial: Number on its plate.
        meter_register: Name of the meter register.
        quantity: What it measures.
        unit: Unit of its readings.
        scale: Number of decimals of its readings.
        kind: ``counter`` for a rising total, ``gauge`` for a momentary value.
        minimum: Least valid value.
        maximum: Greatest valid value.
        interval_s: Seconds between readings.
        multiplier: Factor from a reading to the measured quantity.
        valid_from: Since when this description holds.
        registration_index: Leaf index of the registration that says so.
        has_readings: Whether a reading of it has been logged and taken in.
    """

    device: Name
    device_kind: str
    serial: str
    meter_register: Name
    quantity: str
    unit: str
    scale: int
    kind: str
    minimum: DecimalText
    maximum: DecimalText
    interval_s: int
    multiplier: DecimalText
    valid_from: Time
    registration_index: Index
    has_readings: bool


class Points(WireModel):
    """The meter registers of this log.

    Attributes:
        points: By device and name.
    """

    points: tuple[PointRow, ...]
