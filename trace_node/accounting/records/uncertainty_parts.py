"""The parts of a record of uncertainty: sources of error, contributions, budgets.

A leaf holds 65,535 bytes, and a unit of 100 sources errs by hundreds of causes. So a source is a
row, and of a budget the record states the derivatives alone: contributions and shares follow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise, quadrature
from trace_node.accounting.records.emission_parts import read_figure, read_leaves, read_word
from trace_node.accounting.uncertainty.digits import shown
from trace_node.accounting.uncertainty.parts import Kind
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_choice, read_optional
from trace_node.record.statement_fields import read_line, read_rows

MAX_SOURCES: Final = 2_048
_OF_SOURCE: Final = ("name", "value", "unit", "parts")
_OF_PART: Final = ("kind", "u", "origin", "shared", "leaves")


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

    def to_json(self) -> JsonObject:
        """Its members by their names, for a reader."""
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

    def u(self, kind: Kind) -> Decimal:
        """Its standard uncertainty of one type, in its unit."""
        return quadrature(part.u for part in self.parts if part.kind is kind)

    def shared(self, kind: Kind) -> str | None:
        """What its parts of one type share with others."""
        return next((part.shared for part in self.parts if part.kind is kind and part.shared), None)

    @classmethod
    def read(cls, fields: JsonObject) -> "SourceOf":
        """Read its row."""
        name = read_word(fields, "name")
        return cls(
            name=name,
            value=read_figure(fields, "value"),
            unit=read_word(fields, "unit"),
            parts=read_rows(
                fields, "parts", _OF_PART, lambda row: _read_part(row, name), most=MAX_SOURCES
            ),
        )

    def to_json(self) -> JsonObject:
        """Its members by their names, for a reader."""
        return {
            "name": self.name,
            "parts": [each.to_json() for each in self.parts],
            "unit": self.unit,
            "value": f"{self.value:f}",
        }

    def write(self) -> list[JsonValue]:
        """Write its row."""
        parts: list[JsonValue] = [
            [each.kind.value, f"{each.u:f}", each.origin, _written(each, self.name), [*each.leaves]]
            for each in self.parts
        ]
        return [self.name, f"{self.value:f}", self.unit, parts]


def read_sources(fields: JsonObject, key: str) -> tuple[SourceOf, ...]:
    """Read the rows of sources."""
    return read_rows(fields, key, _OF_SOURCE, SourceOf.read, most=MAX_SOURCES)


def _read_part(fields: JsonObject, name: str) -> SourcePart:
    own = fields["shared"] == ""
    if fields["shared"] == name:
        raise RecordError(
            "{field}: the name of the source itself is written as an empty text",
            field="shared",
            remedy="write what trace-node uncertainty evaluate gives",
            code="record.shared",
        )
    return SourcePart(
        kind=Kind(read_choice(fields, "kind", frozenset(Kind))),
        u=read_figure(fields, "u"),
        origin=read_line(fields, "origin"),
        shared=name if own else read_optional(fields, "shared", read_line),
        leaves=read_leaves(fields, "leaves"),
    )


def _written(part: SourcePart, name: str) -> str | None:
    """What a part shares; nothing where that is the name of its source."""
    return "" if part.shared == name else part.shared


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

    def to_json(self) -> JsonObject:
        """Its members by their names, for a reader."""
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

    def to_json(self) -> JsonObject:
        """Its members with all contributions, for a reader."""
        return {**self._own(), "contributions": [each.to_json() for each in self.contributions]}

    def write(self, sources: Iterable[SourceOf]) -> JsonObject:
        """Write its members; the derivatives stand in the order of the sources."""
        slopes = {each.source: f"{each.sensitivity:f}" for each in self.contributions}
        return {**self._own(), "sensitivities": [slopes.get(each.name) for each in sources]}

    def _own(self) -> JsonObject:
        return {
            "expanded": f"{self.expanded:f}",
            "figure": self.figure,
            "u": f"{self.u:f}",
            "u_a": f"{self.u_a:f}",
            "u_b": f"{self.u_b:f}",
            "unit": self.unit,
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, slots=True)
class _Size:
    """Sensitivity times standard uncertainty of one type of a source."""

    source: SourceOf
    kind: Kind
    size: Decimal

    @property
    def group(self) -> tuple[Kind, str, str]:
        """What it errs together with inside one figure: type B of one word, or nothing else."""
        word = self.source.shared(self.kind) if self.kind is Kind.B else None
        return (self.kind, "", self.source.name) if word is None else (self.kind, word, "")


def budget_of(
    figure: str,
    value: Decimal,
    unit: str,
    *,
    slopes: Mapping[str, Decimal],
    sources: Sequence[SourceOf],
    k: Decimal,
) -> BudgetOf:
    """The budget of a figure from what its record states (GUM 5.2.2).

    Parts of type B that share a word are fully correlated, all others independent: so the
    contributions of one word add, and the sums add by their squares.

    Args:
        figure: Id of the total.
        value: The figure.
        unit: Its unit.
        slopes: Derivative of the figure by each source that moves it.
        sources: The sources.
        k: Coverage factor.
    """
    with precise():
        sizes = [
            _Size(each, kind, slopes[each.name] * each.u(kind))
            for each in sources
            if each.name in slopes
            for kind in Kind
        ]
        sums: dict[tuple[Kind, str, str], Decimal] = {}
        for one in sizes:
            if one.size:
                sums[one.group] = sums.get(one.group, Decimal(0)) + one.size
        u_a, u_b = (quadrature(sums[at] for at in sums if at[0] is kind) for kind in Kind)
        u = quadrature(sums.values())
        contributions = [
            _contribution(one, slopes[one.source.name], together=sums[one.group], u=u)
            for one in sizes
            if one.size
        ]
        expanded = k * u
    return BudgetOf(
        figure=figure,
        value=value,
        unit=unit,
        u_a=shown(u_a),
        u_b=shown(u_b),
        u=shown(u),
        expanded=shown(expanded),
        contributions=tuple(sorted(contributions, key=lambda each: -abs(each.contribution))),
    )


def _contribution(one: _Size, slope: Decimal, *, together: Decimal, u: Decimal) -> Contribution:
    """One of them, with half of each covariance in its share of the variance."""
    with precise():
        share = one.size * together / u / u if u else Decimal(0)
    return Contribution(
        source=one.source.name,
        kind=one.kind,
        sensitivity=slope,
        contribution=shown(one.size),
        share=shown(share),
        shared=one.source.shared(one.kind),
    )
