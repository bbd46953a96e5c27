"""The sheet of the industry: emissions by the source categories of its guideline, in its order."""

from collections.abc import Iterable, Iterator

from trace_node.accounting.arithmetic import total
from trace_node.accounting.inventory.completeness import CategoryState, Occurrence
from trace_node.accounting.methods.method import Category, Method
from trace_node.accounting.report.content import (
    NOTHING,
    Cell,
    Column,
    Quantity,
    Section,
    table,
)
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.words import OCCURRENCES, PURPOSES, ROLES, SCOPES

_COLUMNS = (
    Column(heading="方法", weight=3),
    Column(heading="排放源类别", weight=3),
    Column(heading="范围", weight=1),
    Column(heading="用途", weight=3),
    Column(heading="类型", weight=1),
    Column(heading="排放量/tCO2e", weight=3, number=True),
)


def industry(facts: ReportFacts) -> Section:
    """Every source category of every method once for each purpose; absent ones say so."""
    found = facts.template
    named = "未选用（报告含多个行业的方法）" if found is None else f"{found.title_zh}（{found.id}）"
    methods = {one.method.ref: one.method for one in facts.results}
    rows = [row for method in methods.values() for row in _method(method, facts)]
    return Section(
        heading="附录 C 行业汇总表",
        blocks=(
            f"行业模板：{named}。",
            "数值为各排放项之和，不含方法对合计的取整。",
            table("行业汇总", "表 C-1 按方法规定的排放源类别", _COLUMNS, rows),
        ),
    )


def _method(method: Method, facts: ReportFacts) -> Iterator[tuple[Cell, ...]]:
    for category in method.categories.values():
        key = method.ref, category.id
        own = [row for row in facts.inventory.rows if (row.method, row.category) == key]
        if not own:
            yield _row(method, category, NOTHING, NOTHING, _absent(key, facts.categories))
        for purpose, role in sorted({(row.purpose, row.role) for row in own}):
            value = total(r.value for r in own if (r.purpose, r.role) == (purpose, role))
            yield _row(method, category, PURPOSES[purpose], ROLES[role], Quantity(value=value))


def _absent(key: tuple[str, str], categories: Iterable[CategoryState]) -> str:
    """Why a source category has no emission: every unit declared it absent, or not."""
    said = {each.occurrence for each in categories if (each.method, each.category) == key}
    return OCCURRENCES[Occurrence.DECLARED] if said == {Occurrence.DECLARED} else "未核算"


def _row(
    method: Method, category: Category, purpose: str, role: str, value: Cell
) -> tuple[Cell, ...]:
    return (
        f"{method.title_zh}（{method.ref}）",
        category.title_zh,
        SCOPES[category.scope],
        purpose,
        role,
        value,
    )
