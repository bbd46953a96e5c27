"""What is done where a value is missing: what the method's rule says, and nothing else."""

from dataclasses import dataclass, replace

from trace_node.accounting.activity.data import ActivityData, Filling
from trace_node.accounting.activity.errors import ActivityError, MissingDataError
from trace_node.accounting.standing import Standing
from trace_node.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRule:
    """A method's rule for missing data (缺失数据处理规则).

    Attributes:
        id: Its name, stored with the value it gives.
        clause: Where it stands.
        may_interpolate: Whether a value from those around it may enter a figure.
        conservative: Value otherwise, of which the method is sure that it is not too low; None
            where the method gives none.
    """

    id: str
    clause: str
    may_interpolate: bool
    conservative: Quantity | None


def fill(data: ActivityData, rule: MissingRule, *, interpolated: Quantity | None) -> ActivityData:
    """Missing data with the value of the rule; what filled it stays visible.

    Args:
        data: Missing data.
        rule: The method's rule.
        interpolated: Value from those around it; it counts only where the rule allows it.

    Raises:
        ActivityError: The data are not missing.
        MissingDataError: The rule gives no value.
    """
    if data.standing is not Standing.MISSING:
        raise ActivityError(
            "{field}: {name} has a value, which no rule for missing data replaces",
            field="standing",
            name=data.name,
            remedy="correct a wrong value by a new entry",
            code="activity.not_missing",
        )
    if rule.may_interpolate and interpolated is not None:
        return _filled(data, rule, interpolated, Filling.INTERPOLATED)
    if rule.conservative is not None:
        return _filled(data, rule, rule.conservative, Filling.CONSERVATIVE)
    raise MissingDataError(
        "{field}: {name} has no value for {period}, and {rule} gives none",
        field="raw",
        name=data.name,
        period=data.period.name,
        rule=rule.id,
        remedy="enter the value with its evidence",
    )


def _filled(
    data: ActivityData, rule: MissingRule, value: Quantity, filling: Filling
) -> ActivityData:
    return replace(
        data, converted=value, standing=Standing.FINAL, filling=filling, filled_by=rule.id
    )
