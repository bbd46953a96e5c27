"""Excel forms of activity data: production, past years, opening balances; all of it or nothing.

One row of the sheet becomes one activity entry. The English ids of the first row decide, the
Chinese row below them is for people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.errors import InputError
from trace_node.ports.store import UnitOfWork
from trace_node.quota.registry.cells import CellError, Grid, refusal_of
from trace_node.record.statement import content_key
from trace_node.services.enter_activity import TypedFigure, entry_of
from trace_node.services.workbook import XLSX, read_grid, write_xlsx

SHEET: Final = "entries"
COLUMNS: Final = MappingProxyType(
    {
        "activity": "活动数据名称（边界中的代码）",
        "source": "排放源代码",
        "period": "时段（如 2025-12 或 2025）",
        "quantity": "数值",
        "unit": "单位",
        "document": "单据种类和编号",
        "standing": "状态：final 最终，provisional 暂定",
    }
)
_FIRST_ROW: Final = 3
_FORMS: Final = MappingProxyType(
    {
        "production": ("product.output", "heat.supplied", "load.mean"),
        "past-years": ("product.output", "fuel.consumed", "electricity.purchased"),
        "opening-balances": ("fuel.opening_stock", "product.opening_stock"),
    }
)
FORMS: Final = tuple(_FORMS)
_NOTES: Final = MappingProxyType(
    {
        "production": "产品产量、供热量、负荷：按月或按日填报。",
        "past-years": "历史年度数据：时段填年份，如 2023。",
        "opening-balances": "期初库存：时段填期初所在月份。",
    }
)
_RULES: Final = (
    "一行一条；名称为示例，请改为边界中的代码。空行不读。",
    "数值为普通小数，不得使用公式、宏或科学计数；时段单元格请设为文本格式。",
    "已填报的时段再次填报为更正，导入时须注明更正。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormImport:
    """Who hands a form in.

    Attributes:
        organisation: Whose activity.
        evidence: 32-byte SM3 of the document behind it.
        entered_by: The person.
        corrects: Whether entries that are there are corrected.
    """

    organisation: str
    evidence: bytes
    entered_by: str
    corrects: bool = False


def form_file(name: str) -> bytes:
    """The empty form as a workbook.

    Args:
        name: One of ``FORMS``.
    """
    examples = [[each, *[""] * (len(COLUMNS) - 2), "final"] for each in _FORMS[name]]
    rows = [list(COLUMNS), list(COLUMNS.values()), *examples]
    return write_xlsx(rows, kind=SHEET, notes=[[_NOTES[name]], *([line] for line in _RULES)])


def read_form(raw: bytes, view: UnitOfWork, given: FormImport) -> Sequence[ActivityEntry]:
    """The entries of a filled-in form; examples without a figure are passed over.

    Raises:
        TooLargeError: The file is over its bound.
        RegistryFileError: It is no such form, or cells break a rule, each of which is named
            (``activity.cell``).
    """
    grid = read_grid(raw, file_form=XLSX, sheets=(SHEET,))
    bad = [
        _cell(grid, 1, column, "{field}: must be {expected}", "take a fresh form", expected=name)
        for column, name in enumerate(COLUMNS, 1)
        if grid.at(1, column) != name
    ]
    entries: list[ActivityEntry] = []
    topics: set[str] = set()
    for row in range(_FIRST_ROW, len(grid.rows) + 1) if not bad else ():
        if _is_empty(grid, row):
            continue
        found = _entry(grid, row, view, given)
        if isinstance(found, CellError):
            bad.append(found)
        elif found.topic in topics:
            bad.append(
                _cell(
                    grid,
                    row,
                    1,
                    "{field}: {topic} is in this form twice",
                    "keep one row for each activity and period",
                    topic=found.topic,
                )
            )
        else:
            topics.add(found.topic)
            entries.append(found)
    if bad:
        raise refusal_of(bad, code="activity.cell")
    return entries


def _is_empty(grid: Grid, row: int) -> bool:
    """Whether nobody filled a row in: it is blank, or an example of the form."""
    filled = [grid.at(row, column) for column in range(2, len(COLUMNS))]
    return not any(filled)


def _entry(
    grid: Grid, row: int, view: UnitOfWork, given: FormImport
) -> "ActivityEntry | CellError":
    said = {name: grid.at(row, column) for column, name in enumerate(COLUMNS, 1)}
    standing = said.pop("standing") or "final"
    if standing not in {"final", "provisional"}:
        why, remedy = "{field}: must be final or provisional", "write one of the two words"
        return _cell(grid, row, len(COLUMNS), why, remedy)
    figure = TypedFigure(
        **said,
        evidence=given.evidence,
        entered_by=given.entered_by,
        is_provisional=standing == "provisional",
    )
    try:
        entry = entry_of(figure, view, organisation=given.organisation, corrects=given.corrects)
    except InputError as error:
        name = str(error.params.get("field", ""))
        column = list(COLUMNS).index(name) + 1 if name in COLUMNS else 1
        params = {key: str(value) for key, value in error.params.items() if key != "field"}
        return _cell(grid, row, column, error.template, error.remedy_template, **params)
    newest = view.statements.newest(ACTIVITY_ENTRY, entry.topic)
    is_new = newest is None or newest.content_key == content_key(entry)
    if is_new or given.corrects:
        return entry
    why = "{field}: {topic} was entered already, and says something else"
    return _cell(grid, row, 1, why, "import it as a correction", topic=entry.topic)


def _cell(grid: Grid, row: int, column: int, why: str, remedy: str, **params: str) -> CellError:
    return CellError(why, sheet=grid.sheet, row=row, column=column, remedy=remedy, **params)
