"""What a report is told of clean energy."""

from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.records.clean_energy import CleanKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanLine:
    """Clean energy that a document shows (清洁能源).

    Attributes:
        kind: What kind it is.
        number: Number of the certificate or contract.
        period: Name of the period.
        source: Emission source or plant it belongs to.
        quantity: How much.
        unit: Its unit.
        document: Kind and number of the document.
        leaf: Leaf index of the record.
    """

    kind: CleanKind
    number: str
    period: str
    source: str
    quantity: Decimal
    unit: str
    document: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSum:
    """All clean energy of one kind.

    Attributes:
        kind: What kind it is.
        quantity: The sum.
        unit: Its unit.
    """

    kind: CleanKind
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanFacts:
    """Clean energy of the span of a report: a statistic of its own, never netted.

    Attributes:
        lines: What documents show, each number once.
        sums: Their sums by kind.
        deducted: MWh of non-fossil power that the figures took off what was bought.
        uncovered: MWh of these that no certificate or contract on record covers.
    """

    lines: tuple[CleanLine, ...] = ()
    sums: tuple[CleanSum, ...] = ()
    deducted: Decimal = Decimal(0)
    uncovered: Decimal = Decimal(0)
