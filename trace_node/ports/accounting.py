"""Computed emissions in the log as services see them, and the results behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trace_node.ids import OrganisationId
from trace_node.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedItem:
    """The mass of one gas from one source, as an emission record states it.

    Attributes:
        source: Emission source.
        category: Source category of the method.
        scope: 1, 2 or 3.
        iso14064: Category 1 to 6 of ISO 14064-1.
        gas: The gas.
        role: ``emission`` or ``sink``.
        mass: Tonnes of the gas.
    """

    source: str
    category: str
    scope: int
    iso14064: int
    gas: str
    role: str
    mass: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedTotal:
    """A figure, as an emission record states it.

    Attributes:
        id: Total of the method.
        purpose: What it is for.
        value: The figure.
        unit: Its unit.
        gwp_set: GWP set; empty for CO2.
        masses: Net tonnes of each gas.
    """

    id: str
    purpose: str
    value: Decimal
    unit: str
    gwp_set: str
    masses: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFigure:
    """An emission record in the log.

    Attributes:
        index: Leaf index.
        digest: Its record digest.
        organisation: Whose emission.
        boundary: Name of the boundary.
        boundary_index: Leaf index of the version that was used.
        unit: The accounting unit.
        method: ``id@version``.
        period: The period.
        standing: ``provisional`` or ``final``.
        result: Digest of the canonical result.
        replaces: Leaf index of the one it takes the place of; None for the first.
        demonstration: Why it is a demonstration only; None of a real figure.
        stated_at: When it was stated.
        totals: The figures.
        items: Masses by source and gas.
    """

    index: int
    digest: bytes
    organisation: OrganisationId
    boundary: str
    boundary_index: int
    unit: str
    method: str
    period: Period
    standing: str
    result: bytes
    replaces: int | None
    demonstration: str | None
    stated_at: datetime
    totals: tuple[LoggedTotal, ...]
    items: tuple[LoggedItem, ...]


class AccountedFigures(Protocol):
    """Emission records of the log and stored results; rows follow from the leaves alone.

    A stored result is a copy that recomputing gives again: it may be missing after a restore.
    """

    def add(self, figure: LoggedFigure) -> None:
        """Remember an emission record that was logged."""

    def at(self, index: int) -> LoggedFigure | None:
        """The one at a leaf index; None when another record is there."""

    def current(
        self,
        *,
        organisation: str,
        boundary: str,
        begin: datetime,
        end: datetime,
        unit: str | None = None,
    ) -> Sequence[LoggedFigure]:
        """Those that nothing replaces, of periods inside [begin, end), by start and leaf.

        Args:
            organisation: Whose.
            boundary: Name of the boundary.
            begin: First instant.
            end: First instant after the last period.
            unit: Of one accounting unit if named.
        """

    def put_result(self, digest: bytes, body: bytes) -> None:
        """Keep a result under its digest; nothing happens if it is there."""

    def result(self, digest: bytes) -> bytes | None:
        """The canonical bytes of a result; None where they are not kept."""
