"""Laboratory values of a period, from the records of the log and the quantities that weigh them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from trace_node.accounting.activity.data import ActivityData, EvidenceLink
from trace_node.accounting.activity.points import evaluate
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.inventory.point_rules import question_of
from trace_node.accounting.inventory.sample_data import SampleLeaf, sample_data
from trace_node.accounting.laboratory.of_period import parts_to_weigh
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.signer_trust import SIGNER_TRUST
from trace_node.period import Period
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.signer_trust import leaf_with_trust
from trace_node.services.statement_leaves import leaves

ObtainPoints = Callable[[Iterable[str], Period], Sequence[ActivityData]]
"""Values of the meters and entries among some names in a period; missing ones say so."""


def sample_leaves(store: Store, boundary: Boundary) -> tuple[SampleLeaf, ...]:
    """The laboratory records of the organisation that speak of a substance of the boundary."""
    wanted = {each.substance for each in boundary.laboratory}
    if not wanted:
        return ()
    found = []
    with store.view() as view:
        any_trust = next(leaves(view, SIGNER_TRUST), None) is not None
        for leaf in leaves(view, LABORATORY_RECORD, organisation=boundary.organisation):
            record = leaf.content
            if isinstance(record, LaboratoryRecord) and record.substance in wanted:
                link = EvidenceLink(leaf.logged.index, leaf.logged.digest)
                trust = _trust(view, link.index) if any_trust else None
                found.append(SampleLeaf(record=record, link=link, trust=trust))
    return tuple(found)


def obtain_sample(
    point: SamplePoint,
    *,
    boundary: Boundary,
    industry: Industry,
    method: Method,
    period: Period,
    leaves: Sequence[SampleLeaf],
    now: datetime,
    obtain: ObtainPoints,
) -> ActivityData:
    """The value of a laboratory point; provisional until its reports are due.

    Raises:
        MissingSampleError: Reports are due, a sample lacks, and the method has nothing for it.
        LaboratoryError: A value cannot be had on the basis, or quantities give no weights.
    """
    settled = now >= period.end + timedelta(days=point.due_days)
    weights, links = weights_of(point, boundary, period, obtain=obtain)
    return sample_data(
        point,
        question_of(boundary, industry, method, point, settled=settled),
        period,
        [each for each in leaves if each.record.substance == point.substance],
        weights=weights,
        weighed_by=links,
    )


def weights_of(
    point: SamplePoint, boundary: Boundary, period: Period, *, obtain: ObtainPoints
) -> tuple[Mapping[Period, Decimal], tuple[EvidenceLink, ...]]:
    """What was fired or consumed in each part of a period, and the leaves that show it.

    A part without a value does not weigh: the quantity itself says that it is missing.
    """
    weights: dict[Period, Decimal] = {}
    links: set[EvidenceLink] = set()
    if point.weights is None:
        return weights, ()
    rules = {each.name: each for each in boundary.rules}
    names = _behind(point.weights, {name: rule.inputs for name, rule in rules.items()})
    virtual = [rules[name].virtual() for name in sorted(names) if name in rules]
    for part in parts_to_weigh(point.weighting, period):
        data = evaluate(virtual, obtain(names, part))[point.weights]
        if data.converted is not None:
            weights[part] = data.converted.value
            links |= set(data.links)
    return weights, tuple(sorted(links))


def _behind(name: str, inputs: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """A point and all that it is derived from."""
    return frozenset({name}).union(*(_behind(each, inputs) for each in inputs.get(name, ())))


def _trust(view: UnitOfWork, index: int) -> EvidenceLink | None:
    before = leaf_with_trust(view, index)[:-1]
    if not before:
        return None
    found = view.statements.at(before[0])
    return None if found is None else EvidenceLink(found.index, found.digest)
