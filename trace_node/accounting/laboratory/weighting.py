"""Values of a month and a year from samples, weighted as the method says.

A plain mean is never taken for want of weights: only where the method names it, as for gas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.errors import LaboratoryError, MissingSampleError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord, SampledFrom
from trace_node.accounting.laboratory.values import value_of
from trace_node.period import Period


class Weighting(StrEnum):
    """By what samples are weighted (加权方式).

    Attributes:
        RECEIVED: By the quantity of each batch received.
        FIRED: By what was fired each day.
        ARITHMETIC: Each sample alike.
    """

    RECEIVED = "received"
    FIRED = "fired"
    ARITHMETIC = "arithmetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A value with its weight.

    Attributes:
        name: What it is of, for a refusal: a sample, a day, a month.
        weight: Quantity, 0 or more.
        value: The value; None where there is no sample.
    """

    name: str
    weight: Decimal
    value: Decimal | None


def weighted_mean(parts: Sequence[Weighed]) -> Decimal:
    """The sum of weight times value over the sum of weights.

    Raises:
        LaboratoryError: A weight is negative, or all are 0.
        MissingSampleError: A part that weighs something has no value.
    """
    weighing = [part for part in parts if part.weight != 0]
    if not weighing or any(part.weight < 0 for part in weighing):
        raise LaboratoryError(
            "{field}: the quantities {names} give no weights",
            field="weight",
            names=", ".join(part.name for part in parts),
            remedy="weigh by quantities of 0 or more, one of them above 0",
            code="laboratory.weight",
        )
    missing = [part.name for part in weighing if part.value is None]
    if missing:
        raise MissingSampleError(
            "{field}: no sample speaks of {names}",
            field="values",
            names=", ".join(missing),
            remedy="fill it by the method's rule for missing data; it is not left out of the mean",
        )
    with precise():
        weights = total(part.weight for part in weighing)
        products = total(part.weight * part.value for part in weighing if part.value is not None)
        return products / weights


def month_value(
    records: Sequence[LaboratoryRecord],
    *,
    parameter: Parameter,
    basis: Basis | None,
    weighting: Weighting,
    fired: Mapping[Period, Decimal] | None = None,
) -> Decimal:
    """The value of a month from its samples.

    Args:
        records: Samples of one substance.
        parameter: What is asked for.
        basis: On which basis; None of a gas.
        weighting: As the method says.
        fired: Quantity fired on each day, for ``Weighting.FIRED``.

    Raises:
        LaboratoryError: A sample was taken elsewhere than the weighting demands, quantities are of
            several units, two samples speak of one day, or a value cannot be had; no samples.
        MissingSampleError: Something was fired on a day of which no sample speaks.
    """
    _require_place(records, weighting)
    if weighting is Weighting.FIRED:
        return weighted_mean(_by_day(records, parameter, basis, fired or {}))
    alike = weighting is Weighting.ARITHMETIC
    return weighted_mean(
        [
            Weighed(
                name=record.sample,
                weight=Decimal(1) if alike else record.quantity,
                value=value_of(record, parameter, basis),
            )
            for record in records
        ]
    )


def year_value(
    months: Mapping[Period, Decimal | None], *, consumed: Mapping[Period, Decimal]
) -> Decimal:
    """The value of a year from those of its months, weighted by what each consumed.

    Raises:
        LaboratoryError: Nothing was consumed.
        MissingSampleError: A month that consumed something has no value.
    """
    return weighted_mean(
        [
            Weighed(name=month.name, weight=quantity, value=months.get(month))
            for month, quantity in consumed.items()
        ]
    )


def _by_day(
    records: Sequence[LaboratoryRecord],
    parameter: Parameter,
    basis: Basis | None,
    fired: Mapping[Period, Decimal],
) -> list[Weighed]:
    parts = []
    for day, quantity in fired.items():
        speaking = [record for record in records if record.period.contains(day.start)]
        if len(speaking) > 1:
            raise LaboratoryError(
                "{field}: the samples {names} speak of one day, {day}",
                field="period",
                names=", ".join(record.sample for record in speaking),
                day=day.name,
                remedy="average parallel determinations in one record",
                code="laboratory.overlap",
            )
        value = value_of(speaking[0], parameter, basis) if speaking and quantity else None
        parts.append(Weighed(name=day.name, weight=quantity, value=value))
    return parts


def _require_place(records: Sequence[LaboratoryRecord], weighting: Weighting) -> None:
    places = {
        Weighting.RECEIVED: {SampledFrom.RECEIVED},
        Weighting.FIRED: {SampledFrom.FIRED},
        Weighting.ARITHMETIC: set(SampledFrom),
    }[weighting]
    wrong = [record.sample for record in records if record.sampled_from not in places]
    if wrong or len({(record.unit, record.substance) for record in records}) > 1:
        raise LaboratoryError(
            "{field}: {names} are not of one substance and unit, taken as {weighting} demands",
            field="records",
            names=", ".join(wrong or [record.sample for record in records]),
            weighting=weighting.value,
            remedy="choose the samples that the weighting of the method speaks of",
            code="laboratory.place",
        )
