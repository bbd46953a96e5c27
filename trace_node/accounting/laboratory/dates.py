"""Days of a sample compared: sampled <= tested <= issued <= received <= anchored.

A re-dated sample is flagged, not refused: what was stated stays on record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.nonconformity import NonConformity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Two days that follow each other, and what is said when they do not."""

    early: str
    late: str
    template: str


_ORDERS: Final = (
    _Order(
        early="sampled",
        late="tested",
        template="sample {sample}: tested on {late}, but sampled on {early}",
    ),
    _Order(
        early="tested",
        late="issued",
        template="sample {sample}: report issued on {late}, but tested on {early}",
    ),
    _Order(
        early="issued",
        late="received",
        template="sample {sample}: report received on {late}, but issued on {early}",
    ),
    _Order(
        early="received",
        late="anchored",
        template="sample {sample}: anchored on {late}, but its report was received on {early}",
    ),
)
_STATED: Final = ("sampled", "tested", "issued", "received")


def date_findings(
    record: LaboratoryRecord, *, anchored_on: date | None, earlier: Iterable[LaboratoryRecord] = ()
) -> tuple[NonConformity, ...]:
    """What is wrong with the days of a record.

    Args:
        record: The record.
        anchored_on: Day of China on which its leaf was anchored; None while it is not.
        earlier: Records that were logged before; those of the same sample count.

    Returns:
        ``laboratory.<late>_before_<early>`` for each pair out of order, and
        ``laboratory.re_dated`` for each earlier record of the sample that states other days.
    """
    days = _days(record)
    known = days if anchored_on is None else days | {"anchored": anchored_on}
    order = [
        NonConformity(
            code=f"laboratory.{each.late}_before_{each.early}",
            template=each.template,
            params={
                "sample": record.sample,
                "early": known[each.early],
                "late": known[each.late],
            },
        )
        for each in _ORDERS
        if each.late in known and known[each.late] < known[each.early]
    ]
    changed = [
        _re_dated(record, other)
        for other in earlier
        if other.topic == record.topic and _days(other) != days
    ]
    return (*order, *changed)


def _days(record: LaboratoryRecord) -> dict[str, date]:
    return {step: getattr(record, f"{step}_on") for step in _STATED}


def _re_dated(record: LaboratoryRecord, other: LaboratoryRecord) -> NonConformity:
    return NonConformity(
        code="laboratory.re_dated",
        template="sample {sample}: sampled, tested, issued, received on {now}; an earlier record"
        " says {then}",
        params={
            "sample": record.sample,
            "now": ", ".join(map(str, _days(record).values())),
            "then": ", ".join(map(str, _days(other).values())),
        },
    )
