"""A reading as the projection hands it to the store."""

from typing import NamedTuple


class ReadingRow(NamedTuple):
    """A reading that is added: what ``StoredReading`` says, as the columns hold it.

    A tuple and not a dataclass, because one is made of every reading.

    Attributes:
        leaf_index: Leaf index.
        point_id: Which point.
        stream_id: Which (device, boot).
        seq: Number in the stream.
        observed_at_ms: Milliseconds since the epoch.
        collected_at_ms: Milliseconds since the epoch.
        value: Scaled value; None when the read failed.
        scale: Number of decimals; 0 without a value.
        reason: Why there is no value; None when there is one.
        flags: Codes of the validation rules it breaks, sorted, with a space between them.
        valid: 1 where calculations may use the value, else 0.
        origin: How it was obtained.
        clock: State of the collector's clock.
    """

    leaf_index: int
    point_id: int
    stream_id: int
    seq: int
    observed_at_ms: int
    collected_at_ms: int
    value: int | None
    scale: int
    reason: str | None
    flags: str
    valid: int
    origin: str
    clock: str
