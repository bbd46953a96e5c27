"""What gives each quantity of a stack: a meter register, or a value with its reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from trace_node.canonical_json import JsonObject
from trace_node.ids import DeviceId, RegisterId
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_choice,
    read_decimal,
    read_name,
    read_optional,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_decimal


class StackQuantity(StrEnum):
    """A quantity of the flue gas (烟气参数), and the unit that it is taken in.

    Attributes:
        CO2: CO2 on the basis of the analyser, a fraction of volume.
        VELOCITY: At the measured point, m/s.
        FLOW: Flow of dry gas in the normal state as the system gives it (标干流量), Nm3/h; in the
            place of velocity and pressures.
        TEMPERATURE: degC.
        BAROMETRIC: Pressure of the air, Pa.
        GAUGE: Gauge pressure of the flue gas (静压), Pa.
        MOISTURE: Water, a fraction of volume.
        OXYGEN: O2 in dry gas, a fraction of volume.
        LOAD: Load of the plant, a fraction.
        VALID: 1 while the system measures, 0 in calibration, failure and maintenance.
    """

    CO2 = "co2"
    VELOCITY = "velocity"
    FLOW = "flow"
    TEMPERATURE = "temperature"
    BAROMETRIC = "barometric"
    GAUGE = "gauge"
    MOISTURE = "moisture"
    OXYGEN = "oxygen"
    LOAD = "load"
    VALID = "valid"


UNIT_OF: Final = {
    StackQuantity.CO2: "1",
    StackQuantity.VELOCITY: "m/s",
    StackQuantity.FLOW: "Nm3/h",
    StackQuantity.TEMPERATURE: "degC",
    StackQuantity.BAROMETRIC: "Pa",
    StackQuantity.GAUGE: "Pa",
    StackQuantity.MOISTURE: "1",
    StackQuantity.OXYGEN: "1",
    StackQuantity.LOAD: "1",
    StackQuantity.VALID: "1",
}
_ALWAYS: Final = frozenset({StackQuantity.CO2, StackQuantity.TEMPERATURE, StackQuantity.MOISTURE})
_FOR_FLOW: Final = frozenset(
    {StackQuantity.VELOCITY, StackQuantity.BAROMETRIC, StackQuantity.GAUGE}
)
_READ_ONLY: Final = frozenset({StackQuantity.CO2, StackQuantity.VELOCITY, StackQuantity.FLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackInput:
    """What gives one quantity.

    Attributes:
        quantity: Which.
        device: Device that is read; None for a constant value.
        meter_register: Its meter register; None likewise.
        value: Constant value in the unit of the quantity; None where it is read.
        reason: Where the constant comes from; None where it is read.
    """

    quantity: StackQuantity
    device: DeviceId | None
    meter_register: RegisterId | None
    value: Decimal | None
    reason: str | None

    @property
    def source(self) -> str | None:
        """Its name as a source of error; None of a constant."""
        return None if self.device is None else f"meter:{self.device}/{self.meter_register}"

    @classmethod
    def read(cls, fields: JsonObject) -> "StackInput":
        """Read its members."""
        names = ("device", "meter_register", "quantity", "reason", "value")
        require_keys(fields, frozenset(names))
        device = read_optional(fields, "device", read_name)
        meter_register = read_optional(fields, "meter_register", read_name)
        found = cls(
            quantity=StackQuantity(read_choice(fields, "quantity", frozenset(StackQuantity))),
            device=None if device is None else DeviceId(device),
            meter_register=None if meter_register is None else RegisterId(meter_register),
            value=read_optional(fields, "value", read_decimal),
            reason=read_optional(fields, "reason", read_line),
        )
        read = (found.device is not None, found.meter_register is not None)
        stated = (found.value is not None, found.reason is not None)
        is_one = {read, stated} == {(True, True), (False, False)}
        if not is_one or (found.device is None and found.quantity in _READ_ONLY):
            raise RecordError(
                "{field}: {quantity} is read from a meter register, or stated with its reason;"
                " CO2, velocity and flow are always read",
                field="inputs",
                quantity=found.quantity.value,
                remedy="name device and meter_register, or value and reason",
                code="record.inputs",
            )
        return found

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "device": self.device,
            "meter_register": self.meter_register,
            "quantity": self.quantity.value,
            "reason": self.reason,
            "value": write_decimal(self.value, field="value"),
        }


def require_inputs(inputs: Iterable[StackInput]) -> None:
    """Require a flow, or every quantity of (31), once; nothing has a default.

    Raises:
        RecordError: One is missing or there twice.
    """
    counted = Counter(each.quantity for each in inputs)
    has_flow = bool(counted[StackQuantity.FLOW])
    required = _ALWAYS if has_flow else _ALWAYS | _FOR_FLOW
    refused = _FOR_FLOW if has_flow else frozenset[StackQuantity]()
    wrong = [
        each
        for each in StackQuantity
        if counted[each] > 1
        or (each in required and not counted[each])
        or (each in refused and counted[each])
    ]
    if wrong:
        raise RecordError(
            "{field}: {quantity} is missing, there twice, or beside a flow",
            field="inputs",
            quantity=wrong[0].value,
            remedy="state every quantity once, and a flow in the place of velocity and pressures;"
            " only oxygen, load and valid may be left out",
            code="record.inputs",
        )
