"""What a record says of one parameter: on the basis asked for, and how far it scatters."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from trace_node.accounting.laboratory.basis import Basis, SampleState, convert
from trace_node.accounting.laboratory.errors import LaboratoryError
from trace_node.accounting.laboratory.parameter import FRACTION, UNITS, LabValue, Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.uncertainty.parts import Part, duplicates, repeated

_PAIR: Final = 2


def state_of(record: LaboratoryRecord) -> SampleState:
    """Water and ash of the sample, from the record's own values.

    Raises:
        LaboratoryError: They contradict each other.
    """
    moisture_ad = _stated(record, Parameter.MOISTURE, Basis.AD)
    ash_d = _stated(record, Parameter.ASH, Basis.D)
    ash_ad = _stated(record, Parameter.ASH, Basis.AD)
    if ash_d is None and ash_ad is not None and moisture_ad is not None:
        dried = SampleState(moisture_ad=moisture_ad)
        ash_d = convert(ash_ad, source=Basis.AD, target=Basis.D, state=dried)
    return SampleState(
        moisture_ar=_stated(record, Parameter.MOISTURE, Basis.AR),
        moisture_ad=moisture_ad,
        ash_d=ash_d,
    )


def value_of(record: LaboratoryRecord, parameter: Parameter, basis: Basis | None) -> Decimal:
    """The value of a parameter on this basis: as stated, or else converted.

    Raises:
        LaboratoryError: It was not determined, or cannot be converted to this basis.
    """
    stated = _stated(record, parameter, basis)
    if stated is not None:
        return stated
    other = next((each for each in record.values if each.parameter is parameter), None)
    if other is None or other.basis is None or basis is None or UNITS[parameter] != FRACTION:
        raise LaboratoryError(
            "{field}: sample {sample} states no {parameter} that gives one on the basis {basis}",
            field="values",
            sample=record.sample,
            parameter=parameter.value,
            basis=basis.value if basis else "-",
            remedy="have the laboratory state it; a calorific value is stated as received",
            code="laboratory.parameter",
        )
    return convert(other.value, source=other.basis, target=basis, state=state_of(record))


def type_a_of(value: LabValue, *, origin: str) -> Part | None:
    """Uncertainty of type A from the parallel determinations; None where there are none."""
    return repeated(value.repeats, origin=origin)[1] if value.repeats else None


def pooled_type_a(
    records: Iterable[LaboratoryRecord], parameter: Parameter, *, origin: str
) -> Part:
    """Uncertainty of type A of one mean of two, pooled over all samples with two determinations.

    Two determinations alone say little about their scatter; those of a year say how the laboratory
    repeats itself.

    Raises:
        UncertaintyError: No sample has two determinations of the parameter.
    """
    pairs = [
        (each.repeats[0], each.repeats[1])
        for record in records
        for each in record.values
        if each.parameter is parameter and len(each.repeats) == _PAIR
    ]
    return duplicates(pairs, origin=origin)


def _stated(record: LaboratoryRecord, parameter: Parameter, basis: Basis | None) -> Decimal | None:
    for each in record.values:
        if each.parameter is parameter and each.basis is basis:
            return each.value
    return None
