"""Calculation methods as data: named inputs, rules of the book, and steps that are formulas."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.formula import Formula
from trace_node.quota.errors import LibraryError
from trace_node.quota.input_spec import Inputs, InputSpec
from trace_node.quota.rule import Origin, Rule, RuleBook, Standing, Validity
from trace_node.quota.sheet import Sheet, SheetStep

MAX_VERSION = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """A symbol whose value is a rule.

    Attributes:
        symbol: Name in the formulas.
        rule_id: Id of the rule; ``{class}`` in it is filled in with the input ``class``.
    """

    symbol: str
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the calculation.

    Attributes:
        symbol: Name of its value in later steps.
        formula: How it is computed; its rounding, where there is one, is part of it.
        unit: Unit of the value.
    """

    symbol: str
    formula: Formula
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A calculation of the market's rules (核算方法), one version of it.

    Attributes:
        id: Dotted lower-case name, for example ``cn.ets.allocation.power``.
        version: From 1 on; a change is a new version.
        title: What it computes.
        validity: Years it holds for and days it is in force.
        origin: Where it comes from.
        reading: How an unclear text was read; empty where it is clear.
        inputs: What has to be given.
        rules: Which symbols are rules.
        steps: The calculation; the last step is the result.
    """

    id: str
    version: int
    title: str
    validity: Validity
    origin: Origin
    reading: str
    inputs: tuple[InputSpec, ...]
    rules: tuple[RuleUse, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise self._refusal("it has no step")
        if not 1 <= self.version <= MAX_VERSION:
            raise self._refusal("a version is a number from 1 to 9999")
        known = {item.name for item in self.inputs if not item.choices}
        names = [item.name for item in self.inputs]
        names += [use.symbol for use in self.rules]
        names += [step.symbol for step in self.steps]
        for name, count in Counter(names).items():
            if count > 1:
                raise self._refusal("{symbol} is named twice", name)
        known = {item.name for item in self.inputs if not item.choices}
        known |= {use.symbol for use in self.rules}
        used = {word for use in self.rules for word in re.findall(r"\{(\w+)\}", use.rule_id)}
        words = {item.name for item in self.inputs if item.choices}
        if strange := used - words:
            raise self._refusal(
                "a rule names {symbol}, which is no input with choices", min(strange)
            )
        for step in self.steps:
            if missing := step.formula.symbols - known:
                raise self._refusal("a step uses the unknown symbol {symbol}", min(missing))
            used |= step.formula.symbols
            known.add(step.symbol)
        if idle := {*names} - used - {step.symbol for step in self.steps}:
            raise self._refusal("nothing uses {symbol}", min(idle))

    def _refusal(self, why: str, symbol: str = "") -> LibraryError:
        return LibraryError("{id}: " + why, field=self.id, id=self.id, symbol=symbol)

    @property
    def digest(self) -> bytes:
        """SM3 of its canonical JSON."""
        return sm3(canonical_json.encode(self.to_json()))

    def to_json(self) -> JsonObject:
        """Its form in what is hashed."""
        form: JsonObject = {
            "id": self.id,
            "inputs": [item.to_json() for item in self.inputs],
            "reading": self.reading,
            "rules": [{"rule": use.rule_id, "symbol": use.symbol} for use in self.rules],
            "steps": [
                {"formula": step.formula.text, "symbol": step.symbol, "unit": step.unit}
                for step in self.steps
            ],
            "title": self.title,
            "version": self.version,
        }
        return form | self.validity.to_json() | self.origin.to_json()

    def run(
        self, given: Mapping[str, str], *, book: RuleBook, year: int, on: date, place: str = ""
    ) -> Sheet:
        """Calculate, and keep every step; the library chose the method for the year and day.

        Args:
            given: Value of each input, as text; a decimal in plain notation.
            book: Where the rules are.
            year: Obligation year.
            on: Day whose rules count.
            place: What the names of inputs are told with in errors.

        Raises:
            QuotaInputError: An input is missing, unknown, or out of its range.
            RuleNotFoundError: There is no such rule for the year.
            RuleExpiredError: One of its rules is not in force on that day.
            FormulaError: A step has no value for these inputs.
        """
        inputs = Inputs.read(self.inputs, given, place=place)
        rules = {
            use.symbol: book.find(inputs.fill(use.rule_id), year=year, on=on) for use in self.rules
        }
        values: dict[str, Decimal] = dict(inputs.numbers)
        values |= {symbol: rule.value for symbol, rule in rules.items()}
        steps = []
        for step in self.steps:
            values[step.symbol] = step.formula.evaluate(values)
            steps.append(
                SheetStep(
                    symbol=step.symbol,
                    formula=step.formula.text,
                    value=values[step.symbol],
                    unit=step.unit,
                )
            )
        return Sheet(
            method=f"{self.id}@{self.version}",
            method_digest=self.digest,
            year=year,
            on=on,
            inputs=inputs.texts,
            rules=rules,
            steps=tuple(steps),
            drafts=self._drafts(rules),
        )

    def _drafts(self, rules: Mapping[str, Rule]) -> tuple[str, ...]:
        found = {rule.id for rule in rules.values() if rule.origin.standing is Standing.DRAFT}
        if self.origin.standing is Standing.DRAFT:
            found.add(f"{self.id}@{self.version}")
        return tuple(sorted(found))
