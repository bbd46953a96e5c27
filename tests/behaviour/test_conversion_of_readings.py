"""From the bytes on a meter's wire to the activity value of a method: format, type and unit."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import BEGIN, GRID, accounts, log_boundary, project, request
from support.builders import ORGANISATION, device_registration, key
from support.collector_world import FakeSource, ListSink, World
from support.plant import Plant, plant
from support.stores import IDENTITY, new_store
from support.usual_engine import USUAL

from collectors.runtime.chain_builder import ChainBuilder, Identity
from collectors.runtime.clock_state import ClockState
from collectors.runtime.config import registrations
from collectors.runtime.config_reader import parse_point_list
from collectors.runtime.delivery_signing import delivery_signer
from collectors.runtime.drafts import ReadingsDraft
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.poller import LinePoller
from trace_node.canonical_json import decode_object
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.metering.records.digests import exchange_digest
from trace_node.metering.records.wire import encode_delivery

HOUR = "2026-10-01T00"
POINTS = """
format = "point-list@1"
organisation = "{organisation}"
[[line]]
name = "hall"
controller = "tcp://127.0.0.1:502"
[[line.device]]
name = "meter-9"
serial = "2026-0001"
kind = "electricity_meter"
interval = "1h"
collection_offset = "0s"
[[line.device.field]]
name = "energy"
address = 0
quantity = "{quantity}"
kind = "counter"
minimum = 0
maximum = 99999999
{form}
"""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How a meter writes what it has counted.

    Attributes:
        form: Type, byte order, scale, decimals and unit in the point list.
        shows: The bytes after so many hours.
        an_hour: What it counts in an hour, in its own unit.
        unit: That unit.
        given: What the method is given of it.
        given_unit: In which unit.
    """

    form: str
    shows: Callable[[int], bytes]
    an_hour: str
    unit: str
    given: str = "1250"
    given_unit: str = "kWh"


def float32_words_swapped(hours: int) -> bytes:
    high, low = struct.unpack(">2H", struct.pack(">f", 1.25 * hours))
    return struct.pack(">2H", low, high)


def float64_bytes_swapped(hours: int) -> bytes:
    raw = struct.pack(">d", 4500.0 * hours)
    return b"".join(raw[at : at + 2][::-1] for at in range(0, 8, 2))


WIRES = {
    "whole number with a scale, kWh": Wire(
        form='type = "UINT32"\nscale = "0.01"\ndecimals = 2\nunit = "kWh"',
        shows=lambda hours: struct.pack(">I", 125_000 * hours),
        an_hour="1250.00",
        unit="kWh",
    ),
    "short number of tens, kWh": Wire(
        form='type = "INT16"\nscale = "10"\ndecimals = 0\nunit = "kWh"',
        shows=lambda hours: struct.pack(">h", 125 * hours),
        an_hour="1250",
        unit="kWh",
    ),
    "binary fraction, words swapped, MWh": Wire(
        form='type = "FLOAT32"\nbyte_order = "CDAB"\ndecimals = 2\nunit = "MWh"',
        shows=float32_words_swapped,
        an_hour="1.25",
        unit="MWh",
        given="1.25",
        given_unit="MWh",
    ),
    "long number, all bytes swapped, Wh": Wire(
        form='type = "UINT64"\nbyte_order = "DCBA"\ndecimals = 0\nunit = "Wh"',
        shows=lambda hours: struct.pack("<Q", 1_250_000 * hours),
        an_hour="1250000",
        unit="Wh",
    ),
    "double fraction, bytes swapped, MJ": Wire(
        form='type = "FLOAT64"\nbyte_order = "BADC"\ndecimals = 1\nunit = "MJ"',
        shows=float64_bytes_swapped,
        an_hour="4500.0",
        unit="MJ",
    ),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path) as store, plant(store, enrol=True) as here:
        yield here


def collect(here: Plant, text: str, shows: Callable[[int], bytes]) -> list[ReadingsDraft]:
    """Poll a meter for three hours and deliver what it said; what was read."""
    points = parse_point_list(text.encode(), name="points.toml")
    (meter,) = registrations(points, valid_from=BEGIN - timedelta(days=1))
    here.enrolment.enrol(device_registration(meter))
    world, sink = World(BEGIN - timedelta(seconds=30)), ListSink()
    source = FakeSource(world, takes_ms=0)  # values hold for the full hour
    source.rule = lambda _request: shows(len(source.asked) - 1)
    device = PolledDevice(
        points.lines[0].devices[0],
        source=source,
        links=[LinkMeter("line:hall")],
        clock=world,
        clock_state=ClockState(world, lambda: "synchronised"),
    )
    poller = LinePoller(
        points.lines[0], [device], source=source, sink=sink, clock=world, sleep=world.sleep
    )
    world.run(poller.run(), seconds=2 * 3600 + 60)
    drafts = [each for each in sink.drafts if isinstance(each, ReadingsDraft)]
    identity = Identity(
        organisation=ORGANISATION,
        collector=key("collector").public.key_id,
        config=points.digest,
        software="trace-node",
    )
    builder = ChainBuilder(identity, heads={}, last_batch=0, now=world.now(), head=None)
    batch = builder.build(drafts, rows={})
    sign = delivery_signer(key("collector"), origin=IDENTITY.origin)
    delivery = sign(batch.context[0], [record.digest for record in batch.records])
    here.deliver(
        encode_delivery(
            delivery=delivery,
            context=batch.context[1],
            records=[record.body for record in batch.records],
        )
    )
    project(here)
    return drafts


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES.keys())
def test_what_a_meter_writes_becomes_what_the_method_takes(here: Plant, wire: Wire) -> None:
    """[S2-8.3.1-1]: format, type and dimension are converted; every step before is kept."""
    text = POINTS.format(organisation=ORGANISATION, quantity="active_energy", form=wire.form)
    drafts = collect(here, text, wire.shows)
    log_boundary(here, GRID.replace("meter-1", "meter-9"))
    (done,) = accounts(here).account(request(HOUR))
    (used,) = (each for each in done.emission.activity if each.name == "grid.in")
    # Dimension: the value of the meter, and that of methods beside it; theirs is in MWh.
    assert (used.raw, used.raw_unit) == (Decimal(wire.an_hour), wire.unit)
    assert (used.value, used.unit) == (Decimal(wire.given), wire.given_unit)
    assert bool(used.conversion) == (wire.unit != wire.given_unit)
    assert done.emission.figures[0].value == Decimal("1.25") * Decimal("0.5306")
    # Type: the leaves say decimals, whatever stood on the wire.
    bodies = [here.store.reader().entry(index).body for index in used.leaves]
    said = [decode_object(body) for body in bodies]
    readings = [each for each in said if each["type"] == "reading@1"]
    assert [Decimal(str(each["value"])) for each in readings] == [0, Decimal(wire.an_hour)]
    assert {each["unit"] for each in readings} == {wire.unit}
    # Format: each leads by its digest to the very bytes of the exchange.
    for number, (draft, reading) in enumerate(zip(drafts, readings, strict=False)):
        kept = draft.evidence
        assert kept is not None
        assert kept.received.endswith(wire.shows(number))
        again = exchange_digest(kept.sent + kept.received, nonce=kept.nonce)
        assert reading["raw"] == to_base64url(again)


@pytest.mark.parametrize(
    ("quantity", "unit"), [("reactive_energy", "kvarh"), ("water_volume", "m3")]
)
def test_another_dimension_is_refused(here: Plant, quantity: str, unit: str) -> None:
    wire = WIRES["whole number with a scale, kWh"]
    form = wire.form.replace("kWh", unit)
    text = POINTS.format(organisation=ORGANISATION, quantity=quantity, form=form)
    collect(here, text, wire.shows)
    log_boundary(here, GRID.replace("meter-1", "meter-9"))
    with pytest.raises(InputError) as caught:
        accounts(here).account(request(HOUR))
    assert caught.value.reason == "accounting.case.unit"
    assert unit in caught.value.message


def test_a_conversion_that_has_no_end_is_refused_and_not_rounded(here: Plant) -> None:
    """1 GJ is 277.777… kWh: where to round is for a method to say."""
    wire = WIRES["whole number with a scale, kWh"]
    text = POINTS.format(
        organisation=ORGANISATION, quantity="active_energy", form=wire.form.replace("kWh", "GJ")
    )
    collect(here, text, lambda hours: struct.pack(">I", 100 * hours))
    log_boundary(here, GRID.replace("meter-1", "meter-9"))
    with pytest.raises(InputError) as caught:
        accounts(here).account(request(HOUR))
    assert caught.value.reason == "unit.inexact"
