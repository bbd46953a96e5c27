"""Read the genealogy of a batch from the log, level by level, each leaf verified as it is read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.errors import BatchNotFoundError, FootprintAlteredError
from trace_node.accounting.footprint.figures import StageFigure
from trace_node.accounting.footprint.genealogy import Genealogy, LoggedEvent, LoggedSupply
from trace_node.accounting.footprint.stage_emission import STAGE_EMISSION, StageEmission
from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.accounting.footprint.words import Stage
from trace_node.period import Period
from trace_node.ports.footprints import BatchUse, KnownBatch, LeafBody
from trace_node.ports.statements import LoggedStatement
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.hasher import SM3

MOST_VERSIONS: Final = 1_000


class FindBatches(Protocol):
    """Batches, their uses, and entries; see ``trace_node.ports.footprints.Footprints``."""

    def batches(self, names: Sequence[str]) -> Sequence[KnownBatch]:
        """Those of the batches that are known."""

    def uses(self, names: Sequence[str]) -> Sequence[BatchUse]:
        """The uses of these batches."""

    def bodies(self, indexes: Sequence[int]) -> Mapping[int, LeafBody]:
        """The entries at these leaves."""


class FindStatements(Protocol):
    """Statements by topic; see ``trace_node.ports.statements.Statements``."""

    def newest(self, kind: str, topic: str) -> LoggedStatement | None:
        """The last statement of a kind on a topic."""

    def find(
        self, kind: str, *, topic: str | None = None, after: int = -1, limit: int
    ) -> Sequence[LoggedStatement]:
        """Statements of a kind in log order."""


class LeafView(Protocol):
    """What of a log a footprint is computed from."""

    @property
    def footprints(self) -> FindBatches:
        """Batches, their uses, and entries."""

    @property
    def statements(self) -> FindStatements:
        """Statements by topic."""


class Lineage:
    """The log as a footprint sees it, up to a leaf.

    Args:
        view: The database.
        end: Leaf index behind the last that counts: a footprint of the past sees what was known.
    """

    def __init__(self, view: LeafView, *, end: int) -> None:
        self._view = view
        self._end = end
        self._figures: dict[str, StageFigure | None] = {}

    def behind(self, batch: str) -> Genealogy:
        """The events and bought batches behind a batch, and what burnt of it.

        Raises:
            BatchNotFoundError: There is no such batch.
            FootprintAlteredError: An entry is not what was logged.
        """
        events: dict[int, LoggedEvent] = {}
        supplies: dict[str, LoggedSupply] = {}
        names = {batch}
        seen: set[str] = set()
        while names:
            known = [e for e in self._view.footprints.batches(sorted(names)) if e.index < self._end]
            missing = names - {each.batch for each in known}
            if missing:
                raise missing_batch(min(missing))
            seen |= names
            fresh = {each.index for each in known} - events.keys()
            names = set()
            for body in self._read(fresh):
                content = parse_statement(body.body).content
                if isinstance(content, BatchEvent):
                    events[body.index] = LoggedEvent(link=link_of(body), event=content)
                    names |= {each.batch for each in content.inputs} - seen
                elif isinstance(content, SupplierFootprint):
                    supplies[content.batch] = self._supply(content)
        for use in self._view.footprints.uses([batch]):
            if use.index < self._end and use.index not in events:
                events |= self._burning(use.index)
        return Genealogy([events[index] for index in sorted(events)], supplies.values())

    def figure(
        self, *, organisation: str, unit: str, stage: Stage, period: Period
    ) -> StageFigure | None:
        """The newest figure of a stage; None where none is logged.

        Raises:
            FootprintAlteredError: Its entry is not what was logged.
        """
        topic = f"{organisation} {unit} {stage.value} {period.name}"
        if topic not in self._figures:
            self._figures[topic] = self._read_figure(topic)
        return self._figures[topic]

    def _read_figure(self, topic: str) -> StageFigure | None:
        newest = self._newest(STAGE_EMISSION, topic)
        if newest is None:
            return None
        (body,) = self._read([newest.index])
        content = parse_statement(body.body).content
        if not isinstance(content, StageEmission):
            return None
        return StageFigure(link=link_of(body), emission=content)

    def _supply(self, first: SupplierFootprint) -> LoggedSupply:
        """What the supplier told last."""
        newest = self._newest(SUPPLIER_FOOTPRINT, first.topic)
        (body,) = self._read([] if newest is None else [newest.index])
        content = parse_statement(body.body).content
        told = content if isinstance(content, SupplierFootprint) else first
        return LoggedSupply(link=link_of(body), supplied=told)

    def _newest(self, kind: str, topic: str) -> LoggedStatement | None:
        """The newest that counts; usually that is the newest of all."""
        newest = self._view.statements.newest(kind, topic)
        if newest is None or newest.index < self._end:
            return newest
        found = self._view.statements.find(kind, topic=topic, limit=MOST_VERSIONS)
        before = [each for each in found if each.index < self._end]
        return before[-1] if before else None

    def _burning(self, index: int) -> dict[int, LoggedEvent]:
        (body,) = self._read([index])
        content = parse_statement(body.body).content
        if not isinstance(content, BatchEvent) or content.fuel is None:
            return {}
        return {index: LoggedEvent(link=link_of(body), event=content)}

    def _read(self, indexes: Iterable[int]) -> list[LeafBody]:
        wanted = sorted(indexes)
        found = self._view.footprints.bodies(wanted)
        return [require_leaf(found.get(index), index) for index in wanted]


def require_leaf(body: LeafBody | None, index: int, *, digest: bytes | None = None) -> LeafBody:
    """Require an entry to be there and to be what was logged.

    Args:
        body: The entry as it is stored.
        index: Its leaf index.
        digest: What its digest was where something rests on it; None for the stored one alone.

    Raises:
        FootprintAlteredError: It is not; leaf and kind are named.
    """
    if body is not None:
        made = SM3.leaf(body.body)
        if made == body.leaf_hash and digest in {None, made}:
            return body
    raise FootprintAlteredError(
        "leaf {index} ({kind}) is not what was logged",
        field="leaf",
        index=index,
        kind="missing" if body is None else body.kind,
        remedy="run trace-node fsck, and restore the entry from the archive",
        code="footprint.altered.leaf",
    )


def link_of(body: LeafBody) -> EvidenceLink:
    """An entry as a link to its leaf."""
    return EvidenceLink(index=body.index, digest=body.leaf_hash)


def missing_batch(batch: str) -> BatchNotFoundError:
    """The refusal of a batch that is not there."""
    return BatchNotFoundError(
        "there is no batch {batch}",
        field="batch",
        batch=batch[:64],
        remedy="log the event that made it, or what the supplier told of it",
    )
