"""The point list: what it says is what is read, and every mistake has its own name and line."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from support.collector_setup import PLANT

from collectors.errors import BusTimeError, PointListError
from collectors.runtime.config import default_offset_ms, registrations
from collectors.runtime.config_reader import load_point_list, parse_point_list
from collectors.runtime.plan import cycle_time_us, plan_blocks
from collectors.source import SerialEndpoint, TcpEndpoint
from trace_node.crypto.sm3 import sm3

GOOD = """\
format = "point-list@1"
organisation = "demo"

[[line]]
name = "a"
controller = "tcp://127.0.0.1:502"

[[line.device]]
name = "em-1"
serial = "S1"
kind = "electricity_meter"
interval = "10s"

[[line.device.field]]
name = "energy"
address = 0
type = "UINT32"
scale = "0.01"
decimals = 2
quantity = "active_energy"
unit = "kWh"
kind = "counter"
minimum = 0
maximum = "9999.99"
capacity = 10000
"""


def parse(text: str):  # noqa: ANN201
    return parse_point_list(text.encode(), name="points.toml")


def refusal(text: str) -> PointListError:
    with pytest.raises(PointListError) as caught:
        parse(text)
    return caught.value


def change(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def field(name: str, address: int, kind: str = "UINT16", extra: str = "") -> str:
    return f"""
[[line.device.field]]
name = "{name}"
address = {address}
type = "{kind}"
decimals = 0
quantity = "q"
unit = "1"
kind = "gauge"
minimum = 0
maximum = 9
{extra}
"""


def test_a_good_list_is_read() -> None:
    points = parse(GOOD)
    (device,) = points.devices
    assert points.organisation == "demo"
    assert points.digest == sm3(GOOD.encode())
    assert points.lines[0].link.endpoint == TcpEndpoint(host="127.0.0.1", port=502)
    assert (device.unit, device.interval_ms, device.origin) == (1, 10_000, "modbus-tcp")
    register = device.fields[0].meter_register
    assert (register.maximum, register.capacity) == (Decimal("9999.99"), Decimal("10000.00"))
    assert register.interval_s == 10


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ('format = "point-list@1"', 'format = "point-list@2"', "format", 1),
        ("[[line]]\n", "[[line]\n", "syntax", None),
        ('organisation = "demo"\n', "", "missing", 1),
        ('unit = "kWh"\n', "", "unit_missing", 14),
        ('unit = "kWh"', 'unit = "kwh"', "unit_unknown", 21),
        ("decimals = 2", "decimals = 1", "scale", 19),
        ("address = 0", "addr = 0", "missing", 14),
        ('kind = "counter"', 'kind = "meter"', "value", 22),
        ('kind = "electricity_meter"', 'kind = "Electricity"', "value", 11),
        ('type = "UINT32"', 'type = "UINT24"', "value", 17),
        ('interval = "10s"', 'interval = "10"', "value", 12),
        ('interval = "10s"', 'interval = "10s"\nspeed = 3', "unknown_key", 13),
        ("minimum = 0", "minimum = 0\nmaxi = 3", "unknown_key", 24),
        ('controller = "tcp://127.0.0.1:502"', 'controller = "udp://1:2"', "controller", 6),
        ('controller = "tcp://127.0.0.1:502"', 'controller = "tcp://h"', "controller", 6),
        ('controller = "tcp://127.0.0.1:502"', 'controller = "tcp://h:0"', "controller", 6),
        ('controller = "tcp://127.0.0.1:502"', 'controller = "tcp://h:99999"', "controller", 6),
        ('controller = "tcp://127.0.0.1:502"', 'controller = "tcp://[::1:2"', "controller", 6),
        ('serial = "S1"', 'serial = "S\\u0000"', "value", 10),
        ("minimum = 0", 'minimum = "0.001"', "value", 23),
        ("minimum = 0", "minimum = nan", "value", 23),
        ("minimum = 0", "minimum = 1e30", "value", 23),
        ("minimum = 0", "minimum = 99999", "value", 24),
        ("capacity = 10000", "capacity = 100", "value", 25),
        ("address = 0", "address = 65535", "value", 16),
        ('name = "em-1"', 'name = "em 1"', "value", 9),
        ('name = "em-1"', 'name = "em-1"\nmodel = "none"', "model", 10),
        ('scale = "0.01"', "scale = 0", "value", 18),
        ('serial = "S1"', "serial = 7", "value", 10),
        ('name = "a"', 'name = "a"\nbaud_rate = 9600', "controller", 6),
        ('name = "a"', 'name = "a"\nquiet_after_timeout = "100ms"', "value", 6),
    ],
)
def test_each_mistake_has_its_name_its_line_and_a_remedy(
    old: str, new: str, reason: str, line: int | None
) -> None:
    error = refusal(change(old, new))
    assert error.reason == f"collector.points.{reason}"
    assert error.remedy
    assert error.field
    if line is not None:
        assert f"points.toml, line {line}:" in error.message


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    with pytest.raises(PointListError) as caught:
        parse_point_list(b"\xff\xfe", name="points.toml")
    assert caught.value.reason == "collector.points.syntax"
    with pytest.raises(PointListError) as caught:
        load_point_list(tmp_path / "absent.toml")
    assert caught.value.reason == "collector.points.unreadable"


def test_an_endless_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "points.toml"
    path.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(PointListError) as caught:
        load_point_list(path)
    assert caught.value.reason == "collector.points.too_large"


def test_names_come_once() -> None:
    double = GOOD + GOOD[GOOD.index("[[line.device]]") :]
    assert refusal(double).reason == "collector.points.duplicate"
    again = GOOD + GOOD[GOOD.index("[[line]]") :]
    assert refusal(again).reason == "collector.points.duplicate"


@pytest.mark.parametrize(
    "controller", ["tcp://127.0.0.1:502", "file:///dev/ttyS0"], ids=["network", "serial"]
)
def test_an_endpoint_belongs_to_one_line(controller: str) -> None:
    """Two lines on one bus would take each other's answers."""
    first = GOOD.replace("tcp://127.0.0.1:502", controller)
    second = first[first.index("[[line]]") :].replace('"a"', '"b"').replace("em-1", "em-2")
    error = refusal(first + second)
    assert error.reason == "collector.points.duplicate"
    assert "line a" in error.message
    parse(first + second.replace("502", "503").replace("ttyS0", "ttyS1"))


class TestOverlap:
    @pytest.mark.parametrize(
        "other",
        [field("b", 1), field("b", 0, "FLOAT64"), field("b", 0, "BIT"), field("b", 1, "INT8L")],
    )
    def test_of_two_fields_is_refused(self, other: str) -> None:
        error = refusal(GOOD + other)
        assert error.reason == "collector.points.overlap"
        assert "energy and b" in error.message or "b and energy" in error.message

    def test_parts_of_one_word_are_no_overlap(self) -> None:
        text = GOOD + field("low", 5, "UINT8L") + field("high", 5, "UINT8H")
        text += field("b0", 6, "BIT", "bit = 0") + field("b9", 6, "BIT", "bit = 9")
        (device,) = parse(text).devices
        (block,) = plan_blocks(device)
        assert block.request.count == 7

    def test_between_two_devices_of_one_unit_is_refused(self) -> None:
        second = GOOD[GOOD.index("[[line.device]]") :].replace("em-1", "em-2")
        assert refusal(GOOD + second).reason == "collector.points.overlap"

    def test_other_tables_do_not_overlap(self) -> None:
        parse(GOOD + field("b", 0, extra='register = "input"'))


class TestBlocks:
    def blocks(self, text: str, **options: object) -> list[tuple[int, int]]:
        lines = "".join(f"{key} = {value!r}\n" for key, value in options.items())
        text = text.replace('interval = "10s"\n', f'interval = "10s"\n{lines}')
        (device,) = parse(text).devices
        return [(b.request.address, b.request.count) for b in plan_blocks(device)]

    def test_near_fields_share_a_request(self) -> None:
        assert self.blocks(GOOD + field("b", 52)) == [(0, 53)]

    def test_a_hole_that_is_too_wide_divides(self) -> None:
        assert self.blocks(GOOD + field("b", 53)) == [(0, 2), (53, 1)]
        near = self.blocks(GOOD + field("b", 10), optimization_max_register_fill=7)
        assert near == [(0, 2), (10, 1)]

    def test_no_request_grows_beyond_its_bound(self) -> None:
        text = GOOD + "".join(field(f"f{n}", n) for n in range(2, 300))
        sizes = [count for _, count in self.blocks(text)]
        assert sizes == [125, 125, 50]
        assert max(count for _, count in self.blocks(text, max_word_registers_per_request=10)) == 10

    def test_joining_can_be_switched_off(self) -> None:
        assert self.blocks(GOOD + field("b", 2), optimization="none") == [(0, 2), (2, 1)]

    def test_tables_of_bits_join_too(self) -> None:
        bit = 'register = "coil"'
        text = GOOD.replace('type = "UINT32"', 'type = "UINT32"')
        text += field("b", 0, "BIT", bit) + field("c", 40, "BIT", bit)
        assert self.blocks(text) == [(0, 41), (0, 2)]

    def test_a_clock_must_fit_into_the_request(self) -> None:
        clock = '\n[line.device.clock]\naddress = 200\nformat = "unix_s"\n'
        assert refusal(GOOD + clock).reason == "collector.points.clock_block"
        near = clock.replace("200", "100")
        (device,) = parse(GOOD + near).devices
        (block,) = plan_blocks(device)
        assert (block.request.count, block.clock_start) == (102, 100)

    def test_a_window_stands_alone_on_its_line(self) -> None:
        window = "\n[line.device.window]\nrow = 2\nlast = 4\nstep = 100\n"
        parse(GOOD + window)
        second = GOOD[GOOD.index("[[line.device]]") :].replace("em-1", "em-2")
        text = GOOD + window + second.replace('serial = "S1"', 'serial = "S1"\nslave_id = 2')
        assert refusal(text).reason == "collector.points.window"
        inside = window.replace("step = 100", "step = 5")
        assert refusal(GOOD + inside).reason == "collector.points.window"


SERIAL = GOOD.replace(
    'controller = "tcp://127.0.0.1:502"',
    'controller = "file:///dev/ttyUSB0"\nbaud_rate = 2400\nparity = "E"\nreply_delay = "100ms"',
)


class TestBusTime:
    def test_is_computed_from_the_bytes(self) -> None:
        points = parse(SERIAL)
        line = points.lines[0]
        assert line.link.endpoint == SerialEndpoint(
            path="/dev/ttyUSB0", baud_rate=2400, data_bits=8, parity="E", stop_bits=1
        )
        # 8 + 5 + 4 bytes and 7 silent characters of 11 bits at 2400 bits a second, and 100 ms
        assert cycle_time_us(line.devices[0], line) == 24 * 11 * 1_000_000 // 2400 + 100_000
        assert line.devices[0].origin == "modbus-rtu"

    def many(self, count: int, interval: str) -> str:
        device = SERIAL[SERIAL.index("[[line.device]]") :]
        text = SERIAL[: SERIAL.index("[[line.device]]")]
        for number in range(count):
            text += (
                device.replace("em-1", f"em-{number}")
                .replace('serial = "S1"', f'serial = "S1"\nslave_id = {number + 1}')
                .replace('"10s"', f'"{interval}"')
            )
        return text

    def test_what_fits_is_taken(self) -> None:
        assert len(parse(self.many(32, "10s")).devices) == 32

    def test_what_does_not_fit_is_refused_with_its_load(self) -> None:
        with pytest.raises(BusTimeError) as caught:
            parse(self.many(32, "5s"))
        assert caught.value.params["load"] > 100
        assert "remedy" not in caught.value.remedy
        assert caught.value.remedy

    def test_a_device_that_cannot_wait_for_another_is_refused(self) -> None:
        slow = self.many(2, "10s").replace('"10s"', '"300ms"', 1)
        with pytest.raises(BusTimeError):
            parse(slow)

    def test_pauses_count_on_a_network_too(self) -> None:
        text = GOOD.replace('name = "a"', 'name = "a"\npause_between_requests = "11s"')
        with pytest.raises(BusTimeError):
            parse(text)


class TestModels:
    TEXT = """\
format = "point-list@1"
organisation = "demo"
[[model]]
name = "m"
kind = "electricity_meter"
byte_order = "CDAB"
field = [
  { name = "energy", address = 0, type = "UINT32", decimals = 0, quantity = "e", unit = "kWh", kind = "counter", minimum = 0, maximum = 9 },
  { name = "power", address = 2, type = "UINT32", byte_order = "ABCD", decimals = 0, quantity = "p", unit = "kW", kind = "gauge", minimum = 0, maximum = 9 },
]
[[line]]
name = "a"
controller = "tcp://127.0.0.1:502"
[[line.device]]
name = "x"
model = "m"
serial = "1"
[[line.device]]
name = "y"
model = "m"
slave_id = 2
serial = "2"
"""

    def test_describe_several_devices(self) -> None:
        x, y = parse(self.TEXT).devices
        assert x.fields == y.fields
        assert [item.form.order.value for item in x.fields] == ["CDAB", "ABCD"]

    def test_a_mistake_in_a_model_is_found_at_its_line(self) -> None:
        error = refusal(self.TEXT.replace('unit = "kW"', 'unit = "horse"'))
        assert error.reason == "collector.points.unit_unknown"
        assert "line 9" in error.message
        assert "model[0].field[1].unit" in error.message


def test_registrations_say_what_the_log_must_know() -> None:
    points = load_point_list(PLANT / "coal-mine.points.toml")
    meters = registrations(points, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    assert [meter.device for meter in meters] == [device.name for device in points.devices]
    first = meters[0].meter_register("active_energy")
    assert (first.unit, first.scale, first.kind) == ("kWh", 2, "counter")
    assert first.capacity == Decimal("10000000.00")


def test_the_offset_of_a_device_is_its_own_and_always_the_same() -> None:
    offsets = [default_offset_ms(f"em-{n}", interval_ms=60_000) for n in range(200)]
    assert all(0 <= offset < 1_000 for offset in offsets)
    assert len(set(offsets)) > 150
    assert offsets == [default_offset_ms(f"em-{n}", interval_ms=60_000) for n in range(200)]
    assert default_offset_ms("em-1", interval_ms=100) < 100


@pytest.mark.parametrize("path", sorted(PLANT.glob("*.points.toml")), ids=lambda path: path.stem)
def test_the_demo_plants_are_good(path: Path) -> None:
    assert load_point_list(path).devices
