"""All records of a delivery at once, member by member, for ingest.

One pass of one regular expression finds every reading, and what they have in common is looked at
once: record by record that takes twice as long. Records of another form, such as events, are read
by themselves and put between the readings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from trace_node.canonical_json import MAX_INTEGER
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.form_values import boot_bytes, context_bytes, milliseconds
from trace_node.metering.records.reading import READING
from trace_node.metering.records.reading_form import READING_LINES
from trace_node.units import UNITS

_OTHER: Final = -1  # the group of a line that is no reading


class Point(NamedTuple):
    """Of what a record speaks, and how.

    Attributes:
        device: Name of the device.
        meter_register: Its name; None for an event of the whole device.
        unit: Symbol of the unit; None for an event.
        scale: Number of decimals; None without a value.
    """

    device: str
    meter_register: str | None
    unit: str | None
    scale: int | None


@dataclass(slots=True, kw_only=True)
class Columns:
    """The records of a delivery, in its order.

    Attributes:
        types: ``reading@1`` or ``event@1``.
        devices: Names of the devices.
        seqs: Positions in (device, boot).
    """

    types: list[str]
    devices: list[str]
    seqs: list[int]


@dataclass(slots=True, kw_only=True)
class Delivered:
    """The records of a delivery, and what they have in common.

    Attributes:
        columns: The records.
        boots: Boots they name.
        contexts: Digests of the contexts they name.
        points: Of what they speak.
        collected: When they were collected, milliseconds since the epoch.
        observed: When they were observed, likewise.
    """

    columns: Columns
    boots: set[bytes]
    contexts: set[bytes]
    points: set[Point]
    collected: set[int]
    observed: set[int]
