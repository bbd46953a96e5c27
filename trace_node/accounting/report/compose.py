"""From facts to a report."""

from typing import Final

from trace_node.accounting.report import (
    parts_clean,
    parts_comparison,
    parts_evidence,
    parts_figures,
    parts_general,
    parts_industry,
    parts_sources,
    parts_uncertainty,
)
from trace_node.accounting.report.content import NOTHING, Report
from trace_node.accounting.report.facts import ReportFacts
from trace_node.accounting.report.permission import require_printable, require_reportable
from trace_node.accounting.report.words import KINDS, TITLE
from trace_node.accounting.report_kind import ReportKind

SECTIONS: Final = (
    parts_figures.conclusion,
    parts_general.organisation,
    parts_sources.sources,
    parts_general.methods,
    parts_figures.summary,
    parts_evidence.values,
    parts_uncertainty.uncertainty,
    parts_general.completeness,
    parts_general.adjustments,
    parts_evidence.marks,
    parts_comparison.comparison,
    parts_clean.clean_energy,
    parts_evidence.sources,
    parts_evidence.evidence,
    parts_industry.industry,
)


def compose(facts: ReportFacts) -> Report:
    """The report (温室气体盘查报告书) with its source-data table; equal facts give equal reports.

    Raises:
        ReportError: The facts do not fit together, or a text cannot be printed.
        ReportRefusedError: They may not be reported as what they are called.
    """
    require_reportable(facts)
    report = Report(
        heading=TITLE,
        subtitle=f"{facts.organisation} {facts.period}",
        notice=_notice(facts),
        cover=_cover(facts),
        sections=tuple(write(facts) for write in SECTIONS),
        prepared_on=facts.prepared_on.isoformat(),
    )
    require_printable(report)
    return report


def _notice(facts: ReportFacts) -> str:
    """What stands on every page."""
    if facts.kind is ReportKind.DEMONSTRATION:
        return f"演示报告，不是任何企业的排放声明：{facts.demonstration}"
    open_flags = any(not flag.approval for one in facts.results for flag in one.result.flags)
    if facts.kind is ReportKind.INTERNAL:
        return "内部报告，不得用于履约" + ("；含未批准的数据，见第 9 章" if open_flags else "")
    return ""


def _cover(facts: ReportFacts) -> tuple[tuple[str, str], ...]:
    log = facts.log
    return (
        ("组织", facts.organisation),
        ("报告期", facts.period),
        ("报告边界", facts.boundary),
        ("报告类型", KINDS[facts.kind]),
        ("行业模板", facts.template.title_zh if facts.template else NOTHING),
        ("编制日期", facts.prepared_on.isoformat()),
        ("日志", "未入链" if log is None else f"{log.origin}（叶数 {log.size}）"),
    )
