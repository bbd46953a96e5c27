"""Deliveries as the spool's file holds them: read by the collector, and beside it for an export."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from collectors.errors import SpoolError
from collectors.runtime.spool_schema import APPLICATION_ID, disk_errors
from collectors.runtime.stored_delivery import DeliveryState, StoredDelivery
from trace_node.metering.records.wire import encode_delivery

_COLUMNS: Final = (
    *("id", "first", "last", "device", "count", "body"),
    *("state", "attempts", "not_before_ms", "next_index"),
)


def read_stored(
    connection: sqlite3.Connection, which: str, *values: object
) -> Iterator[StoredDelivery]:
    """Stored deliveries.

    Args:
        connection: The spool's file.
        which: The end of the statement from the condition on; a text of this program.
        values: Its values.
    """
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM deliveries WHERE {which}",  # noqa: S608 - own texts
        values,
    )
    for row in rows:
        fields = dict(zip(_COLUMNS, row, strict=True))
        fields["number"] = fields.pop("id")
        fields["state"] = DeliveryState(fields["state"])
        yield StoredDelivery(**fields)


def pending_of(connection: sqlite3.Connection, destination: str) -> Iterator[StoredDelivery]:
    """The deliveries to a destination that wait for an answer, in their order."""
    state = DeliveryState.PENDING.value
    return read_stored(connection, "destination = ? AND state = ? ORDER BY id", destination, state)


def contents_of(
    connection: sqlite3.Connection, delivery: StoredDelivery
) -> tuple[bytes, list[bytes]]:
    """The context record and the records of a delivery, as they were built.

    Raises:
        SpoolError: They are gone: every destination has them since the delivery was listed.
    """
    rows = connection.execute(
        "SELECT context, body FROM records WHERE id BETWEEN ? AND ?"
        " AND (? IS NULL OR device = ?) ORDER BY id",
        (delivery.first, delivery.last, delivery.device, delivery.device),
    ).fetchall()
    if not rows:
        raise SpoolError(
            "{field}: its records have left the spool since it was listed",
            field=f"delivery {delivery.number}",
            remedy="do it again: an answer or a receipt came in between",
            code="collector.spool.gone",
        )
    chosen = "SELECT body FROM contexts WHERE id = ?"
    (context,) = connection.execute(chosen, (rows[0][0],)).fetchone()
    return context, [row[1] for row in rows]


def waiting_in(path: Path, destination: str) -> list[StoredDelivery]:
    """The deliveries that wait for a receipt, whether the collector runs or not.

    Raises:
        SpoolError: There is no such file, or it cannot be read.
    """
    with _read_only(path) as connection:
        return list(pending_of(connection, destination))


def wire_of(path: Path, deliveries: list[StoredDelivery]) -> Iterator[bytes]:
    """Each of these deliveries as it goes over the wire, one at a time.

    Raises:
        SpoolError: The file cannot be read, or the collector let go of their records meanwhile.
    """
    with _read_only(path) as connection:
        for delivery in deliveries:
            context, records = contents_of(connection, delivery)
            yield encode_delivery(delivery=delivery.body, context=context, records=records)


def _read_only(path: Path) -> "closing[sqlite3.Connection]":
    with disk_errors(path, sqlite3.Error, OSError):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        connection.close()
        raise SpoolError(
            "{field}: is no spool",
            field=str(path),
            remedy="name the folder of a collector that has run",
            code="collector.spool.version",
        )
    return closing(connection)
