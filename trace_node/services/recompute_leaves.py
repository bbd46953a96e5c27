"""The leaves that a record names, as they are read when it is computed again."""

from collections.abc import Mapping
from dataclasses import dataclass

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.boundary.sources import MeterPoint
from trace_node.accounting.errors import RecomputeError
from trace_node.canonical_json import decode_object
from trace_node.metering.meter import Meter
from trace_node.metering.records.device_registration import DeviceRegistration
from trace_node.metering.records.parse import parse_record
from trace_node.period import Period

_REGISTRATION = "device-registration"
_ENTRY = "activity-entry"


@dataclass(frozen=True, slots=True)
class NamedLeaf:
    """A leaf that a value names."""

    link: EvidenceLink
    body: bytes

    @property
    def kind(self) -> str:
        """The type of the record."""
        return str(decode_object(self.body).get("type"))


def body_at(bodies: Mapping[int, bytes], index: int) -> bytes:
    """The leaf of a record.

    Raises:
        RecomputeError: It is not at hand.
    """
    body = bodies.get(index)
    if body is None:
        raise differs(f"leaf {index}", "named by the record", "not at hand")
    return body


def differs(field: str, stated: str, again: str) -> RecomputeError:
    """The refusal that names the first difference."""
    return RecomputeError(
        "{field}: the record says {stated}, computed again it is {again}",
        field=field,
        stated=stated[:120],
        again=again[:120],
        remedy="a leaf, the method, a row or the record was altered",
    )


def by_meter(
    name: str, point: MeterPoint, found: list[NamedLeaf], *, alone: bool
) -> tuple[Meter, EvidenceLink, list[NamedLeaf]]:
    """The description of the meter and the records of its device; alone, there are no others."""
    meters, records = [], []
    for each in found:
        fields = decode_object(each.body)
        if str(fields.get("type")).startswith(_REGISTRATION):
            record = parse_record(each.body)
            assert isinstance(record, DeviceRegistration)  # noqa: S101 (its type says so)
            meters.append((record.meter, each.link))
        elif not str(fields.get("type")).startswith(_ENTRY):
            records.append((fields.get("device"), each))
    own = [each for each in meters if each[0].device == point.device]
    if len(own) != 1:
        raise differs(f"activity.{name}.leaves", f"{len(own)} descriptions", "1")
    return *own[0], [each for device, each in records if alone or device == point.device]


def speaks_of(leaf: NamedLeaf, name: str, period: Period) -> bool:
    """Whether it is an entry of that name and period."""
    fields = decode_object(leaf.body)
    return str(fields.get("type")).startswith(_ENTRY) and (
        fields.get("activity"),
        fields.get("period"),
    ) == (name, period.name)
