"""The register of emission sources: each identified, with its energy use and its amount."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from trace_node.accounting.inventory.sources import SourceRow
from trace_node.accounting.methods.words import Purpose
from trace_node.accounting.report.content import (
    NOTHING,
    Cell,
    Column,
    Quantity,
    Section,
    table,
)
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.words import PURPOSES, SCOPES

_SOURCES = (
    Column(heading="核算单元"),
    Column(heading="排放源", weight=3),
    Column(heading="类别", weight=3),
    Column(heading="范围", weight=1),
    Column(heading="ISO 类别", weight=1),
    Column(heading="气体质量/t", weight=4),
    Column(heading="状态"),
)
_USED = (
    Column(heading="排放源", weight=3),
    Column(heading="活动数据", weight=3),
    Column(heading="数量", weight=3, number=True),
    Column(heading="单位"),
    Column(heading="取得方式"),
)
_OBTAINED = {"meter": "计量", "document": "凭证", "laboratory": "检测", "derived": "计算"}


def sources(facts: ReportFacts) -> Section:
    """Every source of the boundary, then what each used."""
    titles = {
        (one.method.ref, category.id): category.title_zh
        for one in facts.results
        for category in one.method.categories.values()
    }
    rows = [_source(one, titles.get((one.method, one.category))) for one in facts.register]
    used = [row for one in facts.register for row in _used(one)]
    return Section(
        heading="2.1 排放源识别",
        blocks=(
            table("排放源识别", "表 2-2 排放源及其排放量", _SOURCES, rows),
            table("能源使用", "表 2-3 排放源的活动数据", _USED, used),
        ),
    )


def _source(one: SourceRow, category: str | None) -> tuple[Cell, ...]:
    return (
        one.unit,
        f"{one.title}（{one.source}）",
        category or one.category,
        NOTHING if one.scope is None else SCOPES[one.scope],
        str(one.iso14064),
        _masses(one.masses) if one.is_accounted else NOTHING,
        "已核算" if one.is_accounted else "已识别，未核算",
    )


def _masses(masses: Mapping[tuple[str, str], Decimal]) -> str:
    found = [
        f"{PURPOSES[Purpose(purpose)]} {gas} {Quantity(value=value).text}"
        for (purpose, gas), value in masses.items()
    ]
    return "；".join(found) or NOTHING


def _used(one: SourceRow) -> Iterator[tuple[Cell, ...]]:
    for each in one.used:
        yield (
            f"{one.title}（{one.source}）",
            each.name,
            NOTHING if each.value is None else Quantity(value=each.value),
            each.unit,
            _OBTAINED.get(each.provenance, each.provenance),
        )
