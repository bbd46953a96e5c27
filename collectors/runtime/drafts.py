"""What the pollers hand to the recorder: everything of a record but its place in the chain."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId, RegisterId
from trace_node.metering.records.digests import NONCE_BYTES, exchange_digest

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A raw exchange with a meter and the nonce that keeps its digest from being guessed.

    Attributes:
        digest: SM3(0x02 ‖ nonce ‖ sent ‖ received), 32 bytes.
        nonce: 16 random bytes.
        sent: Exact bytes of the request.
        received: Exact bytes that came back; empty if nothing did.
        at_ms: When it ended, milliseconds since the epoch.
    """

    digest: bytes
    nonce: bytes
    sent: bytes
    received: bytes
    at_ms: int

    @classmethod
    def of(cls, *, sent: bytes, received: bytes, at: datetime) -> "Evidence":
        """Evidence of an exchange that ended ``at`` this time, with a fresh nonce."""
        nonce = os.urandom(NONCE_BYTES)
        digest = exchange_digest(sent + received, nonce=nonce)
        return cls(digest=digest, nonce=nonce, sent=sent, received=received, at_ms=to_ms(at))


class Shown(NamedTuple):
    """What one meter register showed: exactly one of ``value`` and ``reason`` is None.

    A tuple, because so many are made.

    Attributes:
        meter_register: The meter register.
        unit: Symbol of its unit.
        value: The value with the decimals of the meter register; None if there is none.
        reason: Why there is no value; None if there is one.
    """

    meter_register: RegisterId
    unit: str
    value: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsDraft:
    """The readings of one answer, or of one failure, without their place in the chain.

    Attributes:
        device: The device.
        origin: Origin of its records.
        shown: What its meter registers showed; each becomes a reading.
        observed_at: Instant the values hold for; whole milliseconds.
        observed_by: ``meter`` or ``collector``.
        collected_at: Collector clock when the answer was complete; whole milliseconds.
        clock: State of the collector's clock.
        evidence: The raw exchange; None if there was none.
    """

    device: DeviceId
    origin: str
    shown: Sequence[Shown]
    observed_at: datetime
    observed_by: str
    collected_at: datetime
    clock: str
    evidence: Evidence | None

    @property
    def records(self) -> int:
        """Number of records it becomes."""
        return len(self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """An event without its place in the chain.

    Attributes:
        device: The device whose chain it enters.
        origin: Origin of its records.
        event: Code of what happened.
        detail: What is to be said about it.
        at: Collector clock; whole milliseconds.
        clock: State of the collector's clock.
    """

    device: DeviceId
    origin: str
    event: str
    detail: JsonObject
    at: datetime
    clock: str

    @property
    def records(self) -> int:
        """Number of records it becomes."""
        return 1


Draft = ReadingsDraft | EventDraft


def whole_ms(instant: datetime) -> datetime:
    """``instant`` cut to whole milliseconds."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def to_ms(instant: datetime) -> int:
    """Milliseconds since the epoch."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The instant so many milliseconds after the epoch.

    Raises:
        OverflowError: It lies beyond the year 9999.
    """
    return _EPOCH + milliseconds * _MILLISECOND
