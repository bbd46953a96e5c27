"""What a method asks the factor library for."""

from dataclasses import dataclass
from datetime import date

from trace_node.accounting.factors.row import FactorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorQuery:
    """A query that exactly one row has to answer (因子查询).

    Attributes:
        method: ``id@version`` of the method that asks; told in errors.
        scheme: Guideline or series of the row.
        kind: What the row says.
        substance: Fuel, material, gas or product; empty for a row without.
        on: Day the factor is used for.
        region: Region of the row; empty for a row that holds anywhere.
        basis: Basis of the row; None accepts the only one there is.
        gwp_set: GWP set of the row; empty for other kinds.
        year: Year of the document or data; None accepts the only one there is.
        row: Id of the row, where the other members do not tell rows apart; empty otherwise.
    """

    method: str
    scheme: str
    kind: FactorKind
    substance: str
    on: date
    region: str = ""
    basis: str | None = None
    gwp_set: str = ""
    year: int | None = None
    row: str = ""

    @property
    def text(self) -> str:
        """What is asked, in one line."""
        parts = [self.scheme, self.kind.value, self.substance, self.region, self.gwp_set, self.row]
        return " ".join(part for part in parts if part) + (f" {self.year}" if self.year else "")
