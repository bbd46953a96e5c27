"""The parts of a record of uncertainty: sources of error, contributions, budgets."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.records.emission_parts import read_figure, read_leaves, read_word
from trace_node.accounting.uncertainty.parts import Kind
from trace_node.canonical_json import JsonObject
from trace_node.record.fields import read_choice, read_optional, require_keys
from trace_node.record.statement_fields import read_items, read_line

MAX_SOURCES: Final = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePart:
    """A part of the standard uncertainty of a source.

    Attributes:
        kind: Type A or B.
        u: Standard uncertainty in the unit of the source.
        origin: What says so, such as the number of the certificate.
        shared: What has this very error too, over all figures and periods; None of an error of its
            own.
        leaves: Leaves that show it, ascending.
    """

    kind: Kind
    u: Decimal
    origin: str
    shared: str | None
    leaves: tuple[int, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "SourcePart":
        """Read its members."""
        require_keys(fields, frozenset({"kind", "leaves", "origin", "shared", "u"}))
        return cls(
            kind=Kind(read_choice(fields, "kind", frozenset(Kind))),
            u=read_figure(fields, "u"),
            origin=read_line(fields, "origin"),
            shared=read_optional(fields, "shared", read_line),
            leaves=read_leaves(fields, "leaves"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "kind": self.kind.value,
            "leaves": list(self.leaves),
            "origin": self.origin,
            "shared": self.shared,
            "u": f"{self.u:f}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOf:
    """A source of error, with its value and what is known of it.

    Attributes:
        name: Kind and name, such as ``meter:meter-1/energy``.
        value: Its value.
        unit: Unit of it.
        parts: Parts of its uncertainty.
    """

    name: str
    value: Decimal
    unit: str
    parts: tuple[SourcePart, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "SourceOf":
        """Read its members."""
        require_keys(fields, frozenset({"name", "parts", "unit", "value"}))
        return cls(
            name=read_word(fields, "name"),
            value=read_figure(fields, "value"),
            unit=read_word(fields, "unit"),
            parts=read_items(fields, "parts", SourcePart.read, most=MAX_SOURCES),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "name": self.name,
            "parts": [each.write() for each in self.parts],
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one source adds to the uncertainty of a figure by one kind of effect.

    Attributes:
        source: Name of the source.
        kind: Type A or B.
        sensitivity: Derivative of the figure by the source.
        contribution: Sensitivity times standard uncertainty, in the unit of the figure, with sign.
        share: Part of the variance of the figure.
        shared: As in the parts of the source.
    """

    source: str
    kind: Kind
    sensitivity: Decimal
    contribution: Decimal
    share: Decimal
    shared: str | None

    @classmethod
    def read(cls, fields: JsonObject) -> "Contribution":
        """Read its members."""
        numbers = ("contribution", "sensitivity", "share")
        require_keys(fields, frozenset({*numbers, "kind", "shared", "source"}))
        return cls(
            **{name: read_figure(fields, name) for name in numbers},
            source=read_word(fields, "source"),
            kind=Kind(read_choice(fields, "kind", frozenset(Kind))),
            shared=read_optional(fields, "shared", read_line),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "contribution": f"{self.contribution:f}",
            "kind": self.kind.value,
            "sensitivity": f"{self.sensitivity:f}",
            "share": f"{self.share:f}",
            "shared": self.shared,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOf:
    """The uncertainty of one figure.

    Attributes:
        figure: Id of the total.
        value: The figure, as in the emission record.
        unit: Unit of it, and of all below.
        u_a: Standard uncertainty by random effects alone (type A).
        u_b: By systematic effects alone (type B).
        u: Combined standard uncertainty.
        expanded: Expanded uncertainty U = k u.
        contributions: All of them that are not 0, the largest first.
    """

    figure: str
    value: Decimal
    unit: str
    u_a: Decimal
    u_b: Decimal
    u: Decimal
    expanded: Decimal
    contributions: tuple[Contribution, ...]

    @classmethod
    def read(cls, fields: JsonObject) -> "BudgetOf":
        """Read its members."""
        numbers = ("expanded", "u", "u_a", "u_b", "value")
        require_keys(fields, frozenset({*numbers, "contributions", "figure", "unit"}))
        return cls(
            **{name: read_figure(fields, name) for name in numbers},
            figure=read_word(fields, "figure"),
            unit=read_word(fields, "unit"),
            contributions=read_items(
                fields, "contributions", Contribution.read, most=2 * MAX_SOURCES
            ),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "contributions": [each.write() for each in self.contributions],
            "expanded": f"{self.expanded:f}",
            "figure": self.figure,
            "u": f"{self.u:f}",
            "u_a": f"{self.u_a:f}",
            "u_b": f"{self.u_b:f}",
            "unit": self.unit,
            "value": f"{self.value:f}",
        }
