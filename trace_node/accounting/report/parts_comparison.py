"""The section on other measurements: figures side by side, E_n, and which is the figure by rule."""

from collections.abc import Iterator
from typing import Final

from trace_node.accounting.comparison.findings import (
    NO_FIGURE,
    OTHER_FIGURE,
    REPLANNED,
    UNMEASURED,
)
from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_parts import Found
from trace_node.accounting.report.content import NOTHING, Cell, Column, Quantity, Section, table
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.words import (
    APPROACHES,
    OF_COMPARISON,
    PERIOD_KINDS,
    PURPOSES,
    RULES,
)

_WHOSE: Final = (Column(heading="核算单元"), Column(heading="期间"))
_SIDE_BY_SIDE: Final = (
    *_WHOSE,
    Column(heading="获取方式", weight=2),
    Column(heading="CO2/t", weight=3, number=True),
    Column(heading="U/t", weight=3, number=True),
    Column(heading="k", weight=1, number=True),
    Column(heading="取值", weight=2),
    Column(heading="叶序号"),
)
_PAIRS: Final = (
    *_WHOSE,
    Column(heading="比对双方", weight=4),
    Column(heading="E_n", weight=2, number=True),
    Column(heading="结论", weight=2),
)
_CHOSEN: Final = (
    *_WHOSE,
    Column(heading="用途", weight=2),
    Column(heading="核算值", weight=3, number=True),
    Column(heading="按规则取值", weight=3, number=True),
    Column(heading="单位"),
    Column(heading="规则", weight=5),
)
_FOUND: Final = (*_WHOSE, Column(heading="代码", weight=2), Column(heading="内容", weight=6))
_AGREES: Final = {True: "一致", False: "不一致", None: "无法判定"}
_WORDS: Final = {
    **{each.value: word for each, word in APPROACHES.items()},
    **{each.value: word for each, word in PURPOSES.items()},
    **PERIOD_KINDS,
}


def comparison(facts: ReportFacts) -> Section:
    """Approaches of each record that was measured otherwise too; none stands in for a missing U."""
    rows = facts.comparisons
    return Section(
        heading="10 测量结果比对",
        blocks=(
            "同一排放以不同方式取得的结果并列；E_n 不大于 1 为一致。",
            "数学模型的结果只作比对，不作为报告数值。",
            "“取值”为测量方案的规则所采用的方式；与本报告的核算值不同时，列为不符合项。",
            table("测量比对", "表 10-1 各方式的结果", _SIDE_BY_SIDE, list(_measurements(rows))),
            table("归一化偏差", "表 10-2 归一化偏差 E_n", _PAIRS, list(_pairs(rows))),
            table("按规则取值", "表 10-3 核算值与按规则取值", _CHOSEN, list(_chosen(rows))),
            table("比对不符合项", "表 10-4 不符合项", _FOUND, list(_found(rows))),
        ),
    )


def other_figures(facts: ReportFacts) -> tuple[str, ...]:
    """Sentences for the conclusion: by the rule of a plan the figure is another, or may be."""
    others, unmeasured, replanned = (
        sum(_speaks(one, codes) for one in facts.comparisons)
        for codes in ({OTHER_FIGURE, NO_FIGURE}, {UNMEASURED}, {REPLANNED})
    )
    said = []
    if others:
        said.append(f"注意：{others} 项核算结果不是测量方案的规则所采用的数值，见第 10 章。")
    if unmeasured:
        said.append(
            f"注意：{unmeasured} 项核算结果按测量方案的规则应先取其他方式，但期间内没有比对记录，"
            "见第 10 章。"
        )
    if replanned:
        said.append(
            f"注意：{replanned} 项核算结果的测量方案在期间结束或首次核算后改变了取值顺序，"
            "见第 10 章。"
        )
    return tuple(said)


def _measured(rows: tuple[Compared, ...]) -> Iterator[tuple[Compared, MeasurementRecord]]:
    for one in rows:
        if one.record is not None:
            yield one, one.record


def _measurements(rows: tuple[Compared, ...]) -> Iterator[tuple[Cell, ...]]:
    for one, record in _measured(rows):
        for each in record.measurements:
            yield (
                *(one.unit, one.period, APPROACHES[each.approach], Quantity(value=each.co2)),
                NOTHING if each.expanded is None else Quantity(value=each.expanded),
                Quantity(value=each.k),
                "采用" if each.approach is record.figure else NOTHING,
                str(one.leaf),
            )


def _pairs(rows: tuple[Compared, ...]) -> Iterator[tuple[Cell, ...]]:
    for one, record in _measured(rows):
        for pair in record.differences:
            yield (
                *(one.unit, one.period),
                f"{APPROACHES[pair.first]}与{APPROACHES[pair.second]}",
                NOTHING if pair.en is None else Quantity(value=pair.en),
                _AGREES[pair.agrees],
            )


def _chosen(rows: tuple[Compared, ...]) -> Iterator[tuple[Cell, ...]]:
    for one, record in _measured(rows):
        rule = f"{RULES[one.rule]}（{one.rule}，{one.clause}）"
        for each in record.figures:
            yield (
                *(one.unit, one.period, PURPOSES[each.purpose]),
                *(Quantity(value=each.calculated), Quantity(value=each.value)),
                *(each.unit, rule),
            )


def _found(rows: tuple[Compared, ...]) -> Iterator[tuple[Cell, ...]]:
    for one in rows:
        for each in one.findings:
            yield one.unit, one.period, each.code, _sentence(each)


def _sentence(found: Found) -> str:
    params = {name: _WORDS.get(value, value) for name, value in found.params}
    return OF_COMPARISON[found.code].format(**params)


def _speaks(one: Compared, codes: set[str]) -> bool:
    return any(each.code in codes for each in one.findings)
