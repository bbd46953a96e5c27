"""Wire models: what stands beside the figures of an inventory."""

from api.schemas.base import DecimalText, Index, WireModel


class CleanRecordRow(WireModel):
    """An amount of clean energy on record.

    Attributes:
        kind: Made or bought, power or heat, or certificates.
        number: Of the certificate or contract; each counts once.
        period: When it was used.
        source: Emission source or plant.
        value: How much.
        unit: Its unit.
        leaf: Leaf of the record.
    """

    kind: str
    number: str
    period: str
    source: str
    value: DecimalText
    unit: str
    leaf: Index


class CleanTotalRow(WireModel):
    """All clean energy of one kind."""

    kind: str
    value: DecimalText
    unit: str


class CleanEnergyRow(WireModel):
    """An amount that a figure took off as non-fossil energy.

    Attributes:
        item: What it is.
        source: Emission source it is used at.
        period: Name of the period.
        value: How much.
        unit: Its unit.
        leaf: Leaf it stands in.
    """

    item: str
    source: str
    period: str
    value: DecimalText
    unit: str
    leaf: Index


class CleanEnergy(WireModel):
    """Clean energy of the span: a statistic of its own, never netted.

    Attributes:
        records: Amounts on record.
        totals: Amounts by kind.
        deducted: What figures took off as non-fossil energy.
        deducted_mwh: The same together.
        uncovered_mwh: What of it no certificate or contract on record covers.
    """

    records: tuple[CleanRecordRow, ...]
    totals: tuple[CleanTotalRow, ...]
    deducted: tuple[CleanEnergyRow, ...]
    deducted_mwh: DecimalText
    uncovered_mwh: DecimalText


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
