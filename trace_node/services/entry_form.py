"""Excel forms of activity data: production, past years, opening balances; all of it or nothing.

One row of the sheet becomes one activity entry. The English ids of the first row decide, the
Chinese row below them is for people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.ports.store import UnitOfWork
from trace_node.quota.registry.cells import refusal_of
from trace_node.record.statement import content_key
from trace_node.services.boundaries import entered_names
from trace_node.services.enter_activity import TypedFigure, entry_of
from trace_node.services.form_cells import FormImport, FormSheet, faults_of
from trace_node.services.workbook_form import write_form_xlsx

SHEET: Final = "entries"
COLUMNS: Final = MappingProxyType(
    {
        "activity": "活动数据名称（边界中的代码）",
        "source": "排放源代码",
        "period": "时段（如 2025-12 或 2025）",
        "quantity": "数值",
        "unit": "单位",
        "document": "单据种类和编号",
        "standing": "状态",
        "evidence": "单据文件名或其 SM3（可空）",
    }
)
STANDINGS: Final = MappingProxyType({"最终": Standing.FINAL, "暂定": Standing.PROVISIONAL})
_SHOWN: Final = 40
_TYPED: Final = ("quantity", "unit", "document", "evidence")  # what no form begins with
_RIGHT: Final[JsonObject] = {
    "activity": "x",
    "document": "x",
    "entered_by": "x",
    "period": "2025",
    "quantity": "1",
    "source": "x",
    "unit": "t",
}
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
    "一行一条；数值、单位和单据都未填写的行不读。未指定边界时名称为示例，请改为边界中的代码。",
    "数值为普通小数，不得使用公式、宏或科学计数。",
    "单据文件名留空时，采用导入时指定的单据。",
    "已填报的时段再次填报为更正，导入时须注明更正；原记录保留在日志中。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadForm:
    """What a filled-in form says.

    Attributes:
        entries: The entries.
        empty: How many rows were begun and have no figure.
    """

    entries: Sequence[ActivityEntry]
    empty: int


def form_file(name: str, *, boundary: Boundary | None = None, period: str = "") -> bytes:
    """The empty form as a workbook.

    Args:
        name: One of ``FORMS``.
        boundary: Whose entered activity data is filled in; examples if left out.
        period: The period that is filled in.
    """
    named = [("", each) for each in _FORMS[name]]
    if boundary is not None:
        named = [(each.source, each.name) for each in boundary.entries]
    rows = [[activity, source, period, "", "", "", "最终"] for source, activity in named]
    return write_form_xlsx(
        COLUMNS,
        rows,
        sheet=SHEET,
        choices={"standing": list(STANDINGS)},
        notes=[_NOTES[name], *_RULES],
    )


def read_form(raw: bytes, view: UnitOfWork, given: FormImport) -> ReadForm:
    """The entries of a filled-in form.

    Raises:
        TooLargeError: The file is over its bound.
        RegistryFileError: It is no such form, or cells break a rule, each of which is named
            (``activity.cell``).
    """
    sheet = FormSheet(raw, sheet=SHEET, columns=tuple(COLUMNS))
    known = entered_names(view, organisation=given.organisation)
    entries: dict[str, ActivityEntry] = {}
    empty = 0
    for row in sheet.rows():
        said = sheet.said(row)
        if not any(said[name] for name in _TYPED):
            empty += 1
            continue
        before = len(sheet.bad)
        entry = _entry(sheet, row, said, view, given)
        if all(cell.at != (row, 1) for cell in sheet.bad[before:]):
            _require_known(sheet, row, said, known)
        if entry is None:
            continue
        if entry.topic in entries:
            sheet.bad.append(
                sheet.cell(
                    row,
                    "activity",
                    "{field}: {topic} is in this form twice",
                    "keep one row for each activity and period",
                    topic=entry.topic,
                )
            )
        entries[entry.topic] = entry
    if sheet.bad:
        raise refusal_of(sheet.bad, code="activity.cell")
    return ReadForm(entries=tuple(entries.values()), empty=empty)


def _require_known(
    sheet: FormSheet, row: int, said: Mapping[str, str], known: Mapping[str, frozenset[str]]
) -> None:
    """A figure under a name that no boundary has would enter no account, and nobody would see."""
    sources = known.get(said["activity"])
    if sources is None:
        fault = sheet.cell(
            row,
            "activity",
            "{field}: no boundary enters activity data {name}; those that do: {names}",
            "write one of these names, or log a boundary that has it among its entries",
            name=repr(said["activity"][:64]),
            names=_listed(known),
        )
    elif said["source"] not in sources:
        fault = sheet.cell(
            row,
            "source",
            "{field}: {name} belongs to the source {names}",
            "write that source",
            name=said["activity"],
            names=_listed(sources),
        )
    else:
        return
    sheet.bad.append(fault)


def _listed(names: Iterable[str]) -> str:
    """Names in order, as many as one line holds."""
    found = sorted(names)
    more = f" … ({len(found)})" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more if found else "-"


def _entry(
    sheet: FormSheet, row: int, said: Mapping[str, str], view: UnitOfWork, given: FormImport
) -> ActivityEntry | None:
    """The entry of a row; None where something is wrong with it, which is noted."""
    before = len(sheet.bad)
    standing = _standing(sheet, row, said["standing"])
    evidence = b""
    try:
        evidence = given.evidence(said["evidence"])
    except InputError as error:
        sheet.note(row, error)
    fields: JsonObject = {
        **{name: said[name] for name in COLUMNS if name not in {"standing", "evidence"}},
        "entered_by": given.entered_by,
        "evidence": to_base64url(bytes(32)),
        "organisation": given.organisation,
        "replaces": None,
        "standing": standing.value,
    }
    for fault in faults_of(ActivityEntry.from_fields, fields, _RIGHT):
        sheet.note(row, fault)
    if len(sheet.bad) > before:
        return None
    typed = TypedFigure(
        **{name: said[name] for name in ("activity", "source", "period", "quantity", "unit")},
        document=said["document"],
        evidence=evidence,
        entered_by=given.entered_by,
        is_provisional=standing is Standing.PROVISIONAL,
    )
    entry = entry_of(typed, view, organisation=given.organisation, corrects=given.corrects)
    newest = view.statements.newest(ACTIVITY_ENTRY, entry.topic)
    if newest is None or given.corrects or newest.content_key == content_key(entry):
        return entry
    sheet.bad.append(
        sheet.cell(
            row,
            "activity",
            "{field}: {topic} was entered already, and says something else",
            "import it as a correction",
            topic=entry.topic,
        )
    )
    return None


def _standing(sheet: FormSheet, row: int, word: str) -> Standing:
    """What a cell says; final where it says nothing."""
    known = {**STANDINGS, **{each.value: each for each in Standing}, "": Standing.FINAL}
    if word not in known:
        sheet.bad.append(
            sheet.cell(
                row,
                "standing",
                "{field}: must be one of {words}",
                "choose from the list",
                words=", ".join((*STANDINGS, *Standing)),
            )
        )
    return known.get(word, Standing.FINAL)
