"""What a delivery in the spool is, how far it can be, and what is counted of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trace_node.metering.records.digests import record_digest


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    FINAL = "final"
    REFUSED = "refused"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDelivery:
    """A delivery in the spool.

    Attributes:
        number: Its id in the spool.
        first: Id of its first record.
        last: Id of its last record.
        device: The only device in it; None if it holds records of all.
        count: Number of its records.
        body: Bytes of the signed delivery record.
        state: How far it is.
        attempts: How often it was sent.
        not_before_ms: Earliest time of the next try.
        next_index: Index in the log behind its last leaf, once the destination told it.
    """

    number: int
    first: int
    last: int
    device: str | None
    count: int
    body: bytes
    state: DeliveryState
    attempts: int
    not_before_ms: int
    next_index: int | None

    @property
    def digest(self) -> bytes:
        """32-byte record digest of the delivery record."""
        return record_digest(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """What is on its way to a destination.

    Attributes:
        unpacked: Records not yet in a delivery.
        pending: Records in deliveries not yet acknowledged.
        acknowledged: Records on the destination's disk that are not final yet.
        refused: Records in refused deliveries.
    """

    unpacked: int
    pending: int
    acknowledged: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Records of one device that a destination refuses with one answer.

    Attributes:
        device: The device.
        records: Number of its records.
        answer: What the destination says.
    """

    device: str
    records: int
    answer: str


Sign = Callable[[bytes, Sequence[bytes]], bytes]  # context digest, record digests -> delivery
