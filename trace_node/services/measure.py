"""Measure an emission beside its calculation: E_n, and which of the measurements is the figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.measured import require_plan
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.emission import EMISSION
from trace_node.accounting.records.measurement import MEASUREMENT, MeasurementRecord
from trace_node.accounting.records.measurement_plan import (
    MEASUREMENT_PLAN,
    MeasurementPlan,
    plan_topic,
)
from trace_node.clock import Clock
from trace_node.errors import NotFoundError
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.measure_approaches import Bench, items_of, units_of_model
from trace_node.services.measure_inputs import data_from_log
from trace_node.services.measure_readings import ReadingsOfLog
from trace_node.services.measure_record import comparison_of, require_same
from trace_node.services.measure_stacks import ReadStack, read_stacks
from trace_node.services.measure_training import NONE, Training, training_in_log
from trace_node.services.prove_emission import Figures, figures_of_log
from trace_node.services.recompute_emission import Recomputed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPlan:
    """A plan that is on record.

    Attributes:
        plan: What it says.
        link: Its leaf.
        stated_at: When its signer said so.
    """

    plan: MeasurementPlan
    link: EvidenceLink
    stated_at: datetime


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
    request: MeasureRequest,
    *,
    store: Store,
    clock: Clock,
    before: int | None = None,
    figures: Figures | None = None,
) -> MeasurementRecord:
    """What ``measure`` would log; the same leaves give the same digits.

    Args:
        request: What to measure.
        store: The log.
        clock: The node's clock.
        before: Plan, emission and statements on errors before that leaf alone; None for all.
        figures: The figures of the log, where they are at hand.

    Raises:
        NotFoundError: See ``measure``, as of the others.
    """
    plan, plan_link = plan_for(request, store, before=before)
    link = _emission_of(request, store, before)
    figures = figures or figures_of_log(store)
    found = figures.recompute(link.index)
    method = figures.methods.get(request.method)
    require_plan(plan, method)
    logged = _Logged(store=store, now=clock.now(), before=before)
    return comparison_of(logged.bench(plan, plan_link, found, method), plan_link, link)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """Finds in the log what a comparison is made of."""

    store: Store
    now: datetime
    before: int | None

    def bench(
        self, plan: MeasurementPlan, link: EvidenceLink, found: Recomputed, method: Method
    ) -> Bench:
        emission, store = found.emission, self.store
        boundary = boundary_of(emission, store)
        data = data_from_log(plan, emission, method, boundary, store=store, now=self.now)
        units = units_of_model(plan.model, emission.period, items_of(data, boundary))
        return Bench(
            plan=plan,
            found=found,
            method=method,
            boundary=boundary,
            basis=basis_for(
                emission.period,
                organisation=plan.organisation,
                store=store,
                before=self.before,
            ),
            data=data,
            stacks=self._stacks(plan, emission.period),
            training=self._training(plan, link, units),
        )

    def _stacks(self, plan: MeasurementPlan, period: Period) -> tuple[ReadStack, ...]:
        if plan.cems is None:
            return ()
        readings = ReadingsOfLog(self.store.reader(), period, now=self.now)
        return read_stacks(plan.cems, period, readings=readings)

    def _training(
        self, plan: MeasurementPlan, link: EvidenceLink, units: dict[str, str]
    ) -> Training:
        if plan.model is None or not units:
            return NONE
        return training_in_log(
            plan.model, link, units, topic=plan.topic, store=self.store, before=self.before
        )


def recompute(
    index: int, *, store: Store, clock: Clock, figures: Figures | None = None
) -> Measured:
    """Measure again by what stood in the log before a comparison was made.

    Args:
        index: Its leaf.
        store: The log.
        clock: The node's clock.
        figures: The figures of the log, where they are at hand.

    Raises:
        NotFoundError: There is no comparison at that leaf.
        RecomputeError: It differs; the first member that does is named. Readings that came later
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
    again = compute(request, store=store, clock=clock, before=index, figures=figures)
    require_same(old, again, index)
    return found


def plan_for(
    request: MeasureRequest, store: Store, *, before: int | None = None
) -> tuple[MeasurementPlan, EvidenceLink]:
    """The last plan that holds for all of a period, before a leaf if named.

    Raises:
        NotFoundError: There is none.
    """
    for each in reversed(plans_of(request.plan_topic, store)):
        is_early = before is None or each.link.index < before
        if is_early and each.plan.holds_for(request.period):
            return each.plan, each.link
    raise NotFoundError(
        "no measurement plan of {unit} and {method} holds for all of {period}",
        unit=request.unit,
        method=request.method,
        period=request.period.name,
        remedy="log one with trace-node measure plan",
        code="measurement.no_plan",
    )


def plans_of(topic: str, store: Store) -> Sequence[LoggedPlan]:
    """All plans of a topic, in log order."""
    with store.view() as view:
        logged = view.statements.find(MEASUREMENT_PLAN, topic=topic, limit=MOST)
        bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in logged]
    found = []
    for each, body in zip(logged, bodies, strict=True):
        said = parse_statement(body)
        if isinstance(said.content, MeasurementPlan):
            link = EvidenceLink(each.index, each.digest)
            found.append(LoggedPlan(plan=said.content, link=link, stated_at=said.stated_at))
    return found


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
