"""An inventory as JSON, for the command line and for HTTP."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from trace_node.accounting.assessment.sums import SumBudget
from trace_node.accounting.inventory.compare import intensity
from trace_node.accounting.inventory.figures import FigureKey, SpanFigure
from trace_node.accounting.inventory.inventory import Inventory, Key, Overlap
from trace_node.accounting.methods.words import Role
from trace_node.accounting.uncertainty.digits import shown
from trace_node.canonical_json import JsonObject, JsonValue

LARGEST = 5


def inventory_json(found: Inventory, worth: Iterable[SumBudget] = ()) -> JsonObject:
    """An inventory as JSON, with what its figures are worth; decimals are texts."""
    return {
        "by_category": _rows(found.masses("scope", "category"), "scope", "category"),
        "by_iso14064": _rows(found.masses("iso14064"), "iso14064"),
        "by_period": _rows(found.by_period(), "period"),
        "by_scope": _rows(found.masses("scope"), "scope"),
        "by_source": _rows(found.masses("unit", "source"), "unit", "source"),
        "demonstrations": list(found.demonstrations),
        "figures": figures_json(found.span_figures()),
        "from": found.begin.isoformat(),
        "gaps": [
            {
                "from": gap.begin.isoformat(),
                "method": gap.method,
                "sources": list(gap.sources),
                "to": gap.end.isoformat(),
                "unit": gap.unit,
            }
            for gap in found.gaps
        ],
        "leaves": [part.index for part in found.parts],
        "net": _net(found),
        "overlaps": [overlap_json(each) for each in found.overlaps],
        "sinks": _rows(found.masses("source", role=Role.SINK), "source"),
        "standing": found.standing.value,
        "to": found.end.isoformat(),
        "uncertainty": [_worth(each) for each in worth],
    }


def figures_json(found: Mapping[FigureKey, SpanFigure]) -> list[JsonValue]:
    """The figures of a span, each with what rounding took or gave; decimals are texts."""
    return [
        {
            "gwp_set": gwp_set,
            "of_records": f"{one.of_records:f}",
            "purpose": purpose.value,
            "rounding": f"{one.rounding:f}",
            "rounding_of_records": f"{one.rounding_of_records:f}",
            "unit": unit,
            "unrounded": f"{one.unrounded:f}",
            "value": f"{one.value:f}",
        }
        for (purpose, unit, gwp_set), one in found.items()
    ]


def overlap_json(each: Overlap) -> JsonObject:
    """A record that does not count because others state the same, and what it left is a gap."""
    return {
        "counted": each.counted,
        "from": each.begin.isoformat(),
        "leaf": each.leaf,
        "method": each.method,
        "others": list(each.others),
        "purposes": [purpose.value for purpose in each.purposes],
        "to": each.end.isoformat(),
        "unit": each.unit,
    }


def _net(found: Inventory) -> list[JsonValue]:
    """Gross, sinks and net of each purpose and gas; sinks never lower a figure."""
    return [
        {
            "gas": gas,
            "gross": f"{gross:f}",
            "net": f"{net:f}",
            "purpose": of,
            "sinks": f"{sinks:f}",
        }
        for (of, gas), (gross, sinks, net) in found.net().items()
    ]


def _worth(each: SumBudget) -> JsonObject:
    """U and its parts; null where nothing was evaluated, which is not 0."""
    purpose, unit, gwp_set = each.key
    budget = each.budget
    numbers = ("u_a", "u_b", "u", "k", "expanded", "relative")
    largest = () if budget is None else budget.largest(LARGEST)
    return {
        **{name: _number(None if budget is None else getattr(budget, name)) for name in numbers},
        "gwp_set": gwp_set,
        "largest": [
            {
                "contribution": _number(row.contribution),
                "error": row.name,
                "share": _number(row.share),
            }
            for row in largest
        ],
        "purpose": purpose.value,
        "unevaluated": list(each.unevaluated),
        "unit": unit,
        "unstated": list(each.unstated),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{shown(value):f}"


def intensities_json(found: Inventory, per: Decimal) -> list[JsonValue]:
    """Each figure for one unit of output; decimals are texts.

    Raises:
        InputError: The output is not above 0.
    """
    return [
        {
            "gwp_set": gwp_set,
            "purpose": purpose.value,
            "unit": unit,
            "value": f"{intensity(value, per):f}",
        }
        for (purpose, unit, gwp_set), value in found.figures().items()
    ]


def auxiliary_json(found: Inventory) -> list[JsonValue]:
    """Quantities that are reported beside the figures."""
    return [
        {"total": name, "unit": unit, "value": f"{value:f}"}
        for (name, unit), value in found.auxiliary().items()
    ]


def _rows(masses: dict[Key, Decimal], *names: str) -> list[JsonValue]:
    """Masses by purpose, these members, and gas."""
    members = ("purpose", *names, "gas")
    return [
        {**dict(zip(members, key, strict=True)), "value": f"{value:f}"}
        for key, value in masses.items()
    ]
