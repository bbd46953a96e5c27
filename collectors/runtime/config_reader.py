"""Read a point list from TOML and refuse, with line, field and remedy, what cannot work."""

from pathlib import Path
from typing import Final
from urllib.parse import SplitResult

from collectors.codecs.registers import ByteOrder
from collectors.errors import PointListError
from collectors.runtime.config import (
    FORMAT,
    DeviceConfig,
    LineConfig,
    Optimization,
    PointList,
    Priority,
    default_offset_ms,
)
from collectors.runtime.config_checks import check_device, check_line, check_names
from collectors.runtime.field_reader import read_clock, read_field, read_window
from collectors.runtime.toml_file import parse_toml, read_bounded
from collectors.runtime.toml_table import Table
from collectors.runtime.urls import split_url
from collectors.source import (
    MOST_WORDS,
    Endpoint,
    LinkSettings,
    RegisterTable,
    SerialEndpoint,
    TcpEndpoint,
)
from trace_node.crypto.sm3 import sm3
from trace_node.ids import DeviceId, OrganisationId
from trace_node.record.fields import CODE_PATTERN, PRINTABLE_PATTERN

CODE: Final = "collector.points"
QUIET_MS: Final = 500
_ORIGINS: Final = ("modbus-tcp", "modbus-rtu", "simulator", "replay")
_SERIAL_KEYS: Final = ("baud_rate", "data_bits", "parity", "stop_bits")


def load_point_list(path: Path) -> PointList:
    """Read the point list at ``path``.

    Raises:
        PointListError: The file is unreadable, not TOML, or says something that cannot work;
            ``reason`` tells which (docs/spec/point-list.md lists them).
        BusTimeError: A line cannot carry what it is asked for.
    """
    return parse_point_list(read_bounded(path, error=PointListError, code=CODE), name=path.name)


def parse_point_list(raw: bytes, *, name: str) -> PointList:
    """Read a point list from the bytes of its file; ``name`` stands for the file in errors.

    Raises:
        PointListError: See ``load_point_list``.
        BusTimeError: See ``load_point_list``.
    """
    top = parse_toml(raw, name=name, error=PointListError, code=CODE)
    if top.text("format") != FORMAT:
        raise top.refuse(
            "format",
            "must be {format}",
            rule="format",
            remedy="this version reads point lists of that format only",
            format=FORMAT,
        )
    organisation = OrganisationId(top.name("organisation"))
    models = _read_models(top)
    lines = [(table, _read_line(table, models)) for table in top.tables("line")]
    top.close()
    check_names(top, lines)
    for table, line in lines:
        check_line(table, line)
    return PointList(
        organisation=organisation, lines=tuple(line for _, line in lines), digest=sm3(raw)
    )


def _read_models(top: Table) -> dict[str, Table]:
    models: dict[str, Table] = {}
    for table in top.tables("model"):
        name = table.name("name")
        if name in models:
            raise table.refuse(
                "name",
                "there is a model of this name already",
                rule="duplicate",
                remedy="give each model a name of its own",
            )
        models[name] = table
    return models


def _read_line(table: Table, models: dict[str, Table]) -> LineConfig:
    endpoint = _read_endpoint(table)
    serial = isinstance(endpoint, SerialEndpoint)
    link = LinkSettings(
        endpoint=endpoint,
        timeout_ms=table.duration_ms("timeout", default="500ms", least=10, most=60_000),
        pause_after_connect_ms=table.duration_ms("pause_after_connect", default="0ms", most=60_000),
        pause_between_requests_ms=table.duration_ms(
            "pause_between_requests", default="0ms", most=60_000
        ),
        quiet_ms=table.duration_ms(
            "quiet_after_timeout", default="500ms", least=QUIET_MS, most=60_000
        ),
    )
    line = LineConfig(
        name=table.name("name"),
        link=link,
        reply_delay_ms=table.duration_ms(
            "reply_delay", default="100ms" if serial else "0ms", most=60_000
        ),
        close_after_gather=table.boolean("close_connection_after_gather", default=False),
        devices=tuple(_read_device(item, models, serial=serial) for item in table.tables("device")),
    )
    table.close()
    return line


def _read_endpoint(table: Table) -> Endpoint:
    parts = split_url(table.text("controller", most=300))
    mode = table.text("transmission_mode", default="auto")
    modes = {"tcp": ("auto", "TCP", "RTUoverTCP"), "file": ("auto", "RTU")}
    wanted = modes.get(parts.scheme) if parts else None
    if parts is None or wanted is None:
        raise table.refuse(
            "controller",
            "must be tcp://host:port with a port from 1 to 65535, or file:///dev/…",
            rule="controller",
            remedy='write for example "tcp://192.168.1.20:502" or "file:///dev/ttyS0"',
        )
    if mode not in wanted:
        raise table.refuse(
            "transmission_mode",
            "must be one of {choices} for this controller",
            rule="controller",
            remedy="leave it out to let the controller decide",
            choices=", ".join(wanted),
        )
    if parts.scheme == "tcp":
        return _tcp_endpoint(table, parts, rtu_frames=mode == "RTUoverTCP")
    return SerialEndpoint(
        path=parts.path,
        baud_rate=table.integer("baud_rate", least=300, most=4_000_000, default=9600),
        data_bits=table.integer("data_bits", least=7, most=8, default=8),
        parity=table.text("parity", default="N"),
        stop_bits=table.integer("stop_bits", least=1, most=2, default=1),
    )


def _tcp_endpoint(table: Table, parts: SplitResult, *, rtu_frames: bool) -> TcpEndpoint:
    for key in _SERIAL_KEYS:
        if table.has(key):
            raise table.refuse(
                key,
                "belongs to a serial port, but the controller is a network address",
                rule="controller",
                remedy="remove it",
            )
    host, port = parts.hostname, parts.port
    if not host or not port or parts.path or parts.query:
        raise table.refuse(
            "controller",
            "must be tcp://host:port with a port from 1 to 65535",
            rule="controller",
            remedy='write for example "tcp://192.168.1.20:502"',
        )
    return TcpEndpoint(host=host, port=port, rtu_frames=rtu_frames)


def _read_device(table: Table, models: dict[str, Table], *, serial: bool) -> DeviceConfig:
    name = table.name("name")
    described = _description(table, models)
    interval_ms = table.duration_ms("interval", default="60s", least=100)
    offset = f"{default_offset_ms(name, interval_ms=interval_ms)}ms"
    order = described.choice("byte_order", ByteOrder, default=ByteOrder.ABCD)
    registers = described.choice("register", RegisterTable, default=RegisterTable.HOLDING)
    fields = tuple(
        read_field(item, interval_ms=interval_ms, order=order, registers=registers)
        for item in described.tables("field")
    )
    device = DeviceConfig(
        name=DeviceId(name),
        unit=table.integer("slave_id", least=0, most=255, default=1),
        serial=table.matching("serial", PRINTABLE_PATTERN, "1 to 64 printable ASCII characters"),
        kind=described.matching("kind", CODE_PATTERN, "a code such as electricity_meter"),
        origin=_read_origin(table, serial=serial),
        interval_ms=interval_ms,
        offset_ms=table.duration_ms("collection_offset", default=offset, most=interval_ms - 1),
        priority=table.choice("priority", Priority, default=Priority.NORMAL),
        optimization=described.choice(
            "optimization", Optimization, default=Optimization.MAX_INSERT
        ),
        most_fill=described.integer(
            "optimization_max_register_fill", least=0, most=MOST_WORDS, default=50
        ),
        most_words=described.integer(
            "max_word_registers_per_request", least=1, most=MOST_WORDS, default=MOST_WORDS
        ),
        fields=fields,
        clock=read_clock(described),
        window=read_window(described),
    )
    check_device(described, device)
    if described is not table:
        described.asked.add("name")
        described.close()
    table.close()
    return device


def _description(table: Table, models: dict[str, Table]) -> Table:
    """The table that describes the device's registers: its own, or that of its model."""
    if not table.has("model"):
        return table
    model = models.get(table.name("model"))
    if model is None:
        raise table.refuse(
            "model",
            "there is no [[model]] of this name",
            rule="model",
            remedy="add the model, or correct the name; known: {known}",
            known=", ".join(sorted(models)) or "none",
        )
    return model


def _read_origin(table: Table, *, serial: bool) -> str:
    origin = table.text("origin", default="modbus-rtu" if serial else "modbus-tcp")
    if origin not in _ORIGINS:
        raise table.refuse(
            "origin",
            "must be one of {choices}",
            rule="value",
            remedy="leave it out for real meters",
            choices=", ".join(_ORIGINS),
        )
    return origin
