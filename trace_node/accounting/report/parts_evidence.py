"""The sections a checker reads: values and factors, marks, data sources, leaves."""

from collections.abc import Iterator
from typing import Final

from trace_node.accounting.factors.row import FactorStatus
from trace_node.accounting.methods.result import Node
from trace_node.accounting.methods.words import Mark
from trace_node.accounting.report.chinese import in_chinese
from trace_node.accounting.report.content import NOTHING, Cell, Column, Quantity, Section, table
from trace_node.accounting.report.facts import AccountedResult, ReportFacts
from trace_node.accounting.report.permission import NEEDS_APPROVAL
from trace_node.accounting.report.words import CHOICES, FLAGS, MARKS, STATUSES
from trace_node.crypto.sm3 import sm3

_COMPUTED = frozenset({"step", "sum", "total", "not_occurring", "formula"})

_FACTORS: Final = (
    Column(heading="因子", weight=4),
    Column(heading="数值", number=True),
    Column(heading="单位", weight=3),
    Column(heading="状态"),
    Column(heading="摘要", weight=4),
)
_VALUES: Final = (
    Column(heading="核算单元"),
    Column(heading="期间"),
    Column(heading="参数", weight=3),
    Column(heading="名称", weight=3),
    Column(heading="数值", weight=3, number=True),
    Column(heading="单位"),
    Column(heading="来源"),
    Column(heading="因子"),
    Column(heading="证据", weight=3),
    Column(heading="条款", weight=3),
)
_FLAGS: Final = (
    Column(heading="核算单元"),
    Column(heading="方法", weight=3),
    Column(heading="原因"),
    Column(heading="对象", weight=4),
    Column(heading="批准", weight=2),
)
_TERMS: Final = (
    Column(heading="方法", weight=3),
    Column(heading="计算项", weight=2),
    Column(heading="名称", weight=3),
    Column(heading="标记", weight=2),
    Column(heading="条款", weight=4),
)
_RESULTS: Final = (
    Column(heading="核算单元"),
    Column(heading="期间"),
    Column(heading="叶序号", weight=1),
    Column(heading="结果摘要", weight=6),
)
_FILES: Final = (
    Column(heading="文件", weight=3),
    Column(heading="内容", weight=3),
    Column(heading="字节数", weight=1),
    Column(heading="SM3", weight=6),
)


def values(facts: ReportFacts) -> Section:
    """Every given value and factor; the whole graph of a year is for the workbook."""
    rows = [
        (one.unit, one.period, *_value(one, node))
        for one in facts.results
        for node in one.result.nodes.values()
        if node.choice not in _COMPUTED
    ]
    factors = {
        node.factor.id: (
            node.factor.id,
            Quantity(value=node.value),
            node.unit,
            STATUSES[FactorStatus(node.factor.status)],
            f"sm3:{node.factor.digest.hex()}",
        )
        for one in facts.results
        for node in one.result.nodes.values()
        if node.factor
    }
    return Section(
        heading="5 活动数据与排放因子",
        blocks=(
            table(
                "因子",
                "表 5-1 采用的因子",
                _FACTORS,
                [factors[name] for name in sorted(factors)],
            ),
            table(
                "参数值",
                "表 5-2 活动数据与参数",
                _VALUES,
                rows,
                detail=True,
            ),
        ),
    )


def _value(one: AccountedResult, node: Node) -> tuple[Cell, ...]:
    name = node.id.rsplit(".", 1)[-1]
    symbol = one.method.symbols.get(name)
    return (
        node.id,
        symbol.title_zh if symbol else NOTHING,
        Quantity(value=node.value),
        node.unit,
        CHOICES.get(node.choice, node.choice),
        node.factor.id if node.factor else NOTHING,
        "；".join(map(in_chinese, node.evidence)) or NOTHING,
        in_chinese(node.clause) or NOTHING,
    )


def marks(facts: ReportFacts) -> Section:
    """What is flagged, and how well the text of each term is known."""
    flags: dict[tuple[Cell, ...], None] = {}
    terms: dict[tuple[Cell, ...], None] = {}
    for one in facts.results:
        for flag in one.result.flags:
            missing = "未批准" if flag.kind in NEEDS_APPROVAL else NOTHING
            approval = in_chinese(flag.approval) or missing
            flags[one.unit, one.method.ref, FLAGS[flag.kind], flag.subject, approval] = None
        for term in _terms(one):
            terms[one.method.ref, *term] = None
    return Section(
        heading="9 标记",
        blocks=(
            "证据标记："
            + "，".join(f"[{mark.value}] {word}" for mark, word in MARKS.items())
            + "。",
            table(
                "提示",
                "表 9-1 需要注意的数据",
                _FLAGS,
                list(flags),
            ),
            table(
                "计算项",
                "表 9-2 计算项的证据标记",
                _TERMS,
                list(terms),
            ),
        ),
    )


def _terms(one: AccountedResult) -> Iterator[tuple[Cell, ...]]:
    for term in one.method.terms:
        node = one.result.nodes.get(term.id)
        if node is None or node.choice != "not_occurring":
            mark = Mark(term.mark)
            yield term.id, term.title_zh, f"[{mark.value}] {MARKS[mark]}", in_chinese(term.clause)


def sources(facts: ReportFacts) -> Section:
    """The source-data table of standard 002, 12.2."""
    rows = [
        (
            *(one.name, one.model or NOTHING, one.location, one.frequency, one.accuracy),
            *(one.calibration, one.calibrated_until or NOTHING, one.source, one.activity),
            NOTHING if one.leaf is None else str(one.leaf),
        )
        for one in facts.sources
    ]
    titles = ("设备名称", "型号", "安装位置", "测量频次", "设备精度", "校准频次", "校准有效期至")
    return Section(
        heading="附录 A 活动数据来源一览表",
        blocks=(
            table(
                "活动数据来源",
                "表 A-1 活动数据来源一览表",
                (
                    *(Column(heading=each) for each in titles),
                    Column(heading="关联排放源"),
                    Column(heading="活动数据", weight=3),
                    Column(heading="叶序号"),
                ),
                rows,
            ),
        ),
    )


def evidence(facts: ReportFacts) -> Section:
    """The results, the log and the files inside, each by its SM3."""
    results = [
        (
            *(one.unit, one.period, NOTHING if one.leaf is None else str(one.leaf)),
            f"sm3:{one.result.digest.hex()}",
        )
        for one in facts.results
    ]
    files = [
        (each.name, each.description, str(len(each.body)), f"sm3:{sm3(each.body).hex()}")
        for each in facts.attachments
    ]
    log = facts.log
    state = (
        "本报告的数据没有入链，不能由第三方核对。"
        if log is None
        else f"日志 {log.origin}，叶数 {log.size}，根 sm3:{log.root.hex()}。"
    )
    return Section(
        heading="附录 B 证据",
        blocks=(
            state,
            table(
                "结果摘要",
                "表 B-1 核算结果的摘要",
                _RESULTS,
                results,
            ),
            table(
                "附件",
                "表 B-2 PDF 内的附件",
                _FILES,
                files,
            ),
        ),
    )
