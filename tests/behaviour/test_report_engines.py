"""Reports from the records of the log, on both engines."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdf
import pytest
from support.accounts import (
    GRID,
    accounts,
    deliver_hours,
    hourly_meter,
    log_boundary,
    log_content,
    request,
)
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION, Run
from support.outlook_samples import CONTENTS
from support.plant import Plant, plant
from support.reports import needs_font
from support.sealed_log import SIGNER
from support.stores import ENGINES, new_store

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.records.clean_energy import CleanEnergyEntry
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import NOTHING, Report, text_of
from trace_node.accounting.report.device_file import Device
from trace_node.accounting.report.errors import ReportError, ReportRefusedError
from trace_node.accounting.report_kind import ReportKind
from trace_node.errors import StateError
from trace_node.period import parse_period
from trace_node.services.prove_emission import Figures
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.report_files import make_report
from trace_node.services.report_statement import report_with, statement_of
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive

HOURS = 1200  # October and a part of November
ASKED = ReportRequest(
    organisation=ORGANISATION,
    boundary="plant",
    period="2026-10",
    kind=ReportKind.INTERNAL,
    prepared_on=date(2026, 11, 20),
)
SCALE = Device(
    name="关口电能表",
    model="DTZ-100",
    location="总降压站",
    accuracy="0.2S",
    calibration="每 6 年",
    calibrated_until="2031-05-31",
)


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with new_store(request.param, tmp_path) as store, plant(store) as here:
        hourly_meter(here)
        log_boundary(here)
        deliver_hours(here, Run(), count=HOURS + 1)
        yield here


def seal(here: Plant, folder: Path) -> None:
    """Make a checkpoint over everything that is logged."""
    archive = FileArchive(folder / "archive")
    try:
        made = Seal(store=here.store, archive=archive, signers=[SIGNER], clock=here.clock)
        assert made.seal_once() is not None
    finally:
        archive.close()


def figures(here: Plant) -> Figures:
    return Figures(store=here.store, factors=packaged_factors(), methods=packaged_methods())


def rows_of(report: Report, name: str) -> list[tuple[str, ...]]:
    table = next(one for one in report.tables if one.id == name)
    return [tuple(map(text_of, row)) for row in table.rows]


@needs_font
def test_a_report_of_the_log_carries_its_bundles_and_is_found_by_its_files(
    here: Plant, tmp_path: Path
) -> None:
    """[S1-4.3-2] [S2-11.11] [S2-12.2-1]: figure, leaf, data source, SM3 of the files in the log."""
    (done,) = accounts(here).account(request("2026-10"))
    seal(here, tmp_path)
    asked = replace(ASKED, devices={"grid.in": SCALE})
    facts = facts_of(asked, figures=figures(here))
    report = compose(facts)
    (figure,) = rows_of(report, "结论")
    assert figure[0] == "全厂（works）"
    assert figure[3] == f"{done.emission.figures[0].value:.6f}"
    assert figure[-1] == str(done.index)
    (by_source,) = rows_of(report, "排放源")
    assert by_source[3] == "外购电力（grid）"
    (source,) = rows_of(report, "活动数据来源")
    assert source[:9] == (
        *("关口电能表", "DTZ-100", "总降压站", "每 3600 秒", "0.2S", "每 6 年", "2031-05-31"),
        *("外购电力", "grid.in"),
    )
    made = make_report(facts)
    inside = pypdf.PdfReader(io.BytesIO(made.pdf)).attachments
    assert inside == {f"leaf-{done.index}.tnproof": [figures(here).prove(done.index)]}
    logged = log_content(here, statement_of(asked, facts, made))
    for digest in made.digests.values():
        found = report_with(digest, store=here.store)
        assert found is not None
        assert (found[0], found[1].figures) == (logged.index, (done.index,))
    assert report_with(bytes(32), store=here.store) is None
    assert make_report(facts_of(asked, figures=figures(here))) == made


def test_u_k_and_what_it_comes_from_stand_beside_the_figures(here: Plant, tmp_path: Path) -> None:
    """[S3-7.4.3-3]: of each figure and of the sum; what was not evaluated is a dash and is named."""
    log_content(here, accuracy("meter-1/energy", CLASS_HALF))
    (done,) = accounts(here).account(request("2026-10"))
    assert done.uncertainty is not None
    (budget,) = done.uncertainty.record.budgets
    seal(here, tmp_path)
    report = compose(facts_of(replace(ASKED, attach=False), figures=figures(here)))
    (figure,) = rows_of(report, "结论")
    assert figure[6:9] == (f"{budget.expanded:.6f}", "2", "0.58")  # 2 * 0.5 % / sqrt 3
    (sum_of_all,) = rows_of(report, "报告期合计")
    assert sum_of_all[4:6] == figure[6:8]
    assert "cn.grid.avg.national.2023" in sum_of_all[-1]  # of the factor's error nothing is known
    ((purpose, cause, *_),) = rows_of(report, "合计贡献项")
    assert (purpose, "meter-1/energy" in cause) == ("企业盘查", True)


def test_clean_energy_and_completeness_are_those_of_the_log(here: Plant, tmp_path: Path) -> None:
    """[S2-8.3.1-2]: the certificate with its leaf, beside an unchanged figure."""
    (done,) = accounts(here).account(request("2026-10"))
    known = CONTENTS["clean energy"]
    assert isinstance(known, CleanEnergyEntry)
    entry = replace(known, organisation=ORGANISATION, period=parse_period("2026-10"))
    logged = log_content(here, entry)
    seal(here, tmp_path)
    report = compose(facts_of(replace(ASKED, attach=False), figures=figures(here)))
    (line,) = rows_of(report, "清洁能源凭证")
    assert (line[1], line[4], line[-1]) == (entry.number, "1000", str(logged.index))
    assert rows_of(report, "结论")[0][3] == f"{done.emission.figures[0].value:.6f}"
    assert {row[4] for row in rows_of(report, "完整性")} == {"已核算", "声明不发生"}


def test_what_was_not_evaluated_is_a_dash(here: Plant, tmp_path: Path) -> None:
    (done,) = accounts(here).account(request("2026-10"))
    seal(here, tmp_path)
    report = compose(facts_of(replace(ASKED, attach=False), figures=figures(here)))
    (figure,) = rows_of(report, "结论")
    (sum_of_all,) = rows_of(report, "报告期合计")
    assert figure[6:9] == sum_of_all[4:7] == (NOTHING, NOTHING, NOTHING)
    assert sum_of_all[-1] == f"叶 {done.index} 未评定"


def test_what_no_record_covers_is_told_and_refused_for_compliance(
    here: Plant, tmp_path: Path
) -> None:
    accounts(here).account(request("2026-10"))
    seal(here, tmp_path)
    quarter = replace(ASKED, period="2026-Q4", attach=False)
    facts = facts_of(quarter, figures=figures(here))
    (gap,) = rows_of(compose(facts), "缺口")
    assert gap[2:] == ("2026-11-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00", "全部")
    with pytest.raises(ReportRefusedError) as caught:
        compose(facts_of(replace(quarter, kind=ReportKind.COMPLIANCE), figures=figures(here)))
    assert caught.value.reason == "report.gap"


def test_a_boundary_that_is_a_demonstration_gives_no_other_report(
    here: Plant, tmp_path: Path
) -> None:
    later = GRID.replace("version = 1", 'version = 2\ndemonstration = "no Korean factor"')
    log_boundary(here, later)
    accounts(here).account(request("2026-10"))
    seal(here, tmp_path)
    with pytest.raises(ReportRefusedError) as caught:
        facts_of(ASKED, figures=figures(here))
    assert caught.value.reason == "report.demonstration"
    shown = replace(ASKED, kind=ReportKind.DEMONSTRATION)
    assert "no Korean factor" in compose(facts_of(shown, figures=figures(here))).notice


def test_a_period_without_records_and_a_log_without_checkpoint(here: Plant) -> None:
    with pytest.raises(ReportError) as caught:
        facts_of(ASKED, figures=figures(here))
    assert caught.value.reason == "report.empty"
    accounts(here).account(request("2026-10"))
    with pytest.raises(StateError):
        facts_of(ASKED, figures=figures(here))
