"""Queries of other systems: points, readings, findings, conflicts, progress, times of knowledge."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter

from api.deps import LanguageDep, ScopedDep, ServicesDep
from api.envelope import Envelope, success
from api.exchange import PREFIX, ExchangeRoute
from api.readings_page import read_page
from api.schemas import evidence, readings
from api.schemas.rows import conflict_row, finding_row, knowledge_row, point_row
from api.services import Services
from trace_node.errors import InputError
from trace_node.ports.registry import EnrolledMeter

router = APIRouter(prefix=PREFIX, tags=["exchange"], route_class=ExchangeRoute)


@router.post("/Points", summary="Meters and meter registers of this log")
def points(
    query: readings.PointsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[readings.Points]:
    """Which meter registers are registered, and how each is described now."""
    reader, now = services.reader, services.clock.now()
    seen = {(point.device, point.meter_register) for point in reader.points(device=query.device)}
    newest: dict[str, EnrolledMeter] = {}
    for enrolled in reader.enrolled_meters(device=query.device):
        before = newest.get(enrolled.meter.device)
        begun = enrolled.meter.valid_from <= now
        if begun and (before is None or before.meter.valid_from <= enrolled.meter.valid_from):
            newest[enrolled.meter.device] = enrolled
    rows = [
        point_row(enrolled, item, has_readings=(device, item.name) in seen)
        for device, enrolled in sorted(newest.items())
        for item in sorted(enrolled.meter.meter_registers, key=lambda item: item.name)
    ]
    return success(readings.Points(points=tuple(rows)), language=language)


@router.post("/Readings", summary="Readings of one meter register")
def find_readings(
    query: readings.ReadingsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[readings.Readings]:
    """Readings as they were logged, by the instant they hold for."""
    return success(read_page(query, reader=services.reader), language=language)


@router.post("/Findings", summary="What the node found wrong in the chains of records")
def findings(
    query: evidence.FindingsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[evidence.Findings]:
    """The newest findings: gaps, repeats, forks and others; each is signed and logged."""
    found = services.reader.findings(device=query.device, limit=query.limit)
    rows = tuple(finding_row(each) for each in found)
    return success(evidence.Findings(findings=rows), language=language)


@router.post("/Conflicts", summary="Evidence of records that contradict the log")
def conflicts(
    query: evidence.ConflictsQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[evidence.Conflicts]:
    """The newest conflicts, each with the signed delivery and the path that prove it."""
    kept = services.reader.conflicts(limit=query.limit)
    rows = tuple(conflict_row(each) for each in kept)
    return success(evidence.Conflicts(conflicts=rows), language=language)


@router.post("/Progress", summary="How far the log and its entries have come")
def progress(
    query: evidence.ProgressQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[evidence.Progress]:
    """The states of the log and of entries: received, durable, checkpointed, … final."""
    reached = services.reader.progress()
    answer = evidence.Progress(
        received=reached.received,
        durable=reached.durable,
        checkpointed=reached.checkpointed,
        submitted=reached.submitted,
        mined=reached.mined,
        final=reached.final,
        entries=tuple(
            evidence.EntryState(index=index, state=reached.state_of(index))
            for index in query.indexes
        ),
        lags=tuple(
            evidence.ProjectionLag(name=lag.name, entries=lag.entries)
            for lag in services.reader.lags()
        ),
        chain_note=services.chain_note(),
    )
    return success(answer, language=language)


@router.post("/Knowledge", summary="When others could know of entries at the latest")
def knowledge(
    query: evidence.KnowledgeQuery, services: ServicesDep, _caller: ScopedDep, language: LanguageDep
) -> Envelope[evidence.KnowledgeTable]:
    """Observed, collected, received, checkpointed and anchored, with the lags between them."""
    now, late_after = services.clock.now(), timedelta(seconds=query.late_after_s)
    known = services.reader.knowledge(_asked_for(query, services))
    rows = tuple(knowledge_row(each, now=now, late_after=late_after) for each in known)
    return success(evidence.KnowledgeTable(rows=rows), language=language)


def _asked_for(query: evidence.KnowledgeQuery, services: Services) -> Sequence[int]:
    """The leaf indexes a query is about.

    Raises:
        InputError: It names neither entries nor a meter register, or both, or only a part.
        NotFoundError: The log does not reach as far as an index.
    """
    named = (query.device, query.meter_register, query.begin, query.end)
    if query.indexes and named == (None,) * len(named):
        services.reader.entry(max(query.indexes))
        return query.indexes
    if query.indexes or None in named:
        raise InputError(
            "{field}: name either leaf indexes, or device, meter_register, from and to",
            field="indexes",
            code="input.choice",
            remedy="leave the other fields out",
        )
    page = readings.ReadingsQuery.model_construct(
        device=query.device,
        meter_register=query.meter_register,
        begin=query.begin,
        end=query.end,
        unit=None,
        limit=query.limit,
        page=None,
    )
    return [row.index for row in read_page(page, reader=services.reader).readings]
