"""From what is stated of an error to parts of standard uncertainty, type A and type B apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, to_decimal, total
from trace_node.accounting.assessment.sources import ErrorSource
from trace_node.accounting.laboratory.parameter import Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.laboratory.values import pooled_type_a
from trace_node.accounting.records.accuracy import Accuracy, SubjectKind
from trace_node.accounting.records.stated_error import Basis, Stated
from trace_node.accounting.uncertainty.errors import UncertaintyError
from trace_node.accounting.uncertainty.parts import (
    Kind,
    Part,
    accuracy_class,
    certificate,
    rectangular,
    repeated,
)
from trace_node.units import UNITS, unit

_ABSOLUTE: Final = frozenset({SubjectKind.METER, SubjectKind.POINT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A statement on a source of error, and where it is logged.

    Attributes:
        accuracy: What is stated.
        leaf: Its leaf.
    """

    accuracy: Accuracy
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPart:
    """A part of standard uncertainty with the leaves that show it.

    Attributes:
        part: The part.
        leaves: Leaves, ascending.
        shared: What other values have this very error: parts of one word are fully correlated,
            in one figure and over periods; None of an error of its own.
    """

    part: Part
    leaves: tuple[int, ...]
    shared: str | None


def parts_of(
    source: ErrorSource, known: Known, samples: Mapping[int, LaboratoryRecord]
) -> tuple[LoggedPart, ...]:
    """The parts of one source.

    What one calibration or one nameplate says errs together in every period. What parallel
    determinations say is an error of its own in each: a laboratory's repeatability.

    Args:
        source: What errs.
        known: What is stated of it.
        samples: Laboratory records of the period, by leaf.

    Returns:
        One of each stated part, but none of a laboratory that determined nothing twice.

    Raises:
        UncertaintyError: A limit is in a unit of something else.
    """
    parts = (_part(source, each, known, samples) for each in known.accuracy.parts)
    return tuple(part for part in parts if part is not None)


def _part(
    source: ErrorSource, stated: Stated, known: Known, samples: Mapping[int, LaboratoryRecord]
) -> LoggedPart | None:
    if stated.by is Basis.LABORATORY:
        return _of_laboratory(source, stated, known, samples)
    if stated.by is Basis.REPEATS:
        relative = _relative(stated.repeats)
        part = Part(kind=Kind.A, u=_times(relative, source.value), origin=stated.document)
        return LoggedPart(part=part, leaves=(known.leaf,), shared=f"leaf {known.leaf}")
    return LoggedPart(
        part=_of_type_b(source, stated, known.accuracy.subject),
        leaves=(known.leaf,),
        shared=known.accuracy.together or source.name,
    )


def _of_type_b(source: ErrorSource, stated: Stated, subject: SubjectKind) -> Part:
    limit = stated.limit
    assert limit is not None  # noqa: S101 (required where it is read)
    if stated.by is Basis.CLASS:
        return accuracy_class(limit, of=source.value, origin=stated.document)
    size = _times(limit, source.value) if stated.unit is None else _in_unit(source, stated, subject)
    if stated.by is Basis.LIMIT:
        return rectangular(size, origin=stated.document)
    assert stated.k is not None  # noqa: S101 (likewise)
    return certificate(size, k=stated.k, origin=stated.document)


def _in_unit(source: ErrorSource, stated: Stated, subject: SubjectKind) -> Decimal:
    """A difference, so a temperature's zero point does not count."""
    assert stated.limit is not None  # noqa: S101 (likewise)
    of_limit = unit(stated.unit or "")
    of_value = UNITS.get(source.unit)
    if subject not in _ABSOLUTE or of_value is None or of_value.dimension != of_limit.dimension:
        raise UncertaintyError(
            "{field}: {name} is in {unit}, its error is stated in {stated}",
            field="unit",
            name=source.name,
            unit=source.unit,
            stated=of_limit.symbol,
            remedy="state it in a unit of the same kind, or as a fraction without a unit",
            code="uncertainty.unit",
        )
    return _times(stated.limit, to_decimal(of_limit.factor / of_value.factor))


def _of_laboratory(
    source: ErrorSource, stated: Stated, known: Known, samples: Mapping[int, LaboratoryRecord]
) -> LoggedPart | None:
    """The laboratory's own repeatability, as a fraction of the mean of what it found."""
    parameter = stated.parameter
    assert parameter is not None  # noqa: S101 (required where it is read)
    chosen = {
        index: record
        for index, record in samples.items()
        if record.substance == stated.substance and _pairs(record, parameter)
    }
    if not chosen:
        return None
    pooled = pooled_type_a(chosen.values(), parameter, origin=stated.document)
    found = [pair for record in chosen.values() for pair in _pairs(record, parameter)]
    with precise():
        mean = total(each for pair in found for each in pair) / (2 * len(found))
        u = pooled.u / abs(mean) * abs(source.value) if mean else pooled.u
    part = Part(kind=Kind.A, u=u, origin=stated.document)
    return LoggedPart(part=part, leaves=tuple(sorted({known.leaf, *chosen})), shared=None)


def _pairs(record: LaboratoryRecord, parameter: Parameter) -> list[tuple[Decimal, ...]]:
    return [
        each.repeats
        for each in record.values
        if each.parameter is parameter and len(each.repeats) == 2  # noqa: PLR2004 (a pair)
    ]


def _relative(repeats: Sequence[Decimal]) -> Decimal:
    mean, part = repeated(repeats, origin="repeats")
    with precise():
        return part.u / abs(mean)


def _times(fraction: Decimal, value: Decimal) -> Decimal:
    with precise():
        return fraction * abs(value)


def newest_of(found: Iterable[Known]) -> dict[str, Known]:
    """Of several statements on one source the later one holds."""
    return {each.accuracy.source: each for each in sorted(found, key=lambda each: each.leaf)}
