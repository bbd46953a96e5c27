"""Method files are read strictly, and checked as a whole before anything is computed."""

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest
from support.accounting import case_for, given, line

from trace_node.accounting.errors import DimensionError, LibraryFileError, MethodNotFoundError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.methods.method_library import packaged_methods, read_method_file
from trace_node.errors import InputError
from trace_node.formula import FormulaError

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"title_zh": "名", "title_en": "name"}
GOOD: dict[str, Any] = {
    "id": "own.paint",
    "version": 1,
    "source": "own",
    "literal": "E = sum m * ef",
    "missing_data": "refused",
    **NAMES,
    "categories": [{"id": "all", "scope": 1, "group": "specific", **NAMES}],
    "tables": [{"id": "paints", "words": {"gas": ["CF4", "SF6"]}, **NAMES}],
    "symbols": [
        {
            "id": "m",
            "table": "paints",
            "source": "activity",
            "unit": "t[paint]",
            "item": "paint",
            **NAMES,
        },
        {
            "id": "ef",
            "table": "paints",
            "source": "required",
            "item": "paint_factor",
            "unit": "tGAS/t[paint]",
            **NAMES,
        },
        {"id": "one", "source": "constant", "unit": "1", "value": "1", **NAMES},
    ],
    "steps": [
        {
            "id": "E",
            "table": "paints",
            "formula": "m * ef * one",
            "unit": "tGAS",
            "mark": "O",
            "clause": "1",
            "category": "all",
            "gas": "{gas}",
            **NAMES,
        }
    ],
    "totals": [
        {
            "id": "total",
            "purpose": "enterprise",
            "unit": "tCO2e",
            "gwp_set": "AR5",
            "gwp_scheme": "ipcc.ar5",
            "add": ["E"],
            **NAMES,
        }
    ],
}
SYMBOL, STEP, TOTAL = ("symbols", 0), ("steps", 0), ("totals", 0)


def changed(path: tuple[object, ...], value: object) -> dict[str, Any]:
    whole = copy.deepcopy(GOOD)
    place: Any = whole
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return whole


def test_masses_are_kept_per_gas_where_each_line_names_its_own() -> None:
    paint = read_method(GOOD, place="own")
    lines = tuple(
        line(name, {"gas": name}, m=given(10, "t"), ef=given("0.1", f"t{name}/t[paint]"))
        for name in ("CF4", "SF6")
    )
    total = evaluate(paint, case_for(paint, lines={"paints": lines}), packaged_factors()).totals[
        "total"
    ]
    assert total.masses == {"CF4": 1, "SF6": 1}
    assert total.value == 6630 + 23500


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("version",), 0, "version"),
        (("literal",), None, "literal"),
        (("colour",), "red", "colour"),
        (("id",), "Own Paint", "id"),
        ((*SYMBOL, "source"), "guess", "source"),
        ((*SYMBOL, "value"), "1", "value"),
        ((*SYMBOL, "table"), "walls", "walls"),
        ((*SYMBOL, "item"), None, "item"),
        ((*SYMBOL, "precedence"), ["measured"], "precedence"),
        ((*SYMBOL, "source"), "factor", "precedence"),
        ((*SYMBOL, "round"), {"places": 99}, "places"),
        ((*SYMBOL, "id"), "ef", "twice"),
        ((*STEP, "mark"), "X", "mark"),
        ((*STEP, "category"), "none", "none"),
        ((*STEP, "gas"), "CO3", "CO3"),
        ((*STEP, "gas"), "{colour}", "known gas"),
        ((*STEP, "gas"), "CF4", "per gas"),
        ((*STEP, "category"), "", "gas or a role"),
        ((*STEP, "formula"), "m * ef", "one is used by nothing"),
        ((*TOTAL, "add"), ["F"], "no term"),
        ((*TOTAL, "add"), [], "no total"),
        ((*TOTAL, "gwp_set"), "", "gwp_set"),
        ((*TOTAL, "unit"), "kg", "tCO2"),
        (("categories", 0, "scope"), 4, "scope"),
        (("categories", 0, "group"), "magic", "group"),
        (("symbols", 2, "value"), "1e3", "decimal"),
        (("title_zh",), "", "empty"),
        (("literal",), " ", "empty"),
        (("title_en",), "a\x1b[31m", "seen"),
        (("source",), "a\u202eb", "seen"),
        ((*TOTAL, "add"), ["E", "E"], "twice"),
        ((*TOTAL, "subtract"), ["E"], "twice"),
    ],
)
def test_a_broken_part_is_refused_by_its_place(
    path: tuple[object, ...], value: object, told: str
) -> None:
    with pytest.raises(LibraryFileError) as caught:
        read_method(changed(path, value), place="own")
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("formula", "error"),
    [
        ("m + ef", DimensionError),
        ("m * ef + one", DimensionError),
        ("m * one", DimensionError),
        ("m * nobody", DimensionError),
        ("m * ef * (one", FormulaError),
        ("__import__('os')", FormulaError),
    ],
)
def test_a_broken_formula_is_refused_when_the_method_is_loaded(
    formula: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_method(changed((*STEP, "formula"), formula), place="own")


def test_bounds_and_precedence_of_a_symbol_make_sense() -> None:
    bounds = changed((*SYMBOL, "least"), "5")
    bounds["symbols"][0]["most"] = "1"
    with pytest.raises(LibraryFileError, match="least value above"):
        read_method(bounds, place="own")
    factor = {
        **{key: GOOD["symbols"][0][key] for key in ("id", "table", "unit", "title_zh", "title_en")},
        "source": "factor",
        "precedence": ["measured"],
        "precedence_word": "gas",
        "precedence_for": {"SF6": ["supplier"]},
    }
    read_method(changed(SYMBOL, factor), place="own")
    for word, permitted, told in (
        ("colour", {"SF6": ["supplier"]}, "colour"),
        ("gas", {"CH4": ["supplier"]}, "CH4"),
    ):
        wrong = factor | {"precedence_word": word, "precedence_for": permitted}
        with pytest.raises(LibraryFileError, match=told):
            read_method(changed(SYMBOL, wrong), place="own")


def test_a_sum_over_lines_cannot_be_mixed_with_another_table() -> None:
    whole = copy.deepcopy(GOOD)
    whole["tables"].append({"id": "walls", **NAMES})
    whole["symbols"][1]["table"] = "walls"
    with pytest.raises(DimensionError, match="ef"):
        read_method(whole, place="own")


def test_a_circle_is_refused() -> None:
    whole = copy.deepcopy(GOOD)
    whole["symbols"][2] |= {"source": "factor", "precedence": ["formula"], "formula": "two"}
    del whole["symbols"][2]["value"]
    whole["steps"].append(
        {"id": "two", "formula": "one", "unit": "1", "mark": "O", "clause": "1", **NAMES}
    )
    with pytest.raises(LibraryFileError, match="needs itself"):
        read_method(whole, place="own")


def test_formulas_stand_behind_each_other_only_so_far() -> None:
    whole = copy.deepcopy(GOOD)
    names = ["one", *(f"x{at}" for at in range(30))]
    for before, name in itertools.pairwise(names):
        whole["steps"].append(
            {"id": name, "formula": before, "unit": "1", "mark": "O", "clause": "1", **NAMES}
        )
    whole["steps"][-1]["output"] = True
    with pytest.raises(LibraryFileError, match="behind"):
        read_method(whole, place="own")


def test_a_sink_never_lowers_a_figure_of_the_market() -> None:
    whole = copy.deepcopy(GOOD)
    whole["steps"][0]["role"] = "sink"
    whole["totals"][0]["purpose"] = "ets"
    with pytest.raises(LibraryFileError, match="sink"):
        read_method(whole, place="own")


@pytest.mark.parametrize(
    ("include", "error", "told"),
    [
        ('module = "volcano@1"', MethodNotFoundError, "volcano"),
        ('module = "../methods/x@1"', MethodNotFoundError, "x@1"),
        ('module = "heat@1"', LibraryFileError, "clause"),
        ('module = "heat@1"\nwith = { clause = "1", colour = "red" }', LibraryFileError, "colour"),
    ],
)
def test_an_include_names_a_module_and_fills_its_variables(
    include: str, error: type[InputError], told: str
) -> None:
    with pytest.raises(error, match=told):
        read_method_file(f'id = "a"\n[[include]]\n{include}\n'.encode(), file="a.toml")


def test_a_definition_stands_alone_and_keeps_its_digest() -> None:
    for one in packaged_methods():
        assert "include" not in one.definition
        assert "${" not in str(one.definition)
        assert read_method(one.definition, place="again").digest == one.digest


def test_the_example_of_the_specification_is_read() -> None:
    text = (ROOT / "docs" / "spec" / "method-file.md").read_text(encoding="utf-8")
    found = read_method_file(text.split("```toml")[1].split("```")[0].encode(), file="spec")
    assert [term.id for term in found.terms] == ["E_el", "E_kiln"]


def test_each_method_publishes_its_activity_items() -> None:
    """S2-5.2-0."""
    for one in packaged_methods():
        assert one.activity_items
        assert all(symbol.item and symbol.title_zh for symbol in one.activity_items), one.ref
