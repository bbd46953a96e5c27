"""A method: a checked, immutable version of a calculation."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from trace_node import canonical_json
from trace_node.accounting.methods.symbol import Rounding, Symbol
from trace_node.accounting.methods.words import Mark, Purpose, Role, Severity
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.formula import Formula
from trace_node.gases import gas_itself

ANY_GAS: Final = "GAS"
GAS_OF_LINE: Final = "{gas}"


def of_gas(unit: str, words: Mapping[str, str]) -> str:
    """A unit with the gas the line names in place of the one that stands for any."""
    return unit.replace(ANY_GAS, gas_itself(words.get("gas", ANY_GAS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A source category (排放源类别): present in a case, or declared not occurring with a reason.

    Attributes:
        id: Its name.
        title_zh: Chinese name.
        title_en: English name.
        scope: 1, 2 or 3.
        group: Group of standard 002, 9.4: ``combustion``, ``feedstock``, ``carbonate``,
            ``recovery``, ``specific``, ``electricity``, ``heat``, ``sink`` or ``other``.
    """

    id: str
    title_zh: str
    title_en: str
    scope: int
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTable:
    """A table of lines: fuels, faces, processes, months.

    Attributes:
        id: Its name.
        title_zh: Chinese name.
        title_en: English name.
        words: Word columns, each with its permitted words; none listed permits any.
    """

    id: str
    title_zh: str
    title_en: str
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the calculation; with a category it is a term (计算项).

    Attributes:
        id: Name in formulas.
        title_zh: Chinese name.
        title_en: English name.
        table: Table it is computed for line by line and summed over; empty for none.
        formula: How it is computed.
        unit_text: Unit of the value.
        mark: How well the text is known.
        clause: Document and clause.
        rounding: Rounding of each value; None for not.
        rounding_sum: Rounding of the sum over the lines; None for not.
        category: Source category of a term; empty for a step in between.
        gas: Gas of a term; ``{word}`` for the gas each line names.
        role: Emission or sink.
        output: Whether it is shown with the figures, such as an intensity.
    """

    id: str
    title_zh: str
    title_en: str
    table: str
    formula: Formula
    unit_text: str
    mark: Mark
    clause: str
    rounding: Rounding | None
    rounding_sum: Rounding | None
    category: str
    gas: str
    role: Role
    output: bool

    @property
    def is_term(self) -> bool:
        """Whether it has a source category."""
        return bool(self.category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A named figure, for one purpose.

    Attributes:
        id: Its name.
        title_zh: Chinese name.
        title_en: English name.
        purpose: What it is for.
        unit_text: ``tCO2``, or ``tCO2e`` where gases are weighted.
        gwp_set: GWP set; empty for a total of CO2.
        gwp_scheme: Scheme of the factors with these potentials.
        gwp_substances: Substance asked for a gas, where it is not the gas itself.
        add: Terms that are added.
        subtract: Terms that are taken off.
        rounding: Rounding of the figure; None for not.
    """

    id: str
    title_zh: str
    title_en: str
    purpose: Purpose
    unit_text: str
    gwp_set: str
    gwp_scheme: str
    gwp_substances: Mapping[str, str]
    add: tuple[str, ...]
    subtract: tuple[str, ...]
    rounding: Rounding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition that has to hold; where it does not, the result carries a non-conformity.

    Attributes:
        id: Its name, the code of the non-conformity.
        table: Table whose every line has to meet it; empty for none.
        require: The condition.
        formula: 1 where it holds, else 0.
        severity: How much it weighs.
        text_zh: What is wrong, in Chinese.
        text_en: What is wrong, in English.
        clause: Document and clause.
    """

    id: str
    table: str
    require: str
    formula: Formula
    severity: Severity
    text_zh: str
    text_en: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method (核算方法), one version.

    Attributes:
        id: Dotted lower-case name, for example ``cn.ndrc.coal.2014.underground``.
        version: From 1 on; a released version never changes.
        title_zh: Chinese title.
        title_en: English title.
        source: Document and clause.
        literal: The literal text of its formula.
        reading: How an unclear text was read.
        missing_data: The missing-data rule, in words.
        words: Words of the whole case, each with its permitted values; none listed permits any.
        categories: Source categories.
        tables: Tables of lines.
        symbols: Symbols by name.
        steps: Steps and terms by name.
        totals: Figures.
        checks: Conditions.
        modules: Shared modules it was expanded from.
        definition: Its definition in full, without includes: what is hashed and released.
    """

    id: str
    version: int
    title_zh: str
    title_en: str
    source: str
    literal: str
    reading: str
    missing_data: str
    words: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, Category]
    tables: Mapping[str, InputTable]
    symbols: Mapping[str, Symbol]
    steps: Mapping[str, Step]
    totals: Mapping[str, Total]
    checks: tuple[Check, ...]
    modules: tuple[str, ...]
    definition: JsonObject

    @property
    def ref(self) -> str:
        """``id@version``."""
        return f"{self.id}@{self.version}"

    @cached_property
    def digest(self) -> bytes:
        """SM3 of the canonical JSON of its definition, 32 bytes."""
        return sm3(canonical_json.encode(self.definition))

    @property
    def terms(self) -> Iterator[Step]:
        """The steps with a source category."""
        return (step for step in self.steps.values() if step.is_term)

    @property
    def activity_items(self) -> tuple[Symbol, ...]:
        """The published activity items (活动数据项): what is collected for it, heat values too."""
        return tuple(symbol for symbol in self.symbols.values() if symbol.item)

    def needs(self, name: str, *, without: frozenset[str] = frozenset()) -> frozenset[str]:
        """Names of symbols and steps a symbol or step uses, however far, itself included.

        Args:
            name: The symbol or step.
            without: Symbols and steps whose own needs are left out.
        """
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            found.add(one)
            if one in without:
                continue
            item = self.steps.get(one) or self.symbols[one]
            if item.formula is not None:
                waiting += item.formula.symbols
        return frozenset(found)

    def idle_words(self, absent: Container[str]) -> frozenset[str]:
        """Words of the whole case that only source categories name which do not occur.

        Args:
            absent: The categories that do not occur.
        """
        gone = frozenset(one.id for one in self.terms if one.category in absent)
        roots = [one.id for one in self.steps.values() if one.output or one.is_term]
        alive = {
            name
            for root in roots
            if root not in gone
            for name in self.needs(root, without=gone)
            if name in self.symbols
        }
        named = self._words_of(self.symbols) - self._words_of(alive)
        return named & frozenset(self.words)

    def _words_of(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(word for name in names for word in self.symbols[name].named_words)
