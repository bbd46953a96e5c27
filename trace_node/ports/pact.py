"""The PACT exchange as services see it: footprints, partners and events beside the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from trace_node.accounting.pact.event import Event
from trace_node.accounting.pact.footprint import Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A data recipient or data owner this node exchanges footprints with (数据交换方).

    Attributes:
        name: Its client id at this node.
        secret: SM3 of its secret, 32 bytes.
        created: Since when.
        revoked: When its access was ended; None while it has some.
        address: Base address of its own host; empty where it cannot be sent anything.
        client: Client id of this node at that host.
        answers_itself: Whether its requests are answered at once from what it may see.
    """

    name: str
    secret: bytes
    created: datetime
    revoked: datetime | None = None
    address: str = ""
    client: str = ""
    answers_itself: bool = False


class Answer(StrEnum):
    """How a received request stands."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """An event that a partner sent.

    Attributes:
        number: Counted from 1; zero before it is stored.
        partner: Who sent it.
        event: The event.
        received: When it came.
        answer: How it was answered; None for what is no request.
    """

    number: int
    partner: str
    event: Event
    received: datetime
    answer: Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """An event that goes to a partner.

    Attributes:
        number: Counted from 1; zero before it is stored.
        partner: Who gets it.
        event: The event.
        queued: Since when it waits.
        due: When it is tried next; None once it arrived or was given up.
        attempts: How often it was tried.
        delivered: When it arrived; None before.
        detail: What stood in the way last; empty while nothing did.
    """

    number: int
    partner: str
    event: Event
    queued: datetime
    due: datetime | None
    attempts: int = 0
    delivered: datetime | None = None
    detail: str = ""


class PublishedFootprints(Protocol):
    """Footprints that were published; nothing of them changes but their status."""

    def add(self, footprint: Footprint) -> Footprint:
        """Keep one, and return it with its number."""

    def get(self, footprint: str) -> Footprint | None:
        """The one with that id; None without."""

    def deprecate(self, footprint: str) -> None:
        """Set its status to deprecated."""

    def after(self, number: int, *, limit: int, partner: str | None = None) -> Sequence[Footprint]:
        """Footprints published after one, in order; those a partner may see, if one is named."""

    def share(self, lineage: str, partner: str) -> bool:
        """Let a partner see every version; False where it may already."""

    def unshare(self, lineage: str, partner: str) -> bool:
        """Take that back; False where it may not."""

    def shared_with(self, lineage: str) -> Sequence[str]:
        """The partners that may see it, by name."""


class Partners(Protocol):
    """Who has access to the exchange."""

    def put(self, partner: Partner) -> None:
        """Keep one; it replaces the one of that name."""

    def get(self, name: str) -> Partner | None:
        """The one of that name; None without."""

    def all(self) -> Sequence[Partner]:
        """All, by name."""


class PactEvents(Protocol):
    """Events that came and events that go; nothing of them is ever deleted."""

    def receive(self, event: ReceivedEvent) -> ReceivedEvent | None:
        """Keep one and return it with its number; None where it is there (same source and id)."""

    def received(self, number: int) -> ReceivedEvent | None:
        """The one of that number; None without."""

    def newest_received(self, *, limit: int) -> Sequence[ReceivedEvent]:
        """The newest, newest first."""

    def set_answer(self, number: int, answer: Answer) -> bool:
        """Keep how a request was answered; False where it was answered before."""

    def queue(self, event: OutgoingEvent) -> None:
        """Put one into the outbox."""

    def asked(self, partner: str, request: str) -> bool:
        """Whether a request with that id was put into the outbox for a partner."""

    def due(self, now: datetime, *, limit: int) -> Sequence[OutgoingEvent]:
        """Those to be tried now, oldest first; none behind one of its partner that waits longer."""

    def record(self, event: OutgoingEvent) -> None:
        """Keep how an attempt went: due, attempts, delivered and detail of the event."""

    def outbox(self, *, limit: int) -> Sequence[OutgoingEvent]:
        """The newest outgoing events, newest first."""


class PartnerHost(Protocol):
    """The way to the hosts of partners."""

    def send(self, partner: Partner, event: Mapping[str, Any]) -> None:
        """Post an event to a partner's host, with a token fetched from it.

        Raises:
            UnavailableError: It did not arrive; trying again later can help. Where the host refused
                it, ``PartnerRefusedError``.
        """
