"""A method that changes inside a year: what was accounted for before, and what can be made of it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import GRID, accounts, log_boundary, log_content, request
from support.builders import ORGANISATION
from support.plant import Plant, plant
from support.sealed_log import SIGNER
from support.stores import new_store

from api.inventory_json import inventory_json
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import text_of
from trace_node.accounting.report.errors import ReportRefusedError
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.period import parse_period
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.prove_emission import Figures
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive

OLD, NEW = "cn.purchased_energy@1", "cn.ndrc.public_building.2015@1"
KG_PER_KWH = Decimal("0.5306")
OF_OLD = (
    GRID.replace('"meter-1"\nmeter_register = "energy"\n', "")
    .replace(
        '[[meters]]\nname = "grid.in"\nsource = "grid"\ndevice = ',
        '[[entries]]\nname = "grid.in"\nsource = "grid"\n',
    )
    .replace("valid_from = 2026-01-01", "valid_from = 2025-01-01")
)
WITH_ANNEX = OF_OLD.replace("version = 1", "version = 2").replace(
    "2025-01-01", "2025-07-01"
) + OF_OLD[OF_OLD.index("[[sources]]") :].replace("grid", "annex")
OTHERWISE = (
    OF_OLD.replace("version = 1", "version = 2")
    .replace("2025-01-01", "2025-07-01")
    .replace("grid.in", "grid.other")
)
OF_NEW = (
    OF_OLD.replace(OLD, NEW)
    .replace("version = 1", "version = 2")
    .replace("valid_from = 2025-01-01", "valid_from = 2025-07-01")
    .replace('grid_series = "cn.grid.average", ', "")
    .replace(
        'steam = "no steam", hot_water = "no hot water"',
        'combustion = "nothing is burnt", combustion_gas = "no gas is burnt"',
    )
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        log_boundary(here, OF_OLD)
        yield here


def account(here: Plant, period: str, megawatt_hours: int, *, activity: str = "grid.in") -> int:
    """Enter the power of a period, and account for it; the leaf of the figure."""
    log_content(
        here,
        ActivityEntry(
            organisation=ORGANISATION, activity=activity, source="grid",
            period=parse_period(period), quantity=Decimal(megawatt_hours), unit="MWh",
            standing=Standing.FINAL, document="bill of the grid", evidence=bytes(32),
            entered_by="王芳", replaces=None,
        ),
    )  # fmt: skip
    (done,) = accounts(here).account(request(period))
    return done.index


def inventory(here: Plant) -> Inventory:
    asked = InventoryRequest(organisation=ORGANISATION, boundary="plant", span=Span.parse("2025"))
    return inventory_of(asked, store=here.store)


def report_facts(here: Plant, folder: Path, kind: ReportKind):  # noqa: ANN201
    archive = FileArchive(folder / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()
    asked = ReportRequest(
        organisation=ORGANISATION, boundary="plant", period="2025", kind=kind,
        prepared_on=date(2026, 11, 20), attach=False,
    )  # fmt: skip
    made = Figures(store=here.store, factors=packaged_factors(), methods=packaged_methods())
    return facts_of(asked, figures=made)


def months(first: int, last: int) -> list[str]:
    return [f"2025-{month:02}" for month in range(first, last + 1)]


def test_a_year_by_one_method_and_months_by_the_next_are_told_and_refused_for_compliance(
    here: Plant, tmp_path: Path
) -> None:
    """[S0-5.1.1-b2]: no instant is counted twice; both leaves, what they share, what to do."""
    year = account(here, "2025", 1200)
    log_boundary(here, OF_NEW)
    leaves = [account(here, month, 100) for month in months(7, 12)]
    found = inventory(here)
    assert found.figures() == {(Purpose.ENTERPRISE, "tCO2", ""): 600 * KG_PER_KWH}
    assert found.standing is Standing.MISSING
    (overlap,) = inventory_json(found)["overlaps"]
    assert (overlap["leaf"], overlap["others"], overlap["counted"]) == (year, leaves, True)
    assert overlap["from"] == "2025-07-01T00:00:00+08:00"
    report = compose(report_facts(here, tmp_path, ReportKind.INTERNAL))
    (row,) = next(one for one in report.tables if one.id == "重复").rows
    assert [text_of(each) for each in row[2:4]] == [str(year), "、".join(map(str, leaves))]
    with pytest.raises(ReportRefusedError) as refused:
        compose(report_facts(here, tmp_path, ReportKind.COMPLIANCE))
    assert refused.value.reason == "report.overlap"
    told = str(refused.value)
    assert (f"leaf {year} " in told, all(str(each) in told for each in leaves)) == (True, True)
    for month in months(1, 6):  # the remedy
        account(here, month, 100)
    mended = inventory(here)
    assert mended.figures() == {(Purpose.ENTERPRISE, "tCO2", ""): 1200 * KG_PER_KWH}
    assert (mended.gaps, mended.overlaps, mended.standing) == ((), (), Standing.FINAL)


def test_a_source_that_no_record_was_made_with_is_told_and_refused_for_compliance(
    here: Plant, tmp_path: Path
) -> None:
    """[S0-5.1.1-a]: the year was settled first, and then the annex was put on the boundary."""
    year = account(here, "2025", 1200)
    log_boundary(here, WITH_ANNEX)
    found = inventory(here)
    assert [part.index for part in found.parts] == [year]
    (gap,) = inventory_json(found)["gaps"]
    assert (gap["sources"], gap["from"]) == (["annex"], "2025-07-01T00:00:00+08:00")
    (row,) = next(
        one.rows
        for one in compose(report_facts(here, tmp_path, ReportKind.INTERNAL)).tables
        if one.id == "缺口"
    )
    assert text_of(row[-1]) == "annex"
    with pytest.raises(ReportRefusedError) as refused:
        compose(report_facts(here, tmp_path, ReportKind.COMPLIANCE))
    assert refused.value.reason == "report.gap"


def test_a_source_that_a_later_version_measures_otherwise_is_told_and_refused_for_compliance(
    here: Plant, tmp_path: Path
) -> None:
    """[S0-5.1.1-a]: the year was settled by the bill before the version with another point came."""
    year = account(here, "2025", 1200)
    log_boundary(here, OTHERWISE)
    found = inventory(here)
    assert [part.index for part in found.parts] == [year]
    (gap,) = inventory_json(found)["gaps"]
    assert (gap["sources"], gap["from"]) == (["grid"], "2025-07-01T00:00:00+08:00")
    with pytest.raises(ReportRefusedError) as refused:
        compose(report_facts(here, tmp_path, ReportKind.COMPLIANCE))
    assert refused.value.reason == "report.gap"
    for month in months(1, 6):  # the remedy
        account(here, month, 100)
    for month in months(7, 12):
        account(here, month, 90, activity="grid.other")
    mended = inventory(here)
    assert mended.figures() == {(Purpose.ENTERPRISE, "tCO2", ""): 1140 * KG_PER_KWH}
    assert (mended.gaps, mended.overlaps, mended.standing) == ((), (), Standing.FINAL)


def test_a_year_inside_which_the_method_changes_is_not_accounted_for_by_either(here: Plant) -> None:
    """The version that holds for the whole year is not the one that holds at its end."""
    log_boundary(here, OF_NEW)
    with pytest.raises(BoundaryNotFoundError) as refused:
        account(here, "2025", 1200)
    assert refused.value.reason == "boundary.period"
    assert "version 2" in str(refused.value)
    assert "2025-07-01" in refused.value.remedy


def test_a_version_that_accounts_for_the_same_takes_over_inside_a_year(here: Plant) -> None:
    renamed = OF_OLD.replace("version = 1", "version = 2").replace("2025-01-01", "2025-07-01")
    log_boundary(here, renamed.replace("某省", "某市").replace("李明", "陈明"))
    account(here, "2025", 1200)
    assert inventory(here).figures() == {(Purpose.ENTERPRISE, "tCO2", ""): 1200 * KG_PER_KWH}
