"""Other measurements beside the figures: in the inventory and in the report, with what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdf
import pytest
from docx import Document
from support.accounts import accounts, log_boundary, log_content, statement_log
from support.accounts import request as of_works
from support.assessments import CLASS_HALF, accuracy
from support.builders import ORGANISATION, key
from support.cement import (
    BOUNDARY,
    CALCULATED,
    DAY,
    deliver_flue_gas,
    enter,
    measured,
    plan,
    register_cems,
)
from support.english import english_in
from support.plant import Plant, plant
from support.reports import needs_font
from support.sealed_log import SIGNER
from support.stores import new_store

from api.cli.measure_text import compared_lines
from api.inventory_view_json import inventory_view_json
from api.schemas import inventory as wire
from trace_node import canonical_json
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.inventory.compared import compared, unmeasured
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.measurement_plan import MeasurementPlan
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import Report, text_of
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report_kind import ReportKind
from trace_node.clock import FixedClock
from trace_node.period import parse_period
from trace_node.services.inventory import InventoryRequest, Span
from trace_node.services.inventory_view import InventoryView, inventory_view
from trace_node.services.log_statement import signed_statement
from trace_node.services.measure import Measured
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.report import ReportRequest, facts_of
from trace_node.services.report_files import make_report
from trace_node.services.report_word import write_docx
from trace_node.services.seal import Seal
from trace_node.services.statement_types import parse_statement
from trace_node.services.workbook_report import write_report_xlsx
from trace_node.store.archive_file import FileArchive

NEXT = "2026-10-06"
LEFT_OUT = "2026-11-03"  # of another month than the others


def plan_of(index: int, here: Plant) -> MeasurementPlan:
    content = parse_statement(here.store.reader().entry(index).body).content
    assert isinstance(content, MeasurementPlan)
    return content


@dataclass(frozen=True)
class World:
    here: Plant
    done: Measured
    facts: ReportFacts

    def view(self, period: str) -> InventoryView:
        asked = InventoryRequest(
            organisation=ORGANISATION, boundary="plant", span=Span.parse(period)
        )
        return inventory_view(asked, store=self.here.store)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A day whose figure is that of the flue gas by rule, and one with a negative balance."""
    folder = tmp_path_factory.mktemp("log")
    with new_store("sqlite", folder) as store, plant(store) as here:
        register_cems(here)
        log_boundary(here, BOUNDARY)
        for name in ("meal", "meal.carbon", "Q_clinker"):
            log_content(here, accuracy(name, CLASS_HALF, subject=SubjectKind.POINT))
        log_content(here, accuracy("cems-1/co2", {"by": "class", "limit": "0.02"}))
        log_content(here, plan())
        enter(here)
        deliver_flue_gas(here)
        done = measured(here, DAY)
        enter(here, NEXT, **{"meal.carbon": ("0.0001", "1")})
        measured(here, NEXT)
        archive = FileArchive(folder / "archive")
        Seal(store=store, archive=archive, signers=[SIGNER], clock=here.clock).seal_once()
        archive.close()
        asked = ReportRequest(
            organisation=ORGANISATION,
            boundary="plant",
            period="2026-10",
            kind=ReportKind.INTERNAL,
            prepared_on=date(2026, 11, 20),
        )
        yield World(here=here, done=done, facts=facts_of(asked, figures=figures_of_log(store)))


def rows_of(report: Report, name: str) -> list[tuple[str, ...]]:
    table = next(one for one in report.tables if one.id == name)
    return [tuple(map(text_of, row)) for row in table.rows]


def test_the_inventory_shows_them_side_by_side_and_says_that_the_figure_is_another(
    world: World,
) -> None:
    """[S3-4.2-4] [S3-5.1-2]: the rule says flue gas, the inventory holds the calculated figure."""
    view = world.view("2026-10")
    first, second = view.comparisons
    assert (first.leaf, first.period, first.record.figure) == (
        *(world.done.index, DAY),
        Approach.CEMS,
    )
    (found,) = first.findings
    params = dict(found.params)
    assert (found.code, params["approach"], params["clause"]) == ("figure.other", "cems", "S3 5.1")
    assert Decimal(params["calculated"]) == round(CALCULATED, 3)
    assert Decimal(params["value"]) == round(first.record.figures[0].value, 3)
    assert {each.code for each in second.findings} == {
        *("balance.negative", "cems.no_hour", "comparison.disagree")
    }
    assert second.record.figure is Approach.CALCULATION


def test_http_and_the_command_line_tell_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    view = world.view("2026-10")
    answer = inventory_view_json(view)
    read = wire.Inventory.model_validate_json(canonical_json.encode(answer))
    (first, second) = read.comparisons
    assert (first.figure, first.findings[0].code) == ("cems", "figure.other")
    assert [each.approach for each in second.measurements] == ["calculation", "mass_balance"]
    monkeypatch.setenv("TN_LANG", "zh")
    lines = [line for each in view.comparisons for line in compared_lines(each)]
    assert any(
        "按 cn.cement.s3@1（S3 5.1），企业盘查数值应取烟气直测法的" in line for line in lines
    )
    assert any("balance.negative: 物料平衡为负" in line for line in lines)


def test_the_report_shows_figures_e_n_rule_and_what_does_not_conform(world: World) -> None:
    """[S3-4.2-4]: its own section, and a sentence in the conclusion."""
    report = compose(world.facts)
    rows = rows_of(report, "测量比对")
    assert [(row[1], row[2], row[6]) for row in rows] == [
        (DAY, "核算法", "—"),
        (DAY, "烟气直测法", "采用"),
        (DAY, "物料平衡法", "—"),
        (NEXT, "核算法", "采用"),
        (NEXT, "物料平衡法", "—"),
    ]
    assert Decimal(rows[4][3]) < 0
    pairs = {row[2]: row[3:] for row in rows_of(report, "归一化偏差") if row[1] == DAY}
    stated = {(each.first, each.second): each for each in world.done.record.differences}
    pair = stated[Approach.CEMS, Approach.MASS_BALANCE]
    assert pair.en is not None
    en, verdict = pairs["烟气直测法与物料平衡法"]
    assert abs(Decimal(en) - pair.en) < Decimal("1e-6")
    assert verdict == ("一致" if pair.agrees else "不一致")
    chosen = rows_of(report, "按规则取值")
    assert chosen[0][6] == "烟气直测优先，其次物料平衡、核算（cn.cement.s3@1，S3 5.1）"
    faults = {(row[1], row[2]): row[3] for row in rows_of(report, "比对不符合项")}
    assert set(faults) == {
        (DAY, "figure.other"),
        (NEXT, "balance.negative"),
        (NEXT, "cems.no_hour"),
        (NEXT, "comparison.disagree"),
    }
    assert "应取烟气直测法的" in faults[DAY, "figure.other"]
    conclusion = [block for block in report.sections[0].blocks if isinstance(block, str)]
    assert "注意：1 项核算结果不是测量方案的规则所采用的数值，见第 10 章。" in conclusion


def test_a_report_of_the_log_has_no_english_sentence(world: World) -> None:
    """Findings and rules of methods are Chinese; why a category does not occur a person wrote."""
    assert english_in(world.facts, but=("not on this day",)) == []


def test_word_and_excel_hold_them(world: World) -> None:
    report = compose(world.facts)
    word = Document(BytesIO(write_docx(report, organisation=ORGANISATION)))
    cells = {cell.text for table in word.tables for row in table.rows for cell in row.cells}
    book = openpyxl.load_workbook(BytesIO(write_report_xlsx(report, organisation=ORGANISATION)))
    assert "烟气直测法" in cells
    assert "烟气直测法" in {cell.value for row in book["测量比对"].rows for cell in row}


@needs_font
def test_the_page_holds_them(world: World) -> None:
    pdf = pypdf.PdfReader(BytesIO(make_report(world.facts).pdf))
    text = "".join("".join(page.extract_text() for page in pdf.pages).split())
    assert "10测量结果比对" in text
    assert "烟气直测法与物料平衡法" in text


def test_a_comparison_of_an_earlier_record_is_said_to_be_one(world: World) -> None:
    part = world.view(DAY).inventory.parts[0]
    later = compared(replace(part, index=part.index + 100), 1, world.done.record)
    assert dict(later.findings[0].params) == {"leaf": str(part.index)}
    assert later.findings[0].code == "comparison.earlier"


def test_a_measurement_that_was_left_out_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[S3-5.1-2]: by rule the flue gas comes first; not to compare must not hide that."""
    monkeypatch.setenv("TN_LANG", "zh")
    enter(world.here, LEFT_OUT)
    accounts(world.here).account(of_works(LEFT_OUT))
    view = world.view(LEFT_OUT)
    (one,) = view.comparisons
    assert (one.leaf, one.record, [each.code for each in one.findings]) == (
        *(None, None),
        ["figure.unmeasured"],
    )
    assert dict(one.findings[0].params)["approach"] == "cems"
    read = wire.Inventory.model_validate_json(canonical_json.encode(inventory_view_json(view)))
    assert (read.comparisons[0].leaf, read.comparisons[0].rule) == (None, "cn.cement.s3@1")
    assert any("没有比对记录" in line for line in compared_lines(one))
    facts = replace(world.facts, comparisons=view.comparisons)
    report = compose(facts)
    assert [row[0] for row in rows_of(report, "测量比对")] == ["无"]
    ((_unit, _period, code, sentence),) = rows_of(report, "比对不符合项")
    assert (code, "烟气直测法先于核算法" in sentence) == ("figure.unmeasured", True)
    assert any("没有比对记录" in str(block) for block in report.sections[0].blocks)
    assert english_in(facts, but=("not on this day",)) == []


def test_a_plan_by_which_the_calculation_stands_asks_for_no_comparison(world: World) -> None:
    part = world.view(DAY).inventory.parts[0]
    found = plan_of(world.done.record.plan.index, world.here)
    assert unmeasured(part, 1, found).findings
    assert not unmeasured(part, 1, replace(found, rule="calculated_during_trial")).findings
    assert not unmeasured(part, 1, replace(found, cems=None, balance=())).findings


def test_a_plan_that_was_changed_afterwards_is_told(world: World, tmp_path: Path) -> None:
    """[S3-5.1-2]: another rule once the figures are known hides nothing."""
    with new_store("sqlite", tmp_path) as store, plant(store) as here:
        register_cems(here)
        log_boundary(here, BOUNDARY)
        asked = InventoryRequest(
            organisation=ORGANISATION, boundary="plant", span=Span.parse("2026-10")
        )

        def codes() -> list[list[str]]:
            """Findings of each record."""
            rows = inventory_view(asked, store=store).comparisons
            return [[each.code for each in row.findings] for row in rows]

        earlier = FixedClock(parse_period(DAY).start)
        early = statement_log(here).take(
            signed_statement(plan(), signer=key("authority"), clock=earlier)
        )
        enter(here)
        accounts(here).account(of_works(DAY))
        assert codes() == [["figure.unmeasured"]]
        late = log_content(here, plan(rule="calculated_during_trial"))
        assert codes() == [["figure.replanned"]]
        (row,) = inventory_view(asked, store=store).comparisons
        assert dict(row.findings[0].params) == {
            "approach": "cems",
            "later": str(late.index),
            "other": "calculation",
            "plan": str(early.index),
        }
        facts = replace(world.facts, comparisons=(row,))
        assert any("改变了取值顺序" in str(block) for block in compose(facts).sections[0].blocks)
        assert english_in(facts, but=("not on this day",)) == []
        log_content(here, plan())  # and back
        assert codes() == [["figure.unmeasured"]]


def test_after_an_adjustment_the_figure_that_is_shown_is_told(world: World) -> None:
    part = world.view(DAY).inventory.parts[0]
    figures = tuple(replace(each, value=Decimal(7)) for each in part.figures)
    later = compared(replace(part, index=part.index + 100, figures=figures), 1, world.done.record)
    assert dict(later.findings[1].params)["calculated"] == "7.000"


def test_a_comparison_without_a_figure_is_told(world: World) -> None:
    part = world.view(DAY).inventory.parts[0]
    none = replace(world.done.record, figure=None, figures=())
    assert [each.code for each in compared(part, 1, none).findings] == ["figure.none"]
