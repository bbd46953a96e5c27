"""A comparison of measurements for an outsider: its bundle, and making it again from nothing else.

The bundle is an ``emission-proof@v1`` with a ``measurement@1`` in the place of the emission: plan,
emission, everything that these name, and every reading of the stacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.assessment.assess import Basis
from trace_node.accounting.assessment.basis import Known, newest_of
from trace_node.accounting.assessment.flue import registers_of
from trace_node.accounting.assessment.measured import require_plan
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.accuracy import Accuracy
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.canonical_json import JsonObject, decode_object
from trace_node.clock import Clock
from trace_node.ports.store import Store
from trace_node.record.statement import Content
from trace_node.services.measure import recompute
from trace_node.services.measure_approaches import Bench, items_of, units_of_model
from trace_node.services.measure_inputs import data_from_leaves, industry_of
from trace_node.services.measure_readings import ReadingsOfLeaves, ReadingsOfLog
from trace_node.services.measure_record import comparison_of, require_same
from trace_node.services.measure_stacks import ReadStack, read_stacks
from trace_node.services.measure_training import NONE, Training, training_of
from trace_node.services.prove import Vouched
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.recompute_emission import Recomputed
from trace_node.services.recompute_inputs import InputsAgain
from trace_node.services.recompute_leaves import body_at, differs
from trace_node.services.signer_trust import leaf_with_trust
from trace_node.services.statement_types import STATEMENT_TYPES, parse_statement
from trace_node.tlog.hasher import TreeHasher


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredAgain:
    """A comparison of a bundle that says the same when it is made again (比对复算结果).

    Attributes:
        index: Its leaf.
        record: What it says.
        leaves: Number of leaves it was made from.
    """

    index: int
    record: MeasurementRecord
    leaves: int

    def to_json(self) -> JsonObject:
        """All of it."""
        return {"leaf": self.index, "leaves": self.leaves, **self.record.to_fields()}


def prove_measurement(
    index: int, *, store: Store, clock: Clock, vouched: Vouched | None = None
) -> bytes:
    """Make the bundle of a comparison; it is made again first.

    Args:
        index: Its leaf.
        store: The log.
        clock: The node's clock.
        vouched: See ``prove.evidence_for``.

    Returns:
        The file, ``emission-proof@v1``.

    Raises:
        NotFoundError: There is no comparison at that leaf.
        RecomputeError: It does not hold.
        StateError: No checkpoint covers it yet.
        TooLargeError: It rests on too many readings for one file: prove shorter periods.
    """
    figures = figures_of_log(store)
    record = recompute(index, store=store, clock=clock, figures=figures).record
    found = figures.recompute(record.emission.index)
    named = {
        *(record.plan.index, record.emission.index),
        *found.emission.leaves,
        *(leaf for each in record.activity for leaf in each.leaves),
        *record.training,
        *_with_trust(record, store),
        *_readings(record, store, clock),
    }
    return figures.bundle(index, named, found, vouched=vouched)


def measure_again(
    record: MeasurementRecord, index: int, found: Recomputed, method: Method,
    bodies: Mapping[int, bytes], *, hasher: TreeHasher,
) -> MeasuredAgain:  # fmt: skip
    """Make a comparison again from nothing but leaves.

    Args:
        record: The comparison.
        index: Its leaf.
        found: The emission record that it names, computed again.
        method: Its method.
        bodies: The leaves of the bundle.
        hasher: Hash of the log.

    Raises:
        RecomputeError: It differs; the first member that does is named.
        InputError: A leaf is not what the record takes it for.
    """
    plan = linked(record.plan, bodies, hasher=hasher)
    boundary = linked(found.emission.boundary_leaf, bodies, hasher=hasher)
    if not isinstance(plan, MeasurementPlan) or not isinstance(boundary, Boundary):
        raise differs("plan", "a measurement plan", "another record")
    if f"{plan.topic} {record.period.name}" != record.topic or not plan.holds_for(record.period):
        raise differs("plan", record.topic, plan.topic)
    require_plan(plan, method)
    industry = industry_of(found.emission, boundary)
    again = InputsAgain(record, boundary, industry, method, bodies, hasher=hasher)
    data = data_from_leaves(plan, record, boundary, again)
    units = units_of_model(plan.model, record.period, items_of(data, boundary))
    bench = Bench(
        plan=plan,
        found=found,
        method=method,
        boundary=boundary,
        basis=_basis(record, bodies),
        data=data,
        stacks=_stacks(plan, record, bodies, hasher),
        training=_training(plan, record, units, bodies),
    )
    require_same(record, comparison_of(bench, record.plan, record.emission), index)
    return MeasuredAgain(index=index, record=record, leaves=len(bodies))


def emission_beside(
    record: MeasurementRecord, bodies: Mapping[int, bytes], *, hasher: TreeHasher
) -> Emission:
    """The emission record that a comparison stands beside.

    Raises:
        RecomputeError: The leaf is another record, or of something else.
    """
    content = linked(record.emission, bodies, hasher=hasher)
    if not isinstance(content, Emission) or content.topic != record.topic:
        raise differs("emission", record.topic, "another record")
    return content


def linked(link: EvidenceLink, bodies: Mapping[int, bytes], *, hasher: TreeHasher) -> Content:
    """The statement at a leaf that a record names by its digest.

    Raises:
        RecomputeError: It is not at hand, or another one.
    """
    body = body_at(bodies, link.index)
    if hasher.leaf(body) != link.digest:
        raise differs(f"leaf {link.index}", link.digest.hex(), hasher.leaf(body).hex())
    return parse_statement(body).content


def _with_trust(record: MeasurementRecord, store: Store) -> set[int]:
    """What is stated of errors, each with the trust by which its signature counts."""
    reader = store.reader()
    with store.view() as view:
        return {
            leaf
            for at in record.leaves
            for leaf in (
                leaf_with_trust(view, at) if reader.entry(at).kind in STATEMENT_TYPES else (at,)
            )
        }


def _readings(record: MeasurementRecord, store: Store, clock: Clock) -> set[int]:
    content = parse_statement(store.reader().entry(record.plan.index).body).content
    if not isinstance(content, MeasurementPlan) or content.cems is None:
        return set()
    readings = ReadingsOfLog(store.reader(), record.period, now=clock.now())
    return set(readings.leaves(content.cems, record.period))


def _basis(record: MeasurementRecord, bodies: Mapping[int, bytes]) -> Basis:
    stated = [
        (at, parse_statement(body).content)
        for at, body in ((at, body_at(bodies, at)) for at in record.leaves)
        if str(decode_object(body).get("type")) in STATEMENT_TYPES
    ]
    known = [Known(accuracy=each, leaf=at) for at, each in stated if isinstance(each, Accuracy)]
    samples = {at: each for at, each in stated if isinstance(each, LaboratoryRecord)}
    return Basis(known=newest_of(known), samples=samples)


def _stacks(
    plan: MeasurementPlan,
    record: MeasurementRecord,
    bodies: Mapping[int, bytes],
    hasher: TreeHasher,
) -> tuple[ReadStack, ...]:
    if plan.cems is None:
        return ()
    devices = frozenset(str(each.device) for _stack, each in registers_of(plan.cems))
    readings = ReadingsOfLeaves(bodies, record.leaves, devices=devices, hasher=hasher)
    return read_stacks(plan.cems, record.period, readings=readings)


def _training(
    plan: MeasurementPlan,
    record: MeasurementRecord,
    units: dict[str, str],
    bodies: Mapping[int, bytes],
) -> Training:
    if plan.model is None or not units:
        return NONE
    rows = [(at, parse_statement(body_at(bodies, at)).content) for at in record.training]
    return training_of(plan.model, record.plan, units, rows)
