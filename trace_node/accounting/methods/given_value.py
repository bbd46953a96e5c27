"""A given value against its symbol: unit, basis, bounds, evidence, precedence."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction
from typing import Final

from trace_node.accounting.arithmetic import DIGITS, half_up, precise
from trace_node.accounting.dimension import TypedUnit, ratio, typed_unit
from trace_node.accounting.errors import CaseError, DimensionError, PrecedenceError
from trace_node.accounting.methods.case import Given
from trace_node.accounting.methods.method import of_gas
from trace_node.accounting.methods.symbol import Rounding, Symbol
from trace_node.accounting.methods.words import Choice, RoundMode, SymbolSource

_MOST_DIGITS: Final = 2 * DIGITS  # an exact product of two computed values
_MOST_EXPONENT: Final = 30
_EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation])
_GAS_VOLUMES: Final = ("norm_volume", "volume")


def read_given(
    given: Given, symbol: Symbol, *, place: str, words: Mapping[str, str], earlier: Choice | None
) -> Decimal:
    """The value in the unit of the symbol, exact and checked, not yet rounded.

    Raises:
        PrecedenceError: The method does not let this parameter come from there.
        CaseError: Unit, basis, bounds or evidence do not fit; the code tells which.
    """
    number: object = given.value  # the annotation is not enforced; floats do arrive
    if not isinstance(number, Decimal) or not number.is_finite():
        raise _refusal(place, "value", "must be a finite Decimal", "build it from the digits")
    if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_EXPONENT:
        raise _refusal(
            place,
            "value",
            "has more than {digits} digits",
            "give it as measured",
            digits=_MOST_DIGITS,
        )
    _require_choice(given, symbol, place=place, words=words, earlier=earlier)
    if symbol.basis and given.basis != symbol.basis:
        raise _refusal(
            place,
            "basis",
            "is stated for {stated}, the method needs {wanted}",
            "convert it to that basis before, and keep the conversion as evidence",
            stated=given.basis or "-",
            wanted=symbol.basis,
        )
    if given.estimated and not symbol.estimates:
        raise _refusal(
            place,
            "estimated",
            "is estimated, which the missing-data rule of the method does not permit here",
            "use what the method says of missing data",
        )
    value = _in_unit(given, of_gas(symbol.unit_text, words), place)
    _require_bounds(value, symbol, place)
    return value


def rounded(value: Decimal, rounding: Rounding | None) -> Decimal:
    """The value at a rounding point; unchanged where there is none."""
    if rounding is None:
        return value
    if rounding.mode is RoundMode.HALF_UP:
        return half_up(value, rounding.places)
    with precise():
        return value.quantize(Decimal(1).scaleb(-rounding.places), rounding=ROUND_FLOOR)


def scaled(value: Decimal, factor: Fraction, *, place: str) -> Decimal:
    """A value times an exact ratio of units.

    Raises:
        CaseError: The result has no finite decimal form.
    """
    if factor == 1:
        return value
    try:
        with localcontext(_EXACT):
            return value * factor.numerator / factor.denominator
    except Inexact as error:
        raise _refusal(
            place,
            "unit",
            "has no finite decimal form in the unit of the method",
            "give it in the unit of the method",
        ) from error


def _require_choice(
    given: Given,
    symbol: Symbol,
    *,
    place: str,
    words: Mapping[str, str],
    earlier: Choice | None,
) -> None:
    if symbol.source is SymbolSource.FACTOR:
        permitted = symbol.choices(words)
        if given.choice not in permitted:
            raise precedence_refusal(place, given.choice, permitted)
    if symbol.source in {SymbolSource.FACTOR, SymbolSource.REQUIRED} and not given.evidence:
        raise _refusal(
            place,
            "evidence",
            "has no evidence",
            "name the leaf or the digest of the report it is taken from",
        )
    if symbol.sticky and earlier is Choice.MEASURED and given.choice is not Choice.MEASURED:
        raise sticky_refusal(place)


def precedence_refusal(
    place: str, choice: Choice, permitted: tuple[Choice, ...]
) -> PrecedenceError:
    """The refusal of a choice the method does not have."""
    return PrecedenceError(
        "{place}: the method does not take it as {choice}",
        field=place,
        place=place,
        choice=choice.value,
        permitted=", ".join(permitted),
        remedy="it takes: {permitted}",
    )


def sticky_refusal(place: str) -> PrecedenceError:
    """The refusal to go back from measured values inside a year."""
    return PrecedenceError(
        "{place}: was measured earlier in the year and cannot go back",
        field=place,
        place=place,
        remedy="give the measured value to the end of the year",
        code="accounting.precedence.sticky",
    )


def _in_unit(given: Given, unit_text: str, place: str) -> Decimal:
    wanted = typed_unit(unit_text)
    try:
        unit = typed_unit(given.unit)
        if unit.dimension != wanted.dimension and not _names_gas(wanted):
            wanted = wanted.flat()
        factor = ratio(unit, wanted)
    except DimensionError as error:
        raise CaseError(
            "{place}: {unit} does not fit {wanted}",
            field=place,
            place=place,
            unit=given.unit,
            wanted=unit_text,
            remedy="give it in {wanted}; a gas volume names its gas and its state",
            code="accounting.case.unit",
        ) from error
    return scaled(given.value, factor, place=place)


def _names_gas(unit: TypedUnit) -> bool:
    return any(name in _GAS_VOLUMES for name, _ in unit.flat().dimension)


def _require_bounds(value: Decimal, symbol: Symbol, place: str) -> None:
    if symbol.least is not None and value < symbol.least:
        raise _refusal(
            place, "value", "is below {least}", "check sign and unit", least=symbol.least
        )
    if symbol.most is not None and value > symbol.most:
        fraction = symbol.most == 1 and not symbol.unit.flat().dimension
        raise _refusal(
            place,
            "value",
            "is above {most}",
            "a share is a fraction: divide a percentage by 100" if fraction else "check the unit",
            most=symbol.most,
        )


def _refusal(place: str, field: str, why: str, remedy: str, **params: object) -> CaseError:
    return CaseError(
        "{place} " + why,
        field=place,
        place=place,
        remedy=remedy,
        code=f"accounting.case.{field}",
        **params,
    )
