"""Take events of partners, answer their requests and ask for their footprints."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import uuid4

from trace_node.accounting.pact.criteria import STATUS
from trace_node.accounting.pact.errors import EventError
from trace_node.accounting.pact.event import MOST_FOOTPRINTS, Event, EventType
from trace_node.accounting.pact.footprint import Footprint
from trace_node.clock import Clock
from trace_node.ports.pact import Answer, OutgoingEvent, Partner, ReceivedEvent
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.pact_access import no_partner
from trace_node.services.pact_errors import (
    FootprintNotFoundError,
    NotSharedError,
    RequestNotFoundError,
    SupersededError,
)
from trace_node.services.pact_footprints import matching

ANSWERS = (EventType.REQUEST_FULFILLED, EventType.REQUEST_REJECTED)


class PactExchange:
    """Events between this node and its partners.

    Args:
        store: The database.
        base: Public address of the exchange, the source of its events.
        clock: Time.
    """

    def __init__(self, store: Store, *, base: str, clock: Clock) -> None:
        self._store = store
        self._base = base
        self._clock = clock

    def receive(self, event: Event, *, partner: Partner) -> None:
        """Keep an event; a request is answered at once where the partner is set up so.

        One that is there already (same source and id) changes nothing.

        Raises:
            EventError: A request comes from elsewhere than the partner's host, so that it could
                not be answered, or an answer is to no request of ours.
        """
        is_request = event.type is EventType.REQUEST_CREATED
        if is_request:
            _require_source(event, partner)
        with self._store.unit_of_work() as work:
            if event.type in ANSWERS and not work.pact_events.asked(partner.name, event.request):
                raise EventError(
                    "{field}: answers no request that was sent to {partner}",
                    field="data.requestEventId",
                    partner=partner.name,
                    remedy="name the id of the request",
                )
            kept = work.pact_events.receive(
                ReceivedEvent(
                    number=0,
                    partner=partner.name,
                    event=event,
                    received=self._clock.now(),
                    answer=Answer.OPEN if is_request else None,
                )
            )
            if is_request and kept is not None and partner.answers_itself:
                self._answer_from_shared(work, kept)

    def fulfil(self, number: int, footprints: Sequence[str]) -> None:
        """Answer a request with footprints that are shared with whoever asked.

        Raises:
            RequestNotFoundError: There is no such request.
            SupersededError: It was answered before.
            FootprintNotFoundError: There is no such footprint, or none was named.
            NotSharedError: One is not shared with the partner.
        """
        with self._store.unit_of_work() as work:
            request = _open_request(work, number)
            found = [_shared(work, each, request.partner) for each in footprints]
            self._fulfil(work, request, found)

    def reject(self, number: int, *, code: str, message: str) -> None:
        """Answer a request with an error code and a reason.

        Raises:
            RequestNotFoundError: There is no such request.
            SupersededError: It was answered before.
        """
        with self._store.unit_of_work() as work:
            self._reject(work, _open_request(work, number), code=code, message=message)

    def request(self, partner: str, products: Sequence[str], *, comment: str = "") -> str:
        """Ask a partner for the footprints of products, and return the id of the request.

        Raises:
            PartnerNotFoundError: There is no such partner, or it has no address.
        """
        event = self._event(
            EventType.REQUEST_CREATED,
            {"productId": list(products), **({"comment": comment} if comment else {})},
        )
        with self._store.unit_of_work() as work:
            known = work.partners.get(partner)
            if known is None or not known.address:
                raise no_partner(partner)
            self._queue(work, partner, event)
        return event.id

    def _answer_from_shared(self, work: UnitOfWork, request: ReceivedEvent) -> None:
        criteria = request.event.criteria()
        if STATUS not in request.event.data:
            criteria = replace(criteria, status="active")
        found = matching(work, criteria, partner=request.partner, after=0, limit=MOST_FOOTPRINTS)
        if found:
            self._fulfil(work, request, found)
            return
        self._reject(
            work, request, code="NotFound", message="no footprint shared with you meets the request"
        )

    def _fulfil(
        self, work: UnitOfWork, request: ReceivedEvent, footprints: Sequence[Footprint]
    ) -> None:
        if not footprints:
            raise FootprintNotFoundError(
                "{field}: a request is fulfilled by at least one footprint",
                field="footprint",
                remedy="name footprints, or reject the request",
            )
        documents = [each.document(base=self._base) for each in footprints]
        answer = {"requestEventId": request.event.id, "pfs": documents}
        work.pact_events.set_answer(request.number, Answer.FULFILLED)
        event = self._event(EventType.REQUEST_FULFILLED, answer)
        self._queue(work, request.partner, event)

    def _reject(self, work: UnitOfWork, request: ReceivedEvent, *, code: str, message: str) -> None:
        error = {"code": code, "message": message}
        answer = {"requestEventId": request.event.id, "error": error}
        work.pact_events.set_answer(request.number, Answer.REJECTED)
        event = self._event(EventType.REQUEST_REJECTED, answer)
        self._queue(work, request.partner, event)

    def _event(self, kind: EventType, data: Mapping[str, object]) -> Event:
        return Event(
            type=kind, id=str(uuid4()), source=self._base, time=self._clock.now(), data=data
        )

    def _queue(self, work: UnitOfWork, partner: str, event: Event) -> None:
        now = self._clock.now()
        work.pact_events.queue(
            OutgoingEvent(number=0, partner=partner, event=event, queued=now, due=now)
        )


def _require_source(event: Event, partner: Partner) -> None:
    """The answer goes to the address on record, so a request must come from that host."""
    own = urlsplit(partner.address).netloc.lower()
    try:
        asked = urlsplit(event.source).netloc.lower()
    except ValueError:
        asked = ""
    if not own or asked != own:
        raise EventError(
            "{field}: is not the host that is on record for {partner}",
            field="source",
            partner=partner.name,
            remedy="ask the data owner to record the address that answers go to",
        )


def _open_request(work: UnitOfWork, number: int) -> ReceivedEvent:
    found = work.pact_events.received(number)
    if found is None or found.answer is None:
        raise RequestNotFoundError(
            "{field}: there is no request {number}",
            field="request",
            number=number,
            remedy="trace-node pact requests lists those there are",
        )
    if found.answer is not Answer.OPEN:
        raise SupersededError(
            "{field}: the request {number} was answered before",
            field="request",
            number=number,
            remedy="trace-node pact requests shows how",
        )
    return found


def _shared(work: UnitOfWork, footprint: str, partner: str) -> Footprint:
    found = work.published.get(footprint)
    if found is None or partner not in work.published.shared_with(found.lineage):
        raise NotSharedError(
            "{field}: {id} is not shared with {partner}",
            field="footprint",
            id=footprint[:64],
            partner=partner,
            remedy="share it first: trace-node pact share",
        )
    return found
