"""English where a Chinese report should have none."""

import re

from trace_node.accounting.report.compose import compose
from trace_node.accounting.report.content import text_of
from trace_node.accounting.report.facts import ReportFacts

# Two words in a row, or one that only a sentence has. A word inside a path, an id or a symbol is none.
SENTENCE = re.compile(
    r"(?<![\w/.:@-])[A-Za-z]?[a-z]+(?:,? \(?[a-z]{2,})+(?![\w/.:@-])"
    r"|(?<![\w/.:@-])(?:the|of|is|and|or|not|by|in|that|leaf|table|formula|unconfirmed)(?![\w/.:@-])"
)


def english_in(facts: ReportFacts, *, but: tuple[str, ...] = ()) -> list[str]:
    report = compose(facts)
    texts = [report.heading, report.subtitle, report.notice]
    for section in report.sections:
        texts += [section.heading, *(each for each in section.blocks if isinstance(each, str))]
    for table in report.tables:
        texts += [table.heading, *(column.heading for column in table.columns)]
        texts += [text_of(cell) for row in table.rows for cell in row]
    return sorted({each for each in texts if SENTENCE.search(each)} - set(but))
