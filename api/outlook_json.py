"""Forecasts, boards of emission, stages and emitters as JSON, for command line and HTTP."""

from decimal import Decimal

from trace_node.accounting.outlook.back_test import ERROR_TARGET, TREND_TARGET, BackTest
from trace_node.accounting.outlook.forecast import Forecast
from trace_node.accounting.outlook.rating import Rated
from trace_node.accounting.outlook.seasonal_trend import CONFIDENCE, SeasonalTrend, TrendTest
from trace_node.accounting.outlook.series import month_of
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.services.emission_board import EmissionBoard, Rating
from trace_node.services.emission_forecast import EmissionForecast
from trace_node.services.emission_series import EmissionSeries
from trace_node.services.emitters import EmitterYear, YearFigure
from trace_node.services.stage_analysis import Stage


def forecast_json(found: EmissionForecast) -> JsonObject:
    """What the methods say; decimals are texts, fractions are not percents."""
    return {
        **series_json(found.series),
        "best": None if found.best is None else found.best.method,
        "forecasts": [_forecast(each) for each in found.forecasts],
        "per_energy": _text(found.per_energy),
        "trend": None if found.trend is None else _trend(found.trend, found.trend_test),
    }


def series_json(found: EmissionSeries) -> JsonObject:
    """The months that are known."""
    purpose, unit, gwp_set = found.key
    return {
        "gwp_set": gwp_set,
        "known": [
            {
                "leaves": list(found.leaves[each]),
                "month": month_of(each).name,
                "value": f"{value:f}",
            }
            for each, value in found.values.items()
        ],
        "partial": list(found.partial),
        "provisional": list(found.provisional),
        "purpose": purpose.value,
        "unit": unit,
    }


def board_json(found: EmissionBoard) -> JsonObject:
    """The board: level, what decided it, and every reference beside."""
    decided = found.to_date.decided
    return {
        **series_json(found.series),
        "expected": None if found.expected is None else _rating(found.expected),
        "forecast": None if found.forecast is None else _forecast(found.forecast),
        "level": None if found.level is None else found.level.value,
        "levels_leaf": None if found.levels is None else found.levels.index,
        "order": [each.value for each in found.order],
        "thresholds": {
            "orange": f"{found.thresholds.orange:f}",
            "red": f"{found.thresholds.red:f}",
            "yellow": f"{found.thresholds.yellow:f}",
        },
        "to_date": _rating(found.to_date),
        "used": None if decided is None else decided.measure.reference.value,
    }


def stage_json(one: Stage) -> JsonObject:
    """A figure of a stage."""
    figure = one.figure
    return {
        "before": _text(figure.before),
        "by_category": [
            {"category": category, "gas": gas, "value": f"{mass:f}"}
            for (category, gas), mass in figure.masses.items()
        ],
        "change": _text(figure.change),
        "change_on_year": _text(figure.change_on_year),
        "gwp_set": figure.gwp_set,
        "purpose": figure.purpose.value,
        "rises": figure.rises,
        "rising_months": one.rising_months,
        "share": _text(figure.share),
        "stage": figure.unit,
        "unit": figure.unit_of,
        "value": f"{figure.value:f}",
        "whole": figure.is_whole,
        "year_before": _text(figure.year_before),
    }


def emitter_json(one: EmitterYear) -> JsonObject:
    """What the list of a year says."""
    return {
        "document": one.status.document,
        "entered_by": one.status.entered_by,
        "leaf": one.index,
        "status": one.status.status.value,
        "year": one.status.period.name,
    }


def year_figure_json(one: YearFigure) -> JsonObject:
    """A figure of a year beside the threshold."""
    return {
        "gwp_set": one.gwp_set,
        "purpose": one.purpose.value,
        "reaches": one.reaches,
        "unit": one.unit,
        "value": f"{one.value:f}",
        "whole": one.is_whole,
    }


def _forecast(found: Forecast) -> JsonObject:
    return {
        "back_test": None if found.back_test is None else _back_test(found.back_test),
        "method": found.method,
        "months": [
            {
                "high": _text(each.high),
                "low": _text(each.low),
                "month": each.month,
                "value": f"{each.value:f}",
            }
            for each in found.months
        ],
        "refusal": None if found.refusal is None else str(found.refusal),
        "total": _text(found.total),
    }


def _trend(found: SeasonalTrend, tried: TrendTest) -> JsonObject:
    return {
        "borne_out": tried.right,
        "confidence": f"{found.confidence:f}",
        "confidence_target": f"{CONFIDENCE:f}",
        "direction": found.direction.value,
        "months": found.months,
        "pairs": found.pairs,
        "score": found.score,
        "slope": f"{found.slope:f}",
        "stated_before": tried.stated,
    }


def _back_test(found: BackTest) -> JsonObject:
    return {
        "error": _text(found.error),
        "error_met": found.error_met,
        "error_target": f"{ERROR_TARGET:f}",
        "months": [
            {
                "actual": f"{each.actual:f}",
                "forecast": f"{each.forecast:f}",
                "month": each.month,
                "origin": each.origin,
                "right": each.is_right,
            }
            for each in found.foretold
        ],
        "spread": _text(found.spread),
        "trend": _text(found.trend),
        "trend_met": found.trend_met,
        "trend_target": f"{TREND_TARGET:f}",
    }


def _rating(found: Rating) -> JsonObject:
    rows: list[JsonValue] = [_rated(each) for each in found.rated]
    return {
        "decided_by": None if found.decided is None else found.decided.measure.reference.value,
        "emission": f"{found.emission:f}",
        "months": list(found.months),
        "references": rows,
    }


def _rated(one: Rated) -> JsonObject:
    return {
        "citation": one.measure.citation,
        "draft": one.measure.is_draft,
        "lacks": one.measure.lacks,
        "level": None if one.level is None else one.level.value,
        "ratio": _text(one.ratio),
        "reference": one.measure.reference.value,
        "value": _text(one.measure.value),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
