"""The sections of the figures: conclusion, totals by purpose, scope, gas, source and month."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.arithmetic import total as sum_of
from trace_node.accounting.methods.result import TotalResult
from trace_node.accounting.methods.words import Purpose, Role
from trace_node.accounting.report.content import (
    MOST_PLACES,
    NOTHING,
    Cell,
    Column,
    Quantity,
    Section,
    Table,
    table,
)
from trace_node.accounting.report.facts import AccountedResult, InventoryRow, ReportFacts
from trace_node.accounting.report.parts_comparison import other_figures
from trace_node.accounting.report.parts_rounding import rounding_notes, rounding_table
from trace_node.accounting.report.words import PURPOSES, ROLES, SCOPES, STANDINGS
from trace_node.accounting.standing import worst
from trace_node.accounting.uncertainty.budget import Budget

_HUNDRED: Final = Decimal(100)


def conclusion(facts: ReportFacts) -> Section:
    """Every figure with its uncertainty, standing and leaf."""
    rows = [_figure(one, total) for one in facts.results for total in one.result.totals.values()]
    figures = table(
        "结论",
        "表 1-1 核算结果（每个数值只用于一个用途）",
        (
            Column(heading="核算单元", weight=3),
            Column(heading="期间"),
            Column(heading="用途", weight=3),
            Column(heading="数值", weight=4, number=True),
            Column(heading="单位"),
            Column(heading="GWP"),
            Column(heading="U", weight=3, number=True),
            Column(heading="k", weight=1, number=True),
            Column(heading="U/%", number=True),
            Column(heading="状态"),
            Column(heading="叶序号"),
        ),
        rows,
    )
    return Section(
        heading="1 核算结论",
        blocks=(
            "不同用途的数值由各自的方法和全球变暖潜势（GWP）计算，不得相互替代或相加。",
            "U 为扩展不确定度，k 为包含因子；“—”表示未评定。",
            *other_figures(facts),
            figures,
            _of_the_span(facts),
            *rounding_table(facts),
            f"数值最多显示 {MOST_PLACES} 位小数，完整位数在核算结果中，可由叶记录重新计算得到。",
        ),
    )


def _of_the_span(facts: ReportFacts) -> Table:
    """The figures of the span, each with its uncertainty and what that does not hold."""
    rows: list[tuple[Cell, ...]] = []
    for one in facts.totals:
        lacking = [f"叶 {leaf} 未评定" for leaf in one.unevaluated]
        lacking += [f"{name} 误差未知" for name in one.unstated]
        rows.append(
            (
                PURPOSES[one.purpose],
                Quantity(value=one.figure.value),
                one.unit,
                one.gwp_set or NOTHING,
                *_expanded(one.budget),
                "；".join(lacking) or NOTHING,
            )
        )
    columns = (
        Column(heading="用途", weight=3),
        Column(heading="报告期数值", weight=3, number=True),
        Column(heading="单位"),
        Column(heading="GWP"),
        Column(heading="U", weight=3, number=True),
        Column(heading="k", weight=1, number=True),
        Column(heading="U/%", number=True),
        Column(heading="U 未包含", weight=4),
    )
    return table("报告期合计", "表 1-2 报告期合计（同一误差来源按相关合成）", columns, rows)


def _expanded(budget: Budget | None) -> tuple[Cell, Cell, Cell]:
    """U, k and U in percent of the value; a dash where there is none."""
    if budget is None:
        return NOTHING, NOTHING, NOTHING
    with precise():
        percent: Cell = (
            NOTHING
            if budget.relative is None
            else Quantity(value=(budget.relative * _HUNDRED).quantize(Decimal("0.01")))
        )
    return Quantity(value=budget.expanded), Quantity(value=budget.k), percent


def summary(facts: ReportFacts) -> Section:
    """Totals by what a reader compares."""
    rows = facts.inventory.rows
    return Section(
        heading="4 温室气体排放量",
        blocks=(
            "碳汇单独列示，“净值”仅供对照；碳汇不抵减碳市场用途的排放量，故不列其净值。",
            "由方法规定扣除的项以负值列入排放。",
            _side_by_side(rows),
            *rounding_notes(facts),
            _grouped(
                "范围与气体",
                "表 4-2 按范围和气体",
                ("范围", "气体"),
                rows,
                lambda row: (SCOPES[row.scope], row.gas),
            ),
            _by_source(facts),
            _by_month(rows),
            _details(facts),
        ),
    )


def _figure(one: AccountedResult, total: TotalResult) -> tuple[Cell, ...]:
    return (
        one.unit,
        one.period,
        f"{PURPOSES[total.purpose]}：{one.method.totals[total.id].title_zh}",
        Quantity(value=total.value),
        total.unit,
        total.gwp_set or NOTHING,
        *_expanded(one.budgets.get(total.id)),
        STANDINGS[one.standing],
        NOTHING if one.leaf is None else str(one.leaf),
    )


def _sum(rows: Iterable[InventoryRow]) -> Quantity:
    return Quantity(value=sum_of(row.value for row in rows))


def _purposes(rows: Sequence[InventoryRow]) -> Iterator[tuple[Purpose, list[InventoryRow]]]:
    for purpose in Purpose:
        chosen = [row for row in rows if row.purpose is purpose]
        if chosen:
            yield purpose, chosen


def _side_by_side(rows: Sequence[InventoryRow]) -> Table:
    lines: list[tuple[Cell, ...]] = []
    for purpose, chosen in _purposes(rows):
        gross = _sum(row for row in chosen if row.role is Role.EMISSION)
        sinks = _sum(row for row in chosen if row.role is Role.SINK)
        with precise():
            net: Cell = Quantity(value=gross.value - sinks.value)
        if purpose is Purpose.ETS:  # a sink never lowers a figure of the market
            net = NOTHING
        state = STANDINGS[worst(row.standing for row in chosen)]
        lines.append((PURPOSES[purpose], gross, sinks, net, state))
    return table(
        "总量碳汇净值",
        "表 4-1 排放总量、碳汇与净值（tCO2e）",
        (
            Column(heading="用途", weight=3),
            Column(heading="排放总量", weight=3, number=True),
            Column(heading="碳汇", weight=3, number=True),
            Column(heading="净值", weight=3, number=True),
            Column(heading="状态"),
        ),
        lines,
    )


def _grouped(
    name: str,
    title: str,
    headings: tuple[str, ...],
    rows: Sequence[InventoryRow],
    key: Callable[[InventoryRow], tuple[str, ...]],
) -> Table:
    """Mass and value by purpose, role and a key, in the order of the keys."""
    lines: list[tuple[Cell, ...]] = []
    for purpose, chosen in _purposes(rows):
        groups: dict[tuple[str, ...], list[InventoryRow]] = {}
        for row in chosen:
            groups.setdefault((*key(row), ROLES[row.role]), []).append(row)
        for names in sorted(groups):
            found = groups[names]
            masses = {row.gas for row in found}
            mass = sum_of(row.mass for row in found)
            lines.append(
                (
                    PURPOSES[purpose],
                    *names,
                    Quantity(value=mass) if len(masses) == 1 else NOTHING,
                    _sum(found),
                )
            )
    columns = (
        Column(heading="用途", weight=3),
        *(Column(heading=each, weight=3) for each in headings),
        Column(heading="类型"),
        Column(heading="气体质量/t", weight=3, number=True),
        Column(heading="排放量/tCO2e", weight=3, number=True),
    )
    return table(name, title, columns, lines)


def _by_source(facts: ReportFacts) -> Table:
    titles = _category_titles(facts)
    return _grouped(
        "排放源",
        "表 4-3 按排放源",
        ("范围", "排放源类别", "排放源", "气体"),
        facts.inventory.rows,
        lambda row: (
            SCOPES[row.scope],
            titles.get(row.category, row.category),
            row.source,
            row.gas,
        ),
    )


def _by_month(rows: Sequence[InventoryRow]) -> Table:
    lines: list[tuple[Cell, ...]] = []
    for purpose, chosen in _purposes(rows):
        for period in sorted({row.period for row in chosen}):
            of_it = [row for row in chosen if row.period == period and row.role is Role.EMISSION]
            scopes = [_sum(row for row in of_it if row.scope == scope) for scope in SCOPES]
            lines.append((PURPOSES[purpose], period, *scopes, _sum(of_it)))
    return table(
        "按期间",
        "表 4-4 按期间（不含碳汇，tCO2e）",
        (
            Column(heading="用途", weight=3),
            Column(heading="期间"),
            *(Column(heading=each, weight=3, number=True) for each in SCOPES.values()),
            Column(heading="合计", weight=3, number=True),
        ),
        lines,
    )


def _details(facts: ReportFacts) -> Table:
    lines = [
        (
            PURPOSES[row.purpose],
            SCOPES[row.scope],
            row.category,
            row.source,
            row.gas,
            row.period,
            ROLES[row.role],
            Quantity(value=row.mass),
            Quantity(value=row.value),
            NOTHING if row.u is None else Quantity(value=row.u),
            STANDINGS[row.standing],
            " ".join(map(str, row.leaves)) or NOTHING,
        )
        for row in facts.inventory.rows
    ]
    titles = ("用途", "范围", "类别", "排放源", "气体", "期间", "类型")
    return table(
        "清单明细",
        "表 4-5 清单明细",
        (
            *(Column(heading=each) for each in titles),
            Column(heading="气体质量/t", number=True),
            Column(heading="排放量/tCO2e", number=True),
            Column(heading="标准不确定度 u", number=True),
            Column(heading="状态"),
            Column(heading="叶序号"),
        ),
        lines,
        detail=True,
    )


def _category_titles(facts: ReportFacts) -> dict[str, str]:
    return {
        category.id: category.title_zh
        for one in facts.results
        for category in one.method.categories.values()
    }
