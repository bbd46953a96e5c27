"""The Chinese words a report has for the words of the domain."""

from types import MappingProxyType
from typing import Final

from trace_node.accounting.comparison import findings
from trace_node.accounting.comparison.choice import CALCULATED_DURING_TRIAL, CEMS_FIRST
from trace_node.accounting.comparison.measurement import Approach
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
APPROACHES: Final = MappingProxyType(
    {
        Approach.CEMS: "烟气直测法",
        Approach.CALCULATION: "核算法",
        Approach.MASS_BALANCE: "物料平衡法",
        Approach.MODEL: "数学模型法",
    }
)
RULES: Final = MappingProxyType(
    {
        CEMS_FIRST.id: "烟气直测优先，其次物料平衡、核算",
        CALCULATED_DURING_TRIAL.id: "烟气监测试运行期间采用核算值",
    }
)
OF_COMPARISON: Final = MappingProxyType(
    {
        findings.NEGATIVE: "物料平衡为负，差 {co2} tCO2：流出的碳多于流入的碳",
        findings.NO_HOUR: "没有烟气直测值：各排口没有一个小时有测量数据",
        findings.INCOMPLETE: "排口有 {missing} 个小时没有测量数据，或当日有效数据不足："
        "烟气直测值不能代表该期间",
        findings.DISAGREE: "{first}与{second}之差超出其不确定度：E_n = {en}",
        findings.MISSING: "没有{approach}的结果：{what} 没有数值",
        findings.BEYOND: "{what} 的数值超出模型的训练范围",
        findings.OF_ANOTHER_KIND: "没有模型结果：模型以另一种时段（{kind}）训练",
        findings.SINGULAR: "没有模型结果：训练期内自变量线性相关",
        findings.UNTRAINED: "没有模型结果：只有 {count} 个时段可供训练，需要 {least} 个",
        findings.EARLIER: "比对对应的是先前的记录（叶 {leaf}），须重新比对",
        findings.NO_FIGURE: "按规则 {rule}（{clause}）没有可采用的结果，本报告列示核算值",
        findings.OTHER_FIGURE: "按规则 {rule}（{clause}），{purpose}数值应取{approach}的"
        " {value} {unit}；本报告列示的是核算值 {calculated} {unit}",
        findings.UNMEASURED: "按规则 {rule}（{clause}）和叶 {plan} 的测量方案，{approach}"
        "先于核算法，但本期间没有比对记录；本报告列示核算值",
        findings.REPLANNED: "叶 {later} 的测量方案（{other}优先）订立于本期间结束或首次核算之后；"
        "此前的方案（叶 {plan}）以{approach}优先",
    }
)
PERIOD_KINDS: Final = MappingProxyType({"day": "日", "month": "月"})
