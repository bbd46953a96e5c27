"""The sheet of a calculation: everything needed to do it again to the last digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.quota.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetStep:
    """One computed line.

    Attributes:
        symbol: Name of the value.
        formula: How it was computed, with its rounding.
        value: The value.
        unit: Its unit.
    """

    symbol: str
    formula: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A calculation with everything it used (计算表).

    Attributes:
        method: Id and version of the method.
        method_digest: SM3 of the method.
        year: Obligation year.
        on: Day whose rules counted.
        inputs: What was given.
        rules: Rule behind each symbol.
        steps: The computed lines; the last is the result.
        drafts: Ids of the draft rules and methods it used; empty if it used none.
    """

    method: str
    method_digest: bytes
    year: int
    on: date
    inputs: Mapping[str, str]
    rules: Mapping[str, Rule]
    steps: tuple[SheetStep, ...]
    drafts: tuple[str, ...]

    @property
    def result(self) -> Decimal:
        """Value of the last step."""
        return self.steps[-1].value

    def value(self, symbol: str) -> Decimal:
        """Value of a step.

        Raises:
            KeyError: The method has no such step.
        """
        return {step.symbol: step.value for step in self.steps}[symbol]

    def to_json(self) -> JsonObject:
        """What is shown and hashed: every input, rule and step."""
        return {
            "drafts": list(self.drafts),
            "inputs": dict(self.inputs),
            "method": self.method,
            "method_digest": to_base64url(self.method_digest),
            "on": self.on.isoformat(),
            "rules": [
                rule.to_json() | {"digest": to_base64url(rule.digest), "symbol": symbol}
                for symbol, rule in self.rules.items()
            ],
            "steps": [
                {
                    "formula": step.formula,
                    "symbol": step.symbol,
                    "unit": step.unit,
                    "value": format(step.value, "f"),
                }
                for step in self.steps
            ],
            "year": self.year,
        }
