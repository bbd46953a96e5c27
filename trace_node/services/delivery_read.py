"""Read the records of a delivery: their leaf hashes, the root over them, and what they say.

That is most of the work of a check, and needs nothing but the bytes: another process can do it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trace_node.metering.records.delivered import Delivered, read_together
from trace_node.metering.records.wire import decode_delivery
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3


class ReadRecords(NamedTuple):
    """The records of a delivery, read.

    Attributes:
        leaf_hashes: Leaf hash of each, in order.
        root: The root of the tree over them.
        together: What they say; None where they have to be read one by one.
    """

    leaf_hashes: list[bytes]
    root: bytes
    together: Delivered | None


Read = Callable[[bytes, Sequence[bytes]], ReadRecords]
"""Reads the records of a delivery, given its body and the records cut from it."""


def read_here(_body: bytes, records: Sequence[bytes]) -> ReadRecords:
    """Read records in the calling thread."""
    leaf_hashes = SM3.leaves(records)
    tree = CompactRange(hasher=SM3)
    tree.extend(leaf_hashes)
    return ReadRecords(leaf_hashes, tree.root(), read_together(records))


def read_body(body: bytes) -> ReadRecords:
    """Read the records of a body that was cut before, in a process that has not seen it.

    Raises:
        WireError: It cannot be cut.
    """
    return read_here(body, decode_delivery(body).records)
