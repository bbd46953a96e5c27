"""Budgets of the figures of an emission record, from its result and what is stated of errors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.basis import Known, LoggedPart, parts_of
from trace_node.accounting.assessment.slopes import slopes_of
from trace_node.accounting.assessment.sources import ErrorSource, sources_of
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.records.uncertainty_parts import SourceOf, SourcePart, budget_of
from trace_node.accounting.uncertainty.budget import COVERAGE_FACTOR, Budget, combine
from trace_node.accounting.uncertainty.correlation import Correlation, Correlations
from trace_node.accounting.uncertainty.digits import shown
from trace_node.accounting.uncertainty.parts import Kind, UncertainInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What is known of errors (评定依据).

    Attributes:
        known: Statements by the source they are of.
        samples: Laboratory records whose parallel determinations count, by leaf.
    """

    known: Mapping[str, Known]
    samples: Mapping[int, LaboratoryRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownErrors:
    """What errs behind a figure, and of what nothing is known.

    Attributes:
        parts: Parts of each source, by its name.
        sources: The sources that have parts.
        unstated: Names of those without, but for what is exact.
    """

    parts: Mapping[str, tuple[LoggedPart, ...]]
    sources: tuple[ErrorSource, ...]
    unstated: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(KnownErrors):
    """The same with the budget of the figure.

    Attributes:
        budget: The budget.
    """

    budget: Budget


def assess(value: Decimal, sources: Iterable[ErrorSource], basis: Basis) -> Assessed:
    """The budget of one figure; what does not change it is passed over.

    Raises:
        UncertaintyError: What is stated of a source does not fit it, or statements contradict each
            other.
    """
    known = known_of(sources, basis)
    inputs = [
        UncertainInput(
            name=each.name,
            value=each.value,
            parts=tuple(one.part for one in known.parts[each.name]),
        )
        for each in known.sources
    ]
    budget = combine(
        value,
        {each.name: each.slope for each in known.sources},
        inputs,
        _together(known.sources, known.parts),
    )
    return Assessed(
        budget=budget, parts=known.parts, sources=known.sources, unstated=known.unstated
    )


def known_of(sources: Iterable[ErrorSource], basis: Basis) -> KnownErrors:
    """What is known of the sources that change a figure.

    Raises:
        UncertaintyError: What is stated of a source does not fit it.
    """
    moving = [each for each in sources if each.slope]
    parts: dict[str, tuple[LoggedPart, ...]] = {}
    unstated = []
    for each in moving:
        known = basis.known.get(each.name)
        found = () if known is None else parts_of(each, known, basis.samples)
        if found:
            parts[each.name] = found
        complete = known is not None and len(found) == len(known.accuracy.parts)
        if not complete and not each.is_exact:
            unstated.append(each.name)
    return KnownErrors(
        parts=parts,
        sources=tuple(each for each in moving if each.name in parts),
        unstated=tuple(sorted(unstated)),
    )


def uncertainty_of(
    emission: Emission,
    link: EvidenceLink,
    result: Result,
    *,
    method: Method,
    boundary: Boundary,
    basis: Basis,
) -> Uncertainty:
    """The uncertainty of an emission record.

    Args:
        emission: The record.
        link: Its leaf.
        result: Its result.
        method: Its method.
        boundary: The version of the boundary that it names.
        basis: What is known of errors.

    Raises:
        UncertaintyError: See ``assess``; or a step of the method has no derivative.
    """
    known: dict[str, KnownErrors] = {}
    for figure in emission.figures:
        slopes = slopes_of(result, method, {f"total.{figure.id}": Decimal(1)})
        known[figure.id] = known_of(
            sources_of(slopes, result, method, boundary, emission.activity), basis
        )
    sources = _sources(known.values())
    return Uncertainty(
        organisation=emission.organisation,
        boundary=emission.boundary,
        unit=emission.unit,
        method=emission.method,
        period=emission.period,
        emission=link,
        k=COVERAGE_FACTOR,
        sources=sources,
        unstated=tuple(sorted({name for one in known.values() for name in one.unstated})),
        budgets=tuple(
            budget_of(
                figure.id,
                figure.value,
                figure.unit,
                slopes={each.name: shown(each.slope) for each in known[figure.id].sources},
                sources=sources,
                k=COVERAGE_FACTOR,
            )
            for figure in emission.figures
        ),
    )


def shared_of(parts: Sequence[LoggedPart], kind: Kind) -> str | None:
    """What the parts of one kind of a source share with others."""
    return next((one.shared for one in parts if one.part.kind is kind and one.shared), None)


def _together(
    sources: Sequence[ErrorSource], parts: Mapping[str, tuple[LoggedPart, ...]]
) -> Correlations:
    """Type B parts of sources that err by one cause are fully correlated."""
    shared = {each.name: shared_of(parts[each.name], Kind.B) for each in sources}
    return Correlations(
        Correlation(first, second, Decimal(1), Kind.B)
        for first, second in combinations([name for name, word in shared.items() if word], 2)
        if shared[first] == shared[second]
    )


def _sources(known: Iterable[KnownErrors]) -> tuple[SourceOf, ...]:
    found: dict[str, SourceOf] = {}
    for one in known:
        for each in one.sources:
            found[each.name] = SourceOf(
                name=each.name,
                value=each.value,
                unit=each.unit,
                parts=tuple(_part(part) for part in one.parts[each.name]),
            )
    return tuple(found[name] for name in sorted(found))


def _part(one: LoggedPart) -> SourcePart:
    return SourcePart(
        kind=one.part.kind,
        u=shown(one.part.u),
        origin=one.part.origin,
        shared=one.shared,
        leaves=one.leaves,
    )
