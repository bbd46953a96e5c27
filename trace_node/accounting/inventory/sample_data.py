"""Activity data from laboratory records (化验数据), the same for the node and for an outsider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Filling,
    Provenance,
)
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.inventory.point_rules import unit_of
from trace_node.accounting.laboratory.dates import date_findings
from trace_node.accounting.laboratory.of_period import Sampled, SampleQuestion, sampled
from trace_node.accounting.laboratory.parameter import UNITS
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.standing import Standing
from trace_node.period import Period
from trace_node.units import Quantity, Unit

_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLeaf:
    """A laboratory record in the log.

    Attributes:
        record: What it says.
        link: Its leaf.
        trust: Leaf of the trust in the laboratory's key; None where a node or authority signed.
    """

    record: LaboratoryRecord
    link: EvidenceLink
    trust: EvidenceLink | None = None


def sample_data(
    point: SamplePoint,
    question: SampleQuestion,
    period: Period,
    leaves: Sequence[SampleLeaf],
    *,
    weights: Mapping[Period, Decimal],
    weighed_by: Sequence[EvidenceLink],
) -> ActivityData:
    """The value of a laboratory point in a period, missing where no sample speaks.

    Args:
        point: The point of the boundary.
        question: What is asked, and what may stand in.
        period: The period.
        leaves: Records of its substance in log order; the last of a sample counts.
        weights: Quantities that weigh.
        weighed_by: Leaves that these rest on.

    Raises:
        MissingSampleError: See ``of_period.sampled``.
        LaboratoryError: A value cannot be had on the basis, or quantities give no weights.
    """
    newest = {each.record.topic: each.record for each in leaves}
    found = sampled(list(newest.values()), question, period, weights)
    topics = {each.topic for each in found.used}
    used = [each for each in leaves if each.record.topic in topics]
    links = {each.link for each in used} | {each.trust for each in used if each.trust is not None}
    raw = None
    if found.value is not None:
        raw = Quantity(found.value, _unit(UNITS[point.parameter]))
        links |= set(weighed_by)
    estimated = bool(found.last_valid) and question.settled
    return ActivityData(
        name=point.name,
        source=point.source,
        provenance=Provenance.LABORATORY,
        reference=reference_of(point),
        period=period,
        raw=raw,
        converted=None if raw is None else Quantity(raw.value, _unit(unit_of(point))),
        links=tuple(sorted(links)),
        standing=_standing(found, question),
        conversion=_conversion(found),
        filling=Filling.LAST_VALID if estimated else None,
        filled_by="estimates" if estimated else None,
        findings=_findings(used, found),
    )


def reference_of(point: SamplePoint) -> str:
    """What is asked of the laboratory, in a line."""
    basis = f" {point.basis.value}" if point.basis else ""
    return f"{point.substance} {point.parameter.value}{basis}, {point.weighting.value}"


def _standing(found: Sampled, question: SampleQuestion) -> Standing:
    if found.value is None:
        return Standing.MISSING
    return Standing.FINAL if question.settled else Standing.PROVISIONAL


def _conversion(found: Sampled) -> str:
    said = [
        f"{what}: {', '.join(names[:_NAMED])}{' and more' if len(names) > _NAMED else ''}"
        for what, names in (
            ("last valid value for", found.last_valid),
            ("conservative value for", found.conservative),
        )
        if names
    ]
    return "; ".join(said)


def _findings(used: Sequence[SampleLeaf], found: Sampled) -> tuple[NonConformity, ...]:
    """Days out of order and changed days of the samples used, and what stood in."""
    dates = [
        finding
        for at, each in enumerate(used)
        for finding in date_findings(
            each.record, anchored_on=None, earlier=[one.record for one in used[:at]]
        )
    ]
    stood_in = [
        NonConformity(
            code=code,
            template="{what} stands in for samples of {parts}",
            params={"what": what, "parts": ", ".join(names[:_NAMED])},
        )
        for code, what, names in (
            ("laboratory.last_valid", "the last valid value", found.last_valid),
            ("laboratory.conservative", "the conservative value", found.conservative),
        )
        if names
    ]
    return (*dates, *stood_in)


def _unit(symbol: str) -> Unit:
    """A unit by its symbol alone: what a laboratory states is not converted."""
    return Unit(symbol=symbol, dimension=f"content {symbol}", factor=Fraction(1))
