"""Gather the facts of a report from the log; every figure is computed again before it is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.inventory.completeness import CategoryState
from trace_node.accounting.inventory.inventory import Gap, Inventory, Part
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.report.device_file import Device
from trace_node.accounting.report.errors import ReportError, ReportRefusedError, no_results
from trace_node.accounting.report.facts import (
    AccountedResult,
    Adjustment,
    Attachment,
    LogState,
    ReportFacts,
    SpanTotal,
)
from trace_node.accounting.report.inventory_of_results import inventory_of as rows_of_results
from trace_node.accounting.report.template import template_for
from trace_node.accounting.report_kind import ReportKind
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.inventory_view import inventory_view
from trace_node.services.prove import Vouched, evidence_for
from trace_node.services.prove_emission import Figures
from trace_node.services.recompute_emission import Recomputed
from trace_node.services.report_clean import clean_facts
from trace_node.services.report_sources import data_sources, registration
from trace_node.services.source_register import register_of
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import budgets_of, of_inventory

MOST_BUNDLES: Final = 64
_OfAUnit = TypeVar("_OfAUnit", CategoryState, Compared)


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
        template: Industry template; empty for the one that the methods belong to, if it is one.
    """

    organisation: str
    boundary: str
    period: str
    kind: ReportKind
    prepared_on: date
    devices: Mapping[str, Device] = field(default_factory=dict)
    demonstration: str = ""
    attach: bool = True
    template: str = ""


def facts_of(
    request: ReportRequest, *, figures: Figures, vouched: Vouched | None = None
) -> ReportFacts:
    """The facts of a report from the emission records that hold in its span.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        ReportError: No record lies in the span, there are too many bundles to attach, or the
            template is not for the methods.
        ReportRefusedError: A record is a demonstration and the report is not.
        RecomputeError: A figure does not follow from its leaves.
        StateError: No checkpoint covers the records yet.
        InputError: The span has no meaning.
    """
    view = inventory_view(_asked(request), store=figures.store)
    inventory = view.inventory
    parts = inventory.parts
    reasons = "；".join(inventory.demonstrations)
    _require_real(reasons, request)
    if not parts:
        raise no_results(request.period)
    again = [figures.recompute(part.index) for part in parts]
    emissions = [each.emission for each in again]
    boundary = _boundary(emissions[-1], figures)
    results = tuple(_results(parts, again, boundary, figures))
    return ReportFacts(
        kind=request.kind,
        organisation=boundary.entity.name,
        registration=registration(boundary),
        boundary=request.boundary,
        boundary_leaf=emissions[-1].boundary_leaf.index,
        period=request.period,
        prepared_on=request.prepared_on,
        results=results,
        inventory=rows_of_results(results),
        categories=_titled(view.categories, boundary),
        clean=clean_facts(view.clean),
        totals=tuple(_totals(inventory, figures)),
        comparisons=_titled(view.comparisons, boundary),
        register=register_of(inventory, _asked(request), store=figures.store),
        template=template_for(request.template, {one.method.id for one in results}),
        sources=tuple(data_sources(boundary, request.devices, figures)),
        adjustments=tuple(_all_adjustments(parts, emissions, figures)),
        gaps=tuple(map(_gap, inventory.gaps)),
        overlaps=inventory.overlaps,
        log=_log_state(max(part.index for part in parts), figures, vouched),
        attachments=_bundles(parts, again, figures, vouched) if request.attach else (),
        demonstration=request.demonstration or reasons,
    )


def _asked(request: ReportRequest) -> InventoryRequest:
    return InventoryRequest(
        organisation=request.organisation,
        boundary=request.boundary,
        span=Span.parse(request.period),
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


def _gap(gap: Gap) -> tuple[str, str, str, str, str]:
    span = gap.begin.isoformat(), gap.end.isoformat()
    return gap.unit, gap.method, *span, "、".join(gap.sources)


def _titled(found: Sequence[_OfAUnit], boundary: Boundary) -> tuple[_OfAUnit, ...]:
    """Source categories or comparisons, with the titles of their units."""
    units = _unit_titles(boundary)
    return tuple(replace(each, unit=units.get(each.unit, each.unit)) for each in found)


def _unit_titles(boundary: Boundary) -> dict[str, str]:
    return {each.id: f"{each.title}（{each.id}）" for each in boundary.units}


def _results(
    parts: Sequence[Part], again: Sequence[Recomputed], boundary: Boundary, figures: Figures
) -> Iterator[AccountedResult]:
    """The results, computed again, with the titles of units and sources."""
    units = _unit_titles(boundary)
    sources = {each.id: f"{each.title}（{each.id}）" for each in boundary.sources}
    for part, recomputed in zip(parts, again, strict=True):
        yield AccountedResult(
            unit=units.get(part.unit, part.unit),
            period=part.period,
            method=figures.methods.get(part.method),
            result=recomputed.result,
            leaf=part.index,
            standing=part.standing,
            sources=_only_sources(recomputed.emission, sources),
            titles=sources,
            findings=tuple(
                (item.name, code) for item in recomputed.emission.activity for code in item.findings
            ),
            budgets=budgets_of(recomputed.emission, part.index, store=figures.store),
        )


def _totals(inventory: Inventory, figures: Figures) -> Iterator[SpanTotal]:
    """The figure of each purpose, with its uncertainty where it was evaluated."""
    budgets = {each.key: each for each in of_inventory(inventory, store=figures.store)}
    for key, figure in inventory.span_figures().items():
        found = budgets.get(key)
        if found is not None:
            purpose, unit, gwp_set = key
            yield SpanTotal(
                purpose=purpose,
                unit=unit,
                gwp_set=gwp_set,
                figure=figure,
                budget=found.budget,
                unevaluated=found.unevaluated,
                unstated=found.unstated,
            )


def _only_sources(emission: Emission, titles: Mapping[str, str]) -> dict[str, str]:
    """The source of each category that has one only."""
    found: dict[str, set[str]] = {}
    for item in emission.items:
        found.setdefault(item.category, set()).add(item.source)
    return {
        category: titles.get(source, source)
        for category, (source, *others) in found.items()
        if not others
    }


def _boundary(emission: Emission, figures: Figures) -> Boundary:
    """The version of the boundary that a record names."""
    body = figures.store.reader().entry(emission.boundary_leaf.index).body
    content = parse_statement(body).content
    assert isinstance(content, Boundary)  # noqa: S101 (the record was computed again with it)
    return content


def _all_adjustments(
    parts: Sequence[Part], emissions: Sequence[Emission], figures: Figures
) -> Iterator[Adjustment]:
    for part, emission in zip(parts, emissions, strict=True):
        yield from _adjustments(emission, part.index, figures)


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
    parts: Sequence[Part],
    again: Sequence[Recomputed],
    figures: Figures,
    vouched: Vouched | None,
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
            body=figures.prove(part.index, vouched=vouched, recomputed=each),
            description=f"{part.unit} {part.period} {part.method}",
            mime="application/json",
        )
        for part, each in zip(parts, again, strict=True)
    )
