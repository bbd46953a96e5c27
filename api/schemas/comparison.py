"""Comparisons of measurements on the wire."""

from api.schemas.base import DecimalText, Index, WireModel


class MeasurementRow(WireModel):
    """The emission by one approach.

    Attributes:
        approach: ``calculation``, ``cems``, ``mass_balance`` or ``model``.
        co2: Tonnes of CO2 of the categories of the plan.
        expanded: U in tonnes; null where nothing is known of any of its errors.
        k: Coverage factor.
        unstated: What U does not hold.
    """

    approach: str
    co2: DecimalText
    expanded: DecimalText | None
    k: DecimalText
    unstated: tuple[str, ...]


class DifferenceRow(WireModel):
    """How far two approaches are apart.

    Attributes:
        first: One approach.
        second: The other.
        en: E_n; null where nobody can say.
        agrees: Whether it is at most 1; null likewise.
    """

    first: str
    second: str
    en: DecimalText | None
    agrees: bool | None


class ChosenRow(WireModel):
    """A figure of the method, as calculated and by the rule of the plan.

    Attributes:
        id: Total of the method.
        purpose: What it is for.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        calculated: As the inventory holds it.
        value: With the measurement that the rule chooses.
    """

    id: str
    purpose: str
    unit: str
    gwp_set: str
    calculated: DecimalText
    value: DecimalText


class ParameterRow(WireModel):
    """A parameter of a finding.

    Attributes:
        name: Its name.
        value: Its value.
    """

    name: str
    value: str


class FindingRow(WireModel):
    """What does not conform.

    Attributes:
        code: Stable code, see docs/spec/measurement-statements.md.
        params: Its parameters.
    """

    code: str
    params: tuple[ParameterRow, ...]


class ComparisonRow(WireModel):
    """What was measured beside a record of an inventory.

    Attributes:
        unit: Accounting unit.
        method: ``id@version``.
        period: Its period.
        emission: Leaf of the record.
        leaf: Leaf of the comparison; null where the plan asks for one and none was made.
        measurements: Each approach at hand.
        differences: Each pair.
        figure: The approach that is the figure; null where none may stand, or none is compared.
        rule: The rule that chose it.
        clause: Where that stands.
        passed_over: Approaches that the rule prefers and that are not at hand or do not conform.
        figures: Figures as calculated and by the rule.
        findings: What does not conform; ``figure.other`` where the rule says another figure,
            ``figure.unmeasured`` where it may, and nothing was compared; ``figure.replanned``
            where the plan was changed when the figures were known.
    """

    unit: str
    method: str
    period: str
    emission: Index
    leaf: Index | None
    measurements: tuple[MeasurementRow, ...]
    differences: tuple[DifferenceRow, ...]
    figure: str | None
    rule: str
    clause: str
    passed_over: tuple[str, ...]
    figures: tuple[ChosenRow, ...]
    findings: tuple[FindingRow, ...]
