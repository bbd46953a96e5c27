"""Measure an emission beside its calculation: E_n, and which of the measurements is the figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.measured import (
    chosen,
    chosen_figures,
    covered_nodes,
    differences_of,
    found_of,
    require_plan,
)
from trace_node.accounting.records.emission import EMISSION
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import (
    MEASUREMENT_PLAN,
    RULES,
    MeasurementPlan,
    plan_topic,
)
from trace_node.clock import Clock
from trace_node.errors import IntegrityError, NotFoundError
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.measure_approaches import Bench, Outcome, approaches_of, plan_data
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import LogContent, basis_for, boundary_of

MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRequest:
    """What to measure.

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        unit: The accounting unit.
        method: ``id@version`` of the calculation.
        period: A day, month or year.
    """

    organisation: str
    boundary: str
    unit: str
    method: str
    period: Period

    @property
    def plan_topic(self) -> str:
        """The topic of its plans."""
        return plan_topic(self.organisation, self.boundary, self.unit, self.method)

    @property
    def topic(self) -> str:
        """The topic of its emission record."""
        return f"{self.plan_topic} {self.period.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A comparison that is on record.

    Attributes:
        index: Its leaf.
        record: What the leaf says.
    """

    index: int
    record: MeasurementRecord


def measure(request: MeasureRequest, *, store: Store, log: LogContent, clock: Clock) -> Measured:
    """Compute every approach of the plan, compare them, and put it on record.

    Raises:
        NotFoundError: No plan holds for the period, or the emission was not accounted for yet.
        ComparisonError: The plan does not fit the method or the boundary.
        BoundaryError: A meter register of the plan cannot be used.
        FlueGasError: A reading of a stack is out of its range, or the biogenic part is.
        RecomputeError: The emission record does not hold.
    """
    record = compute(request, store=store, clock=clock)
    return Measured(index=log(record).index, record=record)


def compute(
    request: MeasureRequest, *, store: Store, clock: Clock, before: int | None = None
) -> MeasurementRecord:
    """What ``measure`` would log; the same leaves give the same digits.

    Args:
        request: What to measure.
        store: The log.
        clock: The node's clock.
        before: Plan, emission and statements on errors before that leaf alone; None for all.

    Raises:
        NotFoundError: See ``measure``, as of the others.
    """
    plan, plan_link = plan_for(request, store, before=before)
    link = _emission_of(request, store, before)
    figures = figures_of_log(store)
    found = figures.recompute(link.index)
    method = figures.methods.get(request.method)
    require_plan(plan, method)
    boundary = boundary_of(found.emission, store)
    now = clock.now()
    bench = Bench(
        plan=plan,
        found=found,
        method=method,
        boundary=boundary,
        basis=basis_for(request.period, organisation=plan.organisation, store=store, before=before),
        data=plan_data(plan, found, method, boundary, store=store, now=now),
    )
    return _record(bench, approaches_of(bench, store=store, now=now), plan_link, link)


def recompute(index: int, *, store: Store, clock: Clock) -> Measured:
    """Measure again by what stood in the log before a comparison was made.

    Raises:
        NotFoundError: There is no comparison at that leaf.
        IntegrityError: It differs; the first member that does is named. Readings that came later
            are a reason, too.
    """
    found = measurement_at(index, store=store)
    old = found.record
    request = MeasureRequest(
        organisation=old.organisation,
        boundary=old.boundary,
        unit=old.unit,
        method=old.method,
        period=old.period,
    )
    stated, again = old.to_fields(), compute(request, store=store, clock=clock, before=index)
    for member, value in sorted(again.to_fields().items()):
        if stated[member] != value:
            raise IntegrityError(
                "{field}: the comparison of leaf {index} differs when it is made again",
                field=member,
                index=index,
                remedy="a leaf was altered, or readings came later: measure again",
                code="measurement.recompute",
            )
    return found


def plan_for(
    request: MeasureRequest, store: Store, *, before: int | None = None
) -> tuple[MeasurementPlan, EvidenceLink]:
    """The last plan that holds for all of a period, before a leaf if named.

    Raises:
        NotFoundError: There is none.
    """
    with store.view() as view:
        logged = view.statements.find(MEASUREMENT_PLAN, topic=request.plan_topic, limit=MOST)
        bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in logged]
    for each, body in reversed(list(zip(logged, bodies, strict=True))):
        plan = parse_statement(body).content
        is_early = before is None or each.index < before
        if is_early and isinstance(plan, MeasurementPlan) and plan.holds_for(request.period):
            return plan, EvidenceLink(each.index, each.digest)
    raise NotFoundError(
        "no measurement plan of {unit} and {method} holds for all of {period}",
        unit=request.unit,
        method=request.method,
        period=request.period.name,
        remedy="log one with trace-node measure plan",
        code="measurement.no_plan",
    )


def measurements_of(request: MeasureRequest, *, store: Store) -> tuple[Measured, ...]:
    """What was put on record of a unit, method and period, in log order."""
    with store.view() as view:
        logged = view.statements.find(MEASUREMENT, topic=request.topic, limit=MOST)
        bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in logged]
    contents = [(each.index, parse_statement(body).content) for each, body in zip(
        logged, bodies, strict=True)]  # fmt: skip
    return tuple(
        Measured(index=index, record=content)
        for index, content in contents
        if isinstance(content, MeasurementRecord)
    )


def measurement_at(index: int, *, store: Store) -> Measured:
    """The comparison at a leaf.

    Raises:
        NotFoundError: There is none.
    """
    entry = store.reader().entry(index)
    content = parse_statement(entry.body).content if entry.kind == MEASUREMENT else None
    if isinstance(content, MeasurementRecord):
        return Measured(index=index, record=content)
    raise NotFoundError(
        "leaf {index} is of type {kind}: it is no comparison of measurements",
        index=index,
        kind=entry.kind,
        remedy="make one with trace-node measure run",
        code="measurement.no_record",
    )


def _emission_of(request: MeasureRequest, store: Store, before: int | None) -> EvidenceLink:
    with store.view() as view:
        newest = view.statements.newest(EMISSION, request.topic, before=before)
    if newest is None:
        raise NotFoundError(
            "{unit} was not accounted for by {method} in {period} yet",
            unit=request.unit,
            method=request.method,
            period=request.period.name,
            remedy="account for it first: trace-node account run",
            code="measurement.no_emission",
        )
    return EvidenceLink(newest.index, newest.digest)


def _record(
    bench: Bench, outcomes: Sequence[Outcome], plan: EvidenceLink, link: EvidenceLink
) -> MeasurementRecord:
    emission = bench.found.emission
    at_hand = [each.approached for each in outcomes if each.approached is not None]
    differences, findings = differences_of(at_hand, emission.period)
    choice = chosen(at_hand, bench.plan, emission.period)
    rule = RULES[bench.plan.rule]
    absent = [found_of(one) for each in outcomes for one in each.findings]
    return MeasurementRecord(
        organisation=emission.organisation,
        boundary=emission.boundary,
        unit=emission.unit,
        method=emission.method,
        period=emission.period,
        plan=plan,
        emission=link,
        measurements=tuple(each.record() for each in at_hand),
        stacks=tuple(stack.record() for each in outcomes for stack in each.stacks),
        biogenic=next((each.biogenic for each in outcomes if each.biogenic is not None), None),
        carbon=next((each.carbon for each in outcomes if each.carbon is not None), None),
        differences=differences,
        findings=(*absent, *findings),
        figure=None if choice is None else choice.figure.approach,
        rule=rule.id,
        clause=rule.clause,
        passed_over=rule.order if choice is None else choice.passed_over,
        figures=()
        if choice is None
        else chosen_figures(
            emission.figures,
            covered_nodes(bench.found.result, bench.method, bench.plan),
            choice,
            result=bench.found.result,
            method=bench.method,
        ),
        leaves=tuple(sorted({*_basis_leaves(bench), *(n for o in outcomes for n in o.leaves)})),
    )


def _basis_leaves(bench: Bench) -> set[int]:
    return {each.leaf for each in bench.basis.known.values()}
