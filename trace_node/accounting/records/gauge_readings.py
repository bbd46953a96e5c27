"""The readings of a gauge in a day, listed once for every figure that rests on them.

An emission record names at most 4,000 leaves of one value. A gauge that is read each minute has
44,640 readings in a month; the figure of that month names the list of each day in their place.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from trace_node.accounting.records.emission_parts import read_leaves
from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId, OrganisationId
from trace_node.period import Period
from trace_node.record.fields import read_name
from trace_node.record.statement_fields import read_period

GAUGE_READINGS: Final = "gauge-readings@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeReadings:
    """Which readings of a gauge are valid in a day (瞬时量读数清单).

    Attributes:
        organisation: Whose.
        device: The meter.
        meter_register: Its register.
        period: The day; or another period.
        readings: Leaf indexes of its valid readings that were taken in it, ascending.
    """

    TYPE: ClassVar[str] = GAUGE_READINGS
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"device", "meter_register", "organisation", "period", "readings"}
    )

    organisation: OrganisationId
    device: DeviceId
    meter_register: str
    period: Period
    readings: tuple[int, ...]

    @property
    def topic(self) -> str:
        """Organisation, meter, register and day: the newest is what counts."""
        return f"{self.organisation} {self.device} {self.meter_register} {self.period.name}"

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "GaugeReadings":
        """Read its members."""
        return cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            device=DeviceId(read_name(fields, "device")),
            meter_register=read_name(fields, "meter_register"),
            period=read_period(fields, "period"),
            readings=read_leaves(fields, "readings"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "device": self.device,
            "meter_register": self.meter_register,
            "organisation": self.organisation,
            "period": self.period.name,
            "readings": list(self.readings),
        }
