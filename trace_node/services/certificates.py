"""A certificate of non-fossil electricity (绿证) or of direct supply counts once in a log.

Once in all boundaries of an organisation, and once where the log holds data of several: by its
number, wherever that is stated. The first use stands; what counts it again is refused.
"""

from collections.abc import Iterator
from typing import Final

from trace_node.accounting.activity.data import Provenance
from trace_node.accounting.activity.entry import ACTIVITY_ENTRY
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.single_point import matched_points
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.records.certificate_number import certificate_number, in_one_form
from trace_node.accounting.records.clean_energy import CLEAN_ENERGY, CleanEnergyEntry
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.canonical_json import encode
from trace_node.errors import ConflictError
from trace_node.period import Period
from trace_node.ports.footprints import LeafBody
from trace_node.ports.store import UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.clean_energy import ITEMS
from trace_node.services.library import known_method
from trace_node.services.statement_types import parse_statement

_PAGE: Final = 500


def require_certificates_once(
    content: Content, work: UnitOfWork, *, before: int | None = None
) -> None:
    """Require that nothing else in the log counts a certificate of this statement; others pass.

    The same entry in records of one boundary and overlapping periods, such as a month and its year,
    is one use; so are a figure of an organisation and its own record of clean energy.

    Args:
        content: The statement.
        work: The log.
        before: Its leaf index, of one that is logged already: what came later is asked of later.

    Raises:
        ConflictError: A certificate is counted twice, ``account.certificate``: the first use is
            named by organisation, boundary, period and leaf.
    """
    if isinstance(content, CleanEnergyEntry):
        if content.kind.has_certificate:
            _require_free_number(content, work, before)
    elif isinstance(content, Emission):
        _require_free_items(content, work, before)


def _require_free_number(content: CleanEnergyEntry, work: UnitOfWork, before: int | None) -> None:
    """A number that another organisation used is no clean energy of this one, nor twice of one."""
    number = certificate_number(content.number)
    for index, other in _clean(number, work, before):
        if other.topic != content.topic:
            raise _twice(content.number, "-", index, _where(other, "-"))
    for index, record, item in _uses(number, work, before):
        if record.organisation != content.organisation:
            raise _twice(content.number, item.name, index, _where(record, record.boundary))


def _require_free_items(content: Emission, work: UnitOfWork, before: int | None) -> None:
    used: dict[str, ActivityItem] = {}
    for item in _certified(content, work):
        other = used.setdefault(certificate_number(item.reference), item)
        if other is not item:
            raise _twice(item.reference, other.name, None, _where(content, content.boundary))
    replaced = None if content.replaces is None else content.replaces.index
    for number, own in used.items():
        for index, record, item in _uses(number, work, before):
            if index != replaced and not _is_same_use(content, own, record, item):
                raise _twice(own.reference, item.name, index, _where(record, record.boundary))
        for index, clean in _clean(number, work, before):
            if clean.organisation != content.organisation:
                raise _twice(own.reference, "-", index, _where(clean, "-"))


def _is_same_use(one: Emission, own: ActivityItem, other: Emission, item: ActivityItem) -> bool:
    """The same entry of one boundary, in overlapping periods: a month and its year."""
    boundaries = {(each.organisation, each.boundary) for each in (one, other)}
    return len(boundaries) == 1 and own.name == item.name and _overlap(one.period, other.period)


def _uses(
    number: str, work: UnitOfWork, before: int | None
) -> Iterator[tuple[int, Emission, ActivityItem]]:
    """The newest emission records that count a certificate, in the order of the log.

    Records rest on the entries that name it, so those are looked for, and what rests on them.
    """
    named = [each.index for each in _naming(ACTIVITY_ENTRY, number, work)]
    resting = work.footprints.bodies(work.footprints.resting_on(named)) if named else {}
    for index, body in sorted(resting.items()):
        if body.kind != EMISSION or (before is not None and index >= before):
            continue
        record = parse_statement(body.body).content
        assert isinstance(record, Emission)  # noqa: S101 (by its kind)
        newest = work.statements.newest(EMISSION, record.topic, before=before)
        if newest is not None and newest.index == index:
            for item in _certified(record, work):
                if certificate_number(item.reference) == number:
                    yield index, record, item


def _clean(
    number: str, work: UnitOfWork, before: int | None
) -> Iterator[tuple[int, CleanEnergyEntry]]:
    """The newest records of clean energy by a number, of each organisation."""
    for body in _naming(CLEAN_ENERGY, number, work):
        entry = parse_statement(body.body).content
        assert isinstance(entry, CleanEnergyEntry)  # noqa: S101 (by its kind)
        newest = work.statements.newest(CLEAN_ENERGY, entry.topic, before=before)
        is_newest = newest is not None and newest.index == body.index
        if is_newest and entry.kind.has_certificate and certificate_number(entry.number) == number:
            yield body.index, entry


def _naming(kind: str, number: str, work: UnitOfWork) -> Iterator[LeafBody]:
    """Statements of a kind whose text holds a number."""
    needle = encode(number)[1:-1].decode()  # as it stands inside a text of canonical JSON
    after = -1
    while page := work.statements.find(kind, after=after, limit=_PAGE):
        after = page[-1].index
        bodies = work.footprints.bodies([each.index for each in page])
        for _index, each in sorted(bodies.items()):
            if needle in in_one_form(each.body.decode()):
                yield each


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


def _where(use: Emission | CleanEnergyEntry, boundary: str) -> dict[str, str]:
    return {
        "organisation": use.organisation,
        "boundary": boundary,
        "period": use.period.name,
    }


def _twice(number: str, name: str, index: int | None, where: dict[str, str]) -> ConflictError:
    return ConflictError(
        "{field}: the certificate {number} is counted already: by {name} of {organisation},"
        " boundary {boundary}, {period}, {leaf}",
        field="activity",
        number=number,
        name=name,
        leaf="this record" if index is None else f"#{index}",
        **where,
        remedy="correct the entry: a certificate counts once, in one boundary of one organisation",
        code="account.certificate",
    )
