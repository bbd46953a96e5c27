"""Values that a laboratory determines, as points of a boundary (化验项)."""

from dataclasses import dataclass
from typing import Final

from trace_node.accounting.boundary.words import read_id
from trace_node.accounting.laboratory.basis import Basis
from trace_node.accounting.laboratory.parameter import GASES, Parameter
from trace_node.accounting.laboratory.weighting import Weighting
from trace_node.canonical_json import JsonObject
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    Code,
    read_choice,
    read_code,
    read_integer,
    read_optional,
    require_keys,
)

MOST_DUE_DAYS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePoint:
    """A value from laboratory records (化验项): step e.

    Attributes:
        name: Name of its activity data.
        source: The source.
        substance: Fuel or material, as the laboratory records name it.
        parameter: What is determined.
        basis: On which basis the method takes it; None of a gas.
        weighting: By what the samples are weighted.
        weights: Point whose quantities weigh: each day what was fired, each month of a year what
            was consumed; None where neither is asked for.
        due_days: Days after the end of a period by which its reports are in, 0 to 120. Until then
            the last valid value stands in; then the method's rule for missing data counts.
    """

    name: str
    source: str
    substance: Code
    parameter: Parameter
    basis: Basis | None
    weighting: Weighting
    weights: str | None
    due_days: int

    @classmethod
    def read(cls, fields: JsonObject) -> "SamplePoint":
        """Read its members.

        Raises:
            RecordError: A basis of a gas, or none of something else; or nothing to weigh by.
        """
        plain = {"due_days", "name", "parameter", "source", "substance"}
        require_keys(fields, frozenset({*plain, "basis", "weighting", "weights"}))
        parameter = Parameter(read_choice(fields, "parameter", frozenset(Parameter)))
        basis = read_optional(fields, "basis", _read_basis)
        weighting = Weighting(read_choice(fields, "weighting", frozenset(Weighting)))
        weights = read_optional(fields, "weights", read_id)
        if (basis is None) != (parameter in GASES):
            raise RecordError(
                "{field}: must be null of a gas, else ar, ad, d or daf",
                field="basis",
                remedy="name the basis that the method takes",
                code="record.basis",
            )
        if weighting is Weighting.FIRED and weights is None:
            raise RecordError(
                "{field}: what was fired each day has to be named",
                field="weights",
                remedy="name the point of the fuel quantity",
                code="record.weights",
            )
        return cls(
            name=read_id(fields, "name"),
            source=read_id(fields, "source"),
            substance=read_code(fields, "substance"),
            parameter=parameter,
            basis=basis,
            weighting=weighting,
            weights=weights,
            due_days=read_integer(fields, "due_days", minimum=0, maximum=MOST_DUE_DAYS),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "basis": None if self.basis is None else self.basis.value,
            "due_days": self.due_days,
            "name": self.name,
            "parameter": self.parameter.value,
            "source": self.source,
            "substance": self.substance,
            "weighting": self.weighting.value,
            "weights": self.weights,
        }


def _read_basis(fields: JsonObject, key: str) -> Basis:
    return Basis(read_choice(fields, key, frozenset(Basis)))
