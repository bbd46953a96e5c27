"""One piece of activity data: raw and converted value side by side, and where they came from."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from trace_node.accounting.activity.errors import ActivityError
from trace_node.accounting.arithmetic import precise
from trace_node.accounting.nonconformity import NonConformity
from trace_node.accounting.standing import Standing
from trace_node.period import Period
from trace_node.units import Quantity, Unit


class Provenance(StrEnum):
    """How a value was obtained (数据来源).

    Attributes:
        METER: By a meter register: increments and roll-ups.
        DOCUMENT: Typed in from a document (人工填报).
        LABORATORY: Determined by a laboratory from samples (化验).
        DERIVED: By a rule from other activity data (虚拟点).
    """

    METER = "meter"
    DOCUMENT = "document"
    LABORATORY = "laboratory"
    DERIVED = "derived"


class Filling(StrEnum):
    """How a missing value was filled (缺失数据处理).

    Attributes:
        INTERPOLATED: From the values around it.
        CONSERVATIVE: By the conservative value of the method.
        LAST_VALID: By the last valid value of a laboratory.
    """

    INTERPOLATED = "interpolated"
    CONSERVATIVE = "conservative"
    LAST_VALID = "last_valid"


@dataclass(frozen=True, slots=True, order=True)
class EvidenceLink:
    """A leaf that a value rests on (证据链接).

    Attributes:
        index: Index of the leaf in the log.
        digest: 32-byte leaf hash.
    """

    index: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityData:
    """How much of something an emission source used or made in a period (活动水平数据).

    Attributes:
        name: Name of the activity data in the boundary.
        source: Emission source it belongs to.
        provenance: How it was obtained.
        reference: Meter register, document or rule.
        period: The period.
        raw: Value and unit as obtained; None where missing, and where all of it was filled.
        converted: Value in the unit of the method; None where missing.
        conversion: What made the one from the other beyond a change of unit; empty where nothing.
        links: Leaves it rests on.
        standing: How far it stands.
        filling: How it was filled; None where it was obtained.
        filled_by: Id of the rule that filled it; None where it was obtained.
        findings: What speaks against it.

    Raises:
        ActivityError: Value and standing contradict each other, or what was typed in has no
            evidence.
    """

    name: str
    source: str
    provenance: Provenance
    reference: str
    period: Period
    raw: Quantity | None
    converted: Quantity | None
    links: tuple[EvidenceLink, ...]
    standing: Standing
    conversion: str = ""
    filling: Filling | None = None
    filled_by: str | None = None
    findings: tuple[NonConformity, ...] = ()

    def __post_init__(self) -> None:
        is_missing = self.standing is Standing.MISSING
        is_obtained = not is_missing and self.filling is None
        if (
            is_missing != (self.converted is None)
            or (is_missing and self.raw is not None)
            or (is_obtained and self.raw is None)
        ):
            raise ActivityError(
                "{field}: {name} is {standing}, and its value says otherwise",
                field="standing",
                name=self.name,
                standing=self.standing.value,
                remedy="a missing value is None, never 0; any other has one",
                code="activity.standing",
            )
        if self.provenance is Provenance.DOCUMENT and is_obtained and not self.links:
            raise ActivityError(
                "{field}: {name} is typed in without evidence",
                field="links",
                name=self.name,
                remedy="log the entry with the digest of its document, and link that leaf",
                code="activity.evidence",
            )


def obtained(
    quantity: Quantity | None,
    *,
    name: str,
    source: str,
    provenance: Provenance,
    reference: str,
    period: Period,
    links: tuple[EvidenceLink, ...],
    standing: Standing = Standing.FINAL,
) -> ActivityData:
    """Activity data as obtained, not converted yet; without a value it is missing.

    Raises:
        ActivityError: See ``ActivityData``.
    """
    return ActivityData(
        name=name,
        source=source,
        provenance=provenance,
        reference=reference,
        period=period,
        raw=quantity,
        converted=quantity,
        links=tuple(sorted(set(links))),
        standing=Standing.MISSING if quantity is None else standing,
    )


def in_unit(data: ActivityData, target: Unit) -> ActivityData:
    """The same data in another unit of its kind, exactly; the raw value stays beside it.

    Raises:
        UnitError: The unit measures something else, or the value has no finite decimal form in it.
    """
    return data if data.converted is None else replace(data, converted=data.converted.to(target))


def converted_by(
    data: ActivityData, *, factor: Decimal, unit: Unit, conversion: str
) -> ActivityData:
    """The same data times a factor of the method, such as 273.15/293.15 from 20 to 0 degC.

    Args:
        data: The data.
        factor: What it is multiplied by, above 0.
        unit: Unit of the product.
        conversion: What the factor is, stored with the value.

    Raises:
        ActivityError: The factor is not above 0.
    """
    if not factor.is_finite() or factor <= 0:
        raise ActivityError(
            "{field}: a factor of {factor} converts nothing",
            field="factor",
            factor=factor,
            remedy="take the factor from the method",
            code="activity.factor",
        )
    if data.converted is None:
        return data
    with precise():
        value = data.converted.value * factor
    return replace(data, converted=Quantity(value, unit), conversion=conversion)
