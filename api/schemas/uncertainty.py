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


class AccuracyRow(WireModel):
    """How much of the emission a figure holds, and how surely; fractions.

    Attributes:
        purpose: What the figure is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        settled: Share of the time of its units and methods that final records cover.
        categories: Share of source categories accounted for or declared absent.
        relative_uncertainty: U over the figure (k = 2); null where it was not evaluated.
        whole: Whether that holds every record and every source of error.
        accuracy: ``settled`` times ``categories`` times 1 less the uncertainty; null without one.
        target: At least this: standard 001, 4.4 (1).
        met: Whether it is; null where not every error is stated, and it may be less.
    """

    purpose: str
    unit: str
    gwp_set: str
    settled: DecimalText
    categories: DecimalText
    relative_uncertainty: DecimalText | None
    whole: bool
    accuracy: DecimalText | None
    target: DecimalText
    met: bool | None
