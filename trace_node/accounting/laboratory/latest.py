"""The last valid laboratory value: what a provisional figure rests on until its own arrives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.errors import MissingSampleError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.laboratory.values import value_of
from trace_node.accounting.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionalValue:
    """A laboratory value that stands in until the period's own arrives (暂用值).

    Attributes:
        value: The value.
        record: The record it is from.
        standing: Always provisional.
    """

    value: Decimal
    record: LaboratoryRecord
    standing: Standing = Standing.PROVISIONAL


def provisional_value(
    records: Iterable[LaboratoryRecord], *, parameter: Parameter, basis: Basis | None, on: date
) -> ProvisionalValue:
    """The last valid value of a parameter on a day, marked as provisional.

    Raises:
        MissingSampleError: There is none.
        LaboratoryError: It cannot be had on this basis.
    """
    record = latest_valid(records, parameter=parameter, on=on)
    return ProvisionalValue(value=value_of(record, parameter, basis), record=record)


def latest_valid(
    records: Iterable[LaboratoryRecord], *, parameter: Parameter, on: date
) -> LaboratoryRecord:
    """The record sampled last, of those that were received by a day and whose days are in order.

    Of two of one day, the one with the greater sample number.

    Raises:
        MissingSampleError: There is none.
    """
    valid = [
        record
        for record in records
        if record.received_on <= on
        and any(value.parameter is parameter for value in record.values)
        and not date_findings(record, anchored_on=None)
    ]
    if not valid:
        raise MissingSampleError(
            "{field}: no valid sample states {parameter} by {day}",
            field="records",
            parameter=parameter.value,
            day=on,
            remedy="use the method's default until the first report arrives",
        )
    return max(valid, key=lambda record: (record.sampled_on, record.sample))
