"""Chinese for the English words of methods and factors, as data beside them.

Citations name files, orders and standards, which stay as they are: a reader has to find them. A
text that the data do not know, such as one of a method of somebody else, stays as it was written.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_FILE: Final = "report.zh.toml"


@dataclass(frozen=True, slots=True)
class _Words:
    texts: Mapping[str, str]
    phrases: Mapping[str, str]
    pattern: re.Pattern[str]


def in_chinese(text: str) -> str:
    """A rule, source or clause of a method or factor in Chinese."""
    words = _words()
    if text in words.texts:
        return words.texts[text]
    return words.pattern.sub(lambda found: words.phrases[found.group()], text)


@cache
def _words() -> _Words:
    raw = (files("trace_node.accounting") / "data" / _FILE).read_text(encoding="utf-8")
    read = tomllib.loads(raw)
    phrases: dict[str, str] = read["phrases"]
    longest_first = sorted(phrases, key=len, reverse=True)
    # Inside a path or a name, as in "industries/coal/process.jsx", a word is no word.
    bounded = "|".join(_bounded(each) for each in longest_first)
    return _Words(texts=read["texts"], phrases=phrases, pattern=re.compile(bounded))


def _bounded(phrase: str) -> str:
    before = r"(?<![\w/.-])" if phrase[0].isalnum() else ""
    after = r"(?![\w/-]|\.\w)" if phrase[-1].isalnum() else ""
    return f"{before}{re.escape(phrase)}{after}"
