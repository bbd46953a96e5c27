"""Single points, boundary and categories: three views of one emission record, on both engines."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    project,
    request,
)
from support.builders import ORGANISATION, Run, key
from support.plant import Plant, plant
from support.stores import ENGINES, new_store

from api.cli.account import print_emission
from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.standing import Standing
from trace_node.errors import ConflictError
from trace_node.period import parse_period
from trace_node.ports.statements import LoggedStatement
from trace_node.services import statement_job
from trace_node.services.fsck import Fsck
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.single_points import PointsRequest, single_points

HOUR = "2026-10-01T00"
# A rule stands between the meter and the formula: what the meter shows, counted 40 times.
SCALED = GRID.replace(
    'symbol = "EL_bought"\npoint = "grid.in"', 'symbol = "EL_bought"\npoint = "x"'
)
SCALED = SCALED.replace(
    "[[feeds]]",
    """[[rules]]
name = "x"
source = "grid"
rule = "multiply"
inputs = ["grid.in"]
factor = "40"
unit = "kWh"

[[feeds]]""",
    1,
)


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        yield here


def asked(**changed: str | None) -> PointsRequest:
    values = {
        "organisation": ORGANISATION,
        "boundary": "plant",
        "period": parse_period(HOUR),
        "device": "meter-1",
    }
    return PointsRequest(**(values | changed))  # type: ignore[arg-type]


def test_a_point_shows_its_method_formula_item_and_figures(here: Plant) -> None:
    """Point, boundary, category: three modes of one method, with one data-item code.

    [S2-9.1] [S2-9.2-3] [S2-9.2-5] [S2-9.2-a] [S2-9.2-b] [S2-9.2-c] [S2-9.4-a] [S0-5.1.2-c]
    """
    log_boundary(here, SCALED)
    (before,) = single_points(asked(), store=here.store)
    matched = before.matched
    assert (matched.point, matched.meter) == ("grid.in", "meter-1/energy")
    assert (matched.method, matched.category) == ("cn.purchased_energy@1", "electricity")
    assert (matched.source, matched.symbol.id, matched.through) == ("grid", "EL_bought", ("x",))
    (term,) = matched.terms
    assert (term.gas, term.formula.text) == (
        "CO2",
        "(EL_bought - EL_sold - EL_nonfossil) * EF_grid",
    )
    assert {one.id for one in matched.parameters} == {"EL_sold", "EL_nonfossil", "EF_grid"}
    assert (before.leaf, before.activity, before.masses) == (None, None, ())

    deliver_hours(here, Run(), count=3)
    (done,) = accounts(here).account(request(HOUR))
    (point,) = single_points(asked(), store=here.store)
    tonnes = Decimal("1.25") * 40 * Decimal("0.5306") / 1000
    assert point.leaf == done.index
    assert point.activity is not None
    assert (point.activity.raw, point.activity.raw_unit) == (Decimal("1.25"), "kWh")
    assert point.masses == (("CO2", tonnes),)
    assert point.activity.code == "cn.purchased_energy@1/electricity/grid/grid.in"
    (item,) = (one for one in done.emission.items if one.mass)
    assert item.code.startswith("cn.purchased_energy@1/electricity/grid/")
    span = Span.parse(HOUR)
    found = inventory_of(
        InventoryRequest(organisation=ORGANISATION, boundary="plant", span=span), store=here.store
    )
    assert found.masses("category") == {("enterprise", "electricity", "CO2"): tonnes}
    assert done.emission.figures[0].value == tonnes


def test_each_mass_shows_the_evidence_mark_of_its_term(
    here: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    log_boundary(here)
    deliver_hours(here, Run(), count=3)
    (done,) = accounts(here).account(request(HOUR))
    print_emission(done.index, done.emission, marks=done.result.marks)
    shown = capsys.readouterr().out.splitlines()
    masses = [line for line in shown if " scope " in line]
    assert len(masses) == len(done.emission.items) > 0
    assert all(line.endswith(" t  [T]") for line in masses)
    assert any(line.split()[0] == "EF_grid" for line in shown)


def test_points_of_another_device_or_period_are_not_there(here: Plant) -> None:
    log_boundary(here, SCALED)
    assert single_points(asked(device="meter-2"), store=here.store) == ()
    with pytest.raises(BoundaryNotFoundError) as caught:
        single_points(asked(period=parse_period("2025-10")), store=here.store)
    assert caught.value.reason == "boundary.period"
    with pytest.raises(BoundaryNotFoundError):
        single_points(asked(boundary="other"), store=here.store)


GREEN = GRID.replace(
    'symbol = "EL_nonfossil"\nzero = "no direct supply, no certificates"\nunit = "MWh"',
    'symbol = "EL_nonfossil"\npoint = "green"',
).replace("[[feeds]]", '[[entries]]\nname = "green"\nsource = "grid"\n\n[[feeds]]', 1)


def log_green(
    here: Plant, hour: int, number: str, replaces: LoggedStatement | None = None
) -> LoggedStatement:
    entry = ActivityEntry(
        organisation=ORGANISATION,
        activity="green",
        source="grid",
        period=parse_period(f"2026-10-01T{hour:02}"),
        quantity=Decimal("0.5"),
        unit="kWh",
        standing=Standing.FINAL,
        document=number,
        evidence=bytes(32),
        entered_by="王芳",
        replaces=replaces and EvidenceLink(index=replaces.index, digest=replaces.digest),
    )
    return log_content(here, entry)


def test_a_certificate_counts_once(here: Plant) -> None:
    """The same number in another hour is refused, and passes once the entry is corrected."""
    log_boundary(here, GREEN)
    deliver_hours(here, Run(), count=4)
    log_green(here, 0, "certificate 17")
    second = log_green(here, 1, "certificate 17")
    (first,) = accounts(here).account(request(HOUR))
    net = (Decimal("1.25") - Decimal("0.5")) * Decimal("0.5306") / 1000
    assert first.emission.figures[0].value == net
    project(here)
    with pytest.raises(ConflictError) as caught:
        accounts(here).account(request("2026-10-01T01"))
    assert caught.value.reason == "account.certificate"
    assert "certificate 17" in caught.value.message
    assert str(first.index) in caught.value.message
    log_green(here, 1, "certificate 18", second)
    (other,) = accounts(here).account(request("2026-10-01T01"))
    assert other.emission.figures[0].value == net
    # The hour itself, accounted again, is the same use.
    assert accounts(here).account(request(HOUR))[0].index == first.index
    assert fsck(here) == []


def fsck(here: Plant) -> list[tuple[str, int | None]]:
    report = Fsck(store=here.store, authorities=[key("authority").public]).run()
    return [(each.code, each.index) for each in report.problems]


def test_the_check_of_the_log_finds_a_certificate_that_counts_twice(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logged by a writer that skips the rule: the check does not take its word."""
    log_boundary(here, GREEN)
    deliver_hours(here, Run(), count=4)
    for hour in (0, 1):
        log_green(here, hour, "certificate 17")
    accounts(here).account(request(HOUR))
    monkeypatch.setattr(statement_job, "require_certificates_once", lambda *_content: None)
    (twice,) = accounts(here).account(request("2026-10-01T01"))
    assert [index for _code, index in fsck(here)] == [twice.index]
