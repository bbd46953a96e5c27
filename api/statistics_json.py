"""Source registers and statistics of accounting as JSON, for command line and HTTP."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from api.inventory_view_json import clean_totals_json
from trace_node.accounting.inventory.sources import SourceRow
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.services.accounting_statistics import (
    AccountingStatistics,
    MethodStatistic,
    ProductStatistic,
)


def source_json(one: SourceRow) -> JsonObject:
    """An emission source; a scope or a value is null where no record states it."""
    return {
        "accounted": one.is_accounted,
        "category": one.category,
        "iso14064": one.iso14064,
        "leaves": list(one.leaves),
        "masses": _masses(one.masses),
        "method": one.method,
        "points": list(one.points),
        "scope": one.scope,
        "sinks": _masses(one.sinks),
        "source": one.source,
        "title": one.title,
        "unit": one.unit,
        "used": [
            {
                "name": each.name,
                "provenance": each.provenance,
                "unit": each.unit,
                "value": _text(each.value),
            }
            for each in one.used
        ],
    }


def statistics_json(found: AccountingStatistics) -> JsonObject:
    """All statistics; decimals are texts."""
    return {
        "boundary": {
            "absent": found.boundary.absent,
            "by_category": [
                {"category": category, "method": method, "sources": count}
                for (method, category), count in sorted(found.boundary.by_category.items())
            ],
            "counts": _counts(found.boundary.counts),
            "versions": found.boundary.versions,
        },
        "clean_energy": clean_totals_json(found.clean),
        "gaps": found.gaps,
        "methods": [_method(each) for each in found.methods],
        "products": [_product(each) for each in found.products],
        "records": found.records,
        "reports": _counts({kind.value: count for kind, count in found.reports.items()}),
        "sinks": _masses({(key[0], key[-1]): value for key, value in found.sinks.items()}),
    }


def _method(one: MethodStatistic) -> JsonObject:
    return {
        "choices": _counts(one.choices),
        "factors": _counts(one.factors),
        "final": one.final,
        "marks": _counts(one.marks),
        "method": one.method,
        "records": one.records,
    }


def _product(one: ProductStatistic) -> JsonObject:
    return {
        "batches": one.batches,
        "complete": one.complete,
        "least": _text(one.least),
        "mass": f"{one.mass:f}",
        "mean": _text(one.mean),
        "most": _text(one.most),
        "product": one.product,
    }


def _counts(counts: Mapping[str, int]) -> list[JsonValue]:
    return [{"count": count, "name": name} for name, count in counts.items()]


def _masses(masses: Mapping[tuple[str, str], Decimal]) -> list[JsonValue]:
    rows: Iterable[tuple[tuple[str, str], Decimal]] = masses.items()
    return [
        {"gas": gas, "purpose": purpose, "value": f"{value:f}"} for (purpose, gas), value in rows
    ]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
