"""The section on clean energy, beside the emission and never taken off it."""

from typing import Final

from trace_node.accounting.report.content import Cell, Column, Quantity, Section, table
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.words import CLEAN_KINDS

_KIND: Final = Column(heading="类别", weight=3)
_AMOUNT: Final = (
    Column(heading="数量", weight=3, number=True),
    Column(heading="单位", weight=1),
)
_LINES: Final = (
    _KIND,
    Column(heading="凭证编号", weight=3),
    Column(heading="期间"),
    Column(heading="排放源"),
    *_AMOUNT,
    Column(heading="文件", weight=3),
    Column(heading="叶序号"),
)


def clean_energy(facts: ReportFacts) -> Section:
    """What documents show by number and by kind, and what the figures took off without one."""
    clean = facts.clean
    sums: list[tuple[Cell, ...]] = [
        (CLEAN_KINDS[one.kind], Quantity(value=one.quantity), one.unit) for one in clean.sums
    ]
    lines: list[tuple[Cell, ...]] = [
        (
            CLEAN_KINDS[one.kind],
            one.number,
            one.period,
            one.source,
            Quantity(value=one.quantity),
            one.unit,
            one.document,
            str(one.leaf),
        )
        for one in clean.lines
    ]
    taken = (
        ("方法规定从外购电量中扣除的非化石电量", Quantity(value=clean.deducted), "MWh"),
        ("其中没有凭证的", Quantity(value=clean.uncovered), "MWh"),
    )
    return Section(
        heading="11 清洁能源统计",
        blocks=(
            "清洁能源单独统计，不抵减排放量；每个凭证编号只计一次。",
            table("清洁能源合计", "表 11-1 清洁能源合计", (_KIND, *_AMOUNT), sums),
            table("清洁能源凭证", "表 11-2 清洁能源凭证", _LINES, lines),
            table(
                "非化石电量",
                "表 11-3 核算中扣除的非化石电量",
                (Column(heading="项目", weight=5), *_AMOUNT),
                taken,
            ),
        ),
    )
