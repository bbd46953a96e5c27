"""Methods of one formula, for published figures that belong to no guideline."""

from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_form import read_method

NAMES = {"title_zh": "示例", "title_en": "example"}


def one_formula(formula: str, unit: str, gas: str = "", **symbols: str) -> Method:
    """A method with one term or output; each symbol is an activity of its unit."""
    step: dict[str, object] = {
        "id": "result",
        "formula": formula,
        "unit": unit,
        "mark": "O",
        "clause": "example",
        **NAMES,
    }
    definition: dict[str, object] = {
        "id": "example",
        "version": 1,
        "source": "example",
        "literal": formula,
        "missing_data": "none",
        **NAMES,
        "symbols": [
            {"id": name, "source": "activity", "unit": of, **NAMES} for name, of in symbols.items()
        ],
    }
    if gas:
        step |= {"category": "all", "gas": gas}
        definition["categories"] = [{"id": "all", "scope": 1, "group": "combustion", **NAMES}]
        definition["totals"] = [
            {"id": "total", "purpose": "enterprise", "unit": "tCO2", "add": ["result"], **NAMES}
        ]
    else:
        step["output"] = True
    definition["steps"] = [step]
    return read_method(definition, place="example")


def line_sum(unit: str) -> Method:
    """A method that sums one column of a table."""
    return read_method(
        {
            "id": "example.sum",
            "version": 1,
            "source": "example",
            "literal": "sum",
            "missing_data": "none",
            **NAMES,
            "categories": [{"id": "all", "scope": 1, "group": "combustion", **NAMES}],
            "tables": [{"id": "items", **NAMES}],
            "symbols": [{"id": "x", "table": "items", "source": "activity", "unit": unit, **NAMES}],
            "steps": [
                {
                    "id": "total_x",
                    "table": "items",
                    "formula": "x",
                    "unit": unit,
                    "mark": "O",
                    "clause": "example",
                    "category": "all",
                    "gas": "CO2",
                    **NAMES,
                }
            ],
            "totals": [
                {
                    "id": "total",
                    "purpose": "enterprise",
                    "unit": "tCO2",
                    "add": ["total_x"],
                    **NAMES,
                }
            ],
        },
        place="example",
    )
