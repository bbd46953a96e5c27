"""Comparisons of measurements beside an inventory as JSON, for the command line and for HTTP."""

from collections.abc import Iterable

from trace_node.accounting.inventory.compared import Compared
from trace_node.accounting.records.measurement import MeasurementRecord
from trace_node.accounting.records.measurement_parts import Found, MeasuredBy
from trace_node.canonical_json import JsonObject, JsonValue


def comparisons_json(found: Iterable[Compared]) -> list[JsonValue]:
    """The figures side by side, which is the figure and by what rule, and what does not conform."""
    return [_row(one) for one in found]


def _row(one: Compared) -> JsonObject:
    return {
        "clause": one.clause,
        "emission": one.emission,
        "findings": [_finding(each) for each in one.findings],
        "leaf": one.leaf,
        "method": one.method,
        "period": one.period,
        "rule": one.rule,
        "unit": one.unit,
        **_measured(one.record),
    }


def _measured(record: MeasurementRecord | None) -> JsonObject:
    if record is None:
        return {
            "differences": [],
            "figure": None,
            "figures": [],
            "measurements": [],
            "passed_over": [],
        }
    return {
        "differences": [each.write() for each in record.differences],
        "figure": None if record.figure is None else record.figure.value,
        "figures": [each.write() for each in record.figures],
        "measurements": [_measurement(each) for each in record.measurements],
        "passed_over": [each.value for each in record.passed_over],
    }


def _measurement(each: MeasuredBy) -> JsonObject:
    written = each.write()
    return {name: written[name] for name in ("approach", "co2", "expanded", "k", "unstated")}


def _finding(each: Found) -> JsonObject:
    return each.write()
