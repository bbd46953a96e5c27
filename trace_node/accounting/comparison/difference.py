"""The normalised difference of two measurements: E_n = |E_a - E_b| / sqrt(U_a^2 + U_b^2).

Standard 003 4.2 (4): up to 1 they agree within their uncertainties.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, quadrature
from trace_node.accounting.comparison.errors import ComparisonError
from trace_node.accounting.comparison.findings import DISAGREE, finding
from trace_node.accounting.comparison.measurement import Approach, Measurement
from trace_node.accounting.nonconformity import NonConformity

MOST_DIFFERENCE: Final = Decimal(1)
_SHOWN_PLACES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far two measurements are apart (归一化偏差).

    Attributes:
        first: One approach.
        second: The other.
        en: E_n, without unit, 0 or more.
    """

    first: Approach
    second: Approach
    en: Decimal

    @property
    def agrees(self) -> bool:
        """Whether E_n is at most 1."""
        return self.en <= MOST_DIFFERENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Measurements of one boundary and period side by side (比对结果).

    Attributes:
        measurements: Each approach once.
        differences: Each pair once.
        nonconformities: Those of the measurements, and one for each pair that does not agree.
    """

    measurements: tuple[Measurement, ...]
    differences: tuple[Difference, ...]
    nonconformities: tuple[NonConformity, ...]


def compare(measurements: Sequence[Measurement]) -> Comparison:
    """Put measurements side by side.

    Raises:
        ComparisonError: One approach comes twice, or two periods differ; see ``difference`` too.
    """
    approaches = [each.approach for each in measurements]
    if len(set(approaches)) != len(approaches) or len({each.period for each in measurements}) > 1:
        raise ComparisonError(
            "{field}: {approaches} are not one period, each approach once",
            field="measurements",
            approaches=", ".join(f"{each.approach} {each.period.name}" for each in measurements),
            remedy="compare the same period, and sum the stacks before",
            code="comparison.measurements",
        )
    differences = tuple(
        difference(first, second) for first, second in combinations(measurements, 2)
    )
    own = [finding for each in measurements for finding in each.nonconformities]
    return Comparison(
        measurements=tuple(measurements),
        differences=differences,
        nonconformities=(*own, *(_finding(each) for each in differences if not each.agrees)),
    )


def difference(first: Measurement, second: Measurement) -> Difference:
    """The normalised difference of two measurements with expanded uncertainties of one k.

    Raises:
        ComparisonError: Their coverage factors differ, or neither has an uncertainty.
    """
    spread = quadrature([first.expanded, second.expanded])
    if first.k != second.k or spread == 0:
        raise ComparisonError(
            "{field}: {first} and {second} state no uncertainties that can be joined",
            field="expanded",
            first=first.approach.value,
            second=second.approach.value,
            remedy="state U of both with the same k",
            code="comparison.uncertainty",
        )
    with precise():
        en = abs(first.co2 - second.co2) / spread
    return Difference(first=first.approach, second=second.approach, en=en)


def _finding(each: Difference) -> NonConformity:
    return finding(
        DISAGREE,
        first=each.first.value,
        second=each.second.value,
        en=half_up(each.en, _SHOWN_PLACES),
    )
