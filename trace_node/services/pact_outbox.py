"""Send the events that wait, again and again with growing pauses, and give up after 72 hours.

A partner gets its events in the order they were queued in: what comes behind one that did not
arrive waits for it. One that the partner refuses is given up after a few attempts, so that it does
not hold the others up for days.
"""

from dataclasses import replace
from datetime import timedelta

from trace_node.clock import Clock
from trace_node.errors import ConfigError, UnavailableError
from trace_node.ports.pact import OutgoingEvent, PartnerHost
from trace_node.ports.store import Store
from trace_node.services.pact_errors import PartnerRefusedError

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=4)
GIVEN_UP_AFTER = timedelta(hours=72)
MOST_REFUSALS = 5
_AT_ONCE = 50
_MAX_DETAIL = 300
_DOUBLINGS = 12


class PactOutbox:
    """Sends the events that wait.

    Args:
        store: The database.
        host: The way to the hosts of partners.
        clock: Time.
    """

    def __init__(self, store: Store, *, host: PartnerHost, clock: Clock) -> None:
        self._store = store
        self._host = host
        self._clock = clock

    def send_due(self) -> int:
        """Try each event that is due once, in order for each partner; return how many arrived."""
        with self._store.view() as view:
            waiting = view.pact_events.due(self._clock.now(), limit=_AT_ONCE)
        arrived, stopped = 0, set[str]()
        for each in waiting:
            if each.partner in stopped:
                continue
            tried = self._try(each)
            if tried.due is not None:
                stopped.add(each.partner)
            arrived += tried.delivered is not None
            with self._store.unit_of_work() as work:
                work.pact_events.record(tried)
        return arrived

    def _try(self, event: OutgoingEvent) -> OutgoingEvent:
        with self._store.view() as view:
            partner = view.partners.get(event.partner)
        if partner is None or partner.revoked or not partner.address:
            return replace(event, due=None, detail="the partner has no access, or no address")
        try:
            self._host.send(partner, event.event.to_json())
        except PartnerRefusedError as error:
            tried = self._later(event, error.message[:_MAX_DETAIL])
            return replace(tried, due=None) if tried.attempts >= MOST_REFUSALS else tried
        except (UnavailableError, ConfigError) as error:
            return self._later(event, error.message[:_MAX_DETAIL])
        now = self._clock.now()
        return replace(event, due=None, attempts=event.attempts + 1, delivered=now, detail="")

    def _later(self, event: OutgoingEvent, detail: str) -> OutgoingEvent:
        now = self._clock.now()
        pause = min(FIRST_PAUSE * 2 ** min(event.attempts, _DOUBLINGS), LONGEST_PAUSE)
        due = now + pause
        if due > event.queued + GIVEN_UP_AFTER:
            return replace(event, due=None, attempts=event.attempts + 1, detail=detail)
        return replace(event, due=due, attempts=event.attempts + 1, detail=detail)
