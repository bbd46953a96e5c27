"""A kiln line with an alternative fuel, its stacks read each minute, and its carbon balance."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from support.accounts import GRID, accounts, log_content, project
from support.accounts import request as of_works
from support.builders import ORGANISATION, Run, device_registration, gauge, meter
from support.plant import Plant

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.records.measured_file import read_plan_file
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.accounting.standing import Standing
from trace_node.period import parse_period
from trace_node.services.measure import Measured, MeasureRequest, measure

DAY = "2026-10-05"
BEGIN = datetime(2026, 10, 4, 16, tzinfo=UTC)  # midnight in China
METHOD = "cn.ndrc.cement.2013@1"
MINUTES = 2  # of each hour; the plan of the tests asks for no more
REGISTERS = {
    "co2": ("%", 2, "0.00", "100.00"),
    "velocity": ("m/s", 2, "0.00", "60.00"),
    "flow": ("Nm3/h", 0, "0", "800000"),
    "temperature": ("degC", 1, "-50.0", "400.0"),
    "static": ("Pa", 0, "-20000", "20000"),
    "air": ("kPa", 2, "50.00", "120.00"),
}
SHOWN = {
    "co2": "20.00",
    "velocity": "10.00",
    "flow": "100000",
    "temperature": "127.0",
    "static": "-500",
    "air": "101.00",
}
KILN = {
    "Q_clinker": ("1000", "t"),
    "Q_kiln_dust": ("10", "t"),
    "Q_bypass": ("5", "t"),
    "FR1": ("0.65", "1"),
    "FR10": ("0.02", "1"),
    "FR2": ("0.02", "1"),
    "FR20": ("0.001", "1"),
}
BESIDE = {
    "biogenic": ("54", "t"),
    "meal": ("1500", "t"),
    "meal.carbon": ("0.0955", "1"),
    "clinker.carbon": ("0.0005", "1"),
}
CALCULATED = 1015 * (Decimal("0.63") * 44 / 56 + Decimal("0.019") * 44 / 40)
ABSENT = (
    *("combustion", "combustion_gas", "alternative_fuels", "raw_meal_carbon", "electricity"),
    "heat",
)
BOUNDARY = (
    GRID[: GRID.index("[[industries]]")]
    + f"""
[[industries]]
unit = "works"
method = "{METHOD}"
words = {{ grid_region = "CN", grid_year = "2022" }}

[industries.not_occurring]
"""
    + "".join(f'{name} = "not on this day"\n' for name in ABSENT)
    + f"""
[[sources]]
id = "kiln"
unit = "works"
method = "{METHOD}"
category = "calcination"
title = "熟料生产线"
iso14064 = 1
"""
    + "".join(
        f"""
[[entries]]
name = "{name}"
source = "kiln"
"""
        for name in (*KILN, *BESIDE)
    )
    + "".join(
        f"""
[[feeds]]
source = "kiln"
symbol = "{name}"
point = "{name}"
"""
        for name in KILN
    )
)


def stack_text(name: str, area: str, *, basis: str = "dry", device: str = "cems-1") -> str:
    """A stack of the plan: all is read but the water, which its test report states."""
    inputs = "".join(
        f"""
[[cems.stacks.inputs]]
quantity = "{quantity}"
device = "{device}"
meter_register = "{register}"
"""
        for quantity, register in (
            *(("co2", "co2"), ("velocity", "velocity"), ("temperature", "temperature")),
            *(("gauge", "static"), ("barometric", "air")),
        )
    )
    return f"""
[[cems.stacks]]
name = "{name}"
area = "{area}"
velocity_factor = "0.9"
basis = "{basis}"
{inputs}
[[cems.stacks.inputs]]
quantity = "moisture"
value = "0.10"
reason = "test report 12 of the stack"
"""


def plan_text(
    *,
    rule: str = "cems_first",
    stacks: str | None = None,
    biogenic: str = 'biogenic = "biogenic"',
    model: str = "",
) -> str:
    """The plan of the kiln line, as people write it."""
    return f"""
boundary = "plant"
unit = "works"
method = "{METHOD}"
categories = ["calcination"]
rule = "{rule}"
valid_from = 2026-01-01
confirmed_by = "王芳"

[[balance]]
name = "meal"
side = "in"
quantity = "meal"
carbon = "meal.carbon"

[[balance]]
name = "clinker"
side = "product"
quantity = "Q_clinker"
carbon = "clinker.carbon"

[cems]
t0 = "273"
minutes_of_hour = {MINUTES}
hours_of_day = 20
days_of_month = 27
{biogenic}
{stack_text("tail", "3.0") + stack_text("bypass", "0.1") if stacks is None else stacks}
{model}
"""


MODEL = """
[model]
form = "linear-least-squares@1"
inputs = ["meal", "Q_clinker"]
target = "calculation"
trained_by = "day"
trained_from = 2026-09-28
trained_to = 2026-10-04
"""
TRAINING = {
    "2026-09-28": ("1400", "930", "0.65"),
    "2026-09-29": ("1450", "975", "0.66"),
    "2026-09-30": ("1520", "1005", "0.65"),
    "2026-10-01": ("1580", "1040", "0.64"),
    "2026-10-02": ("1490", "1000", "0.65"),
    "2026-10-03": ("1410", "950", "0.66"),
}


def plan(**changes: str) -> MeasurementPlan:
    """The plan of the kiln line."""
    text = plan_text(**changes)
    return read_plan_file(text.encode(), file="plan.toml", organisation=ORGANISATION)


def register_cems(here: Plant) -> None:
    """Register the monitoring system."""
    described = meter(
        "cems-1",
        meter_registers=[
            gauge(
                name=name,
                unit=unit,
                quantity="flue_gas",
                scale=scale,
                minimum=Decimal(least),
                maximum=Decimal(most),
            )
            for name, (unit, scale, least, most) in REGISTERS.items()
        ],
    )
    here.enrolment.enrol(device_registration(described))


def deliver_flue_gas(
    here: Plant, *, hours: int = 24, shown: Mapping[str, str] | None = None
) -> None:
    """Two minutes of each hour of the day, all alike."""
    run, values = Run(), {**SHOWN, **(shown or {})}
    records = [
        run.reading(
            values[name],
            device="cems-1",
            meter_register=name,
            unit=unit,
            at=BEGIN + timedelta(hours=hour, minutes=minute),
        )
        for hour in range(hours)
        for minute in range(MINUTES)
        for name, (unit, *_) in REGISTERS.items()
    ]
    here.deliver(run.deliver(records))
    project(here)


def enter(here: Plant, day: str = DAY, **changes: tuple[str, str] | None) -> None:
    """What documents say of a day; None leaves one out."""
    for name, said in {**KILN, **BESIDE, **changes}.items():
        if said is None:
            continue
        value, unit = said
        entry = ActivityEntry(
            organisation=ORGANISATION,
            activity=name,
            source="kiln",
            period=parse_period(day),
            quantity=Decimal(value),
            unit=unit,
            standing=Standing.FINAL,
            document="daily report of the line",
            evidence=bytes(32),
            entered_by="王芳",
            replaces=None,
        )
        log_content(here, entry)


def measured(here: Plant, day: str = DAY) -> Measured:
    """Account a day of the works, and log what its plan measures beside."""
    accounts(here).account(of_works(day))
    request = MeasureRequest(
        organisation=ORGANISATION,
        boundary="plant",
        unit="works",
        method=METHOD,
        period=parse_period(day),
    )
    return measure(
        request, store=here.store, log=lambda content: log_content(here, content), clock=here.clock
    )
