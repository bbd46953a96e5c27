"""An inventory with its statistics as JSON, for the command line and for HTTP."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from api.comparison_json import comparisons_json
from api.inventory_json import inventory_json
from trace_node.accounting.assessment.sums import SumBudget
from trace_node.accounting.inventory.accuracy import TARGET, FigureAccuracy
from trace_node.accounting.inventory.compare import Change
from trace_node.accounting.inventory.completeness import CategoryState
from trace_node.accounting.inventory.cross_check import CrossCheck
from trace_node.accounting.inventory.six_categories import CategoryOfIso
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.services.clean_energy import CleanEnergy
from trace_node.services.clean_energy_records import CleanStatistic
from trace_node.services.inventory_accuracy import accuracy_of
from trace_node.services.inventory_measures import Intensity
from trace_node.services.inventory_view import InventoryView


def inventory_view_json(found: InventoryView, worth: Sequence[SumBudget] = ()) -> JsonObject:
    """An inventory, what its figures are worth, and its statistics; decimals are texts."""
    return {
        **inventory_json(found.inventory, worth),
        "accuracy": [_accuracy_json(one) for one in accuracy_of(found, worth)],
        "categories": [category_json(one) for one in found.categories],
        "clean_energy": clean_json(found),
        "comparisons": comparisons_json(found.comparisons),
        "complete": found.is_complete,
        "flags": [{**each.flag.to_json(), "leaves": list(each.leaves)} for each in found.flags],
        "iso14064": [_iso_json(one) for one in found.iso14064],
    }


def _accuracy_json(one: FigureAccuracy) -> JsonObject:
    return {
        "accuracy": _text(one.accuracy),
        "categories": f"{one.categories:f}",
        "gwp_set": one.gwp_set,
        "met": one.is_met,
        "purpose": one.purpose.value,
        "relative_uncertainty": _text(one.relative),
        "settled": f"{one.settled:f}",
        "target": f"{TARGET:f}",
        "unit": one.unit,
        "whole": one.is_whole,
    }


def category_json(one: CategoryState) -> JsonObject:
    """A source category of a method: present, declared not occurring, or missing."""
    return {
        "category": one.category,
        "leaves": list(one.leaves),
        "method": one.method,
        "occurrence": one.occurrence.value,
        "reasons": list(one.reasons),
        "scope": one.scope,
        "sources": list(one.sources),
        "title_en": one.title_en,
        "title_zh": one.title_zh,
        "unit": one.unit,
    }


def clean_json(found: InventoryView) -> JsonObject:
    """Clean energy on record by kind, and what figures took off; nothing is netted."""
    clean = found.clean
    return {
        "deducted": [clean_energy_json(one) for one in found.clean_energy],
        "deducted_mwh": f"{clean.deducted:f}",
        "records": [
            {
                "kind": each.entry.kind.value,
                "leaf": each.index,
                "number": each.entry.number,
                "period": each.entry.period.name,
                "source": each.entry.source,
                "unit": each.entry.unit,
                "value": f"{each.entry.quantity:f}",
            }
            for each in clean.records
        ],
        "totals": clean_totals_json(clean),
        "uncovered_mwh": f"{clean.uncovered:f}",
    }


def clean_totals_json(found: CleanStatistic) -> list[JsonValue]:
    """Clean energy on record by kind."""
    return [
        {"kind": kind.value, "unit": whole.unit.symbol, "value": f"{whole.value:f}"}
        for kind, whole in found.totals.items()
    ]


def clean_energy_json(one: CleanEnergy) -> JsonObject:
    """An amount that a figure took off as non-fossil energy."""
    return {
        "item": one.item,
        "leaf": one.index,
        "period": one.period,
        "source": one.source,
        "unit": one.unit,
        "value": f"{one.value:f}",
    }


def change_json(one: Change) -> JsonObject:
    """A figure in two spans."""
    return {
        "after": _text(one.after),
        "before": _text(one.before),
        "gwp_set": one.gwp_set,
        "purpose": one.purpose.value,
        "ratio": _text(one.ratio),
        "unit": one.unit,
    }


def intensity_rows(found: Sequence[Intensity]) -> list[JsonValue]:
    """Figures by activities of the boundary; a value is null where there is none."""
    return [
        {
            "activity": one.activity.name,
            "gwp_set": one.gwp_set,
            "leaves": list(one.activity.leaves),
            "missing": list(one.activity.missing),
            "purpose": one.purpose.value,
            "quantity": _text(one.activity.number),
            "standing": one.activity.standing.value,
            "unit": one.unit,
            "value": _text(one.value),
        }
        for one in found
    ]


def check_json(one: CrossCheck) -> JsonObject:
    """Two sources of one quantity."""
    unit = one.first_value or one.second_value
    return {
        "agreement": one.agreement.value,
        "first": one.first,
        "first_value": None if one.first_value is None else f"{one.first_value.value:f}",
        "period": one.period,
        "ratio": _text(one.ratio),
        "second": one.second,
        "second_value": None if one.second_value is None else f"{one.second_value.value:f}",
        "tolerance": f"{one.tolerance:f}",
        "unit": None if unit is None else unit.unit.symbol,
    }


def _iso_json(one: CategoryOfIso) -> JsonObject:
    return {
        "masses": _gases(one.masses),
        "number": one.number,
        "sinks": _gases(one.sinks),
        "sources": list(one.sources),
        "title_en": one.title_en,
        "title_zh": one.title_zh,
    }


def _gases(masses: Mapping[str, Decimal]) -> list[JsonValue]:
    return [{"gas": gas, "value": f"{mass:f}"} for gas, mass in masses.items()]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
