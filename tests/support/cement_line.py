"""The cement line of the demo plant: belt scales and power meters as simulated, and a laboratory.

Fuel and process of the clinker line by the method of the carbon market, electricity of the works by
that of purchased energy; the carbon of the coal comes from the laboratory.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from support.accounts import GRID, log_boundary, log_content, project
from support.builders import Run, device_registration, meter
from support.collector_setup import PLANT
from support.collector_world import World
from support.kiln import sample
from support.plant import Plant

from collectors.runtime.drafts import to_ms
from collectors.runtime.plant_reader import load_plant
from collectors.runtime.simulated_meter import PlantClock, SimulatedMeter
from trace_node.ids import DeviceId
from trace_node.metering.meter import MeterRegister

LINE = "cn.ets.cement.2024.line@1"
COAL, CLINKER, KILN_POWER, MILL_POWER = "CL-BS-03", "CL-BS-04", "CL-EM-01", "CL-EM-02"
SCALES = (COAL, CLINKER)
METERS = (KILN_POWER, MILL_POWER)
SUBSTANCE = "coal.bituminous"
BOUNDARY = (
    GRID.replace(
        "[[industries]]",
        """[[units]]
id = "clinker"
title = "熟料生产线"
place = "works"

[[industries]]""",
        1,
    )
    .replace('device = "meter-1"\nmeter_register = "energy"', "DEVICE")
    .replace('name = "grid.in"', 'name = "kiln.power"')
    .replace("DEVICE", f'device = "{KILN_POWER}"\nmeter_register = "active_energy"')
    .replace('point = "grid.in"', 'point = "power"')
    + f"""
[[meters]]
name = "mill.power"
source = "grid"
device = "{MILL_POWER}"
meter_register = "active_energy"

[[rules]]
name = "power"
source = "grid"
rule = "add"
inputs = ["kiln.power", "mill.power"]

[[industries]]
unit = "clinker"
method = "{LINE}"

[industries.not_occurring]
combustion_gas = "不烧气体燃料"
substitutes = "只用石灰石"

[[sources]]
id = "kiln.coal"
unit = "clinker"
method = "{LINE}"
category = "combustion"
title = "窑用煤"
iso14064 = 1
words = {{ fuel = "bituminous", state = "coal" }}

[[sources]]
id = "kiln"
unit = "clinker"
method = "{LINE}"
category = "calcination"
title = "熟料"
iso14064 = 1
words = {{ clinker = "portland" }}

[[meters]]
name = "coal"
source = "kiln.coal"
device = "{COAL}"
meter_register = "mass"

[[laboratory]]
name = "coal.carbon"
source = "kiln.coal"
substance = "{SUBSTANCE}"
parameter = "carbon"
basis = "ar"
weighting = "fired"
weights = "coal"
due_days = 3

[[meters]]
name = "clinker"
source = "kiln"
device = "{CLINKER}"
meter_register = "mass"

[[feeds]]
source = "kiln.coal"
symbol = "FC"
point = "coal"

[[feeds]]
source = "kiln.coal"
symbol = "carbon"
point = "coal.carbon"

[[feeds]]
source = "kiln"
symbol = "AD_clinker"
point = "clinker"
"""
)


class CementLine:
    """The simulated line, read at instants of its own time.

    Args:
        here: The plant that its readings are delivered to.
        interval: How often its meters are read.
    """

    def __init__(self, here: Plant, *, interval: timedelta) -> None:
        self._here, self._run = here, Run()
        found = load_plant(PLANT / "cement-line.plant.toml")
        configs = {each.name: each for each in found.points.devices}
        self._fields = {
            name: next(one for one in configs[name].fields if one.meter_register.kind == "counter")
            for name in (*SCALES, *METERS)
        }
        clock = PlantClock(start_ms=0, speed=1, clock=World())
        self._meters = {
            name: SimulatedMeter(
                configs[name],
                signals={
                    field: signal
                    for (device, field), signal in found.signals.items()
                    if device == name
                },
                faults=(),
                clock=clock,
            )
            for name in self._fields
        }
        for name in self._fields:
            described = meter(name, meter_registers=[self._register(name, interval)])
            here.enrolment.enrol(device_registration(described))
        log_boundary(here, BOUNDARY)

    def _register(self, name: str, interval: timedelta) -> MeterRegister:
        given = self._fields[name].meter_register
        values = {each: getattr(given, each) for each in given.__dataclass_fields__}
        return MeterRegister(**(values | {"interval_s": int(interval.total_seconds())}))

    def shown(self, name: str, at: datetime) -> Decimal:
        """What a meter shows at an instant."""
        return self._meters[name].value(self._fields[name], at_ms=to_ms(at))

    def used(self, name: str, begin: datetime, end: datetime) -> Decimal:
        """What a meter counts between two instants."""
        return self.shown(name, end) - self.shown(name, begin)

    def read(self, instants: Iterable[datetime]) -> None:
        """Read every meter at some instants, and deliver what they show."""
        records = [
            self._run.reading(
                f"{self.shown(name, at):f}",
                device=DeviceId(name),
                meter_register=field.meter_register.name,
                unit=field.meter_register.unit,
                at=at,
            )
            for at in instants
            for name, field in self._fields.items()
        ]
        self._here.deliver(self._run.deliver(records))
        project(self._here)

    def analyse(self, day: str, carbon: str, **changes: object) -> None:
        """Log what the laboratory found in the coal that was fired on a day."""
        log_content(self._here, sample(day, carbon, substance=SUBSTANCE, **changes))
