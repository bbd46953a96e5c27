"""What rounding took or gave: no reader is left with two totals that nothing explains."""

from collections.abc import Iterator

from trace_node.accounting.report.content import NOTHING, Cell, Column, Quantity, Table, table
from trace_node.accounting.report.facts import ReportFacts, SpanTotal
from trace_node.accounting.report.words import PURPOSES


def rounding_table(facts: ReportFacts) -> Iterator[Table]:
    """The figure, the sums it is not, and the differences; nothing where all are one number."""
    rows: list[tuple[Cell, ...]] = [
        (
            PURPOSES[one.purpose],
            f"{one.unit} {one.gwp_set}".strip() or NOTHING,
            Quantity(value=one.figure.value),
            Quantity(value=one.figure.unrounded),
            Quantity(value=one.figure.rounding),
            Quantity(value=one.figure.of_records),
            Quantity(value=one.figure.rounding_of_records),
        )
        for one in _rounded(facts)
    ]
    headings = ("报告期数值", "修约前合计", "修约差", "各记录数值之和", "各记录修约差之和")
    if rows:
        yield table(
            "修约",
            "表 1-3 修约：方法对总量的修约在报告期内只做一次，报告期数值是唯一的结论",
            (
                Column(heading="用途", weight=3),
                Column(heading="单位"),
                *(Column(heading=each, weight=3, number=True) for each in headings),
            ),
            rows,
        )


def rounding_notes(facts: ReportFacts) -> Iterator[str]:
    """Beside sums of masses: how they lead to the figure."""
    for one in _rounded(facts):
        figure = one.figure
        before, rounding, value = (
            f"{Quantity(value=each).text} {one.unit}"
            for each in (figure.unrounded, figure.rounding, figure.value)
        )
        yield (
            f"{PURPOSES[one.purpose]}：修约前合计 {before}，修约差 {rounding}，"
            f"报告期数值 {value}（表 1-2、表 1-3）。"
        )


def _rounded(facts: ReportFacts) -> Iterator[SpanTotal]:
    return (one for one in facts.totals if not one.figure.is_plain)
