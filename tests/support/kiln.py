"""A kiln whose method was downloaded: fuel by a counter, gas by a gauge, carbon by a laboratory."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from support.accounts import GRID, log_content
from support.builders import ORGANISATION, Run, counter, device_registration, gauge, key, meter
from support.plant import Plant

from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.parameter import GASES, LabValue, Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord, SampledFrom
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_library import read_method_file
from trace_node.accounting.records.releases import MethodRelease
from trace_node.accounting.records.signer_trust import SignerRole, SignerTrust
from trace_node.period import parse_period
from trace_node.ports.statements import LoggedStatement
from trace_node.record.fields import Code

_METHOD = """
id = "own.kiln"
version = 1
title_zh = "窑炉"
title_en = "kiln"
source = "example"
literal = "E = m * C * 44/12 + V * c * 44/12"
missing_data = "carbon without a sample counts as 0.9"

[[categories]]
id = "coal"
title_zh = "煤"
title_en = "coal"
scope = 1
group = "combustion"

[[categories]]
id = "gas"
title_zh = "燃气"
title_en = "gas"
scope = 1
group = "combustion"

[[symbols]]
id = "m"
source = "activity"
unit = "t[fuel]"
item = "fuel_quantity"
title_zh = "燃料量"
title_en = "fuel"

[[symbols]]
id = "C"
source = "factor"
unit = "tC/t[fuel]"
precedence = PRECEDENCE
basis = "as received"
most = "1"
title_zh = "碳含量"
title_en = "carbon content"

[[symbols]]
id = "V"
source = "activity"
unit = "1e4Nm3[gas]"
item = "fuel_gas_quantity"
estimates = ESTIMATES
title_zh = "燃气量"
title_en = "gas"

[[symbols]]
id = "c"
source = "factor"
unit = "tC/1e4Nm3[gas]"
precedence = ["measured"]
weighting = ["arithmetic"]
title_zh = "燃气含碳量"
title_en = "carbon of the gas"

[[symbols]]
id = "M_CO2"
source = "constant"
unit = "kgCO2/kmol"
value = "44"
title_zh = "二氧化碳摩尔质量"
title_en = "molar mass of CO2"

[[symbols]]
id = "M_C"
source = "constant"
unit = "kgC/kmol"
value = "12"
title_zh = "碳摩尔质量"
title_en = "molar mass of carbon"

[[steps]]
id = "E_coal"
formula = "m * C * M_CO2 / M_C"
unit = "tCO2"
mark = "O"
clause = "example"
category = "coal"
gas = "CO2"
title_zh = "燃煤排放"
title_en = "emission of the coal"

[[steps]]
id = "E_gas"
formula = "V * c * M_CO2 / M_C"
unit = "tCO2"
mark = "O"
clause = "example"
category = "gas"
gas = "CO2"
title_zh = "燃气排放"
title_en = "emission of the gas"

[[totals]]
id = "total"
title_zh = "总量"
title_en = "total"
purpose = "enterprise"
unit = "tCO2"
add = ["E_coal", "E_gas"]
"""
_WORKS = GRID[: GRID.index("[[industries]]")]
_COAL = """
[[sources]]
id = "kiln"
unit = "works"
method = "own.kiln@1"
category = "coal"
title = "窑炉"
iso14064 = 1

[[meters]]
name = "coal.fired"
source = "kiln"
device = "meter-1"
meter_register = "coal"

[[laboratory]]
name = "coal.carbon"
source = "kiln"
substance = "coal.bituminous"
parameter = "carbon"
basis = "ar"
weighting = "WEIGHTING"
weights = "coal.fired"
due_days = 10

[[feeds]]
source = "kiln"
symbol = "m"
point = "coal.fired"

[[feeds]]
source = "kiln"
symbol = "C"
point = "coal.carbon"
"""
_GAS = """
[[sources]]
id = "burner"
unit = "works"
method = "own.kiln@1"
category = "gas"
title = "燃气"
iso14064 = 1

[[meters]]
name = "gas.flow"
source = "burner"
device = "meter-1"
meter_register = "flow"
integrate = { unit = "Nm3", between = "BETWEEN", longest_gap_s = 7200 }

[[laboratory]]
name = "gas.carbon"
source = "burner"
substance = "natural_gas"
parameter = "carbon_gas"
weighting = "arithmetic"

[[feeds]]
source = "burner"
symbol = "V"
point = "gas.flow"
of = "gas"

[[feeds]]
source = "burner"
symbol = "c"
point = "gas.carbon"
of = "gas"
"""
METER = (
    counter(
        name="coal", quantity="mass", unit="t", interval_s=86_400, max_rate=None, capacity=None
    ),
    gauge(
        name="flow",
        quantity="gas_flow",
        unit="Nm3/h",
        interval_s=3_600,
        minimum=Decimal("0.0"),
    ),
)
LABORATORY = "某煤质检测中心"


def kiln_method(
    *, precedence: str = '["measured", "conservative"]\nvalue = "0.9"', estimates: bool = False
) -> Method:
    """The method; how carbon may be given, and whether gas may be estimated."""
    text = _METHOD.replace("PRECEDENCE", precedence)
    text = text.replace("ESTIMATES", "true" if estimates else "false")
    return read_method_file(text.encode(), file="kiln.toml")


def kiln_boundary(
    *, coal: bool = True, gas: bool = False, weighting: str = "fired", between: str = "linear"
) -> str:
    """The boundary with coal, gas or both."""
    absent = [name for name, there in (("coal", coal), ("gas", gas)) if not there]
    industry = '[[industries]]\nunit = "works"\nmethod = "own.kiln@1"\n'
    industry += "".join(f'not_occurring = {{ {name} = "none" }}\n' for name in absent)
    parts = [_WORKS, industry, *([_COAL] if coal else []), *([_GAS] if gas else [])]
    return "".join(parts).replace("WEIGHTING", weighting).replace("BETWEEN", between)


def kiln_meter(here: Plant) -> None:
    """Register the meter of the kiln."""
    here.enrolment.enrol(device_registration(meter(meter_registers=METER)))


def trust(here: Plant, role: SignerRole, holder: str, name: str) -> LoggedStatement:
    """The authority trusts a key."""
    content = SignerTrust(
        role=role, name=name, key=key(holder).public, trusted=True, reason="agreed"
    )
    return log_content(here, content, by="authority")


def release(here: Plant, method: Method, *, by: str = "publisher") -> LoggedStatement:
    """A publisher's method, as a plant takes it in."""
    if by == "publisher":
        trust(here, SignerRole.PUBLISHER, "publisher", "management platform")
    return log_content(here, MethodRelease.of(method), by=by)


def read_daily(here: Plant, run: Run, tonnes: Sequence[str], *, first: date) -> None:
    """The coal counter at each midnight of China, rising by the tonnes of each day."""
    shown, readings = Decimal(0), []
    for day, amount in enumerate(["0", *tonnes]):
        shown += Decimal(amount)
        at = parse_period((first + timedelta(days=day)).isoformat()).start
        readings.append(run.reading(f"{shown:.2f}", meter_register="coal", unit="t", at=at))
    here.deliver(run.deliver(readings))


def sample(
    day: str,
    carbon: str,
    *,
    period: str | None = None,
    quantity: str = "100",
    sampled_from: SampledFrom = SampledFrom.FIRED,
    parameter: Parameter = Parameter.CARBON,
    substance: str = "coal.bituminous",
    **changes: object,
) -> LaboratoryRecord:
    """A sample of a day that says how much carbon there is."""
    on = date.fromisoformat(day)
    value = LabValue(
        parameter=parameter,
        value=Decimal(carbon),
        basis=None if parameter in GASES else Basis.AR,
        standard="GB/T 476-2008",
    )
    values: dict[str, object] = {
        "organisation": ORGANISATION,
        "substance": Code(substance),
        "sample": f"{substance}-{day}",
        "batch": None,
        "sampled_from": sampled_from,
        "period": parse_period(period or day),
        "quantity": Decimal(quantity),
        "unit": "t",
        "values": (value,),
        "laboratory": LABORATORY,
        "certificates": (),
        "report": f"R-{day}",
        "sampled_on": on,
        "tested_on": on,
        "issued_on": on,
        "received_on": on,
        "evidence": bytes(32),
    }
    return LaboratoryRecord(**(values | changes))
