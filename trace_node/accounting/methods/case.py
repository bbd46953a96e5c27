"""What a method is applied to: given values with evidence, lines, words, and what is absent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from trace_node.accounting.methods.words import Choice
from trace_node.canonical_json import JsonObject

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value that was handed in (给定值).

    Attributes:
        value: The value; a float is refused.
        unit: Its unit, as docs/spec/method-file.md writes units. Where a method says of what,
            ``t`` may stand for ``t[fuel]``; a gas volume has to name its gas.
        choice: Measured or from the supplier.
        basis: What it is stated for, such as ``as received``; empty where nothing is asked.
        evidence: Leaves or digests of documents it rests on.
        estimated: Whether it fills a gap.
    """

    value: Decimal
    unit: str
    choice: Choice = Choice.MEASURED
    basis: str = ""
    evidence: tuple[str, ...] = ()
    estimated: bool = False

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "basis": self.basis,
            "choice": self.choice.value,
            "estimated": self.estimated,
            "evidence": list(self.evidence),
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a table.

    Attributes:
        name: Its name, unique in its table.
        words: Its words, such as the fuel.
        values: Its values by symbol.
    """

    name: str
    words: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    values: Mapping[str, Given] = field(default_factory=lambda: _EMPTY)

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "name": self.name,
            "values": {name: value.to_json() for name, value in self.values.items()},
            "words": dict(self.words),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a method is applied to (核算案例).

    Attributes:
        on: Day whose factors count, as a rule the last of the period.
        words: Words of the whole case, such as the region.
        values: Values by symbol.
        lines: Lines by table.
        not_occurring: Source categories that do not occur, each with the reason.
        earlier: Choice made earlier in the year by node, such as ``fuels[coal].NCV``.
    """

    on: date
    words: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    values: Mapping[str, Given] = field(default_factory=lambda: _EMPTY)
    lines: Mapping[str, tuple[Line, ...]] = field(default_factory=lambda: _EMPTY)
    not_occurring: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    earlier: Mapping[str, Choice] = field(default_factory=lambda: _EMPTY)

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        return {
            "earlier": {name: choice.value for name, choice in self.earlier.items()},
            "lines": {
                name: [line.to_json() for line in lines] for name, lines in self.lines.items()
            },
            "not_occurring": dict(self.not_occurring),
            "on": self.on.isoformat(),
            "values": {name: value.to_json() for name, value in self.values.items()},
            "words": dict(self.words),
        }
