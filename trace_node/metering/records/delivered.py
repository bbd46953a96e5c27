"""All records of a delivery at once, member by member, for ingest.

One pass of one regular expression finds every reading, and what they have in common is looked at
once: record by record that takes twice as long. Records of another form, such as events, are read
by themselves and put between the readings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from trace_node.canonical_json import MAX_INTEGER
from trace_node.errors import InputError
from trace_node.metering.records.chained import ChainedRecord, read_chained
from trace_node.metering.records.form_values import boot_bytes, context_bytes, milliseconds
from trace_node.metering.records.reading import READING
from trace_node.metering.records.reading_form import READING_LINES
from trace_node.units import UNITS

_OTHER: Final = -1  # the group of a line that is no reading
_AT_A_TIME: Final = 256  # records: as much as a core keeps near; a thousand take a third longer


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What ingest needs of each record of a delivery, in its order.

    Attributes:
        types: ``reading@1`` or ``event@1``.
        devices: Names of the devices.
        seqs: Positions in (device, boot).
    """

    types: list[str]
    devices: list[str]
    seqs: list[int]

    def oldest(self) -> dict[str, int]:
        """The smallest number of each device, the devices in their order."""
        found = dict.fromkeys(self.devices, 0)
        found.update({self.devices[place]: self.seqs[place] for place in reversed(self._order())})
        return found

    def newest(self) -> dict[str, int]:
        """The place, from 0, of the record with the largest number of each device."""
        return {self.devices[place]: place for place in self._order()}

    def has_repeats(self) -> bool:
        """Whether a number comes twice for one device."""
        return len(set(zip(self.devices, self.seqs, strict=True))) < len(self.seqs)

    @classmethod
    def of(cls, records: Sequence[ChainedRecord]) -> Self:
        """The columns of records that were read one by one."""
        return cls(
            types=[record.type for record in records],
            devices=[record.device for record in records],
            seqs=[record.seq for record in records],
        )

    def _order(self) -> list[int]:
        return sorted(range(len(self.seqs)), key=self.seqs.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The records of a delivery, and what they have in common.

    Attributes:
        columns: The records.
        boots: The boots they name, 16 bytes each.
        contexts: The contexts they name, 32-byte digests.
        points: Of what they speak.
        collected_ms: When they were collected, in milliseconds since the epoch.
        observed_ms: When they were observed, likewise.
    """

    columns: Columns
    boots: set[bytes]
    contexts: set[bytes]
    points: set[Point]
    collected_ms: set[int]
    observed_ms: set[int]


def read_together(records: Sequence[bytes]) -> Delivered | None:
    """Read records as strictly as ``read_chained``; None where that has to say what is wrong.

    Args:
        records: At least one.
    """
    found = Delivered(
        columns=Columns(types=[], devices=[], seqs=[]),
        boots=set(),
        contexts=set(),
        points=set(),
        collected_ms=set(),
        observed_ms=set(),
    )
    for start in range(0, len(records), _AT_A_TIME):
        if not _add(found, records[start : start + _AT_A_TIME]):
            return None
    return found


def _add(found: Delivered, records: Sequence[bytes]) -> bool:
    """Add records to what was found; False if one breaks a rule."""
    rows = READING_LINES.findall(b"\n".join(records).decode("latin-1"))
    if len(rows) != len(records):  # one of them holds a line feed
        return False
    start = len(found.columns.seqs)
    others = [place for place, row in enumerate(rows) if row[_OTHER]]
    readings = [row for row in rows if not row[_OTHER]] if others else rows
    if readings and not _add_readings(found, readings):
        return False
    try:
        _put_between(found, {start + place: read_chained(records[place]) for place in others})
    except InputError:
        return False
    return True


def _add_readings(found: Delivered, rows: Sequence[tuple[str, ...]]) -> bool:
    """Add rows of readings; False if one breaks a rule beyond the form."""
    boots, collected, contexts, devices, names, observed, reasons, numbers, units, decimals, _ = (
        zip(*rows, strict=True)
    )
    seqs = list(map(int, numbers))
    collected_ms, observed_ms = _milliseconds(collected), _milliseconds(observed)
    if collected_ms is None or observed_ms is None:
        return False
    if max(seqs) > MAX_INTEGER or not UNITS.keys() >= set(units):
        return False
    scales = [None if reason else len(text) for reason, text in zip(reasons, decimals, strict=True)]
    found.columns.types.extend([READING] * len(rows))
    found.columns.devices.extend(devices)
    found.columns.seqs.extend(seqs)
    found.boots.update(map(boot_bytes, set(boots)))
    found.contexts.update(map(context_bytes, set(contexts)))
    found.points.update(map(Point._make, set(zip(devices, names, units, scales, strict=True))))
    found.collected_ms.update(collected_ms)
    found.observed_ms.update(observed_ms)
    return True


def _milliseconds(texts: Iterable[str]) -> set[int] | None:
    """What the texts mean; None if one is of no day or hour that exists."""
    distinct = set(texts)
    found = {instant for text in distinct if (instant := milliseconds(text)) is not None}
    return found if len(found) == len(distinct) else None  # a time has one spelling


def _put_between(found: Delivered, others: Mapping[int, ChainedRecord]) -> None:
    """Add records that were read by themselves, at their places."""
    columns = found.columns
    for place, record in sorted(others.items()):
        columns.types.insert(place, record.type)
        columns.devices.insert(place, record.device)
        columns.seqs.insert(place, record.seq)
        found.boots.add(record.boot)
        found.contexts.add(record.context)
        scale = None if record.value_scaled is None else record.scale
        found.points.add(Point(record.device, record.meter_register, record.unit, scale))
        found.collected_ms.add(record.collected_at_ms)
        found.observed_ms.add(record.observed_at_ms)
