"""The section on uncertainty: of each figure, of the sums of the span, and what it comes from."""

from typing import Final

from trace_node.accounting.report.content import Cell, Column, Quantity, Section, Table, table
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.words import EFFECTS, PURPOSES

LARGEST: Final = 5
_WHOSE: Final = (
    Column(heading="核算单元"),
    Column(heading="期间"),
    Column(heading="数值", weight=3),
)


def uncertainty(facts: ReportFacts) -> Section:
    """Value, U, k and the largest contributors, type A and type B apart."""
    figures: list[tuple[Cell, ...]] = []
    largest: list[tuple[Cell, ...]] = []
    for one in facts.results:
        for name, budget in one.budgets.items():
            shown = (budget.value, budget.u_a, budget.u_b, budget.u, budget.k, budget.expanded)
            title = one.method.totals[name].title_zh
            figures.append((one.unit, one.period, title, *(Quantity(value=each) for each in shown)))
            largest += [
                (
                    *(one.unit, one.period, title, row.name, EFFECTS[row.kind]),
                    *(Quantity(value=each) for each in (row.u, row.contribution, row.share)),
                )
                for row in budget.largest(LARGEST)
            ]
    headings = ("估计值", "u_A", "u_B", "u_c", "k", "U")
    return Section(
        heading="6 不确定度",
        blocks=(
            "按 GUM（JJF 1059.1）传播，计入相关性；A 类与 B 类分量分列。",
            "未列出的数值没有评定不确定度，不得视为没有不确定度。",
            table(
                "不确定度",
                "表 6-1 不确定度",
                (*_WHOSE, *(Column(heading=each, weight=3, number=True) for each in headings)),
                figures,
            ),
            table(
                "最大贡献项",
                f"表 6-2 贡献最大的 {LARGEST} 项",
                (
                    *_WHOSE,
                    Column(heading="输入量", weight=3),
                    Column(heading="评定", weight=1),
                    *(Column(heading=each, number=True) for each in ("u", "贡献", "方差份额")),
                ),
                largest,
            ),
            _largest_of_the_span(facts),
        ),
    )


def _largest_of_the_span(facts: ReportFacts) -> Table:
    """What the uncertainty of each sum mostly comes from."""
    rows = [
        (
            PURPOSES[one.purpose],
            row.name,
            EFFECTS[row.kind],
            Quantity(value=row.contribution),
            Quantity(value=row.share),
        )
        for one in facts.totals
        if one.budget is not None
        for row in one.budget.largest(LARGEST)
    ]
    columns = (
        Column(heading="用途", weight=3),
        Column(heading="误差来源", weight=5),
        Column(heading="评定", weight=1),
        Column(heading="贡献", weight=3, number=True),
        Column(heading="方差份额", weight=3, number=True),
    )
    title = f"表 6-3 报告期合计贡献最大的 {LARGEST} 项"
    return table("合计贡献项", title, columns, rows)
