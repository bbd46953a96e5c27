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
