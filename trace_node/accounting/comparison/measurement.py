"""One measurement of an emission, by whatever approach, with its uncertainty."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.uncertainty.budget import Budget
from trace_node.accounting.uncertainty.parts import require_factor, require_not_negative
from trace_node.period import Period


class Approach(StrEnum):
    """How an emission was found (获取方式). Standard 003 5.1.

    Attributes:
        CEMS: Measured in the flue gas (烟气直测法).
        CALCULATION: Activity data times factors, as a guideline says (核算法).
        MASS_BALANCE: Carbon in minus carbon out (物料平衡法).
        MODEL: A fitted model (数学模型法); it never is the figure of a report.
    """

    CEMS = "cems"
    CALCULATION = "calculation"
    MASS_BALANCE = "mass_balance"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """An emission of one boundary and period, found by one approach (测量结果).

    Attributes:
        approach: How.
        period: When.
        co2: Tonnes of CO2; a negative balance stays negative and has a non-conformity.
        expanded: Expanded uncertainty U in tonnes.
        k: Its coverage factor.
        nonconformities: What speaks against it.

    Raises:
        UncertaintyError: ``expanded`` is negative, or ``k`` is not above 0.
    """

    approach: Approach
    period: Period
    co2: Decimal
    expanded: Decimal
    k: Decimal
    nonconformities: tuple[NonConformity, ...] = ()

    def __post_init__(self) -> None:
        require_not_negative(self.expanded, field="expanded")
        require_factor(self.k)

    @classmethod
    def of(
        cls,
        budget: Budget,
        *,
        approach: Approach,
        period: Period,
        nonconformities: tuple[NonConformity, ...] = (),
    ) -> "Measurement":
        """The measurement that a budget of uncertainty speaks of."""
        return cls(
            approach=approach,
            period=period,
            co2=budget.value,
            expanded=budget.expanded,
            k=budget.k,
            nonconformities=nonconformities,
        )
