"""Whether a line of a stage emission is its activity times its factor."""

from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, to_decimal
from trace_node.accounting.dimension import combine, ratio, typed_unit
from trace_node.accounting.errors import DimensionError
from trace_node.accounting.factors.row import FactorRow, FactorStatus
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.stage_emission import EmissionLine

MASS_PLACES: Final = 9  # tonnes to the microgram: the rounding point of a line


def mass_of(activity: Decimal, *, unit: str, row: FactorRow, gas: str) -> Decimal:
    """Tonnes of a gas: activity times factor, rounded to nine decimals.

    Raises:
        DimensionError: Unit and factor do not give a mass of that gas.
    """
    made = combine(typed_unit(unit), typed_unit(row.unit), power=1)
    scale = to_decimal(ratio(made, typed_unit(f"t{gas}")))
    with precise():
        return half_up(activity * row.value * scale, MASS_PLACES)


def require_line(line: EmissionLine, row: FactorRow) -> None:
    """Require tonnes = activity * factor, rounded to nine decimals.

    Raises:
        GenealogyError: It is another mass, the units do not fit, or the row is never used.
    """
    if line.activity is None or line.unit is None or line.factor is None:
        return
    if line.factor.row != row.id or row.status is FactorStatus.FORBIDDEN:
        raise _refusal(line, "names another row, or one that is never calculated with", "factor")
    try:
        due = mass_of(line.activity, unit=line.unit, row=row, gas=line.gas)
    except DimensionError as error:
        raise _refusal(line, "unit and factor do not give tonnes of the gas", "unit") from error
    if line.mass != due:
        raise GenealogyError(
            "{field}: {source} states {found} t of {gas}; activity times {row} gives {due} t",
            field="lines.mass",
            source=line.source,
            found=f"{line.mass:f}",
            gas=line.gas,
            row=row.id,
            due=f"{due:f}",
            remedy="compute it again, rounded to nine decimals",
            code="footprint.line",
        )


def _refusal(line: EmissionLine, why: str, what: str) -> GenealogyError:
    return GenealogyError(
        "{field}: {source}: " + why,
        field=f"lines.{what}",
        source=line.source,
        remedy="give the activity in the unit that the factor is per",
        code=f"footprint.line.{what}",
    )
