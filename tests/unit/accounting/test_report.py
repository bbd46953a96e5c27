"""What a report says, and what it refuses to say."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support.reports import PIT, big_plant, pit_facts, pit_for_compliance

from trace_node.accounting.inventory.completeness import Occurrence
from trace_node.accounting.methods.words import Purpose, Role, Use
from trace_node.accounting.records.clean_energy import CleanKind
from trace_node.accounting.report.clean import CleanFacts, CleanLine, CleanSum
from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import Quantity, Report, Table, text_of
from trace_node.accounting.report.errors import ReportError, ReportRefusedError
from trace_node.accounting.report.facts import AccountedResult, ReportFacts
from trace_node.accounting.report.inventory_of_results import InventoryOfResults, inventory_of
from trace_node.accounting.report_kind import ReportKind


def table_of(report: Report, name: str) -> Table:
    return next(one for one in report.tables if one.id == name)


def rows_of(report: Report, name: str) -> list[tuple[str, ...]]:
    return [tuple(map(text_of, row)) for row in table_of(report, name).rows]


def with_result(kind: ReportKind, one: AccountedResult, **changed: object) -> ReportFacts:
    return pit_facts(kind, results=(one,), inventory=inventory_of([one]), **changed)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("1.50", "1.50"),
        ("0.1234565", "0.123456"),
        ("0.1234575", "0.123458"),
        ("1E+3", "1000"),
        ("-0.00000049", "-0.000000"),
        ("12", "12"),
    ],
)
def test_numbers_are_plain_digits_of_six_places_at_most(exact: str, shown: str) -> None:
    assert Quantity(value=Decimal(exact)).text == shown


class TestContent:
    def test_sinks_stand_beside_the_gross_emission(self) -> None:
        """S2-8.3.1-2: gross, sinks and net side by side, as the method's own totals have them."""
        facts = pit_facts()
        enterprise, iso = table_of(compose(facts), "总量碳汇净值").rows
        totals = [one.result.totals for one in facts.results]
        for row, place, name in (
            (enterprise, 1, "gross"),
            (enterprise, 2, "sinks"),
            (enterprise, 3, "net"),
            (iso, 1, "iso14064"),
            (iso, 2, "iso14064_removals"),
        ):
            cell = row[place]
            assert isinstance(cell, Quantity)
            assert abs(cell.value - sum(each[name].value for each in totals)) < Decimal("1e-20")

    def test_a_sink_never_lowers_a_figure_of_the_market(self) -> None:
        facts = pit_facts()
        one = facts.results[0]
        as_ets = replace(
            one.result,
            totals={"ets": replace(one.result.totals["gross"], id="gross", purpose=Purpose.ETS)},
        )
        rows = [replace(row, purpose=Purpose.ETS) for row in inventory_of([one]).rows]
        assert any(row.role is Role.SINK for row in rows)
        inventory = InventoryOfResults(rows=rows)
        report = compose(
            replace(
                facts,
                results=(
                    replace(one, result=replace(as_ets, totals={"gross": as_ets.totals["ets"]})),
                ),
                inventory=inventory,
            )
        )
        ((purpose, gross, sinks, net, _),) = rows_of(report, "总量碳汇净值")
        assert (purpose, net) == ("碳市场", "—")
        assert Decimal(gross) > Decimal(sinks) > 0

    def test_every_figure_states_u_k_and_its_largest_contributors(self) -> None:
        """S3-7.4.3-3, S3-7.4.3-2: type A and type B apart."""
        report = compose(pit_facts())
        first = rows_of(report, "结论")[0]
        assert first[6:9] == ("269.140248", "2", "0.28")
        assert {row[4] for row in rows_of(report, "最大贡献项")} == {"A 类", "B 类"}

    def test_what_was_not_determined_is_no_zero(self) -> None:
        second = rows_of(compose(pit_facts()), "结论")[1]
        assert second[6:9] == ("—", "—", "—")

    def test_flags_marks_and_gaps_are_shown(self) -> None:
        report = compose(pit_facts())
        flags = {row[2:5] for row in rows_of(report, "提示")}
        assert ("草案因子", "cn.grid.ets.national.2022", "未批准") in flags
        assert ("未确认计算项", "E_slow", "未批准") in flags
        assert ("无证据", "H_sold", "—") in flags
        assert ("E_slow", "缓慢氧化排放", "[P] 产品自定") in {
            row[1:4] for row in rows_of(report, "计算项")
        }

    def test_completeness_names_what_does_not_occur_and_why(self) -> None:
        rows = rows_of(compose(pit_facts()), "完整性")
        assert [row[3:] for row in rows if row[4] == "声明不发生"] == [
            ("化石燃料燃烧（气体）", "声明不发生", "there is none at this site")
        ]

    def test_a_category_of_which_nothing_is_said_is_told_and_never_called_accounted(self) -> None:
        facts = pit_facts()
        silent = replace(
            facts.categories[0], occurrence=Occurrence.MISSING, sources=(), leaves=(4711,)
        )
        facts = replace(facts, categories=(silent, *facts.categories[1:]))
        first = rows_of(compose(facts), "完整性")[0]
        assert first[4:] == ("未核算，也未声明", "叶 4711")

    def test_clean_energy_is_a_statistic_beside(self) -> None:
        """[S2-8.3.1-2]: each number with its leaf, the sums, and what no certificate covers."""
        line = CleanLine(
            kind=CleanKind.CERTIFICATE,
            number="GEC-1",
            period="2025-11",
            source="grid",
            quantity=Decimal(300),
            unit="MWh",
            document="certificate GEC-1",
            leaf=4801,
        )
        clean = CleanFacts(
            lines=(line,),
            sums=(CleanSum(kind=CleanKind.CERTIFICATE, quantity=Decimal(300), unit="MWh"),),
            deducted=Decimal(1000),
            uncovered=Decimal(700),
        )
        without, report = compose(pit_facts()), compose(pit_facts(clean=clean))
        assert rows_of(report, "清洁能源凭证")[0][:2] == ("绿证", "GEC-1")
        assert rows_of(report, "清洁能源凭证")[0][-1] == "4801"
        assert rows_of(report, "清洁能源合计") == [("绿证", "300", "MWh")]
        assert [row[1] for row in rows_of(report, "非化石电量")] == ["1000", "700"]
        for table in ("结论", "总量碳汇净值", "排放源"):
            assert rows_of(report, table) == rows_of(without, table)

    def test_what_speaks_against_activity_data_is_told_beside_the_checks(self) -> None:
        facts = pit_facts()
        one = replace(facts.results[0], findings=(("diesel", "activity.negative"),))
        report = compose(replace(facts, results=(one, *facts.results[1:])))
        found = ("露天矿", "2025-11", "activity.negative", "活动数据为负值：diesel", "—")
        assert found in rows_of(report, "不符合项")

    def test_adjustments_and_data_sources_are_listed(self) -> None:
        """S2-12.2-1: name and type, place, frequency, accuracy, calibration, activity data."""
        report = compose(pit_facts())
        assert rows_of(report, "调整")[0][3:5] == ("1000.5", "1001.25")
        assert rows_of(report, "活动数据来源")[0] == (
            *("地磅", "SCS-100", "北门", "每车", "III 级", "每年", "2026-05-31"),
            *("采场", "原煤产量", "12"),
        )

    def test_what_is_not_logged_is_said_to_be_unverifiable(self) -> None:
        report = compose(pit_facts(log=None))
        said = [block for one in report.sections for block in one.blocks if isinstance(block, str)]
        assert "本报告的数据没有入链，不能由第三方核对。" in said

    def test_the_sources_add_up_to_the_total(self) -> None:
        facts = big_plant(3, 2)
        rows = table_of(compose(facts), "排放源").rows
        found = sum(cell.value for row in rows if isinstance(cell := row[-1], Quantity))
        assert found == sum(one.result.totals["total"].value for one in facts.results)

    def test_a_provisional_month_makes_the_year_provisional(self) -> None:
        assert rows_of(compose(pit_facts()), "总量碳汇净值")[0][-1] == "暂估"


class TestPermission:
    def test_a_compliance_report_needs_every_approval(self) -> None:
        report = compose(with_result(ReportKind.COMPLIANCE, pit_for_compliance(approved=True)))
        assert report.notice == ""
        assert {row[4] for row in rows_of(report, "提示")} == {"叶 9", "叶 10", "—"}

    def test_an_unapproved_draft_is_refused(self) -> None:
        facts = with_result(ReportKind.COMPLIANCE, pit_for_compliance(approved=False))
        with pytest.raises(ReportRefusedError) as caught:
            compose(facts)
        assert caught.value.reason == "report.unapproved"

    def test_a_figure_for_internal_use_is_refused(self) -> None:
        one = pit_for_compliance(approved=True)
        internal = replace(one, result=replace(one.result, use=Use.INTERNAL))
        with pytest.raises(ReportRefusedError):
            compose(with_result(ReportKind.COMPLIANCE, internal))

    def test_a_category_of_which_nothing_is_said_is_refused_for_compliance(self) -> None:
        facts = with_result(ReportKind.COMPLIANCE, pit_for_compliance(approved=True))
        silent = replace(facts.categories[0], occurrence=Occurrence.MISSING)
        with pytest.raises(ReportRefusedError) as caught:
            compose(replace(facts, categories=(silent,)))
        assert caught.value.reason == "report.category"

    def test_negative_activity_data_is_refused_for_compliance_and_told_in_others(self) -> None:
        """Less than nothing was never used: no approval lifts it, and the remedy is a later leaf."""
        one = replace(
            pit_for_compliance(approved=True), findings=(("diesel", "activity.negative"),)
        )
        with pytest.raises(ReportRefusedError) as caught:
            compose(with_result(ReportKind.COMPLIANCE, one))
        assert caught.value.reason == "report.negative"
        assert caught.value.params["name"] == "diesel"
        assert "later leaf" in caught.value.remedy
        compose(with_result(ReportKind.INTERNAL, one))
        other = replace(one, findings=(("diesel", "activity.implausible"),))
        compose(with_result(ReportKind.COMPLIANCE, other))

    def test_an_internal_report_says_so(self) -> None:
        one = pit_for_compliance(approved=False)
        assert compose(with_result(ReportKind.INTERNAL, one)).notice.startswith("内部报告")

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [(ReportKind.DEMONSTRATION, ""), (ReportKind.INTERNAL, "虚构")],
    )
    def test_a_demonstration_says_why_and_nothing_else_does(
        self, kind: ReportKind, reason: str
    ) -> None:
        with pytest.raises(ReportError) as caught:
            compose(pit_facts(kind, demonstration=reason))
        assert caught.value.reason == "report.demonstration"

    def test_a_report_of_nothing_is_refused(self) -> None:
        with pytest.raises(ReportError) as caught:
            compose(pit_facts(results=()))
        assert caught.value.reason == "report.empty"

    def test_a_figure_of_another_purpose_is_refused(self) -> None:
        facts = pit_facts()
        rows = [replace(row, purpose=Purpose.FOOTPRINT) for row in facts.inventory.rows]
        with pytest.raises(ReportError) as caught:
            compose(replace(facts, inventory=InventoryOfResults(rows=rows)))
        assert caught.value.reason == "report.purpose"

    def test_another_text_of_the_method_is_refused(self) -> None:
        facts = pit_facts()
        one = facts.results[0]
        other = replace(one, method=replace(one.method, definition={"id": PIT}))
        with pytest.raises(ReportError) as caught:
            compose(replace(facts, results=(other,)))
        assert caught.value.reason == "report.method"

    def test_control_characters_are_refused(self) -> None:
        with pytest.raises(ReportError) as caught:
            compose(pit_facts(organisation="煤矿\x0b"))
        assert caught.value.reason == "report.text"
