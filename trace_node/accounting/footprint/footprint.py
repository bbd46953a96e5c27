"""The footprint of a batch: parts summed by stage, with uncertainty, quality and gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.footprint.genealogy import Batch
from trace_node.accounting.footprint.parts import Collected, Flag, Gap, Part
from trace_node.accounting.footprint.quality import Ratings, mean_of
from trace_node.accounting.footprint.stage_emission import UsedFactor
from trace_node.accounting.footprint.words import Side, Stage
from trace_node.accounting.uncertainty.budget import Budget, combine
from trace_node.accounting.uncertainty.parts import Kind, UncertainInput
from trace_node.accounting.uncertainty.parts import Part as UncertaintyPart

PLACES: Final = 9
SHARE_PLACES: Final = 6
PURPOSE: Final = "pact"
GWP_SET: Final = "AR6"  # methods.md 10 and PACT v3: the set of this purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StageValue:
    """The figure of one stage on one side of the gate.

    Attributes:
        stage: Stage of the life cycle.
        side: Side of the gate.
        value: kgCO2e per tonne of the batch, nine decimals; None where only gaps are known.
        u: Standard uncertainty in the same unit; None without a value.
        is_complete: Whether there is no gap in it.
    """

    stage: Stage
    side: Side
    value: Decimal | None
    u: Decimal | None
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTotal:
    """The sum of one side; of the known parts where something is missing."""

    side: Side
    value: Decimal | None
    u: Decimal | None
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """A product carbon footprint (产品碳足迹) per tonne of a batch.

    Attributes:
        batch: The batch.
        gwp_set: GWP set of the purpose.
        stages: By stage and side, in the order of the life cycle.
        gate: From cradle to gate: the figure that a customer is told.
        downstream: Transport to the customer and use: never in the figure of the gate.
        primary_share: Part of the gate's value that is primary data; None without a value.
        coverage: Part of the tonnes on the way that have a figure; None where none is on the way.
        ratings: Mean data quality of what is rated; None where nothing is.
        parts: Everything it is summed from.
        gaps: Everything that is missing.
        walked: Leaves of all events and bought batches on the way.
        flags: Why it is to be looked at twice, sorted.
    """

    batch: Batch
    gwp_set: str
    stages: tuple[StageValue, ...]
    gate: SideTotal
    downstream: SideTotal
    primary_share: Decimal | None
    coverage: Decimal | None
    ratings: Ratings | None
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    walked: tuple[EvidenceLink, ...]
    flags: tuple[Flag, ...] = ()

    @property
    def links(self) -> tuple[EvidenceLink, ...]:
        """Every leaf it rests on, once, in log order."""
        found = set(self.walked)
        found |= {each for part in self.parts for each in (part.origin, *part.links)}
        found |= {gap.origin for gap in self.gaps if gap.origin is not None}
        return tuple(sorted(found, key=lambda link: (link.index, link.digest)))

    @property
    def factors(self) -> tuple[UsedFactor, ...]:
        """Every row of the factor library that it used, once, by name."""
        found = {factor for part in self.parts for factor in part.factors}
        return tuple(sorted(found, key=lambda one: (one.row, one.digest)))

    def per_heat(self, value: Decimal | None) -> Decimal | None:
        """A value per GJ of net calorific value; None where either is not known."""
        if value is None or self.batch.ncv is None:
            return None
        with precise():
            return half_up(value / self.batch.ncv, PLACES)


def summed(batch: Batch, collected: Collected, *, gwp_set: str) -> Footprint:
    """Sum the parts of a batch."""
    gate = [part for part in collected.parts if part.side is Side.GATE]
    return Footprint(
        batch=batch,
        gwp_set=gwp_set,
        stages=tuple(_stages(collected)),
        gate=_side(collected, Side.GATE),
        downstream=_side(collected, Side.DOWNSTREAM),
        primary_share=_primary(gate),
        coverage=_coverage(collected),
        ratings=mean_of((_value([p]), p.ratings) for p in gate if p.ratings is not None),
        parts=collected.parts,
        gaps=collected.gaps,
        walked=collected.walked,
    )


def budget_of(parts: Sequence[Part]) -> Budget:
    """The uncertainty budget of parts; what comes from one source errs together."""
    slopes: dict[str, Decimal] = {}
    inputs: dict[str, UncertainInput] = {}
    with precise():
        for part in parts:
            slopes[part.source] = slopes.get(part.source, Decimal(0)) + part.slope
            spread = UncertaintyPart(kind=Kind.B, u=part.u, origin=part.source)
            inputs[part.source] = UncertainInput(name=part.source, value=part.x, parts=(spread,))
    return combine(_value(parts), slopes, list(inputs.values()))


def _value(parts: Iterable[Part]) -> Decimal:
    with precise():
        return total(part.slope * part.x for part in parts)


def _stages(collected: Collected) -> Iterable[StageValue]:
    for stage in Stage:
        for side in Side:
            parts = [p for p in collected.parts if p.stage is stage and p.side is side]
            gaps = [g for g in collected.gaps if g.stage is stage and g.side is side]
            if parts or gaps:
                value, u = _rounded(parts)
                yield StageValue(stage=stage, side=side, value=value, u=u, is_complete=not gaps)


def _side(collected: Collected, side: Side) -> SideTotal:
    value, u = _rounded([part for part in collected.parts if part.side is side])
    is_complete = all(gap.side is not side for gap in collected.gaps)
    return SideTotal(side=side, value=value, u=u, is_complete=is_complete)


def _rounded(parts: Sequence[Part]) -> tuple[Decimal | None, Decimal | None]:
    if not parts:
        return None, None
    budget = budget_of(parts)
    return half_up(budget.value, PLACES), half_up(budget.u, PLACES)


def _primary(parts: Sequence[Part]) -> Decimal | None:
    value = _value(parts)
    if not value:
        return None
    with precise():
        primary = total(part.slope * part.x * part.primary_share for part in parts)
        return half_up(primary / value, SHARE_PLACES)


def _coverage(collected: Collected) -> Decimal | None:
    tonnes = total(need.tonnes for need in collected.needs)
    if not tonnes:
        return None
    with precise():
        known = total(need.tonnes for need in collected.needs if need.is_known)
        return half_up(known / tonnes, SHARE_PLACES)
