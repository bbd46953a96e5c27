"""Facts of reports: an open-pit mine with everything a report can show, and a plant of any size."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.accounting import case_for, given, line, method

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.inventory.completeness import CategoryState, Occurrence
from trace_node.accounting.methods.approvals import NO_APPROVALS, Approvals
from trace_node.accounting.methods.case import Case
from trace_node.accounting.methods.case_form import read_case
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.words import Choice, Use
from trace_node.accounting.report.facts import (
    AccountedResult,
    Adjustment,
    Attachment,
    DataSource,
    LogState,
    ReportFacts,
)
from trace_node.accounting.report.inventory_of_results import inventory_of
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.budget import combine
from trace_node.accounting.uncertainty.parts import Kind, Part, UncertainInput
from trace_node.services.report_pdf import FONT_FOLDERS, FontError, find_fonts

PIT = "cn.ndrc.coal.2014.open_pit"
BOUGHT = "cn.purchased_energy"
BUNDLE = b"the bytes of a proof bundle"
DAY = date(2026, 1, 15)


def has_font() -> bool:
    try:
        find_fonts(FONT_FOLDERS)
    except FontError:
        return False
    return True


_without_font = pytest.mark.skipif(not has_font(), reason="needs apt install fonts-noto-cjk")


def needs_font(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that sets Chinese text."""
    return pytest.mark.font(_without_font(test))


def pit_case(coal: int) -> Case:
    diesel = line(
        "柴油",
        {"fuel": "diesel", "state": "liquid"},
        FC=given(500, "t", evidence="leaf 11"),
        NCV=given("42.652", "GJ/t", choice=Choice.SUPPLIER, basis="as received"),
        CC=given("0.0202", "tC/GJ", choice=Choice.SUPPLIER),
    )
    slow = {
        "Q_slow": given(20, "MJ/kg"),
        "C_slow": given("0.0258", "kgC/MJ"),
        "m_slow": given("0.0205", "1"),
    }
    soil = line("复垦区", A_soil=given(50, "ha"), dSOC=given("0.3", "tC/(ha*yr)"))
    pines = line(
        "松林", A_plants=given(40, "ha"), dB=given(6, "t/(ha*yr)"), CF=given("0.47", "tC/t")
    )
    charge = line("铵油炸药", M_explosive=given(800, "t"), EF_explosive=given("0.17", "tCO2/t"))
    fire = line(
        "排土场",
        M_burnt=given(100, "t"),
        C_fire=given("0.5", "tC/t", basis="as received"),
        OF_fire=given(1, "1"),
    )
    found = method(PIT)
    return case_for(
        found,
        words={"grid_region": "CN", "grid_year": "2022"},
        present=tuple(one for one in found.categories if one != "combustion_gas"),
        lines={
            "fuels": (diesel,),
            "faces": (
                line("北帮", G_left=given(100000, "t"), **slow, k_recovery=given("0.8", "1")),
            ),
            "charges": (charge,),
            "fires": (fire,),
            "soils": (soil,),
            "stands": (pines,),
        },
        raw_coal=given(coal, "t"),
        sink_days=given(365, "d"),
        EL_bought=given(30000, "MWh"),
        EL_sold=given(1000, "MWh"),
        EL_nonfossil=given(500, "MWh"),
        H_bought=given(20000, "GJ"),
        H_sold=given(500, "GJ", evidence=""),
    )


def pit_result(period: str, coal: int, leaf: int, standing: Standing) -> AccountedResult:
    found = method(PIT)
    result = evaluate(found, pit_case(coal), packaged_factors())
    inputs = [
        UncertainInput(
            name=name,
            value=result.value(name),
            parts=(
                Part(kind=Kind.A, u=Decimal(u), origin="读数"),
                Part(kind=Kind.B, u=Decimal(u) * 2, origin="准确度等级"),
            ),
        )
        for name, u in (("raw_coal", "1200"), ("EL_bought", "75"))
    ]
    slopes = {"raw_coal": Decimal("0.03528"), "EL_bought": Decimal("0.5703")}
    budget = combine(result.totals["gross"].value, slopes, inputs)
    return AccountedResult(
        unit="露天矿",
        period=period,
        method=found,
        result=result,
        leaf=leaf,
        standing=standing,
        budgets={"gross": budget},
    )


def states_of(results: Iterable[AccountedResult]) -> tuple[CategoryState, ...]:
    """Every category of these results, each present or declared."""
    found: dict[tuple[str, str], CategoryState] = {}
    for one in results:
        absent = read_case(one.result.case).not_occurring
        for category in one.method.categories.values():
            reason = absent.get(category.id)
            found[one.unit, category.id] = CategoryState(
                unit=one.unit,
                method=one.method.ref,
                category=category.id,
                title_zh=category.title_zh,
                title_en=category.title_en,
                scope=category.scope,
                occurrence=Occurrence.PRESENT if reason is None else Occurrence.DECLARED,
                sources=() if reason else ("source",),
                reasons=(reason,) if reason else (),
                leaves=(),
            )
    return tuple(found.values())


def pit_facts(kind: ReportKind = ReportKind.DEMONSTRATION, **changed: object) -> ReportFacts:
    """A demonstration of two months, one of them provisional."""
    results = (
        pit_result("2025-11", 2_000_000, 4711, Standing.FINAL),
        pit_result("2025-12", 1_900_000, 4712, Standing.PROVISIONAL),
    )
    facts = ReportFacts(
        categories=states_of(results),
        kind=kind,
        organisation="示例露天煤矿有限公司",
        registration=(
            ("统一社会信用代码", "91140000TEST00000X"),
            ("法定代表人", "张三"),
            ("联系人", "王芳"),
        ),
        boundary="法人边界",
        boundary_leaf=4100,
        period="2025",
        prepared_on=DAY,
        results=results,
        inventory=inventory_of(results),
        sources=(
            DataSource(
                name="地磅",
                model="SCS-100",
                location="北门",
                frequency="每车",
                accuracy="III 级",
                calibration="每年",
                calibrated_until="2026-05-31",
                source="采场",
                activity="原煤产量",
                leaf=12,
            ),
            DataSource(
                name="柴油发票",
                model="",
                location="财务部",
                frequency="每月",
                accuracy="—",
                calibration="不适用",
                calibrated_until="",
                source="运输",
                activity="柴油消耗量",
            ),
        ),
        adjustments=(
            Adjustment(
                period="2025-10",
                unit="露天矿",
                figure="gross",
                before=Decimal("1000.5"),
                after=Decimal("1001.25"),
                reason="补录一份化验报告",
                leaf=4600,
            ),
        ),
        log=LogState(origin="log.example/plant", size=5000, root=bytes(range(32))),
        attachments=(Attachment(name="report.tnproof", body=BUNDLE, description="证明包"),),
        demonstration="虚构的数据" if kind is ReportKind.DEMONSTRATION else "",
    )
    return replace(facts, **changed)  # type: ignore[arg-type]


def big_plant(units: int, months: int) -> ReportFacts:
    """Purchased energy of many units by month, and one mine: what a year of a plant is."""
    found = method(BOUGHT)
    results = tuple(
        AccountedResult(
            unit=f"用能单元 {unit:03}",
            period=f"2025-{month:02}",
            method=found,
            result=evaluate(
                found,
                case_for(
                    found,
                    words={
                        "grid_series": "cn.grid.average",
                        "grid_region": "CN-SX",
                        "grid_year": "2023",
                    },
                    present=("electricity",),
                    EL_bought=given(1000 + unit + month, "MWh"),
                    EL_sold=given(0, "MWh"),
                    EL_nonfossil=given(0, "MWh"),
                ),
                packaged_factors(),
            ),
            leaf=unit * months + month,
        )
        for unit in range(units)
        for month in range(1, months + 1)
    )
    return replace(
        pit_facts(),
        results=results,
        inventory=inventory_of(results),
        categories=states_of(results),
    )


def pit_for_compliance(*, approved: bool) -> AccountedResult:
    """A result for compliance with every approval, or one for internal use called compliance."""
    found = method(PIT)
    case = pit_case(2_000_000)
    internal = evaluate(found, case, packaged_factors())
    rows = {one.factor.digest: "leaf 9" for one in internal.nodes.values() if one.factor}
    terms = {(found.digest, term.id): "leaf 10" for term in found.terms}
    approvals = Approvals(rows=rows, terms=terms) if approved else NO_APPROVALS
    use = Use.COMPLIANCE if approved else Use.INTERNAL
    result = evaluate(found, case, packaged_factors(), approvals=approvals, use=use)
    if not approved:
        result = replace(result, use=Use.COMPLIANCE)
    return AccountedResult(unit="露天矿", period="2025", method=found, result=result, leaf=1)
