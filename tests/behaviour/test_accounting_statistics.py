"""Source registers, statistics and industry reports from the records of a log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.accounts import DIESEL, accounts, log_boundary, log_content, log_diesel, request
from support.builders import ORGANISATION
from support.footprint_log import Colliery
from support.outlook_samples import CONTENTS
from support.plant import Plant, plant
from support.sealed_log import SIGNER
from support.stores import ENGINES, new_store

from api.cli.inventory_text import print_sources, print_statistics
from api.statistics_json import source_json, statistics_json
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.records.clean_energy import CleanEnergyEntry
from trace_node.accounting.records.report import ReportMade
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import Report, text_of
from trace_node.accounting.report.errors import ReportError
from trace_node.accounting.report_kind import ReportKind
from trace_node.period import parse_period
from trace_node.services.accounting_statistics import accounting_statistics
from trace_node.services.footprints import FootprintDesk
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.seal import Seal
from trace_node.services.source_register import source_register
from trace_node.store.archive_file import FileArchive

STEEL = "cn.ets.steel.2024.enterprise@1"
CARBON = Decimal("42.652") * Decimal("0.0202") * 44 / 12
TONNES = {"2026-09": ("12.48", "3.5"), "2026-10": ("10", "0")}


@contextmanager
def works(engine: str, folder: Path) -> Iterator[Plant]:
    """Two diesel sources over two months; the loaders stood still in the second."""
    with new_store(engine, folder) as store, plant(store) as here:
        log_boundary(here, DIESEL)
        for month, (trucks, loaders) in TONNES.items():
            log_diesel(here, "trucks", trucks, period=month)
            log_diesel(here, "loaders", loaders, period=month)
            accounts(here).account(request(month))
        yield here


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("works")
    with works("sqlite", folder) as here:
        seal(here, folder)
        yield here


def asked(span: str) -> InventoryRequest:
    return InventoryRequest(organisation=ORGANISATION, boundary="plant", span=Span.parse(span))


def seal(here: Plant, folder: Path) -> None:
    archive = FileArchive(folder / "archive")
    try:
        Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
    finally:
        archive.close()


def rows_of(report: Report, name: str) -> list[tuple[str, ...]]:
    table = next(one for one in report.tables if one.id == name)
    return [tuple(map(text_of, row)) for row in table.rows]


def test_every_source_is_identified_with_its_energy_and_its_amount(
    here: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    """[S0-5.1.1-a]: what each used, what each emitted, from which record; a 0 is a stated 0."""
    rows = source_register(asked("2026-09/2026-10"), store=here.store)
    trucks, loaders = sorted(rows, key=lambda one: one.source, reverse=True)
    assert [each.source for each in (trucks, loaders)] == ["trucks", "loaders"]
    assert (trucks.category, trucks.scope, trucks.iso14064) == ("combustion", 1, 1)
    assert [(one.name, one.value, one.unit) for one in trucks.used] == [
        ("diesel.trucks", Decimal("22.48"), "t")
    ]
    mass = trucks.masses["ets", "CO2"]
    assert abs(mass - Decimal("22.48") * CARBON) < Decimal("1e-20")
    assert len(trucks.leaves) == 2
    stood = source_register(asked("2026-10"), store=here.store)
    (still,) = (one for one in stood if one.source == "loaders")
    assert (still.is_accounted, still.masses["ets", "CO2"]) == (True, 0)
    before = source_register(asked("2026-08"), store=here.store)
    assert {(one.source, one.is_accounted, one.scope) for one in before} == {
        ("trucks", False, None),
        ("loaders", False, None),
    }
    assert source_json(before[0])["accounted"] is False
    print_sources((*rows, *before))
    told = capsys.readouterr().out
    assert "diesel.trucks            22.48 t (document)" in told
    assert "no record accounts for it" in told


def test_the_sum_of_the_sources_is_the_inventory(here: Plant) -> None:
    """[S0-5.1.1-a]: nothing emits that is not identified, and nothing is counted twice."""
    found = accounting_statistics(asked("2026-09/2026-10"), store=here.store)
    rows = source_register(asked("2026-09/2026-10"), store=here.store)
    assert found.boundary.counts["sources"] == len(rows)
    whole = sum(one.masses["ets", "CO2"] for one in rows)
    assert abs(whole - Decimal("25.98") * CARBON) < Decimal("1e-20")


@pytest.mark.parametrize("engine", ENGINES)
def test_statistics_are_counted_from_the_leaves(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """[S2-8.3.1-2]: boundary, methodology, reports, clean energy and sinks, product footprint."""
    with works(engine, tmp_path) as here:
        require_statistics(here)
        print_statistics(accounting_statistics(asked("2026-09/2026-10"), store=here.store))
    told = capsys.readouterr().out
    for word in ("entries 2", STEEL, "internal 1", "1000 MWh", "kgCO2e/t"):
        assert word in told


def require_statistics(here: Plant) -> None:
    empty = accounting_statistics(asked("2026-10"), store=here.store)
    assert set(empty.reports.values()) == {0}
    assert (empty.products, empty.sinks, empty.clean.totals) == ((), {}, {})
    log_what_else_is_counted(here)
    found = accounting_statistics(asked("2026-09/2026-10"), store=here.store)
    assert (found.boundary.versions, found.boundary.absent) == (1, 5)
    assert found.boundary.by_category == {(STEEL, "combustion"): 2}
    assert found.boundary.counts["entries"] == 2
    (method,) = found.methods
    assert (method.method, method.records, method.final) == (STEEL, 2, 2)
    assert method.choices["activity"] == 4  # two sources in two months
    assert sum(method.factors.values()) == 8  # a heat value and a carbon content each
    assert (found.records, found.gaps) == (2, 0)
    assert found.reports[ReportKind.INTERNAL] == 1
    (clean,) = found.clean.totals.values()
    assert (clean.value, clean.unit.symbol) == (1000, "MWh")
    (product,) = found.products
    assert (product.batches, product.mass, product.complete) == (1, 5_940, 1)
    assert product.mean == product.least == product.most is not None
    shown = statistics_json(found)
    assert {"name": "internal", "count": 1} in shown["reports"]


def log_what_else_is_counted(here: Plant) -> None:
    entry = CONTENTS["clean energy"]
    assert isinstance(entry, CleanEnergyEntry)
    log_content(here, replace(entry, organisation=ORGANISATION, period=parse_period("2026-10")))
    report = ReportMade(
        organisation=ORGANISATION,
        boundary="plant",
        period="2026-10",
        kind=ReportKind.INTERNAL,
        prepared_on=date(2026, 11, 20),
        figures=(),
        files={form: bytes(32) for form in ("docx", "pdf", "xlsx")},
    )
    log_content(here, report)
    log_content(here, replace(report, boundary="other"))
    mine = Colliery(here)
    mine.fill()
    found = FootprintDesk(store=here.store, library=packaged_factors()).compute("on-rail")
    for _again in range(2):  # of a batch the newest footprint counts, once
        mine.log(FootprintRecord.of(found, item="own-1:pcf"))


@pytest.mark.parametrize("span", ["2026-10", "2026-Q3", "2026", "2026-09/2026-10"])
def test_a_month_a_quarter_a_year_and_a_free_span_are_reported_from_the_template_of_the_industry(
    here: Plant, span: str
) -> None:
    """[S2-11.11] [S0-5.1.1-a]: its name on the cover, its source categories in their order."""
    wanted = ReportRequest(
        organisation=ORGANISATION,
        boundary="plant",
        period=span,
        kind=ReportKind.INTERNAL,
        prepared_on=date(2026, 11, 20),
        attach=False,
    )
    facts = facts_of(wanted, figures=figures_of_log(here.store))
    report = compose(facts)
    assert dict(report.cover)["行业模板"] == "钢铁（碳市场）"
    lines = rows_of(report, "行业汇总")
    assert lines[0][1] == "化石燃料燃烧（固体、液体）"
    assert [line[-1] for line in lines].count("声明不发生") == 5
    untold = rows_of(compose(replace(facts, categories=())), "行业汇总")
    assert [line[-1] for line in untold].count("未核算") == 5
    months = [month for month in TONNES if Span.parse(span).begin <= parse_period(month).start
              and parse_period(month).end <= Span.parse(span).end]  # fmt: skip
    tonnes = sum(Decimal(each) for month in months for each in TONNES[month])
    assert lines[0][-1] == f"{tonnes * CARBON:.6f}"
    sources = rows_of(report, "排放源识别")
    assert {line[1] for line in sources} == {"柴油设备（trucks）", "柴油设备（loaders）"}
    assert {line[-1] for line in sources} == {"已核算"}
    used = {line[1]: Decimal(line[2]) for line in rows_of(report, "能源使用")}
    assert used["diesel.trucks"] == sum(Decimal(TONNES[month][0]) for month in months)
    with pytest.raises(ReportError) as caught:
        facts_of(replace(wanted, template="coal"), figures=figures_of_log(here.store))
    assert caught.value.reason == "report.template"
    assert "steel_ets" in caught.value.remedy
