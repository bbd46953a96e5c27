"""Gather the facts of a report from the log; every figure is computed again before it is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.inventory import Gap, Part
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.records.report import REPORT, ReportMade
from trace_node.accounting.report.content import NOTHING
from trace_node.accounting.report.device_file import Device
from trace_node.accounting.report.errors import ReportError, ReportRefusedError, no_results
from trace_node.accounting.report.facts import (
    AccountedResult,
    Adjustment,
    Attachment,
    DataSource,
    LogState,
    ReportFacts,
    ReportKind,
)
from trace_node.accounting.report.inventory_of_results import inventory_of as rows_of_results
from trace_node.ids import OrganisationId
from trace_node.ports.store import Store
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.prove import Vouched, evidence_for
from trace_node.services.prove_emission import Figures
from trace_node.services.report_files import ReportFiles
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import budgets_of

MOST_BUNDLES: Final = 64
MOST_REPORTS: Final = 10_000
_UNSTATED: Final = "未登记"
_DOCUMENT: Final = "人工填报"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """Which report.

    Attributes:
        organisation: Whose.
        boundary: Name of the boundary.
        period: The span, as ``Span.parse`` reads it.
        kind: What it may be used for.
        prepared_on: The day it carries.
        devices: What the log does not say of devices, by activity data.
        demonstration: Why it is a demonstration, where the boundary does not say it itself.
        attach: Whether the bundle of every figure travels inside the PDF.
    """

    organisation: str
    boundary: str
    period: str
    kind: ReportKind
    prepared_on: date
    devices: Mapping[str, Device] = field(default_factory=dict)
    demonstration: str = ""
    attach: bool = True


def facts_of(
    request: ReportRequest, *, figures: Figures, vouched: Vouched | None = None
) -> ReportFacts:
    """The facts of a report from the emission records that hold in its span.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        ReportError: No record lies in the span, or there are too many bundles to attach.
        ReportRefusedError: A record is a demonstration and the report is not.
        RecomputeError: A figure does not follow from its leaves.
        StateError: No checkpoint covers the records yet.
        InputError: The span has no meaning.
    """
    asked = InventoryRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        span=Span.parse(request.period),
    )
    inventory = inventory_of(asked, store=figures.store)
    parts = inventory.parts
    reasons = "；".join(inventory.demonstrations)
    _require_real(reasons, request)
    if not parts:
        raise no_results(request.period)
    emissions = [figures.emission(part.index) for part in parts]
    boundary = _boundary(emissions[-1], figures)
    titles = {each.id: f"{each.title}（{each.id}）" for each in boundary.units}
    results = tuple(_result(part, titles, figures) for part in parts)
    return ReportFacts(
        kind=request.kind,
        organisation=boundary.entity.name,
        registration=_registration(boundary),
        boundary=request.boundary,
        boundary_leaf=emissions[-1].boundary_leaf.index,
        period=request.period,
        prepared_on=request.prepared_on,
        results=results,
        inventory=rows_of_results(results),
        sources=tuple(_sources(boundary, request.devices, figures)),
        adjustments=tuple(
            each
            for part, emission in zip(parts, emissions, strict=True)
            for each in _adjustments(emission, part.index, figures)
        ),
        gaps=tuple(map(_gap, inventory.gaps)),
        log=_log_state(max(part.index for part in parts), figures, vouched),
        attachments=_bundles(parts, figures, vouched) if request.attach else (),
        demonstration=request.demonstration or reasons,
    )


def _require_real(reasons: str, request: ReportRequest) -> None:
    """A figure of a demonstration is told in a demonstration only."""
    if reasons and request.kind is not ReportKind.DEMONSTRATION:
        raise ReportRefusedError(
            "{field}: a figure of {period} is a demonstration: {reason}",
            field="kind",
            period=request.period,
            reason=reasons[:200],
            remedy="make a demonstration of it",
            code="report.demonstration",
        )


def _gap(gap: Gap) -> tuple[str, str, str, str]:
    return gap.unit, gap.method, gap.begin.isoformat(), gap.end.isoformat()


def _result(part: Part, titles: Mapping[str, str], figures: Figures) -> AccountedResult:
    recomputed = figures.recompute(part.index)
    return AccountedResult(
        unit=titles.get(part.unit, part.unit),
        period=part.period,
        method=figures.methods.get(part.method),
        result=recomputed.result,
        leaf=part.index,
        standing=part.standing,
        budgets=budgets_of(recomputed.emission, part.index, store=figures.store),
    )


def _boundary(emission: Emission, figures: Figures) -> Boundary:
    """The version of the boundary that a record names."""
    body = figures.store.reader().entry(emission.boundary_leaf.index).body
    content = parse_statement(body).content
    assert isinstance(content, Boundary)  # noqa: S101 (the record was computed again with it)
    return content


def _registration(boundary: Boundary) -> tuple[tuple[str, str], ...]:
    entity = boundary.entity
    contacts = "；".join(f"{each.name}（{each.role}）" for each in entity.contacts)
    places = "；".join(
        f"{each.title}（{'运行控制' if each.controlled else '不在控制内'}）"
        for each in boundary.places
    )
    return (
        ("统一社会信用代码", entity.credit_code),
        ("地址", entity.address),
        ("法定代表人", entity.representative),
        ("联系人", contacts or NOTHING),
        ("场所", places or NOTHING),
    )


def _sources(
    boundary: Boundary, devices: Mapping[str, Device], figures: Figures
) -> Iterator[DataSource]:
    titles = {each.id: each.title for each in boundary.sources}
    reader = figures.store.reader()
    for point in boundary.meters:
        known = reader.enrolled_meters(device=point.device)[-1]
        seconds = known.meter.meter_register(point.meter_register).interval_s
        yield _source(
            devices.get(point.name),
            name=f"{point.device}（{known.meter.serial}）",
            frequency=f"每 {seconds} 秒",
            source=titles[point.source],
            activity=point.name,
            leaf=known.index,
        )
    for entry in boundary.entries:
        yield _source(
            devices.get(entry.name),
            name=_DOCUMENT,
            frequency=_DOCUMENT,
            source=titles[entry.source],
            activity=entry.name,
            leaf=None,
        )


def _source(
    device: Device | None,
    *,
    name: str,
    frequency: str,
    source: str,
    activity: str,
    leaf: int | None,
) -> DataSource:
    return DataSource(
        name=device.name if device else name,
        model=device.model if device else _UNSTATED,
        location=device.location if device else _UNSTATED,
        frequency=frequency,
        accuracy=device.accuracy if device else _UNSTATED,
        calibration=device.calibration if device else _UNSTATED,
        calibrated_until=device.calibrated_until if device else _UNSTATED,
        source=source,
        activity=activity,
        leaf=leaf,
    )


def _adjustments(emission: Emission, index: int, figures: Figures) -> Iterator[Adjustment]:
    """What this record changed of the one it replaces."""
    if emission.replaces is None or emission.reason is None:
        return
    before = {one.id: one for one in figures.emission(emission.replaces.index).figures}
    for one in emission.figures:
        if one.id in before and before[one.id].value != one.value:
            yield Adjustment(
                period=emission.period.name,
                unit=emission.unit,
                figure=one.id,
                before=before[one.id].value,
                after=one.value,
                reason=emission.reason,
                leaf=index,
            )


def _log_state(last: int, figures: Figures, vouched: Vouched | None) -> LogState:
    reader = figures.store.reader()
    checkpoint, _ = evidence_for(last, reader=reader, vouched=vouched)
    return LogState(
        origin=figures.store.identity.origin, size=checkpoint.size, root=checkpoint.root
    )


def _bundles(
    parts: Sequence[Part], figures: Figures, vouched: Vouched | None
) -> tuple[Attachment, ...]:
    if len(parts) > MOST_BUNDLES:
        raise ReportError(
            "{field}: {count} bundles, at most {bound} travel inside a report",
            field="attach",
            count=len(parts),
            bound=MOST_BUNDLES,
            remedy="report a shorter period, or hand the bundles over beside the report",
            code="report.bundles",
        )
    return tuple(
        Attachment(
            name=f"leaf-{part.index}.tnproof",
            body=figures.prove(part.index, vouched=vouched),
            description=f"{part.unit} {part.period} {part.method}",
            mime="application/json",
        )
        for part in parts
    )


def statement_of(request: ReportRequest, facts: ReportFacts, made: ReportFiles) -> ReportMade:
    """What the log is told of a report."""
    return ReportMade(
        organisation=OrganisationId(request.organisation),
        boundary=request.boundary,
        period=request.period,
        kind=request.kind,
        prepared_on=request.prepared_on,
        figures=tuple(sorted(one.leaf for one in facts.results if one.leaf is not None)),
        files=made.digests,
    )


def report_with(digest: bytes, *, store: Store) -> tuple[int, ReportMade] | None:
    """The report in the log that names a file, and its leaf; None where none does."""
    with store.view() as view:
        logged = view.statements.find(REPORT, limit=MOST_REPORTS)
        bodies = [
            (each.index, view.entries.bodies(each.index, each.index + 1)[0]) for each in logged
        ]
    for index, body in bodies:
        content = parse_statement(body).content
        if isinstance(content, ReportMade) and digest in content.files.values():
            return index, content
    return None
