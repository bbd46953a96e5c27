"""What a laboratory determines, in which unit it is kept, and what may be said of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trace_node.accounting.laboratory.basis import Basis, require_fraction
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_choice,
    read_decimal,
    read_optional,
    read_printable,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_decimal

FRACTION: Final = "1"
MOST_REPEATS: Final = 16
_MAX_STANDARD: Final = 80


class Parameter(StrEnum):
    """What is determined (检测参数).

    Attributes:
        CARBON: Carbon of a solid or liquid, by mass (元素碳含量), GB/T 476 for coal.
        HYDROGEN: Hydrogen, by mass.
        SULPHUR: Sulphur, by mass.
        MOISTURE: Water, by mass; total where as received.
        ASH: Ash, by mass.
        NCV: Net calorific value of a solid or liquid (低位发热量), GB/T 213 for coal.
        CARBON_GAS: Carbon of a gas.
        NCV_GAS: Net calorific value of a gas.
    """

    CARBON = "carbon"
    HYDROGEN = "hydrogen"
    SULPHUR = "sulphur"
    MOISTURE = "moisture"
    ASH = "ash"
    NCV = "ncv"
    CARBON_GAS = "carbon_gas"
    NCV_GAS = "ncv_gas"


UNITS: Final = MappingProxyType(
    {
        **dict.fromkeys(Parameter, FRACTION),
        Parameter.NCV: "GJ/t",
        Parameter.CARBON_GAS: "tC/10^4Nm3",
        Parameter.NCV_GAS: "GJ/10^4Nm3",
    }
)
GASES: Final = frozenset({Parameter.CARBON_GAS, Parameter.NCV_GAS})
_KEYS: Final = frozenset({"basis", "parameter", "repeats", "standard", "unit", "value"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabValue:
    """One determined value (检测结果).

    Attributes:
        parameter: What was determined.
        value: The reported value in the unit of the parameter; shares are fractions.
        basis: What it refers to; None of a gas.
        standard: Standard of the method, such as ``GB/T 476-2008``.
        repeats: Parallel determinations behind it, none or at least two.
    """

    parameter: Parameter
    value: Decimal
    basis: Basis | None
    standard: str
    repeats: tuple[Decimal, ...] = ()

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "LabValue":
        """Read its members.

        Raises:
            RecordError: A member breaks its rule.
            LaboratoryError: A percent stands for a fraction.
        """
        require_keys(fields, _KEYS)
        parameter = Parameter(read_choice(fields, "parameter", frozenset(Parameter)))
        basis = read_optional(fields, "basis", _read_basis)
        if (basis is None) != (parameter in GASES):
            raise _refusal(
                "basis",
                "{field}: must be null of a gas, else ar, ad, d or daf",
                remedy="read the basis in the report; there is no default",
            )
        if read_printable(fields, "unit") != UNITS[parameter]:
            raise _refusal(
                "unit",
                "{field}: {parameter} is kept in {unit}",
                parameter=parameter.value,
                unit=UNITS[parameter],
                remedy="convert it where it is entered; a percent is divided by 100",
            )
        value = read_decimal(fields, "value")
        repeats = _read_repeats(fields["repeats"])
        for each in (value, *repeats):
            _require_range(each, parameter)
        return cls(
            parameter=parameter,
            value=value,
            basis=basis,
            standard=read_line(fields, "standard", most=_MAX_STANDARD),
            repeats=repeats,
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "basis": self.basis and self.basis.value,
            "parameter": self.parameter.value,
            "repeats": [write_decimal(each, field="repeats") for each in self.repeats],
            "standard": self.standard,
            "unit": UNITS[self.parameter],
            "value": write_decimal(self.value, field="value"),
        }


def _read_basis(fields: JsonObject, key: str) -> Basis:
    return Basis(read_choice(fields, key, frozenset(Basis)))


def _read_repeats(items: JsonValue) -> tuple[Decimal, ...]:
    if isinstance(items, list) and len(items) <= MOST_REPEATS and len(items) != 1:
        return tuple(read_decimal({"repeats": item}, "repeats") for item in items)
    raise _refusal(
        "repeats",
        "{field}: must be a list of 2 to {bound} decimals, or empty",
        bound=MOST_REPEATS,
        remedy="write every parallel determination, or none",
    )


def _require_range(value: Decimal, parameter: Parameter) -> None:
    if UNITS[parameter] == FRACTION:
        require_fraction(value, field="value", whole=True)
    elif value < 0:
        raise _refusal(
            "value",
            "{field}: {parameter} is 0 or more",
            parameter=parameter.value,
            remedy="look at the report again",
        )


def _refusal(field: str, template: str, *, remedy: str, **params: object) -> RecordError:
    return RecordError(template, field=field, remedy=remedy, code=f"record.{field}", **params)
