"""A whole line over a serial port: a late answer and a dead neighbour never become a wrong value."""

import asyncio
import contextlib

from support.collector_world import ListSink
from support.modbus_responder import Device, Late, rtu_responder

from collectors.connectors.modbus import ModbusSource
from collectors.runtime.clock_state import ClockState
from collectors.runtime.config_reader import parse_point_list
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.poller import LinePoller
from trace_node.clock import SystemClock

POINTS = """\
format = "point-list@1"
organisation = "demo"
[[model]]
name = "m"
kind = "electricity_meter"
field = [
  { name = "a1000", address = 1000, type = "UINT16", decimals = 0, quantity = "q", unit = "1", kind = "gauge", minimum = 0, maximum = 9 },
  { name = "a2000", address = 2000, type = "UINT16", decimals = 0, quantity = "q", unit = "1", kind = "gauge", minimum = 0, maximum = 9 },
  { name = "a3000", address = 3000, type = "UINT16", decimals = 0, quantity = "q", unit = "1", kind = "gauge", minimum = 0, maximum = 9 },
]
[[line]]
name = "serial"
controller = "file://PORT"
timeout = "200ms"
quiet_after_timeout = "900ms"
reply_delay = "0ms"
[[line.device]]
name = "alive"
model = "m"
slave_id = 1
serial = "1"
interval = "1s"
collection_offset = "0s"
[[line.device]]
name = "dead"
model = "m"
slave_id = 2
serial = "2"
interval = "1s"
collection_offset = "0s"
"""


async def poll(path: str, *, seconds: float) -> tuple[ListSink, dict[str, LinkMeter]]:
    line = parse_point_list(POINTS.replace("PORT", path).encode(), name="points.toml").lines[0]
    clock, sink = SystemClock(), ListSink()
    source = ModbusSource(line.link, clock=clock)
    links = {device.name: LinkMeter(device.name) for device in line.devices}
    devices = [
        PolledDevice(
            device,
            source=source,
            links=[links[device.name]],
            clock=clock,
            clock_state=ClockState(clock),
        )
        for device in line.devices
    ]
    poller = LinePoller(line, devices, source=source, sink=sink, clock=clock)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(poller.run(), seconds)
    return sink, links


def test_no_wrong_value_is_ever_recorded() -> None:
    device = Device(dead_units={2})
    for seconds in (0.35, 0, 0.4):
        device.script.append(Late(seconds))
    with rtu_responder(device) as path:
        sink, links = asyncio.run(poll(path, seconds=9))
    shown = [(draft.device, item) for draft in sink.drafts for item in draft.shown]
    values = [(item.meter_register, item.value) for _, item in shown if item.value is not None]
    assert len(values) >= 3
    for name, value in values:
        assert name == f"a{value}", "an answer was taken for another request"
    reasons = {item.reason for name, item in shown if name == "dead"}
    assert reasons <= {"timeout", "degraded", "missed_tick"}
    assert links["dead"].report(now_ms=0).answers == 0
    assert links["alive"].report(now_ms=0).answers >= 3
