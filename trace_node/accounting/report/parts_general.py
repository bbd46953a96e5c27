"""The sections around the figures: organisation, boundary, methods, completeness, adjustments."""

from collections.abc import Iterator
from typing import Final

from trace_node.accounting.inventory.completeness import CategoryState
from trace_node.accounting.inventory.inventory import Overlap
from trace_node.accounting.report.chinese import in_chinese
from trace_node.accounting.report.content import NOTHING, Cell, Column, Quantity, Section, table
from trace_node.accounting.report.facts import AccountedResult, ReportFacts
from trace_node.accounting.report.words import (
    FINDINGS,
    OCCURRENCES,
    OUTCOMES,
    SCOPES,
    SEVERITIES,
    USES,
)

_CATEGORIES: Final = (
    Column(heading="核算单元"),
    Column(heading="方法", weight=3),
    Column(heading="范围", weight=1),
    Column(heading="排放源类别", weight=3),
    Column(heading="状态"),
    Column(heading="理由或缺少的叶", weight=4),
)
_GAPS: Final = (
    Column(heading="核算单元"),
    Column(heading="方法", weight=3),
    Column(heading="起", weight=3),
    Column(heading="止", weight=3),
    Column(heading="缺少的排放源", weight=2),
)
_OVERLAPS: Final = (
    Column(heading="核算单元"),
    Column(heading="方法", weight=3),
    Column(heading="未计入的叶", weight=1),
    Column(heading="重复的叶", weight=3),
    Column(heading="起", weight=3),
    Column(heading="止", weight=3),
    Column(heading="计入", weight=1),
)
_FINDINGS: Final = (
    Column(heading="核算单元"),
    Column(heading="期间"),
    Column(heading="检查", weight=3),
    Column(heading="内容", weight=6),
    Column(heading="严重程度"),
)


def organisation(facts: ReportFacts) -> Section:
    """Whose report, and of what boundary."""
    leaf = "未入链" if facts.boundary_leaf is None else str(facts.boundary_leaf)
    rows = (
        *facts.registration,
        ("报告边界", facts.boundary),
        ("边界版本（叶序号）", leaf),
        ("报告期", facts.period),
        ("核算单元", "、".join(dict.fromkeys(one.unit for one in facts.results))),
    )
    columns = (Column(heading="项目", weight=2), Column(heading="内容", weight=5))
    return Section(
        heading="2 组织与报告边界", blocks=(table("组织与边界", "表 2-1 基本信息", columns, rows),)
    )


def methods(facts: ReportFacts) -> Section:
    """Each method once: its text, its source and its digest."""
    used = {one.method.ref: one for one in facts.results}
    rows = [
        (
            ref,
            one.method.title_zh,
            in_chinese(one.method.source),
            in_chinese(one.method.missing_data),
            USES[one.result.use],
            f"sm3:{one.result.method_digest.hex()}",
            _root(one),
        )
        for ref, one in sorted(used.items())
    ]
    columns = (
        Column(heading="方法", weight=3),
        Column(heading="名称", weight=3),
        Column(heading="依据", weight=3),
        Column(heading="缺失数据规则", weight=3),
        Column(heading="用途级别", weight=1),
        Column(heading="方法摘要", weight=4),
        Column(heading="因子库版本根", weight=4),
    )
    return Section(
        heading="3 核算方法与依据", blocks=(table("方法", "表 3-1 核算方法", columns, rows),)
    )


def _root(one: AccountedResult) -> str:
    root = one.result.release_root
    return NOTHING if root is None else f"sm3:{root.hex()}"


def completeness(facts: ReportFacts) -> Section:
    """What is in, what is declared not occurring, and what does not conform."""
    done = [each.outcome for one in facts.results for each in one.result.checks]
    counts = "，".join(f"{word} {done.count(outcome)} 项" for outcome, word in OUTCOMES.items())
    categories = [_category(one) for one in facts.categories]
    found = [row for one in facts.results for row in _found(one)]
    return Section(
        heading="7 完整性与不符合项",
        blocks=(
            table("完整性", "表 7-1 排放源类别的完整性", _CATEGORIES, categories),
            table("缺口", "表 7-2 没有核算结果的时段", _GAPS, [*map(_gap, facts.gaps)]),
            "每个排放源在任一时刻只计入一个数值；下表的记录与他人重复而未计入，须分段重新核算。",
            table("重复", "表 7-3 重复核算的时段", _OVERLAPS, [*map(_overlap, facts.overlaps)]),
            f"方法规定的检查：{counts}。",
            table("不符合项", "表 7-4 不符合项", _FINDINGS, found),
        ),
    )


def _gap(one: tuple[str, ...]) -> tuple[Cell, ...]:
    """A span without a result, or with one that lacks sources of the boundary."""
    *where, sources = one
    return (*where, sources or "全部")


def _overlap(one: Overlap) -> tuple[Cell, ...]:
    """A record that was left out, and those that state the same."""
    return (
        *(one.unit, one.method, str(one.leaf), "、".join(map(str, one.others))),
        *(one.begin.isoformat(), one.end.isoformat(), "后者" if one.counted else "均未"),
    )


def _category(one: CategoryState) -> tuple[Cell, ...]:
    """A source category, with the reasons stated and the leaves that say nothing of it."""
    why = (*one.reasons, *(f"叶 {leaf}" for leaf in one.leaves))
    state = OCCURRENCES[one.occurrence]
    return (
        *(one.unit, one.method, SCOPES[one.scope], one.title_zh, state),
        "；".join(why) or NOTHING,
    )


def _found(one: AccountedResult) -> Iterator[tuple[Cell, ...]]:
    """Checks of the method that failed, then what speaks against its activity data."""
    for each in one.result.non_conformities:
        yield one.unit, one.period, each.id, each.text_zh, SEVERITIES[each.severity]
    for name, code in one.findings:
        yield one.unit, one.period, code, f"{FINDINGS.get(code, code)}：{name}", NOTHING


def adjustments(facts: ReportFacts) -> Section:
    """What later leaves changed."""
    rows = [
        (
            one.period,
            one.unit,
            one.figure,
            Quantity(value=one.before),
            Quantity(value=one.after),
            one.reason,
            str(one.leaf),
        )
        for one in facts.adjustments
    ]
    columns = (
        Column(heading="期间"),
        Column(heading="核算单元"),
        Column(heading="数值"),
        Column(heading="调整前", number=True),
        Column(heading="调整后", number=True),
        Column(heading="原因", weight=4),
        Column(heading="叶序号"),
    )
    return Section(
        heading="8 已关闭期间的调整",
        blocks=(
            "已关闭期间的数值只能以新的叶记录调整，原记录保持不变。",
            table("调整", "表 8-1 调整", columns, rows),
        ),
    )
