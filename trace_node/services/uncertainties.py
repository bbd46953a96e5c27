"""The uncertainty of emission records: evaluated from the log, put on record beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from trace_node import canonical_json
from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.assess import Basis, uncertainty_of
from trace_node.accounting.assessment.basis import Known, newest_of
from trace_node.accounting.assessment.sums import Addend, SumBudget, sum_budgets
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.errors import RecomputeError
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.records.accuracy import ACCURACY, Accuracy
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.uncertainty import UNCERTAINTY, Uncertainty
from trace_node.accounting.uncertainty.budget import Budget
from trace_node.errors import NotFoundError, TooLargeError
from trace_node.ids import OrganisationId
from trace_node.period import Period, PeriodKind
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.record.statement import Content, size_of
from trace_node.services.statement_leaves import leaves
from trace_node.services.statement_types import parse_statement

NO_LEAF: Final = EvidenceLink(2**53 - 1, bytes(32))
"""Stands for the leaf of a record that is not logged yet; no index is longer."""
LogContent = Callable[[Content], LoggedStatement]
"""Signs a content with the key of the node and logs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """An uncertainty that is on record.

    Attributes:
        index: Its leaf.
        record: What the leaf says.
    """

    index: int
    record: Uncertainty


def basis_for(
    period: Period, *, organisation: OrganisationId, store: Store, before: int | None = None
) -> Basis:
    """What the log says of errors for a period: the statements that hold for all of it.

    Parallel determinations count from the first day of the period's year to the period's last; of
    a sample that was corrected, those of its last record.

    Args:
        period: The period.
        organisation: Whose statements.
        store: The log.
        before: Only what stands before that leaf; None for all of the log.
    """
    known = [
        Known(accuracy=content, leaf=index)
        for index, content in _contents(store, ACCURACY, organisation, before)
        if isinstance(content, Accuracy) and content.holds_for(period)
    ]
    year = period.within(PeriodKind.YEAR)
    newest = {
        content.topic: (index, content)
        for index, content in _contents(store, LABORATORY_RECORD, organisation, before)
    }
    samples = {
        index: content
        for index, content in newest.values()
        if isinstance(content, LaboratoryRecord)
        and year.start <= content.period.start
        and content.period.end <= period.end
    }
    return Basis(known=newest_of(known), samples=samples)


def evaluate(
    emission: Emission, result: Result, *, method: Method, store: Store
) -> Uncertainty | None:
    """The uncertainty of an emission record, by what the log says now; None where it says nothing.

    It names no leaf yet: the record itself may not be logged (``put_beside``).

    Raises:
        UncertaintyError: What is stated of an error does not fit its value.
        TooLargeError: It does not fit into a leaf.
    """
    basis = basis_for(emission.period, organisation=emission.organisation, store=store)
    boundary = boundary_of(emission, store)
    record = uncertainty_of(
        emission, NO_LEAF, result, method=method, boundary=boundary, basis=basis
    )
    if not record.sources:
        return None
    size, bound = size_of(record), canonical_json.MAX_RECORD_BYTES
    if size > bound:
        raise TooLargeError(
            "{field}: {figures} figures with {errors} errors take {size} bytes, and a record holds"
            " {bound}",
            field=UNCERTAINTY,
            figures=len(record.budgets),
            errors=len(record.sources),
            size=size,
            bound=bound,
            remedy="make two accounting units of the unit, or shorten the documents that errors are"
            " stated by",
            code="record.too_large",
        )
    return record


def put_beside(record: Uncertainty, link: EvidenceLink, *, log: LogContent) -> Evaluated:
    """Log an uncertainty that was evaluated, once for each evaluation.

    Args:
        record: What was evaluated.
        link: Leaf of its emission record.
        log: Signs and logs.
    """
    named = replace(record, emission=link)
    return Evaluated(index=log(named).index, record=named)


def beside(emission: Emission, index: int, *, store: Store) -> Evaluated | None:
    """The newest uncertainty of an emission record; None where it was not evaluated."""
    with store.view() as view:
        logged = view.statements.newest(UNCERTAINTY, emission.topic)
        body = b"" if logged is None else view.entries.bodies(logged.index, logged.index + 1)[0]
    if logged is None:
        return None
    record = parse_statement(body).content
    assert isinstance(record, Uncertainty)  # noqa: S101 (found by its type)
    return Evaluated(index=logged.index, record=record) if record.emission.index == index else None


def budgets_of(emission: Emission, index: int, *, store: Store) -> dict[str, Budget]:
    """Budgets of the figures of an emission record; none where it was not evaluated."""
    found = beside(emission, index, store=store)
    if found is None:
        return {}
    return {each.figure: found.record.budget(each.figure) for each in found.record.budgets}


def of_inventory(found: Inventory, *, store: Store) -> tuple[SumBudget, ...]:
    """The uncertainty of every figure of an inventory, errors of one cause taken together."""
    addends = []
    for part in found.parts:
        emission = _emission(store, part.index)
        evaluated = beside(emission, part.index, store=store)
        addends += [
            Addend(
                key=(one.purpose, one.unit_of, one.gwp_set),
                leaf=part.index,
                figure=one.total,
                record=None if evaluated is None else evaluated.record,
            )
            for one in part.figures
            if one.purpose is not Purpose.AUXILIARY
        ]
    return sum_budgets(addends, found.figures())


def recompute_uncertainty(
    record: Uncertainty,
    emission: Emission,
    result: Result,
    *,
    method: Method,
    bodies: Mapping[int, bytes],
) -> Uncertainty:
    """Evaluate an uncertainty again from nothing but the leaves it names.

    Args:
        record: The record.
        emission: The emission record it names.
        result: The result of that, computed again.
        method: Its method.
        bodies: The leaf at each index that both records name.

    Raises:
        RecomputeError: It differs; the first member that does is named.
        UncertaintyError: What is stated of an error does not fit its value.
    """
    contents = [(index, parse_statement(bodies[index]).content) for index in record.leaves]
    known = [Known(accuracy=each, leaf=at) for at, each in contents if isinstance(each, Accuracy)]
    samples = {at: each for at, each in contents if isinstance(each, LaboratoryRecord)}
    boundary = parse_statement(bodies[emission.boundary_leaf.index]).content
    assert isinstance(boundary, Boundary)  # noqa: S101 (the emission was computed again with it)
    again = uncertainty_of(
        emission,
        record.emission,
        result,
        method=method,
        boundary=boundary,
        basis=Basis(known=newest_of(known), samples=samples),
    )
    old, new = record.to_fields(), again.to_fields()
    for member in sorted(new):
        if old[member] != new[member]:
            raise RecomputeError(
                "{field}: the uncertainty of leaf {index} differs when it is evaluated again",
                field=member,
                index=record.emission.index,
                remedy="a leaf or the record was altered",
                code="uncertainty.recompute",
            )
    return again


def uncertainty_at(index: int, *, store: Store) -> Uncertainty:
    """The uncertainty record at a leaf.

    Raises:
        NotFoundError: There is none.
    """
    content = parse_statement(store.reader().entry(index).body).content
    if isinstance(content, Uncertainty):
        return content
    raise NotFoundError(
        "leaf {index} is no record of uncertainty",
        index=index,
        remedy="evaluate one with trace-node uncertainty evaluate",
        code="uncertainty.no_record",
    )


def boundary_of(emission: Emission, store: Store) -> Boundary:
    """The version of the boundary that an emission record names."""
    content = parse_statement(store.reader().entry(emission.boundary_leaf.index).body).content
    assert isinstance(content, Boundary)  # noqa: S101 (the record was made with it)
    return content


def _emission(store: Store, index: int) -> Emission:
    content = parse_statement(store.reader().entry(index).body).content
    assert isinstance(content, Emission)  # noqa: S101 (the inventory is made of these)
    return content


def _contents(
    store: Store, kind: str, organisation: OrganisationId, before: int | None
) -> Sequence[tuple[int, Content]]:
    """Every statement of a kind of an organisation, with its leaf."""
    with store.view() as view:
        return [
            (leaf.logged.index, leaf.content)
            for leaf in leaves(view, kind, organisation=organisation)
            if before is None or leaf.logged.index < before
        ]
