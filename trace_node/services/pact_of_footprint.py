"""A footprint on record, computed again, as a draft to be published."""

from collections.abc import Mapping
from typing import Any

from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.footprint.batch_event import BATCH_EVENT, BatchEvent
from trace_node.accounting.footprint.footprint import Footprint
from trace_node.accounting.footprint.parts import FlagCode
from trace_node.accounting.pact.draft import Draft
from trace_node.accounting.pact.of_footprint import OnRecord, draft_of
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.ports.store import Store
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
        periods = self._periods(logged.footprint)
        record = OnRecord(
            origin=self._store.identity.origin,
            digest=logged.digest,
            bundle=bundle,
            start=min((each.start for each in periods), default=None),
            end=max((each.end for each in periods), default=None),
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

    def _periods(self, found: Footprint) -> list[Period]:
        """The periods whose emission the batch bears some of."""
        with self._store.view() as view:
            bodies = view.footprints.bodies([each.index for each in found.walked])
        events = (
            parse_statement(each.body).content
            for each in bodies.values()
            if each.kind == BATCH_EVENT
        )
        return [each.period for each in events if isinstance(each, BatchEvent) and each.period]
