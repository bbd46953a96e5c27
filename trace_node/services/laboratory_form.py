"""The Excel form of laboratory records: one row is one determined value; all of it or nothing.

Rows with the same sample number are one report. What a report says once may stand in its first row
only. Choices are made in Chinese.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.parameter import UNITS, LabValue, Parameter
from trace_node.accounting.laboratory.record import LaboratoryRecord, SampledFrom
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.quota.registry.cells import refusal_of
from trace_node.services.form_cells import FormImport, FormSheet, column_of, faults_of
from trace_node.services.workbook_form import write_form_xlsx

LABORATORY: Final = "laboratory"
_OF_REPORT: Final = MappingProxyType(
    {
        "sample": "样品编号",
        "batch": "批次（可空）",
        "substance": "燃料或物料代码",
        "sampled_from": "采样位置",
        "period": "代表时段（日或月）",
        "quantity": "代表数量",
        "unit": "数量单位",
        "sampled_on": "采样日期",
        "tested_on": "检测日期",
        "issued_on": "报告日期",
        "received_on": "收到日期",
        "laboratory": "检测机构",
        "certificates": "资质证书（如 CMA 180012345678；CNAS L1234）",
        "report": "报告编号",
        "evidence": "报告文件名或其 SM3（可空）",
    }
)
_OF_VALUE: Final = MappingProxyType(
    {
        "parameter": "检测参数",
        "basis": "基准（气体留空）",
        "value": "结果（质量分数为小数，不是百分数）",
        "value_unit": "结果单位（可空）",
        "standard": "检测标准",
        "repeats": "平行样结果（以空格分开，可空）",
    }
)
COLUMNS: Final = MappingProxyType({**_OF_REPORT, **_OF_VALUE})
SAMPLED_FROM: Final = MappingProxyType(
    {"入厂": SampledFrom.RECEIVED, "入炉": SampledFrom.FIRED, "产品": SampledFrom.PRODUCT}
)
PARAMETERS: Final = MappingProxyType(
    {
        "元素碳": Parameter.CARBON,
        "氢": Parameter.HYDROGEN,
        "硫": Parameter.SULPHUR,
        "水分": Parameter.MOISTURE,
        "灰分": Parameter.ASH,
        "低位发热量": Parameter.NCV,
        "气体含碳量": Parameter.CARBON_GAS,
        "气体低位发热量": Parameter.NCV_GAS,
    }
)
BASES: Final = MappingProxyType(
    {"收到基": Basis.AR, "空气干燥基": Basis.AD, "干燥基": Basis.D, "干燥无灰基": Basis.DAF}
)
_DAY: Final = "2025-01-01"
_RIGHT_VALUE: Final[JsonObject] = {"basis": "ar", "standard": "x", "value": "0.5", "repeats": []}
_RIGHT: Final[JsonObject] = {
    **dict.fromkeys(("sampled_on", "tested_on", "issued_on", "received_on"), _DAY),
    **dict.fromkeys(("sample", "laboratory", "report", "substance"), "x"),
    "batch": None,
    "certificates": [],
    "period": "2025-01",
    "quantity": "1",
    "sampled_from": "received",
    "unit": "t",
}
_NOTES: Final = (
    "一行一个检测结果；同一样品编号的各行合为一份检测记录，报告信息可只填在第一行。",
    "元素碳、氢、硫、水分、灰分为质量分数（0 至 1）；结果单位可空，默认为：",
    "质量分数 1，低位发热量 GJ/t，气体含碳量 tC/10^4Nm3，气体低位发热量 GJ/10^4Nm3。",
    "数值为普通小数，不得使用公式、宏或科学计数；日期写成 2025-12-05。",
    "采样、检测、报告、收到日期按报告原样填写；日期先后矛盾或改期的样品会被标出。",
    "报告文件名留空时，采用导入时指定的文件。同一样品再次导入为更正，原记录保留在日志中。",
)


def laboratory_form() -> bytes:
    """The empty form as a workbook."""
    return write_form_xlsx(
        COLUMNS,
        [],
        sheet=LABORATORY,
        choices={
            "sampled_from": list(SAMPLED_FROM),
            "parameter": list(PARAMETERS),
            "basis": list(BASES),
        },
        notes=_NOTES,
    )


def read_laboratory_form(raw: bytes, given: FormImport) -> Sequence[LaboratoryRecord]:
    """The records of a filled-in form, in the order of their first rows.

    Raises:
        TooLargeError: The file is over its bound.
        RegistryFileError: It is no such form, or cells break a rule, each of which is named
            (``laboratory.cell``).
    """
    sheet = FormSheet(raw, sheet=LABORATORY, columns=tuple(COLUMNS))
    rows: dict[str, list[int]] = {}
    for row in sheet.rows():
        rows.setdefault(sheet.said(row)["sample"], []).append(row)
    records = [_record(sheet, of_sample, given) for of_sample in rows.values()]
    if sheet.bad:
        raise refusal_of(sheet.bad, code="laboratory.cell")
    return [each for each in records if each is not None]


def _record(sheet: FormSheet, rows: Sequence[int], given: FormImport) -> LaboratoryRecord | None:
    """The record of a sample; None where something is wrong with it, which is noted."""
    before = len(sheet.bad)
    first = sheet.said(rows[0])
    for row in rows[1:]:
        _require_same(sheet, row, first)
    values = [_value(sheet, row) for row in rows]
    evidence = bytes(32)
    try:
        evidence = given.evidence(first["evidence"])
    except InputError as error:
        sheet.note(rows[0], error)
    fields: JsonObject = {
        **{name: first[name] for name in _OF_REPORT},
        "batch": first["batch"] or None,
        "certificates": _certificates(first["certificates"]),
        "evidence": to_base64url(evidence),
        "organisation": given.organisation,
        "sampled_from": _word(SAMPLED_FROM, first["sampled_from"]),
        "values": list(values),
    }
    # Each value was read by itself; what is wrong with them is noted already.
    value: JsonObject = {**_RIGHT_VALUE, "parameter": "carbon", "unit": "1"}
    for fault in faults_of(LaboratoryRecord.from_fields, {**fields, "values": [value]}, _RIGHT):
        sheet.note(rows[0], fault, column=column_of(fault.field))
    if len(sheet.bad) > before:
        return None
    try:
        return LaboratoryRecord.from_fields(fields)
    except InputError as error:  # how the values fit together
        sheet.note(rows[-1], error, column="parameter")
        return None


def _require_same(sheet: FormSheet, row: int, first: Mapping[str, str]) -> None:
    """What further rows of a report repeat has to be the same."""
    said = sheet.said(row)
    for name in _OF_REPORT:
        if said[name] and said[name] != first[name]:
            sheet.bad.append(
                sheet.cell(
                    row,
                    name,
                    "{field}: differs from the first row of the sample {sample}",
                    "write it as there, or leave it empty; another report is another sample number",
                    sample=first["sample"],
                )
            )


def _value(sheet: FormSheet, row: int) -> JsonObject:
    """A determined value as a member of the record; every fault of it is noted."""
    said = sheet.said(row)
    parameter = _word(PARAMETERS, said["parameter"])
    unit = UNITS[Parameter(parameter)] if parameter in set(Parameter) else "1"
    is_gas = parameter in {Parameter.CARBON_GAS, Parameter.NCV_GAS}
    fields: JsonObject = {
        "basis": _word(BASES, said["basis"]) or None,
        "parameter": parameter,
        "repeats": list(said["repeats"].replace("；", " ").replace(";", " ").split()),
        "standard": said["standard"],
        "unit": said["value_unit"] or unit,
        "value": said["value"],
    }
    right: JsonObject = {
        **_RIGHT_VALUE,
        "basis": None if is_gas else "ar",
        "parameter": "carbon",
        "unit": unit,
    }
    for error in faults_of(LabValue.from_fields, fields, right):
        sheet.note(row, error, column="value_unit" if error.field == "unit" else error.field)
    return fields


def _word(known: Mapping[str, str], said: str) -> str:
    """The code behind a Chinese word; a code stays itself."""
    return str(known[said]) if said in known else said


def _certificates(said: str) -> list[JsonValue]:
    """``CMA 180012345678；CNAS L1234`` as members of the record."""
    parts = (each.strip() for each in said.replace("；", ";").split(";"))
    return [
        {"scheme": scheme.upper(), "number": number.strip()}
        for scheme, _, number in (each.partition(" ") for each in parts if each)
    ]
