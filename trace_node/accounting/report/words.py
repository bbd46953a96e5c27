"""The Chinese words a report has for the words of the domain."""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.factors.row import FactorStatus
from trace_node.accounting.inventory.completeness import Occurrence
from trace_node.accounting.methods.result import CheckOutcome, FlagKind
from trace_node.accounting.methods.words import Choice, Mark, Purpose, Role, Severity, Use
from trace_node.accounting.records.clean_energy import CleanKind
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.accounting.uncertainty.parts import Kind

TITLE: Final = "温室气体盘查报告书"
KINDS: Final = MappingProxyType(
    {
        ReportKind.COMPLIANCE: "履约报告",
        ReportKind.INTERNAL: "内部报告",
        ReportKind.DEMONSTRATION: "演示报告",
    }
)
PURPOSES: Final = MappingProxyType(
    {
        Purpose.ETS: "碳市场",
        Purpose.ENTERPRISE: "企业盘查",
        Purpose.ISO14064: "ISO 14064-1 组织清单",
        Purpose.FOOTPRINT: "产品碳足迹",
        Purpose.AUXILIARY: "辅助报告项",
    }
)
STANDINGS: Final = MappingProxyType(
    {Standing.FINAL: "已结算", Standing.PROVISIONAL: "暂估", Standing.MISSING: "缺失"}
)
FLAGS: Final = MappingProxyType(
    {
        FlagKind.DRAFT_FACTOR: "草案因子",
        FlagKind.UNCONFIRMED_TERM: "未确认计算项",
        FlagKind.NO_EVIDENCE: "无证据",
        FlagKind.ESTIMATED: "估算值",
        FlagKind.CONSERVATIVE: "保守值",
    }
)
MARKS: Final = MappingProxyType(
    {
        Mark.OFFICIAL: "官方文本",
        Mark.TRANSCRIBED: "公开转录",
        Mark.LISTED: "仅知项目名称",
        Mark.UNCONFIRMED: "无原文",
        Mark.PRODUCT: "产品自定",
    }
)
OUTCOMES: Final = MappingProxyType(
    {
        CheckOutcome.PASSED: "符合",
        CheckOutcome.FAILED: "不符合",
        CheckOutcome.NOT_DONE: "未检查",
    }
)
SEVERITIES: Final = MappingProxyType({Severity.FAULT: "错误", Severity.WARNING: "警示"})
ROLES: Final = MappingProxyType({Role.EMISSION: "排放", Role.SINK: "碳汇"})
STATUSES: Final = MappingProxyType(
    {
        FactorStatus.DRAFT: "草案",
        FactorStatus.ACTIVE: "有效",
        FactorStatus.SUPERSEDED: "已被取代",
        FactorStatus.FORBIDDEN: "禁用",
    }
)
USES: Final = MappingProxyType({Use.INTERNAL: "内部", Use.COMPLIANCE: "履约"})
EFFECTS: Final = MappingProxyType({Kind.A: "A 类", Kind.B: "B 类"})
CHOICES: Final = MappingProxyType(
    {
        "activity": "活动数据",
        "required": "必填值",
        "constant": "常数",
        "parameter": "选项",
        "factor": "因子库",
        Choice.MEASURED.value: "实测值",
        Choice.SUPPLIER.value: "供应商",
        Choice.DEFAULT.value: "缺省值",
        Choice.FORMULA.value: "计算值",
        Choice.CONSERVATIVE.value: "保守值",
        "not_occurring": "不发生",
    }
)
OCCURRENCES: Final = MappingProxyType(
    {
        Occurrence.PRESENT: "已核算",
        Occurrence.DECLARED: "声明不发生",
        Occurrence.MISSING: "未核算，也未声明",
    }
)
FINDINGS: Final = MappingProxyType(
    {
        "activity.negative": "活动数据为负值",
        "activity.implausible": "活动数据超出合理范围",
        "laboratory.tested_before_sampled": "检测日期早于采样日期",
        "laboratory.issued_before_tested": "报告日期早于检测日期",
        "laboratory.received_before_issued": "收到日期早于报告日期",
        "laboratory.anchored_before_received": "上链日期早于收到日期",
        "laboratory.re_dated": "同一样品的日期与先前记录不同",
        "laboratory.last_valid": "缺少样品，采用最近一次有效值",
        "laboratory.conservative": "缺少样品，采用方法的保守值",
    }
)
CLEAN_KINDS: Final = MappingProxyType(
    {
        CleanKind.OWN_POWER: "自发自用非化石电力",
        CleanKind.BOUGHT_POWER: "外购非化石电力",
        CleanKind.OWN_HEAT: "自产自用非化石热力",
        CleanKind.BOUGHT_HEAT: "外购非化石热力",
        CleanKind.CERTIFICATE: "绿证",
    }
)
SCOPES: Final = MappingProxyType({1: "范围一", 2: "范围二", 3: "范围三"})
