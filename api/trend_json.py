"""The trend of emission as JSON, for the command line and for HTTP."""

from trace_node.accounting.outlook.trend import Trend
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.services.emission_trend import EmissionTrend, TrendLine
from trace_node.services.trend_references import TrendReference


def trend_json(found: EmissionTrend) -> JsonObject:
    """The lines of a span; decimals are texts."""
    return {
        "lacking": list(found.lacking),
        "lines": [_line(each) for each in found.lines],
        "periods": [
            {
                "leaves": list(leaves),
                "output": f"{found.outputs[name].value:f}" if name in found.outputs else None,
                "period": name,
                "unit": found.outputs[name].unit.symbol if name in found.outputs else None,
            }
            for name, leaves in found.leaves.items()
        ],
    }


def _line(each: TrendLine) -> JsonObject:
    return {
        "name": each.name,
        "odd": list(each.odd),
        "over_span": f"{each.over_span:f}",
        "reference": _reference(each.reference),
        "trend": _trend(each.trend),
        "unit": each.unit,
        "values": [
            {"period": period, "value": f"{value:f}"} for period, value in each.values.items()
        ],
    }


def _trend(found: Trend | None) -> JsonValue:
    if found is None:
        return None
    return {
        "count": found.count,
        "direction": found.direction.value,
        "median": f"{found.median:f}",
        "slope": f"{found.slope:f}",
    }


def _reference(found: TrendReference | None) -> JsonValue:
    if found is None:
        return None
    return {
        "draft": found.is_draft,
        "ratio": None if found.ratio is None else f"{found.ratio:f}",
        "row": found.row,
        "source": found.source,
        "value": f"{found.value:f}",
    }
