"""What a data file holds, checked against the collector's signatures; needs no node."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from collectors.errors import CollectedDataError
from collectors.runtime.data_file import DataHead, read_deliveries, read_head
from trace_node.crypto import signed_record
from trace_node.crypto.errors import SignatureError
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError
from trace_node.metering.records.context import parse_context
from trace_node.metering.records.delivery import parse_delivery
from trace_node.metering.records.wire import decode_delivery, require_consistent


@dataclass(frozen=True, slots=True, kw_only=True)
class DataContents:
    """A data file whose deliveries are all signed by the collector that it names.

    Attributes:
        head: What it says of itself.
        records: Number of records.
        of_other_points: Number of records that were read by another point list than its own, such
            as an earlier one.
    """

    head: DataHead
    records: int
    of_other_points: int


def examine(path: Path) -> DataContents:
    """Check a data file.

    Raises:
        TooLargeError: It is over its bound.
        CollectedDataError: It is no such file, or damaged; or a delivery in it is not signed by the
            collector that the file names, or is for another log or of another organisation.
        OSError: It cannot be read.
    """
    head = read_head(path)
    counted: Counter[bytes] = Counter()
    for number, body in enumerate(read_deliveries(path), 1):
        try:
            config, records = _read(body, head)
        except (InputError, SignatureError) as error:
            raise CollectedDataError(
                "{field}: the delivery {number} does not hold: {detail}",
                field=str(path),
                number=number,
                detail=error.message,
                remedy="export it again at the collector, and compare its key with its owner",
                code="collected.delivery",
            ) from error
        counted[config] += records
    own = counted[sm3(head.points.encode())]
    return DataContents(head=head, records=counted.total(), of_other_points=counted.total() - own)


def _read(body: bytes, head: DataHead) -> tuple[bytes, int]:
    """Digest of the point list behind a delivery, and its number of records."""
    wire = decode_delivery(body)
    delivery, context = parse_delivery(wire.delivery), parse_context(wire.context)
    signed_record.verify(wire.delivery, head.collector)
    require_consistent(delivery, wire)
    if (delivery.origin, context.organisation) != (head.origin, head.organisation):
        raise CollectedDataError(
            "{field}: is of {organisation} for {origin}",
            field="delivery",
            organisation=context.organisation,
            origin=delivery.origin,
            remedy="export it again at the collector",
        )
    return context.config, delivery.count
