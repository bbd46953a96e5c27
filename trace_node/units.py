"""Units of measure, quantities, and conversions that are exact or refused.

Values are ``Decimal``; a float is refused because its digits are not the ones that were measured.
A conversion whose result has no finite decimal form (1 GJ is 277.777… kWh) is refused as well:
where to round is a decision of a method, never of a conversion. Source of the factors: the SI
brochure and GB 3100-1993; ``Nm3`` is the cubic metre at 0 °C and 101.325 kPa and does not convert
to ``m3``.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import ClassVar

from trace_node.errors import InputError
from trace_node.gases import GASES


class UnitError(InputError):
    """A unit is unknown, or two quantities do not have the same dimension."""

    code: ClassVar[str] = "unit"


class InexactError(UnitError):
    """The converted value has no finite decimal form."""

    code = "unit.inexact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of measure (计量单位).

    Attributes:
        symbol: ASCII symbol as written in records, for example ``kWh`` or ``m3/h``.
        dimension: What it measures; units of one dimension convert into each other.
        factor: Size in units of the dimension's base unit, exact.
        zero: Base-unit value of this unit's zero point; 0 except for temperatures.
    """

    symbol: str
    dimension: str
    factor: Fraction
    zero: Fraction = Fraction(0)


# dimension -> "symbol=factor" in units of the dimension's base, which is the first.
_TABLE = {
    "number": "1=1 %=1/100 permille=1/1000 ppm=1/1000000",
    "energy": "J=1 kJ=1000 MJ=1000000 GJ=1000000000 TJ=1000000000000"
    " Wh=3600 kWh=3600000 MWh=3600000000 GWh=3600000000000",
    "reactive_energy": "varh=1 kvarh=1000 Mvarh=1000000",
    "apparent_energy": "VAh=1 kVAh=1000 MVAh=1000000",
    "power": "W=1 kW=1000 MW=1000000",
    "reactive_power": "var=1 kvar=1000 Mvar=1000000",
    "apparent_power": "VA=1 kVA=1000 MVA=1000000",
    "voltage": "V=1 mV=1/1000 kV=1000",
    "current": "A=1 mA=1/1000 kA=1000",
    "frequency": "Hz=1",
    "mass": "kg=1 mg=1/1000000 g=1/1000 t=1000 kt=1000000",
    "mass_flow": "kg/s=1 kg/h=1/3600 t/h=1000/3600 t/d=1000/86400 g/s=1/1000",
    "volume": "m3=1 L=1/1000",
    "normal_volume": "Nm3=1 10^4Nm3=10000",
    "volume_flow": "m3/s=1 m3/min=1/60 m3/h=1/3600 L/min=1/60000 L/h=1/3600000",
    "normal_volume_flow": "Nm3/s=1 Nm3/min=1/60 Nm3/h=1/3600",
    "concentration": "kg/m3=1 g/m3=1/1000 mg/m3=1/1000000 ug/m3=1/1000000000",
    "normal_concentration": "kg/Nm3=1 g/Nm3=1/1000 mg/Nm3=1/1000000 ug/Nm3=1/1000000000"
    " t/10^4Nm3=1/10",
    "temperature": "K=1 degC=1",
    "pressure": "Pa=1 hPa=100 kPa=1000 MPa=1000000 bar=100000",
    "length": "m=1 mm=1/1000 cm=1/100 km=1000",
    "area": "m2=1 ha=10000 km2=1000000",
    "speed": "m/s=1 km/h=1000/3600",
    "time": "s=1 ms=1/1000 min=60 h=3600 d=86400",
    "specific_energy": "J/kg=1 kJ/kg=1000 MJ/kg=1000000 GJ/t=1000000",
    "coal_equivalent": "kgce=1 tce=1000",
    "money": "CNY=1 10^4CNY=10000",
    "volumetric_energy": "J/Nm3=1 kJ/Nm3=1000 MJ/Nm3=1000000 GJ/10^4Nm3=100000",
    "carbon": "kgC=1 tC=1000",
    "carbon_content": "tC/t=1 kgC/kg=1",
    "carbon_per_volume": "tC/10^4Nm3=1",
    "carbon_per_heat": "tC/GJ=1 kgC/MJ=1 kgC/GJ=1/1000",
    "carbon_per_area": "tC/(ha*yr)=1",
    "mass_per_area": "t/(ha*yr)=1",
    "oxygen_demand": "kgCOD=1",
    "oxygen_demand_per_volume": "kgCOD/m3=1",
    "methane_per_oxygen_demand": "kgCH4/kgCOD=1",
    "methane_per_device": "tCH4/(unit*yr)=1",
    "methane_per_volume": "tCH4/10^8Nm3=1",
    "methane_per_throughput": "tCH4/10^8t=1",
    "methane_per_distance": "mgCH4/km=1",
    "nitrous_oxide_per_distance": "mgN2O/km=1",
    "emission_per_heat": "tCO2/GJ=1 kgCO2/GJ=1/1000",
    "emission_per_electricity": "tCO2/MWh=1 kgCO2/kWh=1 kgCO2/MWh=1/1000",
    "devices": "unit=1",
    "distance_per_device": "km/unit=1",
    "molar_mass": "g/mol=1 kg/kmol=1",
    **{f"mass_of_{gas}": f"kg{gas}=1 t{gas}=1000" for gas in GASES},
    **{f"{gas}_per_mass": f"t{gas}/t=1 kg{gas}/kg=1 kg{gas}/t=1/1000" for gas in GASES},
    **{f"molar_mass_of_{gas}": f"g{gas}/mol=1" for gas in GASES},
}
_ZEROS = {"degC": Fraction(27315, 100)}

UNITS = MappingProxyType(
    {
        symbol: Unit(
            symbol=symbol,
            dimension=dimension,
            factor=Fraction(factor),
            zero=_ZEROS.get(symbol, Fraction(0)),
        )
        for dimension, entries in _TABLE.items()
        for symbol, factor in (entry.split("=") for entry in entries.split())
    }
)


def unit(symbol: str, *, field: str = "unit") -> Unit:
    """The unit with this symbol.

    Raises:
        UnitError: There is no such unit.
    """
    found = UNITS.get(symbol)
    if found is None:
        raise UnitError(
            "{field}: the unit {symbol} is not known",
            field=field,
            symbol=repr(symbol),
            remedy="use a symbol of the table in trace_node/units.py, for example kWh, t or Nm3/h",
            code="unit.unknown",
        )
    return found


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit (量值).

    Args:
        value: A finite ``Decimal``; a float is refused.
        unit: Its unit.

    Raises:
        UnitError: ``value`` is not a finite ``Decimal``.
    """

    value: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        value: object = self.value  # the annotation is not enforced; floats do arrive
        if not isinstance(value, Decimal) or not value.is_finite():
            raise UnitError(
                "{field}: must be a finite Decimal, not {kind}",
                field="value",
                kind=type(value).__name__,
                remedy="build it from the text that was measured: Decimal('1.50')",
                code="unit.value",
            )

    def to(self, target: Unit) -> "Quantity":
        """The same quantity in another unit, exactly.

        Raises:
            UnitError: ``target`` measures something else.
            InexactError: The result has no finite decimal form.
        """
        return Quantity(convert(self.value, source=self.unit, target=target), target)

    def __add__(self, other: "Quantity") -> "Quantity":
        """The sum, in the unit of the left side."""
        return Quantity(
            _exact(Fraction(self.value) + Fraction(other.to(self.unit).value)), self.unit
        )

    def __sub__(self, other: "Quantity") -> "Quantity":
        """The difference, in the unit of the left side."""
        return Quantity(
            _exact(Fraction(self.value) - Fraction(other.to(self.unit).value)), self.unit
        )


def convert(value: Decimal, *, source: Unit, target: Unit) -> Decimal:
    """Convert ``value`` exactly, whatever the decimal context of the caller.

    Raises:
        UnitError: The units measure different things.
        InexactError: The result has no finite decimal form.
    """
    if source.dimension != target.dimension:
        raise UnitError(
            "{field}: {source} measures {of_source}, {target} measures {of_target}",
            field="unit",
            source=source.symbol,
            target=target.symbol,
            of_source=source.dimension,
            of_target=target.dimension,
            remedy="choose a unit of the same kind",
            code="unit.dimension",
        )
    if source == target:
        return value
    return _exact((Fraction(value) * source.factor + source.zero - target.zero) / target.factor)


def _exact(number: Fraction) -> Decimal:
    """Write a fraction as the shortest decimal that equals it."""
    twos, rest = _divide_out(number.denominator, 2)
    fives, rest = _divide_out(rest, 5)
    if rest != 1:
        raise InexactError(
            "{field}: {number} has no finite decimal form",
            field="value",
            number=str(number),
            remedy="keep the quantity in its measured unit, or let a method round it",
        )
    places = max(twos, fives)
    return Decimal((number < 0, _digits(abs(number) * 10**places), -places))


def _divide_out(number: int, prime: int) -> tuple[int, int]:
    count = 0
    while number % prime == 0:
        number //= prime
        count += 1
    return count, number


def _digits(number: Fraction) -> tuple[int, ...]:
    return tuple(int(digit) for digit in str(int(number)))
