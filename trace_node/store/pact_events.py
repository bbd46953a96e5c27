"""Repository of the events of the PACT exchange: received ones and the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, exists, func, insert, select, update

from trace_node.accounting.pact.event import Event, EventType, parse_event
from trace_node.period import to_ms
from trace_node.ports.pact import Answer, OutgoingEvent, ReceivedEvent
from trace_node.store.columns import from_ms, optional_ms, optional_time
from trace_node.store.errors import sound_row
from trace_node.store.tables import PACT_OUTBOX, PACT_RECEIVED


class SqlPactEvents:
    """See ``trace_node.ports.pact.PactEvents``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, event: ReceivedEvent) -> ReceivedEvent | None:
        """Keep one and return it with its number; None where it is there (same source and id)."""
        same = select(func.count()).where(
            PACT_RECEIVED.c.partner == event.partner,
            PACT_RECEIVED.c.source == event.event.source,
            PACT_RECEIVED.c.event == event.event.id,
        )
        if self._connection.execute(same).scalar_one():
            return None
        made = self._connection.execute(
            insert(PACT_RECEIVED).returning(PACT_RECEIVED.c.number),
            {
                "partner": event.partner,
                "source": event.event.source,
                "event": event.event.id,
                "received": to_ms(event.received),
                "answer": None if event.answer is None else event.answer.value,
                "body": _body(event.event),
            },
        )
        return self.received(made.scalar_one())

    def received(self, number: int) -> ReceivedEvent | None:
        """The one of that number; None without."""
        statement = select(PACT_RECEIVED).where(PACT_RECEIVED.c.number == number)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _received(row)

    def newest_received(self, *, limit: int) -> Sequence[ReceivedEvent]:
        """The newest, newest first."""
        chosen = select(PACT_RECEIVED).order_by(PACT_RECEIVED.c.number.desc()).limit(limit)
        return [_received(row) for row in self._connection.execute(chosen)]

    def set_answer(self, number: int, answer: Answer) -> bool:
        """Keep how a request was answered; False where it was answered before."""
        done = self._connection.execute(
            update(PACT_RECEIVED)
            .where(PACT_RECEIVED.c.number == number, PACT_RECEIVED.c.answer == Answer.OPEN.value)
            .values(answer=answer.value)
        )
        return bool(done.rowcount)

    def queue(self, event: OutgoingEvent) -> None:
        """Put one into the outbox."""
        self._connection.execute(
            insert(PACT_OUTBOX),
            {
                "partner": event.partner,
                "event": event.event.id,
                "type": event.event.type.value,
                "queued": to_ms(event.queued),
                "due": optional_ms(event.due),
                "attempts": event.attempts,
                "delivered": optional_ms(event.delivered),
                "detail": event.detail,
                "body": _body(event.event),
            },
        )

    def asked(self, partner: str, request: str) -> bool:
        """Whether a request with that id was put into the outbox for a partner."""
        asked = select(func.count()).where(
            PACT_OUTBOX.c.partner == partner,
            PACT_OUTBOX.c.event == request,
            PACT_OUTBOX.c.type == EventType.REQUEST_CREATED.value,
        )
        return bool(self._connection.execute(asked).scalar_one())

    def due(self, now: datetime, *, limit: int) -> Sequence[OutgoingEvent]:
        """Those to be tried now, oldest first; none behind one of its partner that waits longer."""
        before, instant = PACT_OUTBOX.alias(), to_ms(now)
        behind = exists().where(
            before.c.partner == PACT_OUTBOX.c.partner,
            before.c.number < PACT_OUTBOX.c.number,
            before.c.due > instant,
        )
        chosen = select(PACT_OUTBOX).where(PACT_OUTBOX.c.due <= instant, ~behind)
        rows = self._connection.execute(chosen.order_by(PACT_OUTBOX.c.number).limit(limit))
        return [_outgoing(row) for row in rows]

    def record(self, event: OutgoingEvent) -> None:
        """Keep how an attempt went: due, attempts, delivered and detail of the event."""
        self._connection.execute(
            update(PACT_OUTBOX)
            .where(PACT_OUTBOX.c.number == event.number)
            .values(
                due=optional_ms(event.due),
                attempts=event.attempts,
                delivered=optional_ms(event.delivered),
                detail=event.detail,
            )
        )

    def outbox(self, *, limit: int) -> Sequence[OutgoingEvent]:
        """The newest outgoing events, newest first."""
        chosen = select(PACT_OUTBOX).order_by(PACT_OUTBOX.c.number.desc()).limit(limit)
        return [_outgoing(row) for row in self._connection.execute(chosen)]


def _body(event: Event) -> bytes:
    # Not canonical JSON: what another host sent may hold numbers that our own records never do.
    return orjson.dumps(event.to_json(), option=orjson.OPT_SORT_KEYS)


def _received(row: Row[Any]) -> ReceivedEvent:
    with sound_row("pact_received", row.number):
        return ReceivedEvent(
            number=row.number,
            partner=row.partner,
            event=parse_event(orjson.loads(bytes(row.body))),
            received=from_ms(row.received),
            answer=None if row.answer is None else Answer(row.answer),
        )


def _outgoing(row: Row[Any]) -> OutgoingEvent:
    with sound_row("pact_outbox", row.number):
        return OutgoingEvent(
            number=row.number,
            partner=row.partner,
            event=parse_event(orjson.loads(bytes(row.body))),
            queued=from_ms(row.queued),
            due=optional_time(row.due),
            attempts=row.attempts,
            delivered=optional_time(row.delivered),
            detail=row.detail,
        )
