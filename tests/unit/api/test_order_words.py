"""Every kind of order and everybody who signs one has words, in both languages."""

import pytest

from api.cli.order_words import kind_shown, word_shown
from trace_node.quota.ledger.shapes import SHAPES
from trace_node.quota.ledger.signed_order import About


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_is_signed_is_said_in_words(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("TN_LANG", language)
    told = {kind_shown(kind.name) for kind in SHAPES}
    assert len(told) == len(SHAPES)
    words = {about.value for about in About}
    for shape in SHAPES.values():
        words |= {shape.initiator, shape.approver, *filter(None, [shape.subject])}
    shown = {word: word_shown(word) for word in words}
    if language == "zh_CN":
        assert not any(text.isascii() for text in shown.values())
        assert not any(text.partition("(")[2].isascii() for text in told)
