"""Deliveries in the spool: packed and signed once, sent until each destination has them for good.

Each destination has its own cursor and its own deliveries. A delivery is ``pending`` until the
destination has it on disk (``acknowledged``), and ``final`` once its leaves lie below an anchored
size that cannot change any more. A refused one is kept with the answer as evidence, and tried again
now and then: an operator may have registered the device meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from collectors.errors import SpoolError
from collectors.runtime.spool import Spool
from trace_node.ids import Origin

MOST_ANSWER_BYTES: Final = 65_536
_COLUMNS: Final = "id, first, last, device, count, body, state, attempts, not_before_ms, next_index"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    FINAL = "final"
    REFUSED = "refused"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDelivery:
    """A delivery in the spool.

    Attributes:
        number: Its id in the spool.
        first: Id of its first record.
        last: Id of its last record.
        device: The only device in it; None if it holds records of all.
        count: Number of its records.
        body: Bytes of the signed delivery record.
        state: How far it is.
        attempts: How often it was sent.
        not_before_ms: Earliest time of the next try.
        next_index: Index in the log behind its last leaf, once the destination told it.
    """

    number: int
    first: int
    last: int
    device: str | None
    count: int
    body: bytes
    state: DeliveryState
    attempts: int
    not_before_ms: int
    next_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """What is on its way to a destination.

    Attributes:
        unpacked: Records not yet in a delivery.
        pending: Records in deliveries not yet acknowledged.
        acknowledged: Records on the destination's disk that are not final yet.
        refused: Records in refused deliveries.
    """

    unpacked: int
    pending: int
    acknowledged: int
    refused: int


Sign = Callable[[bytes, Sequence[bytes]], bytes]  # context digest, record digests -> delivery


class Outbox:
    """The deliveries to one destination.

    Args:
        spool: The spool.
        destination: Name of the destination.
        origin: Origin of its log.

    Raises:
        SpoolError: The destination of this name was another log.
    """

    def __init__(self, spool: Spool, *, destination: str, origin: Origin) -> None:
        self._spool = spool
        self._name = destination
        with spool.transaction() as connection:
            connection.execute(
                "INSERT INTO destinations (name, origin, packed) VALUES (?, ?, 0)"
                " ON CONFLICT (name) DO NOTHING",
                (destination, origin),
            )
        known = self._one("SELECT origin FROM destinations WHERE name = ?", destination)
        if known != origin:
            raise SpoolError(
                "{field}: was the log {known} until now, not {origin}",
                field=f"destination {destination}",
                known=known,
                origin=origin,
                remedy="give the new log a destination of its own; add the old name to forget once"
                " it has everything it is to have",
                code="collector.spool.destination",
            )

    def pack(self, sign: Sign, *, most_count: int, most_bytes: int) -> int:
        """Put the next records, all of one context, into a signed delivery; give their number.

        Args:
            sign: Builds the signed delivery record.
            most_count: Greatest number of records.
            most_bytes: Greatest number of bytes of the records together.
        """
        with self._spool.transaction() as connection:
            packed = self._one("SELECT packed FROM destinations WHERE name = ?", self._name)
            rows = connection.execute(
                "SELECT id, context, digest, length(body) FROM records WHERE id > ?"
                " ORDER BY id LIMIT ?",
                (packed, most_count),
            ).fetchall()
            taken = _of_one_context(rows, most_bytes=most_bytes)
            if not taken:
                return 0
            context = self._one("SELECT digest FROM contexts WHERE id = ?", taken[0][1])
            body = sign(context, [row[2] for row in taken])
            first, last = taken[0][0], taken[-1][0]
            self._insert(first=first, last=last, device=None, count=len(taken), body=body)
            connection.execute(
                "UPDATE destinations SET packed = ? WHERE name = ?", (last, self._name)
            )
            return len(taken)

    def due(self, *, now_ms: int) -> StoredDelivery | None:
        """The next delivery to send: the oldest pending one, else a refused one that is due."""
        for state in (DeliveryState.PENDING, DeliveryState.REFUSED):
            row = self._spool.connection.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE destination = ? AND state = ?"  # noqa: S608
                " AND not_before_ms <= ? ORDER BY id LIMIT 1",
                (self._name, state.value, now_ms),
            ).fetchone()
            if row is not None:
                names = [name.strip() for name in _COLUMNS.split(",")]
                fields = dict(zip(names, row, strict=True))
                fields["number"] = fields.pop("id")
                fields["state"] = DeliveryState(fields["state"])
                return StoredDelivery(**fields)
        return None

    def contents(self, delivery: StoredDelivery) -> tuple[bytes, list[bytes]]:
        """The context record and the records of a delivery, as they were built."""
        rows = self._spool.connection.execute(
            "SELECT context, body FROM records WHERE id BETWEEN ? AND ?"
            " AND (? IS NULL OR device = ?) ORDER BY id",
            (delivery.first, delivery.last, delivery.device, delivery.device),
        ).fetchall()
        context = self._one("SELECT body FROM contexts WHERE id = ?", rows[0][0])
        return context, [row[1] for row in rows]

    def acknowledged(
        self, delivery: StoredDelivery, *, next_index: int | None, status: int, answer: bytes
    ) -> None:
        """The destination has the delivery on its disk; its signed answer is kept."""
        self._set(
            delivery,
            state=DeliveryState.ACKNOWLEDGED,
            next_index=next_index,
            status=status,
            answer=answer,
        )

    def refused(
        self, delivery: StoredDelivery, *, status: int, answer: bytes, not_before_ms: int
    ) -> None:
        """The destination will not take the delivery; delivery and answer are kept as evidence."""
        self._set(
            delivery,
            state=DeliveryState.REFUSED,
            status=status,
            answer=answer,
            not_before_ms=not_before_ms,
        )

    def split(self, delivery: StoredDelivery, sign: Sign) -> int:
        """Replace a refused delivery by one for each device in it; give their number.

        So that one device the destination does not know does not hold up the others. 1 means that
        there is nothing to split.
        """
        with self._spool.transaction() as connection:
            rows = connection.execute(
                "SELECT device, context, digest FROM records WHERE id BETWEEN ? AND ? ORDER BY id",
                (delivery.first, delivery.last),
            ).fetchall()
            devices = dict.fromkeys(row[0] for row in rows)
            if delivery.device is not None or len(devices) < 2:  # noqa: PLR2004
                return 1
            context = self._one("SELECT digest FROM contexts WHERE id = ?", rows[0][1])
            for device in devices:
                digests = [row[2] for row in rows if row[0] == device]
                self._insert(
                    first=delivery.first,
                    last=delivery.last,
                    device=device,
                    count=len(digests),
                    body=sign(context, digests),
                )
            connection.execute(
                "UPDATE deliveries SET state = ? WHERE id = ?",
                (DeliveryState.SPLIT.value, delivery.number),
            )
            return len(devices)

    def note_attempt(self, delivery: StoredDelivery) -> None:
        """Count one more try."""
        with self._spool.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1 WHERE id = ?", (delivery.number,)
            )

    def counts(self) -> OutboxCounts:
        """What is on its way."""
        unpacked = self._one(
            "SELECT count(*) FROM records WHERE id > (SELECT packed FROM destinations"
            " WHERE name = ?)",
            self._name,
        )
        states = dict(
            self._spool.connection.execute(
                "SELECT state, sum(count) FROM deliveries WHERE destination = ? GROUP BY state",
                (self._name,),
            )
        )
        return OutboxCounts(
            unpacked=unpacked,
            pending=states.get(DeliveryState.PENDING.value, 0),
            acknowledged=states.get(DeliveryState.ACKNOWLEDGED.value, 0),
            refused=states.get(DeliveryState.REFUSED.value, 0),
        )

    def _insert(
        self, *, first: int, last: int, device: str | None, count: int, body: bytes
    ) -> None:
        self._spool.connection.execute(
            "INSERT INTO deliveries (destination, first, last, device, count, body, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._name, first, last, device, count, body, DeliveryState.PENDING.value),
        )

    def _set(
        self,
        delivery: StoredDelivery,
        *,
        state: DeliveryState,
        status: int,
        answer: bytes,
        next_index: int | None = None,
        not_before_ms: int = 0,
    ) -> None:
        with self._spool.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET state = ?, next_index = ?, status = ?, answer = ?,"
                " not_before_ms = ? WHERE id = ?",
                (
                    state.value,
                    next_index,
                    status,
                    answer[:MOST_ANSWER_BYTES],
                    not_before_ms,
                    delivery.number,
                ),
            )

    def _one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a column of any type
        return self._spool.connection.execute(query, values).fetchone()[0]


def _of_one_context(
    rows: Sequence[tuple[int, int, bytes, int]], *, most_bytes: int
) -> list[tuple[int, int, bytes, int]]:
    taken: list[tuple[int, int, bytes, int]] = []
    size = 0
    for row in rows:
        size += row[3] + 2
        if row[1] != rows[0][1] or (taken and size > most_bytes):
            break
        taken.append(row)
    return taken
