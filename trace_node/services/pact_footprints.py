"""Publish product footprints, share them, and hand them out to those they are shared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from trace_node.accounting.pact.criteria import Criteria
from trace_node.accounting.pact.draft import Draft
from trace_node.accounting.pact.event import Event, EventType
from trace_node.accounting.pact.footprint import Footprint, Status
from trace_node.clock import Clock
from trace_node.ports.pact import OutgoingEvent
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.pact_access import no_partner
from trace_node.services.pact_errors import (
    FootprintNotFoundError,
    NotSharedError,
    SupersededError,
)

MOST_ON_PAGE = 100
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of a list.

    Attributes:
        footprints: In the order of publication.
        after: Number to go on after; None at the end.
    """

    footprints: Sequence[Footprint]
    after: int | None


class PactFootprints:
    """The footprints of this node.

    Args:
        store: The database.
        base: Public address of the exchange, the source of its events.
        clock: Time.
    """

    def __init__(self, store: Store, *, base: str, clock: Clock) -> None:
        self._store = store
        self._base = base
        self._clock = clock

    def publish(self, draft: Draft, *, by: str, supersedes: str | None = None) -> Footprint:
        """Publish a footprint; partners that may see an older version of it are told.

        Args:
            draft: What is published.
            by: Who publishes it.
            supersedes: Id of the version that it takes the place of.

        Raises:
            FootprintNotFoundError: There is no such version.
            SupersededError: It is no longer the newest.
        """
        identifier = str(uuid4())
        with self._store.unit_of_work() as work:
            older = None if supersedes is None else _newest(work, supersedes)
            made = work.published.add(
                Footprint(
                    number=0,
                    id=identifier,
                    lineage=identifier if older is None else older.lineage,
                    preceding=() if older is None else (*older.preceding, older.id),
                    created=self._clock.now(),
                    published_by=by,
                    status=Status.ACTIVE,
                    draft=draft,
                )
            )
            if older is not None:
                work.published.deprecate(older.id)
                self._tell(work, made, work.published.shared_with(made.lineage))
        return made

    def deprecate(self, footprint: str) -> Footprint:
        """Withdraw a footprint without a newer one.

        Raises:
            FootprintNotFoundError: There is none of that id.
            SupersededError: It is deprecated already.
        """
        with self._store.unit_of_work() as work:
            found = _newest(work, footprint)
            work.published.deprecate(found.id)
            self._tell(work, found, work.published.shared_with(found.lineage))
        return found

    def share(self, footprint: str, partner: str) -> bool:
        """Let a partner see every version, and tell it; False where it may already.

        Raises:
            FootprintNotFoundError: There is none of that id.
            PartnerNotFoundError: There is none of that name.
        """
        with self._store.unit_of_work() as work:
            found = _require(work, footprint)
            if work.partners.get(partner) is None:
                raise no_partner(partner)
            fresh = work.published.share(found.lineage, partner)
            if fresh:
                self._tell(work, found, [partner])
        return fresh

    def unshare(self, footprint: str, partner: str) -> bool:
        """Take that back; False where it may not.

        Raises:
            FootprintNotFoundError: There is none of that id.
        """
        with self._store.unit_of_work() as work:
            return work.published.unshare(_require(work, footprint).lineage, partner)

    def page(
        self, criteria: Criteria, *, partner: str | None, after: int = 0, limit: int = MOST_ON_PAGE
    ) -> Page:
        """Footprints that meet criteria; those a partner may see, if one is named."""
        limit = min(limit, MOST_ON_PAGE)
        with self._store.view() as view:
            found = matching(view, criteria, partner=partner, after=after, limit=limit + 1)
        more = len(found) > limit
        return Page(footprints=found[:limit], after=found[limit - 1].number if more else None)

    def get(self, footprint: str, *, partner: str) -> Footprint:
        """One footprint.

        Raises:
            FootprintNotFoundError: There is none of that id.
            NotSharedError: This partner may not see it.
        """
        with self._store.view() as view:
            found = _require(view, footprint)
            if partner not in view.published.shared_with(found.lineage):
                raise NotSharedError(
                    "{field}: this footprint is not shared with {partner}",
                    field="id",
                    partner=partner,
                    remedy="ask the data owner to share it",
                )
        return found

    def _tell(self, work: UnitOfWork, footprint: Footprint, partners: Sequence[str]) -> None:
        now = self._clock.now()
        for name in partners:
            partner = work.partners.get(name)
            if partner is None or partner.revoked or not partner.address:
                continue
            event = Event(
                type=EventType.PUBLISHED,
                id=str(uuid4()),
                source=self._base,
                time=now,
                data={"pfIds": [footprint.id]},
            )
            outgoing = OutgoingEvent(number=0, partner=name, event=event, queued=now, due=now)
            work.pact_events.queue(outgoing)


def matching(
    work: UnitOfWork, criteria: Criteria, *, partner: str | None, after: int, limit: int
) -> list[Footprint]:
    """Up to ``limit`` footprints after one number that meet criteria, in order."""
    found: list[Footprint] = []
    while len(found) < limit:
        rows = work.published.after(after, limit=_AT_ONCE, partner=partner)
        if not rows:
            break
        after = rows[-1].number
        found += [each for each in rows if criteria.matches(each)]
    return found[:limit]


def _require(work: UnitOfWork, footprint: str) -> Footprint:
    found = work.published.get(footprint)
    if found is None:
        raise FootprintNotFoundError(
            "{field}: there is no footprint {id}",
            field="id",
            id=footprint[:64],
            remedy="list the footprints",
        )
    return found


def _newest(work: UnitOfWork, footprint: str) -> Footprint:
    found = _require(work, footprint)
    if found.status is not Status.ACTIVE:
        raise SupersededError(
            "{field}: the footprint {id} is deprecated",
            field="id",
            id=found.id,
            remedy="name the version that is active",
        )
    return found
