"""What a report is told of clean energy, from the statistics of an inventory."""

from trace_node.accounting.report.clean import CleanFacts, CleanLine, CleanSum
from trace_node.services.clean_energy_records import CleanStatistic


def clean_facts(found: CleanStatistic) -> CleanFacts:
    """The statistic as a report tells it."""
    return CleanFacts(
        lines=tuple(
            CleanLine(
                kind=each.entry.kind,
                number=each.entry.number,
                period=each.entry.period.name,
                source=each.entry.source,
                quantity=each.entry.quantity,
                unit=each.entry.unit,
                document=each.entry.document,
                leaf=each.index,
            )
            for each in found.records
        ),
        sums=tuple(
            CleanSum(kind=kind, quantity=whole.value, unit=whole.unit.symbol)
            for kind, whole in found.totals.items()
        ),
        deducted=found.deducted,
        uncovered=found.uncovered,
    )
