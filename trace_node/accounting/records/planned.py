"""The parts of a measurement plan: stacks and streams."""

from dataclasses import dataclass
from typing import Final

from trace_node.accounting.comparison.mass_balance import Side
from trace_node.accounting.fluegas.constants import CemsMethod
from trace_node.accounting.fluegas.hour import GasBasis, Stack
from trace_node.accounting.records.stack_inputs import StackInput, require_inputs
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_choice,
    read_decimal,
    read_integer,
    read_name,
    read_optional,
    require_keys,
)
from trace_node.record.statement_fields import read_items, read_line
from trace_node.record.writing import write_decimal

MOST_STACKS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStack:
    """A stack and what its monitoring system shows.

    Attributes:
        stack: Name, section, velocity factor and basis of the analyser.
        inputs: What gives each quantity.
    """

    stack: Stack
    inputs: tuple[StackInput, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "PlannedStack":
        """Read its members; a ``FlueGasError`` where area or factor is not above 0."""
        require_keys(fields, frozenset({"area", "basis", "inputs", "name", "velocity_factor"}))
        inputs = read_items(fields, "inputs", StackInput.read, most=MOST_STACKS)
        require_inputs(inputs)
        return cls(
            stack=Stack(
                name=read_name(fields, "name"),
                area=read_decimal(fields, "area"),
                velocity_factor=read_decimal(fields, "velocity_factor"),
                basis=GasBasis(read_choice(fields, "basis", frozenset(GasBasis))),
            ),
            inputs=inputs,
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "area": write_decimal(self.stack.area, field="area"),
            "basis": self.stack.basis.value,
            "inputs": [each.write() for each in self.inputs],
            "name": self.stack.name,
            "velocity_factor": write_decimal(self.stack.velocity_factor, field="velocity_factor"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCems:
    """The flue-gas measurement (烟气直测).

    Attributes:
        method: Constants and quotas.
        stacks: Every stack of the boundary.
        biogenic: Activity data with the tonnes of biogenic CO2; None where there is none.
        no_biogenic: Why there is none; None where there is.
    """

    method: CemsMethod
    stacks: tuple[PlannedStack, ...]
    biogenic: str | None
    no_biogenic: str | None

    @classmethod
    def read(cls, fields: JsonObject) -> "PlannedCems":
        """Read its members."""
        quotas = ("days_of_month", "hours_of_day", "minutes_of_hour")
        require_keys(fields, frozenset({*quotas, "biogenic", "no_biogenic", "stacks", "t0"}))
        cems = cls(
            method=CemsMethod(
                t0=read_decimal(fields, "t0"),
                **{name: read_integer(fields, name, minimum=0) for name in quotas},
            ),
            stacks=read_items(fields, "stacks", PlannedStack.read, most=MOST_STACKS),
            biogenic=read_optional(fields, "biogenic", read_name),
            no_biogenic=read_optional(fields, "no_biogenic", read_line),
        )
        names = [each.stack.name for each in cems.stacks]
        if not names or len(set(names)) != len(names):
            raise plan_refusal(
                "stacks",
                "{field}: every stack of the boundary once, and at least one",
                "list kiln head, kiln tail, bypass, coal mill",
            )
        if (cems.biogenic is None) == (cems.no_biogenic is None):
            raise plan_refusal(
                "biogenic",
                "{field}: either activity data with biogenic CO2, or why there is none",
                "name an entry in tonnes of CO2, or state the reason in no_biogenic",
            )
        return cems

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "biogenic": self.biogenic,
            "days_of_month": self.method.days_of_month,
            "hours_of_day": self.method.hours_of_day,
            "minutes_of_hour": self.method.minutes_of_hour,
            "no_biogenic": self.no_biogenic,
            "stacks": [each.write() for each in self.stacks],
            "t0": write_decimal(self.method.t0, field="t0"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStream:
    """A stream of the mass balance (物料平衡物流).

    Attributes:
        name: Its name.
        side: Where it goes.
        quantity: Activity data with its mass.
        carbon: Activity data with its carbon, a fraction of the mass.
    """

    name: str
    side: Side
    quantity: str
    carbon: str

    @classmethod
    def read(cls, fields: JsonObject) -> "PlannedStream":
        """Read its members."""
        require_keys(fields, frozenset({"carbon", "name", "quantity", "side"}))
        return cls(
            name=read_name(fields, "name"),
            side=Side(read_choice(fields, "side", frozenset(Side))),
            quantity=read_name(fields, "quantity"),
            carbon=read_name(fields, "carbon"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "carbon": self.carbon,
            "name": self.name,
            "quantity": self.quantity,
            "side": self.side.value,
        }


def plan_refusal(field: str, template: str, remedy: str, **params: object) -> RecordError:
    """The refusal of a member of a plan."""
    return RecordError(template, field=field, remedy=remedy, code=f"record.{field}", **params)
