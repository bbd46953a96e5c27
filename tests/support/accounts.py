"""A plant whose grid meter is read, with its boundary logged: what accounting starts from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from support.builders import ORGANISATION, Run, counter, device_registration, key, meter
from support.plant import Plant, statement_log

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.standing import Standing
from trace_node.period import parse_period
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Content
from trace_node.services.account import Accounts
from trace_node.services.account_computation import AccountRequest
from trace_node.services.log_statement import signed_statement
from trace_node.services.project import Projector

BEGIN = datetime(2026, 9, 30, 16, tzinfo=UTC)  # midnight of 1 October in China
HOUR = timedelta(hours=1)
HOURS_OF_OCTOBER = 31 * 24

GRID = """
organisation = "plant-a"
name = "plant"
version = 1
valid_from = 2026-01-01
confirmed_by = "王芳"
confirmed_on = 2026-01-05

[entity]
name = "示范钢铁有限公司"
credit_code = "91350000MA00000000"
address = "福建省某市"
representative = "李明"

[[entity.contacts]]
name = "王芳"
role = "碳管理员"
reach = "carbon@example.cn"

[[places]]
id = "works"
kind = "site"
title = "主厂区"
controlled = true
reason = "owned and run by the entity"

[[units]]
id = "works"
title = "全厂"
place = "works"

[[industries]]
unit = "works"
method = "cn.purchased_energy@1"
words = { grid_series = "cn.grid.average", grid_region = "CN", grid_year = "2023" }
not_occurring = { heat = "no heat is bought", steam = "no steam", hot_water = "no hot water" }

[[sources]]
id = "grid"
unit = "works"
method = "cn.purchased_energy@1"
category = "electricity"
title = "外购电力"
iso14064 = 2

[[meters]]
name = "grid.in"
source = "grid"
device = "meter-1"
meter_register = "energy"

[[feeds]]
source = "grid"
symbol = "EL_bought"
point = "grid.in"

[[feeds]]
source = "grid"
symbol = "EL_sold"
zero = "nothing is sold"
unit = "MWh"

[[feeds]]
source = "grid"
symbol = "EL_nonfossil"
zero = "no direct supply, no certificates"
unit = "MWh"
"""


def log_content(here: Plant, content: Content, *, by: str = "node") -> LoggedStatement:
    """Sign a content as the command line does, and log it."""
    return statement_log(here).take(signed_statement(content, signer=key(by), clock=here.clock))


def log_boundary(here: Plant, text: str = GRID) -> LoggedStatement:
    """Log a boundary."""
    return log_content(here, read_boundary_file(text.encode(), file="boundary.toml"))


def project(here: Plant) -> None:
    """Take in everything that is committed."""
    projector = Projector(
        store=here.store, writer=here.writer, signer=key("node"), clock=here.clock
    )
    while projector.project_once():
        pass


def hourly_meter(here: Plant, **changes: object) -> None:
    """Register the grid meter as one that is read each hour."""
    described = meter(meter_registers=[counter(interval_s=3600, **changes)])
    here.enrolment.enrol(device_registration(described))


def deliver_hours(
    here: Plant, run: Run, *, first: int = 0, count: int = HOURS_OF_OCTOBER + 1, step: str = "1.25"
) -> Decimal:
    """Readings at each full hour, rising by ``step`` kWh; the last value."""
    shown = Decimal(step) * first
    for at in range(first, first + count, 1000):
        hours = range(at, min(at + 1000, first + count))
        values = [(Decimal(step) * hour, BEGIN + hour * HOUR) for hour in hours]
        here.deliver(run.deliver([run.reading(f"{value:.2f}", at=when) for value, when in values]))
        shown = values[-1][0]
    project(here)
    return shown


def accounts(here: Plant, **changes: object) -> Accounts:
    """The service over a plant."""
    return Accounts(
        here.store, **({"log": partial(log_content, here), "clock": here.clock} | changes)
    )


def request(period: str = "2026-10", **changes: object) -> AccountRequest:
    """The plant's works in a period."""
    values = {
        "organisation": ORGANISATION,
        "boundary": "plant",
        "unit": "works",
        "period": parse_period(period),
    }
    return AccountRequest(**(values | changes))


DIESEL = (
    GRID[: GRID.index("[[industries]]")]
    + """
[[industries]]
unit = "works"
method = "cn.ets.steel.2024.enterprise@1"

[industries.not_occurring]
combustion_gas = "no gas is burnt"
flux = "no flux"
electrode = "no electrodes"
purchased_carbon = "nothing with carbon is bought"
fixed_carbon = "nothing with carbon is sold"
"""
    + "".join(
        f"""
[[sources]]
id = "{name}"
unit = "works"
method = "cn.ets.steel.2024.enterprise@1"
category = "combustion"
title = "柴油设备"
iso14064 = 1
words = {{ fuel = "diesel" }}

[[entries]]
name = "diesel.{name}"
source = "{name}"

[[feeds]]
source = "{name}"
symbol = "FC"
point = "diesel.{name}"
"""
        for name in ("trucks", "loaders")
    )
)


def log_diesel(
    here: Plant,
    source: str,
    tonnes: str,
    *,
    period: str = "2026-10",
    replaces: LoggedStatement | None = None,
) -> LoggedStatement:
    """Log what an invoice says of the diesel of a source, or corrects in what another said."""
    entry = ActivityEntry(
        organisation=ORGANISATION,
        activity=f"diesel.{source}",
        source=source,
        period=parse_period(period),
        quantity=Decimal(tonnes),
        unit="t",
        standing=Standing.FINAL,
        document="invoice 4711",
        evidence=bytes(32),
        entered_by="王芳",
        replaces=replaces and EvidenceLink(index=replaces.index, digest=replaces.digest),
    )
    return log_content(here, entry)
