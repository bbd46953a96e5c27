"""What a footprint asks for from outside: figures of stages, and global warming potentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.errors import FactorNotFoundError, FactorUnusableError
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorKind, FactorRow, FactorStatus
from trace_node.accounting.footprint.stage_emission import CO2, StageEmission
from trace_node.accounting.footprint.words import Origin, Stage
from trace_node.period import Period

# CH4 has a potential by origin (AR6, table 7.15): the CO2 of fossil CH4 is new to the air.
_BY_ORIGIN: Final[Mapping[tuple[str, Origin], str]] = {
    ("CH4", Origin.FOSSIL): "CH4_fossil",
    ("CH4", Origin.BIOGENIC): "CH4_nonfossil",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigure:
    """The emission of a process unit in a stage and period, and its leaf."""

    link: EvidenceLink
    emission: StageEmission


class EmissionFigures(Protocol):
    """Where logged emission of stages is found."""

    def figure(
        self, *, organisation: str, unit: str, stage: Stage, period: Period
    ) -> StageFigure | None:
        """The figure that holds now; None where none is logged, which is a gap and never zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """A global warming potential (GWP).

    Attributes:
        value: kgCO2e per kg.
        row: Its row of the factor library; None for CO2, which is 1 by definition.
    """

    value: Decimal
    row: FactorRow | None


class Potentials:
    """The potentials of one assessment report; a footprint is made with one set alone.

    Args:
        library: The factor library.
        gwp_set: Name of the set, such as ``AR6``.
        approved: Digests of draft rows that a person approved.
    """

    def __init__(
        self, library: FactorLibrary, gwp_set: str, *, approved: frozenset[bytes] = frozenset()
    ) -> None:
        self.gwp_set = gwp_set
        rows = [row for row in library if row.gwp_set == gwp_set]
        self._library, self._approved = library, approved
        self._rows: Mapping[str, FactorRow] = {
            row.substance: row for row in rows if row.kind is FactorKind.GWP
        }

    def of(self, gas: str, origin: Origin) -> Potential:
        """The potential of a gas of an origin.

        Raises:
            FactorNotFoundError: The set has none.
            FactorUnusableError: It is forbidden or superseded, or a draft that nobody approved.
        """
        if gas == CO2:
            return Potential(value=Decimal(1), row=None)
        row = self._rows.get(_BY_ORIGIN.get((gas, origin), gas))
        if row is None:
            raise FactorNotFoundError(
                "{field}: {gwp_set} has no global warming potential of {gas}",
                field="gas",
                gwp_set=self.gwp_set,
                gas=gas,
                remedy="use a set that has it, or add the row with two sources",
            )
        status = self._library.status_of(row)
        if status is FactorStatus.DRAFT and row.digest in self._approved:
            return Potential(value=row.value, row=row)
        if status is not FactorStatus.ACTIVE:
            raise FactorUnusableError(
                "{field}: {row} is {status}",
                field="gas",
                row=row.id,
                status=status.value,
                remedy="approve the row with evidence, or use another set",
                code=f"accounting.factor.{status.value}",
            )
        return Potential(value=row.value, row=row)
