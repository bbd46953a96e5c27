"""A delivery on the wire: entries with their 16-bit length in front, as in C2SP entry bundles.

In order: the delivery record, its context record, then the delivered records. Bounds are checked
before anything is parsed, and what is left over is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from trace_node.metering.errors import WireError, WireTooLargeError
from trace_node.metering.records.delivery import MAX_COUNT, Delivery
from trace_node.metering.records.digests import record_digest

MEDIA_TYPE: Final = "application/vnd.trace-node.delivery"
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
MAX_ENTRY_BYTES: Final = 65_535
_LENGTH_BYTES: Final = 2
_HEAD_ENTRIES: Final = 2  # the delivery and its context


@dataclass(frozen=True, slots=True, kw_only=True)
class WireDelivery:
    """The entries of one delivery, as bytes and unparsed.

    Attributes:
        delivery: The delivery record.
        context: The context record.
        records: The delivered records in order, 1 to 4096.
    """

    delivery: bytes
    context: bytes
    records: tuple[bytes, ...]


def encode_delivery(*, delivery: bytes, context: bytes, records: Iterable[bytes]) -> bytes:
    """Write a delivery for the wire.

    Raises:
        WireError: There is no record, or an entry is empty.
        WireTooLargeError: Over 4096 records, 65,535 bytes an entry or 8 MiB in all.
    """
    entries = [delivery, context, *records]
    _require_count(len(entries) - _HEAD_ENTRIES)
    parts: list[bytes] = []
    for position, entry in enumerate(entries):
        if not entry:
            raise _empty(position)
        if len(entry) > MAX_ENTRY_BYTES:
            raise WireTooLargeError(
                "{field}: {size} bytes exceed the bound of {bound}",
                field=f"entry {position}",
                size=len(entry),
                bound=MAX_ENTRY_BYTES,
                remedy="write smaller records",
            )
        parts += [len(entry).to_bytes(_LENGTH_BYTES, "big"), entry]
    body = b"".join(parts)
    _require_size(len(body), MAX_BODY_BYTES)
    return body


def decode_delivery(body: bytes, *, max_bytes: int = MAX_BODY_BYTES) -> WireDelivery:
    """Cut a delivery from the wire into its entries; nothing in them is parsed.

    Raises:
        WireTooLargeError: More than ``max_bytes`` or more than 4096 records.
        WireError: An entry is empty or cut off, or there is no record.
    """
    _require_size(len(body), max_bytes)
    entries: list[bytes] = []
    position, end = 0, len(body)
    while position < end:
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(body[position:start], "big")
        if position > end:
            raise WireError(
                "{field}: cut off; the body ends at byte {end}",
                field=f"entry {len(entries)}",
                end=end,
                remedy="send the whole body; each entry has its length in two bytes before it",
                code="delivery.wire.cut_off",
            )
        if position == start:
            raise _empty(len(entries))
        entries.append(body[start:position])
        if len(entries) > MAX_COUNT + _HEAD_ENTRIES:
            break
    _require_count(len(entries) - _HEAD_ENTRIES)
    return WireDelivery(delivery=entries[0], context=entries[1], records=tuple(entries[2:]))


def require_consistent(delivery: Delivery, wire: WireDelivery) -> None:
    """Require the delivery record to name this context and this number of records.

    The root over the records is checked where the tree is known, not here.

    Raises:
        WireError: The count (``delivery.count``) or the context (``delivery.context``) differs.
    """
    if delivery.count != len(wire.records):
        raise WireError(
            "{field}: the delivery names {named} records, {found} came",
            field="count",
            named=delivery.count,
            found=len(wire.records),
            remedy="send exactly the records that were signed",
            code="delivery.count",
        )
    if delivery.context != record_digest(wire.context):
        raise WireError(
            "{field}: the delivery names another context record than the one that came",
            field="context",
            remedy="send the context record that was signed, byte for byte",
            code="delivery.context",
        )


def _require_size(size: int, bound: int) -> None:
    if size > bound:
        raise WireTooLargeError(
            "{field}: {size} bytes exceed the bound of {bound}",
            field="body",
            size=size,
            bound=bound,
            remedy="send fewer records in one delivery",
        )


def _require_count(count: int) -> None:
    if count < 1:
        raise WireError(
            "{field}: a delivery holds its own record, a context and at least one record",
            field="records",
            remedy="send at least three entries",
            code="delivery.wire.empty",
        )
    if count > MAX_COUNT:
        raise WireTooLargeError(
            "{field}: more than {bound} records in one delivery",
            field="records",
            bound=MAX_COUNT,
            remedy="send fewer records in one delivery",
            code="delivery.too_many",
        )


def _empty(position: int) -> WireError:
    return WireError(
        "{field}: an entry must not be empty",
        field=f"entry {position}",
        remedy="leave out what is not there",
        code="delivery.wire.empty_entry",
    )
