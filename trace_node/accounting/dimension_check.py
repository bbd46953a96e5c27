"""The unit of an expression, found once when a method is loaded; sums of unlike are refused.

The check is strict about scale too: kilograms are not added to tonnes, since values run as plain
decimals. Where a formula changes scale it names a typed constant, such as ``0.001`` ``GJ/MJ``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.dimension import NUMBER, TypedUnit, combine, typed_unit
from trace_node.accounting.errors import DimensionError
from trace_node.formula import Formula
from trace_node.formula_fold import fold

_MOST_POWER = 12


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The unit of a part; ``number`` where the part is a literal, and zero fits any unit."""

    unit: TypedUnit
    number: Decimal | None = None

    @property
    def zero(self) -> bool:
        return self.number == 0


def unit_of(
    formula: Formula, units: Mapping[str, TypedUnit] | Callable[[str], TypedUnit]
) -> TypedUnit:
    """The unit of a formula's value.

    Args:
        formula: The expression.
        units: Unit of each symbol.

    Raises:
        DimensionError: Unlike parts are added, compared or chosen between, an exponent or the
            argument of ``exp`` has a unit, or a symbol has none; the message names the part.
    """
    return fold(formula, _Units(formula.text, units)).unit


def require_unit(
    formula: Formula,
    declared: str,
    units: Mapping[str, TypedUnit] | Callable[[str], TypedUnit],
    *,
    place: str,
) -> None:
    """Check that a formula gives what is declared.

    Raises:
        DimensionError: See ``unit_of``; or it gives another unit, or the same at another scale.
    """
    try:
        found = unit_of(formula, units)
    except DimensionError as error:
        raise DimensionError(
            "{place}: {detail}",
            field=place,
            place=place,
            detail=error.message,
            remedy=error.remedy.replace("{", "(").replace("}", ")"),
            code=error.reason,
        ) from error
    wanted = typed_unit(declared)
    if not found.alike(wanted) and not _is_zero(formula):
        raise DimensionError(
            "{place}: {formula} gives {found}, not {declared} ({wanted})",
            field=place,
            place=place,
            formula=formula.text,
            found=found.text,
            declared=declared,
            wanted=combine(NUMBER, wanted, power=1).text,
            remedy="correct the unit, or multiply by a typed constant that converts it",
        )


def _is_zero(formula: Formula) -> bool:
    return not formula.symbols and formula.evaluate({}) == 0


class _Units:
    """The algebra of units."""

    def __init__(
        self, text: str, units: Mapping[str, TypedUnit] | Callable[[str], TypedUnit]
    ) -> None:
        self._text = text
        self._unit = units.__getitem__ if isinstance(units, Mapping) else units

    def number(self, value: Decimal) -> _Meaning:
        return _Meaning(NUMBER, value)

    def symbol(self, name: str) -> _Meaning:
        try:
            return _Meaning(self._unit(name))
        except KeyError:
            raise DimensionError(
                "{formula}: the symbol {symbol} is not known here",
                field=name,
                formula=self._text,
                symbol=name,
                remedy="declare it, in the same table as the expression or outside all tables",
                code="accounting.dimension.symbol",
            ) from None

    def negative(self, operand: _Meaning) -> _Meaning:
        return operand

    def binary(self, sign: str, left: _Meaning, right: _Meaning, text: str) -> _Meaning:
        match sign:
            case "*":
                return _Meaning(combine(left.unit, right.unit, power=1))
            case "/":
                return _Meaning(combine(left.unit, right.unit, power=-1))
            case "**":
                return _Meaning(self._power(left, right, text))
            case _:
                return self._alike([left, right], text)

    def compare(self, left: _Meaning, right: _Meaning, text: str) -> None:
        self._alike([left, right], text)

    def choice(self, yes: _Meaning, no: _Meaning, text: str) -> _Meaning:
        return self._alike([yes, no], text)

    def call(self, name: str, arguments: Sequence[_Meaning], text: str) -> _Meaning:
        match name:
            case "exp":
                self._alike([arguments[0], _Meaning(NUMBER)], text)
                return _Meaning(NUMBER)
            case "half_up":
                self._alike([arguments[1], _Meaning(NUMBER)], text)
                return _Meaning(arguments[0].unit)
            case _:
                return self._alike(arguments, text)

    def _alike(self, parts: Sequence[_Meaning], text: str) -> _Meaning:
        counted = [part for part in parts if not part.zero]
        if not counted:
            return _Meaning(NUMBER, Decimal(0))
        first = counted[0]
        for other in counted[1:]:
            if not first.unit.alike(other.unit):
                raise DimensionError(
                    "{part}: {left} and {right} are not alike",
                    field=text,
                    part=text,
                    left=first.unit.text,
                    right=other.unit.text,
                    remedy="convert one of them by a typed constant or a factor of the method",
                )
        return _Meaning(first.unit)

    def _power(self, base: _Meaning, exponent: _Meaning, text: str) -> TypedUnit:
        self._alike([exponent, _Meaning(NUMBER)], text)
        if base.unit.alike(NUMBER):
            return NUMBER
        power = exponent.number
        if power is None or power != power.to_integral_value() or not 0 <= power <= _MOST_POWER:
            raise DimensionError(
                "{part}: a value of unit {unit} is raised to a whole number only",
                field=text,
                part=text,
                unit=base.unit.text,
                remedy="write a whole number from 0 to 12 as exponent",
            )
        return combine(NUMBER, base.unit, power=int(power))
