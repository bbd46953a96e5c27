"""What the samples say of a parameter in any period, and what stands in where they are silent.

While reports may still arrive, the last valid value stands in. Once they are due, only what the
method allows does: its conservative value, or the last valid one where it lets estimates in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.errors import LaboratoryError, MissingSampleError
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord, SampledFrom
from trace_node.accounting.laboratory.values import value_of
from trace_node.accounting.laboratory.weighting import (
    Weighed,
    Weighting,
    month_value,
    weighted_mean,
)
from trace_node.period import KINDS, SHANGHAI, Period, PeriodKind

_PLACES: Final = {
    Weighting.RECEIVED: {SampledFrom.RECEIVED},
    Weighting.FIRED: {SampledFrom.FIRED},
    Weighting.ARITHMETIC: set(SampledFrom),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuestion:
    """What is asked of the samples.

    Attributes:
        parameter: What was determined.
        basis: On which basis; None of a gas.
        weighting: By what samples are weighted.
        settled: Whether the reports of the period are due.
        conservative: Value of the method for want of a sample; None where it has none.
        estimates: Whether the method lets an estimated value in.
    """

    parameter: Parameter
    basis: Basis | None
    weighting: Weighting
    settled: bool
    conservative: Decimal | None = None
    estimates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The answer.

    Attributes:
        value: The value; None where no sample speaks of any of it, and none stands in.
        used: The records it rests on.
        last_valid: Names of the days or months for which the last valid value stood in.
        conservative: Names of those for which the conservative value of the method did.
    """

    value: Decimal | None
    used: tuple[LaboratoryRecord, ...]
    last_valid: tuple[str, ...]
    conservative: tuple[str, ...]


def sampled(
    records: Sequence[LaboratoryRecord],
    question: SampleQuestion,
    period: Period,
    weights: Mapping[Period, Decimal],
) -> Sampled:
    """The value of a period.

    Args:
        records: Samples of one substance, the newest of each.
        question: What is asked.
        period: The period.
        weights: Quantity of each day of a month, of each month of a year; where they weigh.

    Raises:
        MissingSampleError: A part of the period has no sample, its reports are due, and the method
            gives nothing for it.
        LaboratoryError: A value cannot be had on the basis, or quantities give no weights.
    """
    fitting = [
        record
        for record in records
        if record.sampled_from in _PLACES[question.weighting]
        and any(one.parameter is question.parameter for one in record.values)
    ]
    answer = _Answer(fitting, question)
    value = answer.of(period, weights)
    return Sampled(
        value=value,
        used=tuple(answer.used),
        last_valid=tuple(answer.last_valid),
        conservative=tuple(answer.conservative),
    )


@dataclass
class _Answer:
    """Finds the value, and remembers what it took."""

    records: Sequence[LaboratoryRecord]
    question: SampleQuestion
    used: list[LaboratoryRecord] = field(default_factory=list)
    last_valid: list[str] = field(default_factory=list)
    conservative: list[str] = field(default_factory=list)

    def of(self, period: Period, weights: Mapping[Period, Decimal]) -> Decimal | None:
        parts = self._parts(period, weights)
        if parts is None:
            own = self._own(period)
            return self._for_want(period, alone=True) if own is None else own
        weighing = [(part, weight) for part, weight in parts.items() if weight != 0]
        if not weighing and self._speaking(period):
            raise _no_weights(period)
        if not any(self._speaking(part) for part, _weight in weighing):
            return self._for_want(period, alone=True)
        return weighted_mean(
            [
                Weighed(name=part.name, weight=weight, value=self._part(part))
                for part, weight in weighing
            ]
        )

    def _parts(
        self, period: Period, weights: Mapping[Period, Decimal]
    ) -> Mapping[Period, Decimal] | None:
        """The parts a mean is taken over; None where the period is looked at as a whole."""
        by_day = self.question.weighting is Weighting.FIRED and period.kind is PeriodKind.MONTH
        return weights if by_day or period.kind is PeriodKind.YEAR else None

    def _part(self, part: Period) -> Decimal | None:
        own = self._own(part)
        return self._for_want(part, alone=False) if own is None else own

    def _own(self, period: Period) -> Decimal | None:
        speaking = self._speaking(period)
        if not speaking:
            return None
        _require_apart(speaking, period)
        self._take(speaking)
        weighting = self.question.weighting
        if weighting is Weighting.FIRED:
            mean = [
                Weighed(name=each.sample, weight=each.quantity, value=self._value(each))
                for each in speaking
            ]
            return weighted_mean(mean)
        return month_value(
            speaking,
            parameter=self.question.parameter,
            basis=self.question.basis,
            weighting=weighting,
        )

    def _speaking(self, period: Period) -> list[LaboratoryRecord]:
        """Samples of the period or of parts of it; else of the shortest one around it."""
        inside = [
            each
            for each in self.records
            if period.start <= each.period.start and each.period.end <= period.end
        ]
        if inside:
            return inside
        around = [
            each
            for each in self.records
            if each.period.start <= period.start and period.end <= each.period.end
        ]
        shortest = min((KINDS.index(each.period.kind) for each in around), default=0)
        return [each for each in around if KINDS.index(each.period.kind) == shortest]

    def _for_want(self, period: Period, *, alone: bool) -> Decimal | None:
        """What stands in for a sample of a part, or of all of the period."""
        question = self.question
        found = self._latest(period) if question.estimates or not question.settled else None
        if found is not None:
            self._take([found])
            self.last_valid.append(period.name)
            return self._value(found)
        if alone:
            return None  # the method itself says what it takes instead of a measured value
        if question.conservative is None:
            raise _missing(period, question)
        self.conservative.append(period.name)
        return question.conservative

    def _latest(self, period: Period) -> LaboratoryRecord | None:
        """The last sample by the end of the period whose days are in order."""
        last = (period.end - timedelta(milliseconds=1)).astimezone(SHANGHAI).date()
        valid = [
            each
            for each in self.records
            if each.sampled_on <= last and not date_findings(each, anchored_on=None)
        ]
        return max(valid, key=lambda each: (each.sampled_on, each.sample), default=None)

    def _value(self, record: LaboratoryRecord) -> Decimal:
        return value_of(record, self.question.parameter, self.question.basis)

    def _take(self, records: Sequence[LaboratoryRecord]) -> None:
        self.used += [each for each in records if each not in self.used]


def _require_apart(records: Sequence[LaboratoryRecord], period: Period) -> None:
    """A sample of a month and one of a day in it would count that day twice."""
    if len({each.period.kind for each in records}) > 1:
        raise LaboratoryError(
            "{field}: the samples {names} speak of days and of longer times in {period}",
            field="period",
            names=", ".join(each.sample for each in records[:8]),
            period=period.name,
            remedy="correct the record of the composite sample, or of the single ones, so that each"
            " day is spoken of once",
            code="laboratory.overlap",
        )


def parts_to_weigh(weighting: Weighting, period: Period) -> tuple[Period, ...]:
    """The periods whose quantities weigh in a period: days of a month, months of a year."""
    if period.kind is PeriodKind.YEAR:
        return tuple(period.parts(PeriodKind.MONTH))
    if weighting is Weighting.FIRED and period.kind is PeriodKind.MONTH:
        return tuple(period.parts(PeriodKind.DAY))
    return ()


def _missing(period: Period, question: SampleQuestion) -> MissingSampleError:
    return MissingSampleError(
        "{field}: no sample states {parameter} of {period}",
        field="records",
        parameter=question.parameter.value,
        period=period.name,
        remedy="log the laboratory record; the method has no conservative value for want of one",
    )


def _no_weights(period: Period) -> LaboratoryError:
    return LaboratoryError(
        "{field}: there are samples of {period}, and no quantities of its parts to weigh them by",
        field="weights",
        period=period.name,
        remedy="enter what was fired on each day, or consumed in each month of a year; a plain mean"
        " is never taken instead",
        code="laboratory.weight",
    )
