"""Checks of a point list that look at more than one key: names, overlaps, blocks, bus time."""

from itertools import pairwise

from collectors.errors import BusTimeError, PointListError
from collectors.runtime.config import DeviceConfig, FieldConfig, LineConfig
from collectors.runtime.plan import cycle_time_us, plan_blocks
from collectors.runtime.toml_table import Table
from collectors.source import SerialEndpoint

_BITS_PER_WORD = 16


def check_names(top: Table, lines: list[tuple[Table, LineConfig]]) -> None:
    """Require at least one device, each line and device name once, and one line for an endpoint.

    Raises:
        PointListError: No device, or a name or an endpoint comes twice.
    """
    if not any(line.devices for _, line in lines):
        raise top.refuse(
            "line",
            "there is no device",
            rule="missing",
            remedy="add [[line]] and [[line.device]]",
        )
    names: set[str] = set()
    devices: set[str] = set()
    endpoints: dict[tuple[str, int], str] = {}
    for table, line in lines:
        _require_new(table, line.name, names)
        _require_own_endpoint(table, line, endpoints)
        for position, device in enumerate(line.devices):
            _require_new(table.tables("device")[position], device.name, devices)


def check_device(table: Table, device: DeviceConfig) -> None:
    """Require fields with different names that do not overlap, and one request where one is due.

    Raises:
        PointListError: They do not.
    """
    if not device.fields:
        raise table.refuse(
            "field", "there is no field", rule="missing", remedy="add [[line.device.field]]"
        )
    names: set[str] = set()
    for position, field in enumerate(device.fields):
        _require_new(table.tables("field")[position], field.name, names)
    _require_apart(table, device.fields)
    if (device.clock or device.window) and len(plan_blocks(device)) > 1:
        key = "clock" if device.clock else "window"
        raise table.refuse(
            key,
            "the meter's clock or row number must fit into one request with all fields, or it"
            " would not hold for them",
            rule="clock_block",
            remedy="list fields far away or in another table as a device of their own",
        )
    _require_free_steps(table, device)


def check_line(table: Table, line: LineConfig) -> None:
    """Require a valid serial line, no address read twice, and enough time for every device.

    Raises:
        PointListError: A parity is unknown, or two devices read the same addresses.
        BusTimeError: The requests do not fit into the intervals.
    """
    endpoint = line.link.endpoint
    if isinstance(endpoint, SerialEndpoint) and endpoint.parity not in {"N", "E", "O"}:
        raise table.refuse(
            "parity", "must be N, E or O", rule="value", remedy="Modbus RTU prescribes E"
        )
    if len(line.devices) > 1 and any(device.window for device in line.devices):
        raise table.refuse(
            "device",
            "a meter that hands out stored rows must be the only device of its line",
            rule="window",
            remedy="give it a [[line]] of its own",
        )
    units: set[int] = set()
    for position, device in enumerate(line.devices):
        if device.unit in units:
            fields = tuple(
                field
                for other in line.devices
                if other.unit == device.unit
                for field in other.fields
            )
            _require_apart(table.tables("device")[position], fields)
        units.add(device.unit)
    _require_time(table, line)


def _require_free_steps(table: Table, device: DeviceConfig) -> None:
    """The addresses whose reading moves a meter on must not be read for another reason."""
    window = device.window
    if window is None:
        return
    request = plan_blocks(device)[0].request
    if request.table is window.table and (
        request.address - 2 < window.step < request.address + request.count
    ):
        raise table.refuse(
            "window",
            "the addresses step and step + 1 lie among those that are read for the values",
            rule="window",
            remedy="move step away from the fields",
        )


def _require_new(table: Table, name: str, seen: set[str]) -> None:
    if name in seen:
        raise table.refuse(
            "name",
            "{name} comes twice",
            rule="duplicate",
            remedy="give it a name of its own",
            name=name,
        )
    seen.add(name)


def _require_own_endpoint(table: Table, line: LineConfig, seen: dict[tuple[str, int], str]) -> None:
    """Two lines would talk over each other on one bus, and take each other's answers."""
    endpoint = line.link.endpoint
    if isinstance(endpoint, SerialEndpoint):
        where = (endpoint.path, 0)
    else:
        where = (endpoint.host, endpoint.port)
    if where in seen:
        raise table.refuse(
            "controller",
            "is that of {other} already; requests on one bus must wait for each other",
            rule="duplicate",
            remedy="list the devices of both under one [[line]]",
            other=f"line {seen[where]}",
        )
    seen[where] = line.name


def _require_apart(table: Table, fields: tuple[FieldConfig, ...]) -> None:
    spans = sorted((field.table.function, *_bits(field), field.name) for field in fields)
    for (function, _, end, name), (next_function, start, _, next_name) in pairwise(spans):
        if function == next_function and start < end:
            raise table.refuse(
                "field",
                "{first} and {second} overlap in the table of function {function}",
                rule="overlap",
                remedy="correct address or type of one of them",
                first=name,
                second=next_name,
                function=function,
            )


def _bits(field: FieldConfig) -> tuple[int, int]:
    """First bit and the bit after the last, counted over the table."""
    if field.table.holds_bits:
        return field.address, field.address + 1
    start = field.address * _BITS_PER_WORD
    form = field.form
    if not form.data_type.is_part:
        return start, start + form.data_type.words * _BITS_PER_WORD
    if form.data_type.value == "BIT":
        return start + form.bit, start + form.bit + 1
    low = start + (8 if form.data_type.value.endswith("H") else 0)
    return low, low + 8


def _require_time(table: Table, line: LineConfig) -> None:
    """Every device must be read within its interval even after waiting for the longest other one.

    A request cannot be interrupted, so besides the load of the line (sum of time by interval, at
    most 1) each device needs its own time plus the longest time of another device.
    """
    times = {device.name: cycle_time_us(device, line) for device in line.devices}
    load_ppm = sum(times[item.name] * 1_000 // item.interval_ms for item in line.devices)
    if load_ppm > 1_000_000:  # noqa: PLR2004 - the whole of the time
        raise _no_time(table, line, load_ppm=load_ppm, total_us=sum(times.values()))
    for device in line.devices:
        others = max((times[item.name] for item in line.devices if item is not device), default=0)
        if times[device.name] + others > device.interval_ms * 1_000:
            raise _no_time(table, line, load_ppm=load_ppm, total_us=times[device.name] + others)


def _no_time(table: Table, line: LineConfig, *, load_ppm: int, total_us: int) -> PointListError:
    return BusTimeError(
        "{file}, line {line}: {field}: the requests of this line take {total} ms on the bus and"
        " keep it busy for {load} % of the time",
        field=f"line {line.name}",
        remedy="lengthen the interval, raise the baud rate, join registers into fewer requests, or"
        " divide the devices over more lines",
        file=table.lines.name,
        line=table.lines.of(table.path),
        total=total_us // 1_000,
        load=load_ppm // 10_000,
    )
