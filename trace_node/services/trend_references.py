"""What a line of a trend is measured by: rows of the library, such as benchmarks and defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise, to_decimal
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorRow, FactorStatus
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.ids import OrganisationId
from trace_node.ports.store import Store
from trace_node.services.library import approvals as approvals_in
from trace_node.services.library import factor_library
from trace_node.units import UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReference:
    """What a line is measured by (参照值).

    Attributes:
        row: Id of the row.
        value: Its value, in the unit of the line.
        source: Where it stands.
        is_draft: Whether it is a draft that nobody approved.
        ratio: The line over the whole span, divided by it.
    """

    row: str
    value: Decimal
    source: str
    is_draft: bool
    ratio: Decimal | None


class References:
    """The rows of the library that lines are measured by.

    Args:
        named: Ids of rows by line.
        organisation: Whose own rows and approvals count, too.
        store: The log.
    """

    def __init__(self, named: Mapping[str, str], *, organisation: str, store: Store) -> None:
        self._named = named
        whose = OrganisationId(organisation)
        with store.view() as view:
            self._library: FactorLibrary = factor_library(view, organisation=whose)
            self._approvals: Approvals = approvals_in(view, organisation=whose)

    def of(self, name: str, tonnes: str, symbol: str, over_span: Decimal) -> TrendReference | None:
        """The reference of a line; None where none was named.

        Args:
            name: The line.
            tonnes: What it is counted in, such as ``tCO2``.
            symbol: Unit of the output; empty without one.
            over_span: The line over the whole span.

        Raises:
            FactorNotFoundError: The library holds no such row.
            OutlookError: The row is forbidden, or no factor for a unit of the output.
        """
        if name not in self._named:
            return None
        row = self._library.row(self._named[name])
        value = _in_unit(row, tonnes, symbol)
        status = self._library.status_of(row)
        if value is None or status is FactorStatus.FORBIDDEN:
            raise OutlookError(
                "{field}: {row} is {status} {unit}, no reference in {wanted}",
                field="reference",
                row=row.id,
                status=status.value,
                unit=row.unit,
                wanted=f"{tonnes}/{symbol}",
                remedy="name a row of the library in tonnes for a unit of the output",
                code="outlook.reference",
            )
        with precise():
            ratio = over_span / value if value else None
        return TrendReference(
            row=row.id,
            value=value,
            source=row.source,
            is_draft=status is FactorStatus.DRAFT and row.digest not in self._approvals.rows,
            ratio=ratio,
        )


def _in_unit(row: FactorRow, tonnes: str, symbol: str) -> Decimal | None:
    """The value of a row for one unit of output; None where it is of something else."""
    of, _, each = row.unit.partition("/")
    given, wanted = UNITS.get(each.partition("[")[0]), UNITS.get(symbol)
    if of != tonnes.partition(" ")[0] or given is None or wanted is None:
        return None
    if given.dimension != wanted.dimension:
        return None
    with precise():
        return row.value * to_decimal(wanted.factor / given.factor)
