"""Write the data file of a collector: what a destination has not acknowledged yet."""

from pathlib import Path
from typing import TYPE_CHECKING

from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError, StateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.runtime.destination import DestinationConfig
    from collectors.runtime.settings import CollectorSettings
    from collectors.runtime.stored_delivery import StoredDelivery
    from trace_node.ids import KeyId


def write_export(
    settings: "CollectorSettings", destination: "DestinationConfig", out: Path
) -> JsonObject:
    """Write the file, beside the collector that runs or without it; what was written.

    What is more than one file holds is left for the next, after the receipt of this one.

    Raises:
        InputError: The file exists already.
        FileError: The point list is wrong, or the passphrase is not given.
        KeyFileError: The key file cannot be read or opened.
        SpoolError: The collector has not run yet.
        StateError: It has not run yet with the key that it has now.
        OSError: The file cannot be written.
    """
    from collectors.runtime.config_reader import load_point_list
    from collectors.runtime.data_file import DataHead, count_that_fit, write_data_file
    from collectors.runtime.settings import passphrase_of
    from collectors.runtime.spool_deliveries import waiting_in, wire_of
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.record.writing import write_time

    every = waiting_in(settings.spool, destination.name)
    waiting = every[: count_that_fit(wire_of(settings.spool, every))]
    now = SystemClock().now()
    collector = keys.load(settings.key, passphrase_of(settings)).public
    _require_own(every, collector.key_id)
    points = load_point_list(settings.points)
    head = DataHead(
        collector=collector,
        organisation=points.organisation,
        log=destination.log,
        origin=destination.origin,
        deliveries=len(waiting),
        made_at=write_time(now.replace(microsecond=now.microsecond // 1000 * 1000), field="now"),
        points=settings.points.read_text(encoding="utf-8"),
    )
    _require_new(out)
    try:
        size = write_data_file(out, head, wire_of(settings.spool, waiting))
    except BaseException:
        out.unlink(missing_ok=True)  # half a file must not be carried away
        raise
    records = sum(each.count for each in waiting)
    return {
        "bytes": size,
        "deliveries": len(waiting),
        "left": len(every) - len(waiting),
        "records": records,
    }


def _require_new(out: Path) -> None:
    if out.exists():
        raise InputError(
            "{field}: exists already",
            field=str(out),
            remedy="name a new file, or remove the old one",
            code="collected.exists",
        )


def _require_own(waiting: "Sequence[StoredDelivery]", collector: "KeyId") -> None:
    from trace_node.metering.records.delivery import parse_delivery

    for delivery in waiting:
        signed_by = parse_delivery(delivery.body).collector
        if signed_by != collector:
            raise StateError(
                "{field}: deliveries that wait are signed by {found}, the collector's key is {key}",
                field="key",
                found=signed_by,
                key=collector,
                remedy="start the collector with its new key: it signs them anew",
                code="collected.key",
            )
