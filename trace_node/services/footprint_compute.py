"""Compute a footprint over leaves, wherever they are: every leaf is hashed again on the way."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from trace_node.accounting.errors import FactorNotFoundError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorRow, FactorStatus
from trace_node.accounting.footprint.collect import Collector
from trace_node.accounting.footprint.errors import FootprintAlteredError
from trace_node.accounting.footprint.figures import Potentials
from trace_node.accounting.footprint.footprint import GWP_SET, Footprint, summed
from trace_node.accounting.footprint.line_check import require_line
from trace_node.accounting.footprint.parts import Flag, FlagCode
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.standing import Standing
from trace_node.ports.footprints import LeafBody
from trace_node.services.footprint_activity import require_activities
from trace_node.services.footprint_compare import require_same
from trace_node.services.footprint_emission import require_emission
from trace_node.services.footprint_lineage import LeafView, Lineage, require_leaf
from trace_node.services.statement_types import parse_statement


def compute(view: LeafView, library: FactorLibrary, batch: str, *, end: int) -> Footprint:
    """The footprint of a batch by the leaves before ``end``.

    Raises:
        BatchNotFoundError: There is no such batch.
        FootprintAlteredError: A leaf or a factor is not what it was.
    """
    lineage = Lineage(view, end=end)
    genealogy = lineage.behind(batch)
    potentials = Potentials(library, GWP_SET)
    collector = Collector(genealogy=genealogy, figures=lineage, potentials=potentials)
    found = summed(genealogy.batch(batch), collector.collect(batch), gwp_set=GWP_SET)
    flags = frozenset(_look_at_sources(view, library, found))
    return replace(found, flags=tuple(sorted(flags)))


def recompute(
    view: LeafView, library: FactorLibrary, record: FootprintRecord, *, index: int
) -> Footprint:
    """The footprint of a record at leaf ``index``, computed again; it says the same.

    Raises:
        FootprintAlteredError: The first leaf, factor, stage or member that differs.
    """
    found = compute(view, library, record.batch, end=index)
    require_same(record, FootprintRecord.of(found, item=record.item))
    return found


def emission_of(body: LeafBody) -> Emission | None:
    """The computed emission that an entry is; None of other entries."""
    content = parse_statement(body.body).content if body.kind == EMISSION else None
    return content if isinstance(content, Emission) else None


def leaves_below(body: LeafBody) -> tuple[int, ...]:
    """Leaves that a computed emission rests on; none of other entries."""
    emission = emission_of(body)
    return () if emission is None else emission.leaves


def _look_at_sources(view: LeafView, library: FactorLibrary, found: Footprint) -> Iterator[Flag]:
    """Verify every leaf and factor that it rests on; flags of what stands on weak ground."""
    links = found.links
    bodies = view.footprints.bodies([each.index for each in links])
    for link in links:
        body = require_leaf(bodies.get(link.index), link.index, digest=link.digest)
        if body.kind == StageEmission.TYPE:
            yield from _look_at_lines(library, body, bodies)
        emission = emission_of(body)
        if emission is None:
            continue
        yield from _flags_of(emission, link.index, library)
        below = emission.leaves
        under = view.footprints.bodies(below)
        for index in below:
            require_leaf(under.get(index), index)


def _flags_of(emission: Emission, index: int, library: FactorLibrary) -> Iterator[Flag]:
    if emission.standing is Standing.PROVISIONAL:
        yield Flag(code=FlagCode.PROVISIONAL, subject=f"leaf {index}")
    if emission.demonstration is not None:
        yield Flag(code=FlagCode.DEMONSTRATION, subject=f"leaf {index}")
    for use in emission.factors:
        yield from _flag_of_row(_row(library, use.row, use.digest))


def _flag_of_row(row: FactorRow) -> Iterator[Flag]:
    if row.status is FactorStatus.DRAFT:
        yield Flag(code=FlagCode.DRAFT_FACTOR, subject=row.id)


def _look_at_lines(
    library: FactorLibrary, body: LeafBody, bodies: Mapping[int, LeafBody]
) -> Iterator[Flag]:
    content = parse_statement(body.body).content
    if not isinstance(content, StageEmission):
        return
    require_activities(content, bodies)
    require_emission(content, bodies)
    for line in content.lines:
        if line.factor is not None:
            row = _row(library, line.factor.row, line.factor.digest)
            require_line(line, row)
            yield from _flag_of_row(row)


def _row(library: FactorLibrary, name: str, digest: bytes) -> FactorRow:
    try:
        return library.by_digest(digest)
    except FactorNotFoundError as error:
        raise FootprintAlteredError(
            "the factor {row} is not what was used: its digest differs",
            field="factor",
            row=name,
            remedy="load the factor release of that time",
            code="footprint.altered.factor",
        ) from error
