"""Builds signed deliveries ahead of a measurement: ``python -m deliveries HOME FOLDER 100x1000``.

A process of its own, so that building costs the process that is measured nothing. The readings are
those of meters read each minute, so that every rule of the node has something to look at.
"""

import argparse
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from measuring import Bench, child, output_of
from support.builders import meter
from support.campaign import passphrase, registrar
from support.node_process import LOG, ORIGIN

from api.home import Home
from api.wiring import registrations
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey
from trace_node.ids import DeviceId, OrganisationId, Origin
from trace_node.metering.records.context import Context, build_context
from trace_node.metering.records.delivery import Delivery, build_delivery
from trace_node.metering.records.reading import Reading, build_reading
from trace_node.metering.records.wire import encode_delivery
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3

DEVICES = 50
DAYS = 60  # the first reading is that old
_VALUE = 12_345


def prepare(bench: Bench, home: Path, *shape: tuple[int, int]) -> list[list[Path]]:
    """Let a child build deliveries of one run of a collector.

    Args:
        bench: Gives the folder.
        home: Home of the node, whose own collector signs.
        shape: Groups of (number of deliveries, readings in each).

    Returns:
        The files of each group, in the order in which they are to be sent.
    """
    folder = bench.new_folder("deliveries")
    groups = [f"{deliveries}x{count}" for deliveries, count in shape]
    output_of(child("deliveries", home, folder, *groups))
    return [sorted((folder / str(number)).iterdir()) for number in range(len(shape))]


def enrol_meters(home: Path) -> None:
    """Keep registrations of the meters and of the collector's key, both from the past on."""
    authority = registrar(home)
    authority = replace(authority, now=authority.now - timedelta(days=DAYS + 1))
    public = keys.load(Home(home).collector_key, passphrase(home)).public
    registrations.save(Home(home), authority.key(public, usage="collector", subject="bench"))
    for number in range(DEVICES):
        registrations.save(Home(home), authority.meter(meter(_device(number))))


def _device(number: int) -> DeviceId:
    return DeviceId(f"meter-{number:03d}")


class _Collector:
    """Numbers, links and signs as a collector does, as fast as records can be built."""

    def __init__(self, signer: PrivateKey) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self._signer = signer
        self._boot = secrets.token_bytes(16)
        self._start = now - timedelta(days=DAYS)
        self._context = build_context(
            Context(
                salt=secrets.token_bytes(16),
                organisation=OrganisationId(LOG),
                collector=signer.public.key_id,
                boot=self._boot,
                config=bytes(32),
                software="trace-node bench",
                created_at=self._start,
                head=None,
            )
        )
        self._digest = SM3.leaf(self._context)
        self._prev: dict[str, bytes] = {}
        self._number = 0

    def _next_reading(self) -> bytes:
        """The next reading: one meter after the other, minute by minute."""

        minute, place = divmod(self._number, DEVICES)
        self._number += 1
        device, at = _device(place), self._start + timedelta(minutes=minute)
        raw = build_reading(
            Reading(
                boot=self._boot,
                clock="synchronised",
                collected_at=at,
                context=self._digest,
                device=device,
                observed_at=at,
                observed_by="collector",
                origin="simulator",
                prev=self._prev.get(device),
                raw=secrets.token_bytes(32),
                salt=secrets.token_bytes(16),
                seq=minute,
                meter_register="energy",
                unit="kWh",
                value=Decimal(_VALUE + 17 * minute).scaleb(-2),
                reason=None,
            )
        )
        self._prev[device] = SM3.leaf(raw)
        return raw

    def next_delivery(self, count: int) -> bytes:
        """The body of a delivery of the next ``count`` readings."""
        records = [self._next_reading() for _ in range(count)]
        return encode_delivery(
            delivery=self._delivery(records), context=self._context, records=records
        )

    def _delivery(self, records: list[bytes]) -> bytes:
        """The signed delivery record over ``records``."""

        tree = CompactRange(hasher=SM3)
        tree.extend(SM3.leaves(records))
        return build_delivery(
            Delivery(
                salt=secrets.token_bytes(16),
                origin=Origin(ORIGIN),
                collector=self._signer.public.key_id,
                context=self._digest,
                count=len(records),
                root=tree.root(),
            ),
            signer=self._signer,
        )


def main() -> None:
    """Build, and write one file a delivery."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("groups", nargs="+", help="DELIVERIESxREADINGS")
    given = parser.parse_args()
    run = _Collector(keys.load(Home(given.home).collector_key, passphrase(given.home)))
    for number, group in enumerate(given.groups):
        folder = given.folder / str(number)
        folder.mkdir()
        deliveries, count = map(int, group.split("x"))
        for place in range(deliveries):
            (folder / f"{place:08d}").write_bytes(run.next_delivery(count))


if __name__ == "__main__":
    main()
