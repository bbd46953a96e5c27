"""A Chinese report says nothing in English but names of files, standards, symbols and units."""

import pytest
from support.english import SENTENCE, english_in
from support.reports import big_plant, pit_facts

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.report.chinese import in_chinese
from trace_node.accounting.report.facts import ReportFacts


@pytest.mark.parametrize(
    "text",
    ["A value is missing.", "public transcription", "list of terms, combustion", "leaf 4711"],
)
def test_english_is_seen(text: str) -> None:
    assert SENTENCE.search(text)


def test_what_methods_and_factors_say_is_chinese() -> None:
    """Rules for missing data, sources and clauses of everything that comes with the program."""
    texts = {row.source for row in packaged_factors()}
    for method in packaged_methods():
        texts |= {method.source, method.missing_data}
        texts |= {step.clause for step in method.steps.values()}
        texts |= {symbol.clause for symbol in method.symbols.values()}
        texts |= {check.clause for check in method.checks}
    assert len(texts) > 150
    assert not [each for each in map(in_chinese, texts) if SENTENCE.search(each)]


def test_names_that_a_reader_looks_up_stay_as_they_are() -> None:
    path = "felix0220170/ghg-accounting (commit c532c07), src/config/process/combustion.js"
    found = in_chinese(f"public transcription of the Chinese guidelines: {path}")
    assert found == f"中国核算指南公开转录: {path.replace('commit', '提交')}"
    assert in_chinese("a text of somebody else") == "a text of somebody else"


@pytest.mark.parametrize("facts", [pit_facts(), big_plant(2, 1)], ids=["pit", "bought"])
def test_a_report_has_no_english_sentence(facts: ReportFacts) -> None:
    """But what people wrote themselves, such as why a category does not occur."""
    assert english_in(facts, but=("there is none at this site",)) == []
