"""An hour of a cement plant, by both boundaries: fuel, process and electricity as it runs."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import BEGIN, GRID, HOUR, accounts, hourly_meter, log_boundary, project
from support.accounts import request as of_unit
from support.builders import Run, counter, device_registration, meter
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.standing import Standing

LINE = "cn.ets.cement.2024.line@1"
ABSENT = ("combustion_gas", "substitutes")
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
    + f"""
[[industries]]
unit = "clinker"
method = "{LINE}"

[industries.not_occurring]
combustion_gas = "no gas is burnt"
substitutes = "limestone only"

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
device = "scale-1"
meter_register = "coal"

[[meters]]
name = "clinker"
source = "kiln"
device = "scale-1"
meter_register = "clinker"

[[feeds]]
source = "kiln.coal"
symbol = "FC"
point = "coal"

[[feeds]]
source = "kiln"
symbol = "AD_clinker"
point = "clinker"
"""
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        registers = [
            counter(name=name, unit="t", quantity="mass", interval_s=3600)
            for name in ("coal", "clinker")
        ]
        here.enrolment.enrol(device_registration(meter("scale-1", meter_registers=registers)))
        log_boundary(here, BOUNDARY)
        yield here


def deliver(here: Plant, hours: int) -> None:
    """8 t of coal, 60 t of clinker and 2,500 kWh an hour."""
    run, records = Run(), []
    for hour in range(hours):
        at = BEGIN + hour * HOUR
        records += [
            run.reading(f"{2500 * hour}.00", at=at),
            *(
                run.reading(
                    f"{each * hour}.00", device="scale-1", meter_register=name, unit="t", at=at
                )
                for name, each in (("coal", 8), ("clinker", 60))
            ),
        ]
    here.deliver(run.deliver(records))
    project(here)


def test_the_hour_that_is_over_by_both_boundaries(here: Plant) -> None:
    """[S3-4.1-0] [S3-4.1-1] [S3-4.1-2] [S3-4.1-3]: eleven o'clock, from scales and the meter."""
    deliver(here, 13)
    (line,) = accounts(here).account(of_unit("2026-10-01T11", unit="clinker"))
    (works,) = accounts(here).account(of_unit("2026-10-01T11"))
    masses = {each.category: each.mass for each in line.emission.items}
    # bituminous coal of the guideline: 23.076 GJ/t, 0.02618 tC/GJ, OF 0.99
    fuel = 8 * Decimal("23.076") * Decimal("0.02618") * Decimal("0.99") * 44 / 12
    assert abs(masses["combustion"] - fuel) < Decimal("1e-15")
    assert masses["calcination"] == 60 * Decimal("0.535")
    (electricity,) = (each.mass for each in works.emission.items if each.mass)
    assert electricity == Decimal("2.5") * Decimal("0.5306")
    assert {line.emission.standing, works.emission.standing} == {Standing.FINAL}


def test_the_day_that_is_running_is_provisional(here: Plant) -> None:
    deliver(here, 13)
    (line,) = accounts(here).account(of_unit("2026-10-01", unit="clinker"))
    assert line.emission.standing is Standing.PROVISIONAL
    masses = {each.category: each.mass for each in line.emission.items}
    assert masses["calcination"] == 12 * 60 * Decimal("0.535")
