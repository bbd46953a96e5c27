"""Rules of virtual points as a boundary states them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from trace_node.accounting.activity.points import VirtualPoint
from trace_node.accounting.activity.rules import (
    Add,
    Apportion,
    Divide,
    Multiply,
    Rule,
    Subtract,
)
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.words import read_id, read_ids, read_words
from trace_node.canonical_json import JsonObject
from trace_node.record.fields import (
    read_choice,
    read_decimal,
    read_optional,
    read_unit,
    require_keys,
)
from trace_node.record.writing import write_decimal
from trace_node.units import unit

MAX_INPUTS: Final = 64
_PAIR: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePoint:
    """A virtual point (虚拟点): its value follows from others.

    Attributes:
        name: Name of the activity data.
        source: The source.
        rule: ``add``, ``subtract``, ``multiply``, ``divide`` or ``apportion``.
        inputs: Names of what it takes, in order.
        factor: Constant factor of a product; None for other rules.
        unit: Unit of a product or quotient; None for other rules.
        shares: Share of each source, together exactly 1; empty for other rules.
    """

    name: str
    source: str
    rule: str
    inputs: tuple[str, ...]
    factor: Decimal | None
    unit: str | None
    shares: Mapping[str, Decimal]

    @classmethod
    def read(cls, fields: JsonObject) -> "RulePoint":
        """Read its members."""
        require_keys(
            fields,
            frozenset({"factor", "inputs", "name", "rule", "shares", "source", "unit"}),
        )
        shares = read_words(fields, "shares")
        return cls(
            name=read_id(fields, "name"),
            source=read_id(fields, "source"),
            rule=read_choice(fields, "rule", frozenset(_BUILDERS)),
            inputs=read_ids(fields, "inputs", most=MAX_INPUTS),
            factor=read_optional(fields, "factor", read_decimal),
            unit=read_optional(fields, "unit", read_unit),
            shares={
                name: read_decimal({"shares": text}, "shares") for name, text in shares.items()
            },
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "factor": write_decimal(self.factor, field="factor"),
            "inputs": list(self.inputs),
            "name": self.name,
            "rule": self.rule,
            "shares": {
                name: write_decimal(share, field="shares") for name, share in self.shares.items()
            },
            "source": self.source,
            "unit": self.unit,
        }

    def virtual(self) -> VirtualPoint:
        """The point that the rules of activity data compute.

        Raises:
            BoundaryError: The rule lacks a member, or has one too many.
            ActivityError: The shares do not sum to exactly 1.
        """
        return VirtualPoint(
            name=self.name, source=self.source, rule=_BUILDERS[self.rule](self), rule_id=self.name
        )


def _add(point: RulePoint) -> Rule:
    _require(point, inputs=bool(point.inputs), factor=False, unit=False, shares=False)
    return Add(point.inputs)


def _subtract(point: RulePoint) -> Rule:
    _require(point, inputs=bool(point.inputs), factor=False, unit=False, shares=False)
    return Subtract(point.inputs)


def _multiply(point: RulePoint) -> Rule:
    _require(point, inputs=bool(point.inputs), factor=True, unit=True, shares=False)
    assert point.factor is not None  # noqa: S101 (required above)
    return Multiply(point.inputs, factor=point.factor, unit=unit(point.unit or ""))


def _divide(point: RulePoint) -> Rule:
    _require(point, inputs=len(point.inputs) == _PAIR, factor=False, unit=True, shares=False)
    first, second = point.inputs
    return Divide((first, second), unit=unit(point.unit or ""))


def _apportion(point: RulePoint) -> Rule:
    _require(point, inputs=len(point.inputs) == 1, factor=False, unit=False, shares=True)
    return Apportion((point.inputs[0],), shares=point.shares, to=point.source)


_BUILDERS: Final = MappingProxyType[str, Callable[[RulePoint], Rule]](
    {
        "add": _add,
        "apportion": _apportion,
        "divide": _divide,
        "multiply": _multiply,
        "subtract": _subtract,
    }
)


def _require(point: RulePoint, *, inputs: bool, factor: bool, unit: bool, shares: bool) -> None:
    fits = {
        "inputs": inputs,
        "factor": (point.factor is not None) == factor,
        "unit": (point.unit is not None) == unit,
        "shares": bool(point.shares) == shares,
    }
    for member, does in fits.items():
        if not does:
            raise BoundaryError(
                "{name}: the rule {rule} has no such {field}, or needs another",
                field=member,
                name=point.name,
                rule=point.rule,
                remedy="see docs/spec/boundary.md for the members of each rule",
                code="boundary.rule",
            )
