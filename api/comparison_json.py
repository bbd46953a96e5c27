"""Comparisons of measurements beside an inventory as JSON, for the command line and for HTTP."""

from collections.abc import Iterable

from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.records.measurement_parts import Found, MeasuredBy
from trace_node.canonical_json import JsonObject, JsonValue


def comparisons_json(found: Iterable[Compared]) -> list[JsonValue]:
    """The figures side by side, which is the figure and by what rule, and what does not conform."""
    return [_row(one) for one in found]


def _row(one: Compared) -> JsonObject:
    record = one.record
    return {
        "clause": record.clause,
        "differences": [each.write() for each in record.differences],
        "emission": one.emission,
        "figure": None if record.figure is None else record.figure.value,
        "figures": [each.write() for each in record.figures],
        "findings": [_finding(each) for each in one.findings],
        "leaf": one.leaf,
        "measurements": [_measurement(each) for each in record.measurements],
        "method": one.method,
        "passed_over": [each.value for each in record.passed_over],
        "period": one.period,
        "rule": record.rule,
        "unit": one.unit,
    }


def _measurement(each: MeasuredBy) -> JsonObject:
    written = each.write()
    return {name: written[name] for name in ("approach", "co2", "expanded", "k", "unstated")}


def _finding(each: Found) -> JsonObject:
    return each.write()
