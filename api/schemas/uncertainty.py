"""What figures are worth, on the wire."""

from api.schemas.base import DecimalText, Index, WireModel


class ErrorRow(WireModel):
    """What one error adds to the uncertainty of a figure.

    Attributes:
        error: What errs, and of which type: A or B.
        contribution: Its size in the unit of the figure, with sign.
        share: Part of the variance.
    """

    error: str
    contribution: DecimalText
    share: DecimalText


class UncertaintyRow(WireModel):
    """What a figure is worth; null where nothing was evaluated, which is not 0.

    Attributes:
        purpose: What the figure is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        u_a: Standard uncertainty of type A, in that unit.
        u_b: Of type B.
        u: Combined.
        k: Coverage factor.
        expanded: U = k u.
        relative: U over the figure.
        largest: The largest contributions.
        unevaluated: Leaves of records that U does not hold.
        unstated: Sources of error of which nothing is known.
    """

    purpose: str
    unit: str
    gwp_set: str
    u_a: DecimalText | None
    u_b: DecimalText | None
    u: DecimalText | None
    k: DecimalText | None
    expanded: DecimalText | None
    relative: DecimalText | None
    largest: tuple[ErrorRow, ...]
    unevaluated: tuple[Index, ...]
    unstated: tuple[str, ...]
