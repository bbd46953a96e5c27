"""Rules and computed lines of a logged sheet, and the check that the lines follow from the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node import canonical_json, formula
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.formula import FormulaError
from trace_node.quota.records.allocation_input import SYMBOL_PATTERN
from trace_node.quota.rule import Standing
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_object,
    read_printable,
    read_text,
    require_keys,
)
from trace_node.record.statement_fields import read_line
from trace_node.record.writing import write_bytes

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_ROW_KEYS: Final = frozenset(
    {
        *("id", "second_source", "source", "status", "unit", "valid_from", "valid_to", "value"),
        "years",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRule:
    """A rule that a sheet used.

    Attributes:
        symbol: Name in the formulas.
        row: The rule as it is hashed: id, value, unit, years, validity, sources, status.
        digest: 32-byte SM3 of the row.
    """

    symbol: str
    row: JsonObject
    digest: bytes

    @property
    def id(self) -> str:
        """Id of the rule."""
        return str(self.row["id"])

    @property
    def is_draft(self) -> bool:
        """Whether the rule is a draft."""
        return self.row["status"] == Standing.DRAFT.value

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "SheetRule":
        """Read its members."""
        require_keys(fields, frozenset({"digest", "row", "symbol"}))
        rule = cls(
            symbol=read_text(fields, "symbol", SYMBOL_PATTERN, "a symbol of a method"),
            row=read_object(fields, "row"),
            digest=read_bytes(fields, "digest"),
        )
        require_keys(rule.row, _ROW_KEYS)
        if sm3(canonical_json.encode(rule.row)) != rule.digest:
            raise _refusal("rules", "the digest of {name} is not that of its row", rule.id)
        read_text(rule.row, "value", _NUMBER, "a decimal as a text")
        return rule

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {"digest": write_bytes(self.digest), "row": self.row, "symbol": self.symbol}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One computed line.

    Attributes:
        symbol: Name of the value.
        formula: How it was computed, with its rounding.
        value: The value, unrounded, with up to 50 digits.
        unit: Its unit.
    """

    symbol: str
    formula: str
    value: str
    unit: str

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "SheetRow":
        """Read its members."""
        require_keys(fields, frozenset({"formula", "symbol", "unit", "value"}))
        return cls(
            symbol=read_text(fields, "symbol", SYMBOL_PATTERN, "a symbol of a method"),
            formula=read_line(fields, "formula", most=formula.MAX_LENGTH),
            value=read_text(fields, "value", _NUMBER, "a decimal as a text"),
            unit=read_printable(fields, "unit"),
        )

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "formula": self.formula,
            "symbol": self.symbol,
            "unit": self.unit,
            "value": self.value,
        }


def require_computed(
    inputs: Mapping[str, str], rules: Sequence[SheetRule], steps: Sequence[SheetRow]
) -> None:
    """Compute every line again from inputs and rules.

    Raises:
        RecordError: A line has another value, or none; or there is no line.
    """
    values = {name: Decimal(text) for name, text in inputs.items() if _NUMBER.fullmatch(text)}
    values |= {rule.symbol: Decimal(str(rule.row["value"])) for rule in rules}
    if not steps:
        raise _refusal("steps", "the sheet {name} has no line", "")
    for step in steps:
        try:
            computed = formula.parse(step.formula).evaluate(values)
        except FormulaError as error:
            raise _refusal("steps", "{name} has no value: {detail}", step.symbol, error) from error
        if computed != Decimal(step.value):
            raise _refusal("steps", "{name} does not follow from what the sheet names", step.symbol)
        values[step.symbol] = computed


def _refusal(field: str, why: str, name: str, error: FormulaError | None = None) -> RecordError:
    return RecordError(
        "{field}: " + why,
        field=field,
        name=name,
        detail="" if error is None else error.message,
        remedy="log the sheet that was computed, unchanged",
        code=f"record.{field}",
    )
