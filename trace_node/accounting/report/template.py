"""Industry templates of the report (行业模板): standard 002, 11.11.

A template names the methods of an industry. A report made from it carries its name, is refused for
figures of another industry, and sums them up by the source categories of the guideline, in its
order, with what was declared absent: the sheet that the guidelines print as their annex.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from trace_node.accounting.report.errors import ReportError
from trace_node.accounting.table import Table
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 65_536
_MAX_LINE_BYTES: Final = 1_000
_FILE: Final = "report_templates.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The template of an industry.

    Attributes:
        id: Its name.
        title_zh: The industry, in Chinese.
        title_en: In English.
        methods: Ids of the methods it is for.
        common: Ids of methods that serve every industry.
    """

    id: str
    title_zh: str
    title_en: str
    methods: tuple[str, ...]
    common: tuple[str, ...]

    def takes(self, method: str) -> bool:
        """Whether figures of a method, by its id, belong into a report of the industry."""
        return method in self.methods or method in self.common


@cache
def templates() -> tuple[Template, ...]:
    """All templates, those of the carbon market first."""
    raw = (files("trace_node.accounting") / "data" / _FILE).read_bytes()
    table = Table(
        read_toml(raw, file=_FILE, most=MAX_BYTES, most_in_a_line=_MAX_LINE_BYTES),
        _FILE,
        "docs/spec/report.md",
    )
    common = table.texts("common")
    found = []
    for item in table.tables("template"):
        found.append(
            Template(
                id=item.text("id"),
                title_zh=item.text("title_zh"),
                title_en=item.text("title_en"),
                methods=item.texts("methods"),
                common=common,
            )
        )
        item.end()
    table.end()
    return tuple(found)


def template_of(name: str) -> Template:
    """A template by its id.

    Raises:
        ReportError: There is none.
    """
    for each in templates():
        if each.id == name:
            return each
    raise ReportError(
        "{field}: there is no industry template {name}",
        field="template",
        name=repr(name[:40]),
        remedy="name one of: " + ", ".join(each.id for each in templates()),
        code="report.template",
    )


def fitting(methods: Iterable[str]) -> tuple[Template, ...]:
    """The templates that take every one of some methods, by their ids, and one of their own."""
    named = set(methods)
    return tuple(
        each
        for each in templates()
        if all(map(each.takes, named)) and not named.isdisjoint(each.methods)
    )


def template_for(name: str, methods: Collection[str]) -> Template | None:
    """The template that is asked for, or the only one that takes every method.

    Args:
        name: Its id; empty where none is asked for.
        methods: Ids of the methods whose figures are reported.

    Raises:
        ReportError: There is no such template, or it is of another industry than a figure.
    """
    fit = fitting(methods)
    if not name:
        return fit[0] if len(fit) == 1 else None
    found = template_of(name)
    strange = sorted(each for each in methods if not found.takes(each))
    if strange:
        raise ReportError(
            "{field}: the template {name} is not for figures of {methods}",
            field="template",
            name=found.id,
            methods=", ".join(strange),
            fitting=", ".join(each.id for each in fit) or "-",
            remedy="templates for all of them: {fitting}; or leave the template out",
            code="report.template",
        )
    return found
