"""A footprint on record, computed again, as a draft to be published."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorKind
from trace_node.accounting.footprint.batch_event import BATCH_EVENT, BatchEvent
from trace_node.accounting.footprint.footprint import Footprint
from trace_node.accounting.footprint.parts import Basis, FlagCode
from trace_node.accounting.footprint.words import Side
from trace_node.accounting.pact.draft import Draft
from trace_node.accounting.pact.of_footprint import OnRecord, draft_of
from trace_node.ids import OrganisationId
from trace_node.ports.footprints import LeafBody
from trace_node.ports.store import Store
from trace_node.services.footprint_compute import emission_of
from trace_node.services.footprints import FootprintDesk, LoggedFootprint
from trace_node.services.library import approvals
from trace_node.services.statement_types import parse_statement


class FootprintDrafts:
    """Makes drafts of footprints on record.

    Args:
        store: The log.
        library: Every row that its footprints used.
    """

    def __init__(self, store: Store, *, library: FactorLibrary) -> None:
        self._store = store
        self._library = library

    def draft(self, index: int, sheet: Mapping[str, Any], *, bundle: str = "") -> Draft:
        """The draft of the footprint at a leaf.

        Args:
            index: Leaf index of the footprint.
            sheet: What no leaf says of the product.
            bundle: https address of its bundle; empty where partners ask for the file.

        Raises:
            NotFoundError: There is no footprint at that leaf.
            FootprintAlteredError: It does not come out again from its leaves.
            FootprintGapError: It has gaps before the gate, or rests on weak figures.
            FootprintDocumentError: The sheet, or the document it makes, breaks a rule.
        """
        desk = FootprintDesk(store=self._store, library=self._library)
        logged = desk.recompute(index)
        with self._store.view() as view:
            bodies = view.footprints.bodies([each.index for each in logged.footprint.links])
        events = [each for each in map(_event, bodies.values()) if each is not None]
        periods = [each.period for each in events if each.period is not None]
        record = OnRecord(
            origin=self._store.identity.origin,
            digest=logged.digest,
            bundle=bundle,
            start=min((each.start for each in periods), default=None),
            end=max((each.end for each in periods), default=None),
            allocations=tuple(sorted({each.allocation.value for each in events if _parts(each)})),
            secondary=tuple(sorted(self._secondary(logged.footprint, bodies.values()))),
        )
        return draft_of(logged.footprint, sheet, record=record, lifted=self._lifted(logged))

    def _lifted(self, logged: LoggedFootprint) -> frozenset[str]:
        """Draft rows that the organisation approved."""
        organisation = OrganisationId(logged.record.organisation)
        with self._store.view() as view:
            approved = approvals(view, organisation=organisation).rows
        drafts = [
            each.subject for each in logged.footprint.flags if each.code is FlagCode.DRAFT_FACTOR
        ]
        return frozenset(row for row in drafts if self._library.row(row).digest in approved)

    def _secondary(self, found: Footprint, bodies: Iterable[LeafBody]) -> Iterator[tuple[str, str]]:
        """Name and version of what was not measured: rows of the library, transport factors."""
        digests = {each.digest for each in found.factors}
        for emission in map(emission_of, bodies):
            digests |= set() if emission is None else {use.digest for use in emission.factors}
        rows = {self._library.by_digest(each) for each in digests}
        used = [row for row in rows if row.kind is not FactorKind.GWP]
        for scheme, year in {(row.scheme, row.source_year) for row in used}:
            yield scheme, "unknown" if year is None else str(year)
        for part in found.parts:
            if part.basis is Basis.TRANSPORT and part.side is Side.GATE:
                yield f"transport {part.what}", part.source


def _event(body: LeafBody) -> BatchEvent | None:
    content = parse_statement(body.body).content if body.kind == BATCH_EVENT else None
    return content if isinstance(content, BatchEvent) else None


def _parts(event: BatchEvent) -> bool:
    """Whether an event parts its burden among several products."""
    return sum(not each.reject for each in event.outputs) > 1
