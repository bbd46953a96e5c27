"""Errors of reports."""

from trace_node.errors import InputError, StateError


class ReportError(InputError):
    """What a report is to be made from breaks a rule."""

    code = "report"


class ReportRefusedError(StateError):
    """A report of this kind may not be made from what there is."""

    code = "report.refused"


def no_results(period: str) -> ReportError:
    """The refusal of a report of nothing."""
    return ReportError(
        "{field}: there is no result in {period}",
        field="results",
        period=period,
        remedy="compute the emissions of the period first",
        code="report.empty",
    )
