"""Units of methods, each substance a dimension of its own; the one home of pint.

``t[fuel]`` is a tonne of fuel, ``t[clinker]`` one of clinker, ``1e4Nm3[CH4]`` 10,000 m3 of pure
methane at 0 degC and 101.325 kPa, ``m3[20degC]`` a cubic metre at 20 degC: none of them can be
added to another. Masses of gases (``tCO2``, ``tCH4``) and of carbon (``tC``) differ from ``tCO2e``,
electricity (``MWh``) from heat (``GJ``). pint is asked when a method is loaded; values are plain
``Decimal`` from then on.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

import pint

from trace_node.accounting.errors import DimensionError
from trace_node.gases import GASES

# Families of units: name=size in units of the first. A family in _OF_WHAT takes a substance in
# brackets, which makes it another dimension.
_MASS = "t=1 kg=1/1000 g=1/1000000 mg=1/1000000000 1e8t=100000000"
_OF_WHAT: Final = MappingProxyType(
    {
        "mass": _MASS,
        "norm_volume": "1e4Nm3=1 Nm3=1/10000 1e8Nm3=10000",
        "volume": "m3=1",
        "number": "unit=1",
    }
)
_PLAIN: Final = MappingProxyType(
    {
        "heat": "GJ=1 TJ=1000 MJ=1/1000 kJ=1/1000000 J=1/1000000000",
        "electricity": "MWh=1 kWh=1/1000 GWh=1000",
        "power": "MW=1 kW=1/1000",
        "coal_equivalent": "tce=1 kgce=1/1000",
        "CO2e": "tCO2e=1 kgCO2e=1/1000",
        "COD": "kgCOD=1",
        "area": "ha=1 m2=1/10000 km2=100",
        "length": "km=1 m=1/1000",
        "time": "s=1 min=60 h=3600 d=86400",
        "year": "yr=1",
        "temperature": "K=1",
        "celsius": "degC=1",
        "amount": "kmol=1 mol=1/1000",
        "money": "CNY=1",
    }
)
_GENERIC: Final = frozenset(
    entry.split("=")[0] for entries in _OF_WHAT.values() for entry in entries.split()
)
_MASSES_OF: Final = ("C", "GAS", *GASES)
_OF_GAS: Final = "t{0}=1 kg{0}=1/1000 g{0}=1/1000000 mg{0}=1/1000000000"
_NAMES: Final = frozenset(
    entry.split("=")[0]
    for entries in (*_OF_WHAT.values(), *_PLAIN.values(), *map(_OF_GAS.format, _MASSES_OF))
    for entry in entries.split()
)
_NAME = r"(?:1e[48])?[A-Za-z][A-Za-z0-9]*(?:\[[A-Za-z0-9_]{1,40}\])?"
_UNIT = re.compile(rf"(?:1|{_NAME})(?:[*/](?:{_NAME}|\({_NAME}(?:\*{_NAME})*\)))*")
_PART = re.compile(r"((?:1e[48])?[A-Za-z][A-Za-z0-9]*)(?:\[([A-Za-z0-9_]{1,40})\])?")
_GAS_MASS = re.compile(rf"\b(t|kg|g|mg)(?:GAS|{'|'.join(GASES)})\b")
_BRACKET = re.compile(r"\[[^\]]*\]")
MAX_UNIT: Final = 80


@dataclass(frozen=True, slots=True)
class TypedUnit:
    """A unit with its dimension (量纲).

    Attributes:
        text: How it is written; ``1`` without dimension.
        dimension: Exponent of each dimension, in alphabetical order.
        scale: Size in base units, exact; two units add only when dimension and scale are equal.
    """

    text: str
    dimension: tuple[tuple[str, int], ...]
    scale: Fraction

    def alike(self, other: "TypedUnit") -> bool:
        """Whether values of both can be added as they stand."""
        return self.dimension == other.dimension and self.scale == other.scale

    def flat(self, *, plain_gases: bool = False) -> "TypedUnit":
        """The same unit without saying of what, as factor tables print it.

        Args:
            plain_gases: Write the mass of a gas as a plain mass too: ``mg/km``, ``kgCO2e/kg``.
        """
        text = _BRACKET.sub("", self.text)
        return typed_unit(_GAS_MASS.sub(r"\1", text) if plain_gases else text)


def ratio(source: TypedUnit, target: TypedUnit) -> Fraction:
    """By what a value in ``source`` is multiplied to be one in ``target``.

    Raises:
        DimensionError: They measure different things.
    """
    if source.dimension != target.dimension:
        raise DimensionError(
            "{field}: {source} and {target} measure different things",
            field="unit",
            source=source.text,
            target=target.text,
            remedy="give the value in {target}, or convert it by a factor of the method",
        )
    return source.scale / target.scale


@cache
def typed_unit(text: str) -> TypedUnit:
    """Read a unit, such as ``tCO2/t[clinker]`` or ``kJ/(kg*K)``.

    Raises:
        DimensionError: It is not written in units of this module.
    """
    unit = _parse(text)
    scale, _ = _registry().get_root_units(unit)
    dimension = tuple(
        sorted(
            (name[1:-1], int(str(power))) for name, power in unit.dimensionality.items() if power
        )
    )
    return TypedUnit(text, dimension, Fraction(str(scale)))


def of_what(unit: str, what: str | None) -> str:
    """A unit of records as methods write it: ``10^4Nm3`` of ``CH4`` is ``1e4Nm3[CH4]``.

    Args:
        unit: The unit, such as ``GJ/10^4Nm3`` or ``Nm3/h``.
        what: What the tonne, cubic metre or piece is of; the volume of a gas takes it before a
            mass does. None where nothing is said.
    """
    text = unit.replace("10^", "1e")
    if what is None:
        return text
    places = [found for found in _PART.finditer(text) if found[1] in _GENERIC]
    volumes = [found for found in places if "m3" in found[1]]
    if not places:
        return f"{text}[{what}]"  # typed_unit refuses it by its text
    end = (volumes or places)[0].end(1)
    return f"{text[:end]}[{what}]{text[end:]}"


def combine(left: TypedUnit, right: TypedUnit, *, power: int) -> TypedUnit:
    """The unit of ``left * right ** power``."""
    exponents = dict(left.dimension)
    for name, exponent in right.dimension:
        exponents[name] = exponents.get(name, 0) + power * exponent
    dimension = tuple(sorted((name, number) for name, number in exponents.items() if number))
    scale = left.scale * right.scale**power
    return TypedUnit(_written(dimension, scale), dimension, scale)


NUMBER: Final = TypedUnit("1", (), Fraction(1))


def _written(dimension: tuple[tuple[str, int], ...], scale: Fraction) -> str:
    parts = [name if number == 1 else f"{name}^{number}" for name, number in dimension]
    size = "" if scale == 1 else f"{scale} "
    return size + ("*".join(parts) or "1")


def _parse(text: str) -> pint.Unit:
    if len(text) > MAX_UNIT or not _UNIT.fullmatch(text):
        raise _unknown(text)

    def name(found: re.Match[str]) -> str:
        unit, what = found[1], found[2]
        if unit not in _NAMES:  # pint would read a plural: "ts" as "t"
            raise _unknown(text)
        if what is None:
            return f"u_{unit}"
        if unit not in _GENERIC:
            raise _unknown(text)
        return _of(unit, what)

    registry = _registry()
    if text == "1":
        return registry.Unit("dimensionless")
    return registry.parse_units(_PART.sub(name, text))


@cache
def _of(unit: str, what: str) -> str:
    for family, entries in _OF_WHAT.items():
        if any(entry.split("=")[0] == unit for entry in entries.split()):
            _define(family, entries, what)
    return f"u_{unit}_of_{what}"


@cache
def _define(family: str, entries: str, what: str) -> None:
    suffix = f"_of_{what}" if what else ""
    base, *others = (entry.split("=") for entry in entries.split())
    registry = _registry()
    registry.define(f"u_{base[0]}{suffix} = [{family}{suffix}]")
    for name, size in others:
        # A fraction as such, so that pint never makes a binary float of it.
        numerator, _, denominator = size.partition("/")
        registry.define(
            f"u_{name}{suffix} = {numerator}.0 / {denominator or 1}.0 * u_{base[0]}{suffix}"
        )


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    return pint.UnitRegistry(None, non_int_type=Fraction)


def _fill() -> None:
    for family, entries in (_OF_WHAT | _PLAIN).items():
        _define(family, entries, "")
    for gas in _MASSES_OF:
        _define(gas, _OF_GAS.format(gas), "")


_fill()


def _unknown(text: str) -> DimensionError:
    return DimensionError(
        "{field}: {unit} is not a unit of methods",
        field="unit",
        unit=repr(text[:MAX_UNIT]),
        remedy="use units of docs/spec/method-file.md, such as tCO2/t[clinker]; a share is a"
        " fraction of unit 1, never a percentage",
        code="accounting.dimension.unit",
    )
