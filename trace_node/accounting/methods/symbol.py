"""Symbols of a method: what they are, in which unit, and where their value may come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.dimension import TypedUnit, typed_unit
from trace_node.accounting.factors.query import FactorQuery
from trace_node.accounting.factors.row import FactorKind
from trace_node.accounting.laboratory.weighting import Weighting
from trace_node.accounting.methods.words import Choice, RoundMode, SymbolSource
from trace_node.formula import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """A rounding point (修约点).

    Attributes:
        places: Decimals that are kept.
        mode: How.
    """

    places: int
    mode: RoundMode


NAMED_WORD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTemplate:
    """A query of the factor library; ``{word}`` is filled in with a word of the line or the case.

    Attributes:
        scheme: Guideline or series.
        kind: What the row says.
        substance: Fuel, material or gas.
        region: Region; empty for rows that hold anywhere.
        basis: Basis; None accepts the only one there is.
        gwp_set: GWP set; empty for other kinds.
        year: Year; empty accepts the only one there is.
        row: Id of the row where nothing else tells rows apart.
    """

    scheme: str
    kind: FactorKind
    substance: str
    region: str = ""
    basis: str | None = None
    gwp_set: str = ""
    year: str = ""
    row: str = ""

    def fill(self, words: Mapping[str, str], *, method: str, on: date) -> FactorQuery:
        """The query for one line; the words were checked to be there when the method was loaded."""

        def put(text: str) -> str:
            for word, value in words.items():
                text = text.replace(f"{{{word}}}", value)
            return text

        year = put(self.year)
        return FactorQuery(
            method=method,
            scheme=put(self.scheme),
            kind=self.kind,
            substance=put(self.substance),
            on=on,
            region=put(self.region),
            basis=self.basis,
            gwp_set=self.gwp_set,
            year=int(year) if year else None,
            row=put(self.row),
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Where words may stand."""
        return (self.scheme, self.substance, self.region, self.year, self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A symbol of a method (符号).

    Attributes:
        id: Name in formulas.
        title_zh: Chinese name.
        title_en: English name.
        table: Table whose lines have it; empty where there is one for the whole case.
        source: Where its value comes from.
        unit_text: Its unit.
        item: Id of the published activity item; empty for no activity.
        clause: Clause it comes from.
        least: Smallest permitted value; None without bound.
        most: Largest permitted value; None without bound.
        basis: What a given value has to be stated for, such as ``as received``; empty for nothing.
        estimates: Whether an interpolated or estimated value may enter (缺失数据).
        weighting: By what laboratory samples may be weighted; empty for any quantity, never a
            plain mean.
        rounding: How the value is rounded before it is used; None for not.
        precedence: Of a factor: which choices are permitted, best first.
        precedence_word: Word of the line that ``precedence_for`` goes by; empty for none.
        precedence_for: Precedence of single words.
        sticky: Whether a measured value cannot go back to the default inside the year.
        query: Default of a factor; None where no source gives one.
        formula: How a factor follows from other symbols; None for no such choice.
        value: Value of a constant, default of a parameter, conservative value of a factor.
        options: Permitted values of a parameter.
    """

    id: str
    title_zh: str
    title_en: str
    table: str
    source: SymbolSource
    unit_text: str
    item: str
    clause: str
    least: Decimal | None
    most: Decimal | None
    basis: str
    estimates: bool
    weighting: tuple[Weighting, ...]
    rounding: Rounding | None
    precedence: tuple[Choice, ...]
    precedence_word: str
    precedence_for: Mapping[str, tuple[Choice, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    sticky: bool
    query: QueryTemplate | None
    formula: Formula | None
    value: Decimal | None
    options: tuple[Decimal, ...]

    @property
    def unit(self) -> TypedUnit:
        """Its unit."""
        return typed_unit(self.unit_text)

    @property
    def named_words(self) -> frozenset[str]:
        """Words of the line or the case that its default or its precedence goes by."""
        texts = self.query.texts if self.query else ()
        named = {word for text in texts for word in NAMED_WORD.findall(text)}
        return frozenset(named | ({self.precedence_word} - {""}))

    @property
    def weightings(self) -> tuple[Weighting, ...]:
        """By what samples may be weighted: as the method says, else by quantities alone."""
        return self.weighting or (Weighting.RECEIVED, Weighting.FIRED)

    def choices(self, words: Mapping[str, str]) -> tuple[Choice, ...]:
        """The choices a line has, best first."""
        return self.precedence_for.get(words.get(self.precedence_word, ""), self.precedence)
