"""A certificate of non-fossil electricity (绿证) counts once in the records of a boundary."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from trace_node.accounting.activity.data import Provenance
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.single_point import matched_points
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.errors import ConflictError
from trace_node.period import Period
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.clean_energy import ITEMS
from trace_node.services.library import known_method
from trace_node.services.statement_types import parse_statement

AROUND: Final = timedelta(days=731)  # a certificate is used within two years


def require_certificates_once(
    content: Content, work: UnitOfWork, *, before: int | None = None
) -> None:
    """Require that no other record of the boundary counts a certificate of this one; others pass.

    The same entry in records of overlapping periods, such as a month and its year, is one use.

    Args:
        content: The statement.
        work: The log.
        before: Its leaf index, of one that is logged already: what came later is asked of later.

    Raises:
        ConflictError: A certificate is counted twice; the code is ``account.certificate``.
    """
    if not isinstance(content, Emission):
        return
    used: dict[str, ActivityItem] = {}
    for item in _certified(content, work):
        other = used.setdefault(item.reference, item)
        if other is not item:
            raise _twice(item, other.name, content.period.name)
    if not used:
        return
    for index, record in _records_around(content, work):
        if before is not None and index >= before:
            continue
        for item in _certified(record, work):
            own = used.get(item.reference)
            if own is None or (own.name == item.name and _overlap(content.period, record.period)):
                continue
            raise _twice(own, item.name, f"#{index}")


def _records_around(content: Emission, work: UnitOfWork) -> Iterator[tuple[int, Emission]]:
    replaced = None if content.replaces is None else content.replaces.index
    for figure in work.accounting.current(
        organisation=content.organisation,
        boundary=content.boundary,
        begin=content.period.start - AROUND,
        end=content.period.end + AROUND,
    ):
        if figure.index == replaced:
            continue
        found = _content(figure.index, work)
        if isinstance(found, Emission):
            yield figure.index, found


def _certified(emission: Emission, work: UnitOfWork) -> list[ActivityItem]:
    """The entries of a record that stand for non-fossil electricity."""
    entered = [one for one in emission.activity if one.provenance == Provenance.DOCUMENT.value]
    boundary = _content(emission.boundary_leaf.index, work) if entered else None
    if not isinstance(boundary, Boundary):
        return []
    methods = MethodLibrary(
        known_method(work, ref).method for ref in {one.method for one in boundary.industries}
    )
    names = {one.point for one in matched_points(boundary, methods) if one.symbol.item in ITEMS}
    return [one for one in entered if one.name in names]


def _content(index: int, work: UnitOfWork) -> Content:
    (body,) = work.entries.bodies(index, index + 1)
    return parse_statement(body).content


def _overlap(one: Period, other: Period) -> bool:
    return one.start < other.end and other.start < one.end


def _twice(item: ActivityItem, name: str, where: str) -> ConflictError:
    return ConflictError(
        "{field}: the certificate {number} of {name} is counted by {other} already ({where})",
        field="activity",
        number=item.reference,
        name=item.name,
        other=name,
        where=where,
        remedy="correct the entry: each certificate counts once",
        code="account.certificate",
    )
