"""Read one meter register, a meter's clock and a window of rows from a point list."""

from decimal import Decimal
from typing import Final

from collectors.codecs.registers import MOST_DECIMALS, ByteOrder, DataType, ValueForm
from collectors.runtime.config import ClockFormat, FieldConfig, MeterClock, RowWindow
from collectors.runtime.toml_table import Table
from collectors.source import LAST_ADDRESS, RegisterTable
from trace_node.errors import InputError
from trace_node.ids import RegisterId
from trace_node.metering.errors import MeterError
from trace_node.metering.meter import MeterRegister

ONE: Final = Decimal(1)


def read_field(
    table: Table, *, interval_ms: int, order: ByteOrder, registers: RegisterTable
) -> FieldConfig:
    """Read one ``[[….field]]``.

    Args:
        table: Its table.
        interval_ms: Interval of the device.
        order: Byte order of the device, where the field states none.
        registers: Modbus table of the device, where the field states none.

    Raises:
        PointListError: A key is missing, wrong or unknown; without ``unit`` the code is
            ``collector.points.unit_missing``.
    """
    if not table.has("unit"):
        raise table.refuse(
            "unit",
            "is missing; a value without a unit is no measurement",
            rule="unit_missing",
            remedy='add the unit the meter shows, for example unit = "kWh"',
        )
    registers = table.choice("register", RegisterTable, default=registers)
    decimals = table.integer("decimals", least=0, most=MOST_DECIMALS)
    form = _read_form(table, registers, decimals=decimals, order=order)
    item = FieldConfig(
        meter_register=_read_meter_register(table, decimals=decimals, interval_ms=interval_ms),
        table=registers,
        address=table.integer("address", least=0, most=LAST_ADDRESS),
        form=form,
    )
    if item.address + item.length - 1 > LAST_ADDRESS:
        raise table.refuse(
            "address",
            "the value reaches beyond address {last}",
            rule="value",
            remedy="correct address or type",
            last=LAST_ADDRESS,
        )
    table.close()
    return item


def read_clock(table: Table) -> MeterClock | None:
    """Read the meter's clock, ``[….clock]``; None if there is none.

    Raises:
        PointListError: A key is missing, wrong or unknown.
    """
    clock = table.table("clock")
    if clock is None:
        return None
    found = MeterClock(
        table=_words(clock),
        address=clock.integer("address", least=0, most=LAST_ADDRESS - 3),
        clock_format=clock.choice("format", ClockFormat),
    )
    clock.close()
    return found


def read_window(table: Table) -> RowWindow | None:
    """Read the window of stored rows, ``[….window]``; None if there is none.

    Raises:
        PointListError: A key is missing, wrong or unknown.
    """
    window = table.table("window")
    if window is None:
        return None
    found = RowWindow(
        table=_words(window),
        row=window.integer("row", least=0, most=LAST_ADDRESS - 1),
        last=window.integer("last", least=0, most=LAST_ADDRESS - 1),
        step=window.integer("step", least=0, most=LAST_ADDRESS - 1),
    )
    window.close()
    return found


def _read_form(
    table: Table, registers: RegisterTable, *, decimals: int, order: ByteOrder
) -> ValueForm:
    if registers.holds_bits:
        data_type = table.choice("type", DataType, default=DataType.BIT)
        if data_type is not DataType.BIT:
            raise table.refuse(
                "type",
                "must be BIT in the table {register}",
                rule="value",
                remedy="remove it, or read a table of words",
                register=registers.value,
            )
    else:
        data_type = table.choice("type", DataType)
    scale = table.decimal("scale", default=ONE)
    if not scale:
        raise table.refuse("scale", "must not be 0", rule="value", remedy="leave it out for 1")
    try:
        return ValueForm(
            data_type=data_type,
            order=table.choice("byte_order", ByteOrder, default=order),
            scale=scale,
            decimals=decimals,
            bit=table.integer("bit", least=0, most=15, default=0)
            if data_type is DataType.BIT and not registers.holds_bits
            else 0,
            absent=table.integers("absent"),
        )
    except InputError as error:
        raise table.refuse(
            "decimals",
            "values of scale {scale} do not fit into {decimals} decimals and would be rounded",
            rule="scale",
            remedy="give as many decimals as the scale has",
            scale=str(scale),
            decimals=decimals,
        ) from error


def _read_meter_register(table: Table, *, decimals: int, interval_ms: int) -> MeterRegister:
    capacity = table.optional_decimal("capacity")
    values = {
        "minimum": _placed(table, "minimum", table.decimal("minimum"), decimals),
        "maximum": _placed(table, "maximum", table.decimal("maximum"), decimals),
    }
    try:
        return MeterRegister(
            name=RegisterId(table.name("name")),
            quantity=table.text("quantity", most=48),
            unit=table.text("unit", most=24),
            scale=decimals,
            kind=table.text("kind"),
            capacity=None if capacity is None else _placed(table, "capacity", capacity, decimals),
            max_rate=table.optional_decimal("max_rate"),
            interval_s=max(1, -(-interval_ms // 1_000)),
            multiplier=table.decimal("multiplier", default=ONE),
            **values,
        )
    except MeterError as error:
        key = "decimals" if error.reason == "meter.scale" else error.reason.removeprefix("meter.")
        rule = "unit_unknown" if key == "unit" else "value"
        raise table.refuse(
            key,
            "must be {wanted}",
            rule=rule,
            remedy="correct the value; docs/spec/point-list.md explains the key",
            wanted=error.params["rule"],
        ) from error


def _placed(table: Table, key: str, value: Decimal, decimals: int) -> Decimal:
    """``value`` with exactly ``decimals`` decimals.

    Raises:
        PointListError: It has more, or too many digits.
    """
    scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise table.refuse(
            key,
            "has more than {decimals} decimals",
            rule="value",
            remedy="round it to the decimals of the meter register",
            decimals=decimals,
        )
    return Decimal(int(scaled)).scaleb(-decimals)


def _words(table: Table) -> RegisterTable:
    registers = table.choice("register", RegisterTable, default=RegisterTable.HOLDING)
    if registers.holds_bits:
        raise table.refuse(
            "register", "must be holding or input", rule="value", remedy="read a table of words"
        )
    return registers
