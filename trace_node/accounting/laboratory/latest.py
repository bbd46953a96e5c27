"""The last valid laboratory value: what a provisional figure rests on until its own arrives."""

from collections.abc import Iterable
from datetime import date

from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.errors import MissingSampleError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord


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
