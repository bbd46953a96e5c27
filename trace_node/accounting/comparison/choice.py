"""Which measurement is THE figure: a rule that is handed in, and named in the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.comparison.errors import ComparisonError, NoFigureError
from trace_node.accounting.comparison.measurement import Approach, Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRule:
    """An order of approaches (取值顺序).

    Attributes:
        id: Its name, stored with the figure.
        clause: Where it stands.
        order: Approaches that may give the figure, the first choice first; never the model.

    Raises:
        ComparisonError: The order is empty, names one twice, or names the model.
    """

    id: str
    clause: str
    order: tuple[Approach, ...]

    def __post_init__(self) -> None:
        for each in self.order:
            require_no_model(each, field="order")
        if not self.order or len(set(self.order)) != len(self.order):
            raise ComparisonError(
                "{field}: the rule {rule} names no order of approaches",
                field="order",
                rule=self.id,
                remedy="name each approach once, the first choice first",
                code="comparison.order",
            )


def require_no_model(named: str, *, field: str) -> None:
    """Refuse a model where the figure of a report, or what may be it, is named.

    Args:
        named: The approach.
        field: Where it is named.

    Raises:
        ComparisonError: It is the model.
    """
    if named == Approach.MODEL:
        raise ComparisonError(
            "{field}: a model never gives the figure of a report: S3 5.1 prefers the flue gas,"
            " guidelines count the calculation, and a model only repeats what it was trained by",
            field=field,
            remedy="leave the model out; it stands beside the figure",
            code="comparison.model",
        )


CEMS_FIRST: Final = ChoiceRule(
    id="cn.cement.s3@1",
    clause="S3 5.1",
    order=(Approach.CEMS, Approach.MASS_BALANCE, Approach.CALCULATION),
)
CALCULATED_DURING_TRIAL: Final = ChoiceRule(
    id="cn.ets.trial@1",
    clause="CETS-AG-03.01-V01-2024 9.2 f",
    order=(Approach.CALCULATION, Approach.MASS_BALANCE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The figure, and why this one (取值结论).

    Attributes:
        figure: The measurement that counts.
        rule: The rule that chose it.
        passed_over: Approaches the rule prefers that are not at hand or do not conform.
    """

    figure: Measurement
    rule: ChoiceRule
    passed_over: tuple[Approach, ...]


def choose(measurements: Sequence[Measurement], rule: ChoiceRule) -> Choice:
    """The first measurement in the order of the rule that has no non-conformity of its own.

    Raises:
        NoFigureError: None is left.
    """
    standing = {each.approach: each for each in measurements if not each.nonconformities}
    for place, approach in enumerate(rule.order):
        if approach in standing:
            return Choice(figure=standing[approach], rule=rule, passed_over=rule.order[:place])
    raise NoFigureError(
        "{field}: none of {order} is at hand and conforms, as {rule} demands",
        field="measurements",
        order=", ".join(rule.order),
        rule=rule.id,
        remedy="settle the non-conformities, or measure by one of these approaches",
    )
