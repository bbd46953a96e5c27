"""Deliveries in the spool: packed and signed once, sent until each destination has them for good.

Each destination has its own cursor and its own deliveries. A delivery is ``pending`` until the
destination has it on disk (``acknowledged``), and ``final`` once its leaves lie below an anchored
size that cannot change any more. A refused one is kept with the answer as evidence, and tried again
now and then: an operator may have registered the device meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from collectors.errors import SpoolError
from collectors.runtime.destination import told
from collectors.runtime.spool import Spool
from collectors.runtime.spool_deliveries import contents_of, pending_of, read_stored
from collectors.runtime.stored_delivery import (
    DeliveryState,
    OutboxCounts,
    Refusal,
    Sign,
    StoredDelivery,
)
from trace_node.ids import Origin

MOST_ANSWER_BYTES: Final = 65_536


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
        return self._first(
            "destination = ? AND state = ? ORDER BY id", self._name, DeliveryState.PENDING.value
        ) or self._first(
            "destination = ? AND state = ? AND not_before_ms <= ? ORDER BY not_before_ms",
            *(self._name, DeliveryState.REFUSED.value, now_ms),
        )

    def pending(self) -> list[StoredDelivery]:
        """Every delivery that waits for an answer, in its order."""
        return list(pending_of(self._spool.connection, self._name))

    def _first(self, which: str, *values: object) -> StoredDelivery | None:
        return next(read_stored(self._spool.connection, f"{which} LIMIT 1", *values), None)

    def contents(self, delivery: StoredDelivery) -> tuple[bytes, list[bytes]]:
        """The context record and the records of a delivery, as they were built."""
        return contents_of(self._spool.connection, delivery)

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
        """The destination will not take the delivery of a device; it is kept with the answer."""
        self._set(
            delivery,
            state=DeliveryState.REFUSED,
            status=status,
            answer=answer,
            not_before_ms=not_before_ms,
            device=self._one("SELECT device FROM records WHERE id = ?", delivery.first)
            if delivery.device is None
            else delivery.device,
        )

    def split(self, delivery: StoredDelivery, sign: Sign, *, halve: bool = False) -> int:
        """Replace a refused delivery by one for each device in it; give their number.

        So that one device the destination does not know does not hold up the others. 1 means that
        there is nothing to split.

        Args:
            delivery: The delivery.
            sign: Builds the signed delivery records.
            halve: Cut one that is of a single device into two, because it is too large.
        """
        with self._spool.transaction() as connection:
            rows = connection.execute(
                "SELECT id, device, context, digest FROM records WHERE id BETWEEN ? AND ?"
                " AND (? IS NULL OR device = ?) ORDER BY id",
                (delivery.first, delivery.last, delivery.device, delivery.device),
            ).fetchall()
            parts = _parts_of(rows, halve=halve)
            if len(parts) == 1:
                return 1
            context = self._one("SELECT digest FROM contexts WHERE id = ?", rows[0][2])
            for part in parts:
                self._insert(
                    first=part[0][0],
                    last=part[-1][0],
                    device=part[0][1],
                    count=len(part),
                    body=sign(context, [row[3] for row in part]),
                )
            connection.execute(
                "UPDATE deliveries SET state = ? WHERE id = ?",
                (DeliveryState.SPLIT.value, delivery.number),
            )
            return len(parts)

    def signed_anew(self, delivery: StoredDelivery, body: bytes) -> StoredDelivery:
        """Keep a delivery that the destination does not have under another signature."""
        with self._spool.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET body = ? WHERE id = ?", (body, delivery.number)
            )
        return replace(delivery, body=body)

    def note_attempt(self, delivery: StoredDelivery) -> None:
        """Count one more try."""
        with self._spool.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1 WHERE id = ?", (delivery.number,)
            )

    def counts(self) -> OutboxCounts:
        """What is on its way."""
        # Ids have no holes, and what is not packed is never removed; counting would read it all.
        unpacked = self._one(
            "SELECT max(0, coalesce((SELECT max(id) FROM records), 0) - packed) FROM destinations"
            " WHERE name = ?",
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

    def refusals(self) -> list[Refusal]:
        """What the destination refuses, by device and status, with its newest answer."""
        rows = self._spool.connection.execute(
            "SELECT device, sum(count), status, answer, max(id) FROM deliveries"
            " WHERE destination = ? AND state = ? GROUP BY device, status ORDER BY device, status",
            (self._name, DeliveryState.REFUSED.value),
        )
        return [
            Refusal(device=device, records=count, answer=told(status, answer))
            for device, count, status, answer, _ in rows
        ]

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
        device: str | None = None,
    ) -> None:
        with self._spool.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET state = ?, next_index = ?, status = ?, answer = ?,"
                " not_before_ms = ?, device = coalesce(?, device) WHERE id = ?",
                (
                    state.value,
                    next_index,
                    status,
                    answer[:MOST_ANSWER_BYTES],
                    not_before_ms,
                    device,
                    delivery.number,
                ),
            )

    def _one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a column of any type
        return self._spool.connection.execute(query, values).fetchone()[0]


def _parts_of(
    rows: Sequence[tuple[int, str, int, bytes]], *, halve: bool
) -> list[Sequence[tuple[int, str, int, bytes]]]:
    """The rows of each device; of a single one the two halves, where that is wanted."""
    by_device: dict[str, list[tuple[int, str, int, bytes]]] = {}
    for row in rows:
        by_device.setdefault(row[1], []).append(row)
    if len(by_device) > 1 or not halve or len(rows) == 1:
        return [*by_device.values()]
    middle = len(rows) // 2
    return [rows[:middle], rows[middle:]]


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
