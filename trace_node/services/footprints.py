"""Footprints of batches: computed from the log, put on record, recomputed, walked both ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.errors import FactorNotFoundError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorRow
from trace_node.accounting.footprint.collect import Collector
from trace_node.accounting.footprint.errors import FootprintAlteredError
from trace_node.accounting.footprint.figures import Potentials
from trace_node.accounting.footprint.footprint import GWP_SET, PURPOSE, Footprint, summed
from trace_node.accounting.footprint.line_check import require_line
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.stage_emission import StageEmission
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.errors import NotFoundError
from trace_node.ports.footprints import LeafBody
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.footprint_activity import require_activities
from trace_node.services.footprint_compare import require_same
from trace_node.services.footprint_emission import require_emission
from trace_node.services.footprint_lineage import Lineage, missing_batch, require_leaf
from trace_node.services.statement_types import parse_statement

_LAST: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFootprint:
    """A footprint on record, computed again.

    Attributes:
        index: Its leaf index.
        digest: Its record digest.
        record: What it says.
        footprint: The same, computed again from the leaves.
    """

    index: int
    digest: bytes
    record: FootprintRecord
    footprint: Footprint


class FootprintDesk:
    """Computes footprints (产品碳足迹核算).

    Args:
        store: The log.
        library: The factor library.
    """

    def __init__(self, *, store: Store, library: FactorLibrary) -> None:
        self._store = store
        self._library = library

    def compute(self, batch: str) -> Footprint:
        """The footprint of a batch by what is logged now; every leaf it rests on is verified.

        Raises:
            BatchNotFoundError: There is no such batch.
            FootprintAlteredError: A leaf or a factor is not what it was.
        """
        with self._store.view() as view:
            return self._compute(view, batch, end=_LAST)

    def newest(self, organisation: str, batch: str) -> int | None:
        """Leaf index of the newest footprint on record of a batch; None without one."""
        topic = f"{organisation} {batch} {PURPOSE}"
        with self._store.view() as view:
            found = view.statements.newest(FootprintRecord.TYPE, topic)
        return None if found is None else found.index

    def owner(self, batch: str) -> str:
        """Whose batch it is.

        Raises:
            BatchNotFoundError: There is no such batch.
        """
        with self._store.view() as view:
            known = view.footprints.batches([batch])
        if not known:
            raise missing_batch(batch)
        return known[0].organisation

    def recompute(self, index: int) -> LoggedFootprint:
        """Compute a footprint on record again from its leaves: same digits, or the difference.

        Raises:
            NotFoundError: There is no footprint at that leaf.
            FootprintAlteredError: A leaf, a factor or a figure differs; the first is named.
        """
        with self._store.view() as view:
            body = view.footprints.bodies([index]).get(index)
            content = None
            if body is not None and body.kind == FootprintRecord.TYPE:
                content = parse_statement(require_leaf(body, index).body).content
            if body is None or not isinstance(content, FootprintRecord):
                raise NotFoundError(
                    "leaf {index} is no footprint",
                    field="index",
                    index=index,
                    remedy="name the leaf that trace-node footprint log printed",
                    code="footprint.none",
                )
            found = self._compute(view, content.batch, end=index)
            require_same(content, FootprintRecord.of(found, item=content.item))
        return LoggedFootprint(index=index, digest=body.leaf_hash, record=content, footprint=found)

    def _compute(self, view: UnitOfWork, batch: str, *, end: int) -> Footprint:
        lineage = Lineage(view, end=end)
        genealogy = lineage.behind(batch)
        potentials = Potentials(self._library, GWP_SET)
        collector = Collector(genealogy=genealogy, figures=lineage, potentials=potentials)
        found = summed(genealogy.batch(batch), collector.collect(batch), gwp_set=GWP_SET)
        self._require_sources(view, found)
        return found

    def _require_sources(self, view: UnitOfWork, found: Footprint) -> None:
        links = found.links
        bodies = view.footprints.bodies([each.index for each in links])
        for link in links:
            body = require_leaf(bodies.get(link.index), link.index, digest=link.digest)
            if body.kind == StageEmission.TYPE:
                self._require_lines(body, bodies)
            elif body.kind == EMISSION:
                _require_below(view, body)

    def _require_lines(self, body: LeafBody, bodies: Mapping[int, LeafBody]) -> None:
        content = parse_statement(body.body).content
        if not isinstance(content, StageEmission):
            return
        require_activities(content, bodies)
        require_emission(content, bodies)
        for line in content.lines:
            if line.factor is not None:
                row = _row(self._library, line.factor.row, line.factor.digest)
                require_line(line, row)


def _require_below(view: UnitOfWork, body: LeafBody) -> None:
    """The readings and records that a computed emission rests on, as they were logged."""
    content = parse_statement(body.body).content
    leaves = content.leaves if isinstance(content, Emission) else ()
    bodies = view.footprints.bodies(leaves)
    for index in leaves:
        require_leaf(bodies.get(index), index)


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
