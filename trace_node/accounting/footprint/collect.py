"""Collect the parts and gaps of a batch's footprint, in the order of the walk back."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.errors import FactorNotFoundError, FactorUnusableError
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.batch_parts import Fuel, Leg
from trace_node.accounting.footprint.figures import EmissionFigures, Potential, Potentials
from trace_node.accounting.footprint.genealogy import Batch, Genealogy, LoggedEvent, LoggedSupply
from trace_node.accounting.footprint.parts import Basis, Collected, Gap, GapCode, Need, Part
from trace_node.accounting.footprint.shares import EventShare, shares_of
from trace_node.accounting.footprint.stage_emission import EmissionLine, UsedFactor
from trace_node.accounting.footprint.supplier import SupplierFootprint
from trace_node.accounting.footprint.words import CARRYING, Side, Stage

KG: Final = Decimal(1000)
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_CARBON: Final = (Decimal(44), Decimal(12))


class Collector:
    """Turns shares of events into parts of a footprint.

    Args:
        genealogy: Batches and events.
        figures: Logged emission of stages.
        potentials: The GWP set of the purpose.
    """

    def __init__(
        self, *, genealogy: Genealogy, figures: EmissionFigures, potentials: Potentials
    ) -> None:
        self._genealogy = genealogy
        self._figures = figures
        self._potentials = potentials
        self._parts: list[Part] = []
        self._gaps: list[Gap] = []
        self._needs: list[Need] = []

    def collect(self, name: str) -> Collected:
        """All parts and gaps of a batch, per tonne of it.

        Raises:
            BatchNotFoundError: There is no such batch.
        """
        batch = self._genealogy.batch(name)
        with precise():
            for share in shares_of(name, self._genealogy):
                if isinstance(share.origin, LoggedSupply):
                    self._supply(batch, share, share.origin)
                else:
                    self._stage(batch, share, share.origin)
                    self._legs(batch, share, share.origin)
            self._use(batch)
        return Collected(
            parts=tuple(self._parts),
            gaps=tuple(self._gaps),
            needs=tuple(self._needs),
            walked=self._genealogy.leaves(name),
        )

    def _stage(self, batch: Batch, share: EventShare, logged: LoggedEvent) -> None:
        event, unit_share = logged.event, logged.event.share_of_unit
        if event.stage is None or event.period is None or unit_share is None:
            return
        figure = self._figures.figure(
            organisation=event.organisation, unit=event.unit, stage=event.stage, period=event.period
        )
        if share.side is Side.GATE:
            tonnes = share.share * event.mass_through
            self._needs.append(Need(tonnes=tonnes, is_known=figure is not None))
        if figure is None:
            detail = f"{event.organisation} {event.unit} {event.stage.value} {event.period.name}"
            self._gap(GapCode.EMISSION, event.stage, share, logged, detail)
            return
        for line in figure.emission.lines:
            potential = self._potential(line, share, logged, event.stage)
            if potential is None:
                continue
            self._parts.append(
                Part(
                    stage=event.stage,
                    side=share.side,
                    basis=Basis.FIGURE,
                    origin=logged.link,
                    where=event.event,
                    what=f"{line.gas} {line.source}",
                    share=share.share * unit_share,
                    x=line.mass,
                    u=line.u,
                    slope=share.share * unit_share * potential.value * KG / batch.mass,
                    source=f"leaf {figure.link.index} {line.source} {line.gas}",
                    links=(figure.link, *line.links),
                    factors=tuple(_factors(line, potential)),
                    primary_share=_ONE,
                    ratings=figure.emission.ratings,
                    carbon=line.origin,
                )
            )

    def _potential(
        self, line: EmissionLine, share: EventShare, logged: LoggedEvent, stage: Stage
    ) -> Potential | None:
        try:
            return self._potentials.of(line.gas, line.origin)
        except (FactorNotFoundError, FactorUnusableError) as error:
            detail = f"{line.gas} {self._potentials.gwp_set}: {error.reason}"
            self._gap(GapCode.POTENTIAL, stage, share, logged, detail)
            return None

    def _legs(self, batch: Batch, share: EventShare, logged: LoggedEvent) -> None:
        event = logged.event
        if event.kind in CARRYING and not event.legs and event.stage is None:
            self._gap(GapCode.TRANSPORT, Stage.TRANSPORT, share, logged, event.unit)
        for number, leg in enumerate(event.legs):
            if leg.gwp_set != self._potentials.gwp_set:
                detail = f"{leg.mode}: {leg.gwp_set}"
                self._gap(GapCode.GWP_SET, Stage.TRANSPORT, share, logged, detail)
                continue
            self._parts.append(
                Part(
                    stage=Stage.TRANSPORT,
                    side=share.side,
                    basis=Basis.TRANSPORT,
                    origin=logged.link,
                    where=event.event,
                    what=f"{leg.mode} {number + 1}",
                    share=share.share,
                    x=leg.factor,
                    u=leg.u,
                    slope=share.share * tonne_km(event, leg) / batch.mass,
                    source=f"document {leg.evidence.hex()} {leg.mode} {leg.factor:f}",
                    links=(logged.link, *event.links),
                    factors=(),
                    primary_share=_ZERO,
                    ratings=None,
                )
            )

    def _supply(self, batch: Batch, share: EventShare, logged: LoggedSupply) -> None:
        told = logged.supplied
        is_known = told.value is not None and told.gwp_set == self._potentials.gwp_set
        self._needs.append(Need(tonnes=share.share * told.mass, is_known=is_known))
        if told.value is None or told.u is None or told.primary_share is None:
            self._gap(GapCode.SUPPLIER, Stage.SUPPLY, share, logged, told.supplier)
        elif told.gwp_set != self._potentials.gwp_set:
            self._gap(GapCode.GWP_SET, Stage.SUPPLY, share, logged, str(told.gwp_set))
        else:
            self._parts.append(
                Part(
                    stage=Stage.SUPPLY,
                    side=share.side,
                    basis=Basis.SUPPLIER,
                    origin=logged.link,
                    where=told.batch,
                    what=f"{told.source} {told.supplier}",
                    share=share.share,
                    x=told.value,
                    u=told.u,
                    slope=share.share * told.mass / batch.mass,
                    source=_error_of(told, logged),
                    links=(logged.link,),
                    factors=(),
                    primary_share=told.primary_share,
                    ratings=told.ratings,
                )
            )

    def _use(self, batch: Batch) -> None:
        burnt = _ZERO
        for logged, mass in self._genealogy.burnt(batch.name):
            fuel = logged.event.fuel
            if fuel is None:
                continue
            burnt += mass
            x = burnt_per_tonne(fuel)
            evidence = () if fuel.evidence is None else (fuel.evidence,)
            self._parts.append(
                Part(
                    stage=Stage.USE,
                    side=Side.DOWNSTREAM,
                    basis=Basis.FUEL,
                    origin=logged.link,
                    where=logged.event.event,
                    what="CO2 fuel",
                    share=mass / batch.mass,
                    x=x,
                    u=x * fuel.u,
                    slope=mass / batch.mass,
                    source=f"fuel of {logged.event.event}",
                    links=(logged.link, *evidence, *logged.event.links),
                    factors=(),
                    primary_share=_ZERO,
                    ratings=None,
                )
            )
        if burnt < batch.mass:
            self._gaps.append(
                Gap(
                    code=GapCode.USE,
                    stage=Stage.USE,
                    side=Side.DOWNSTREAM,
                    origin=None,
                    where=batch.name,
                    detail=f"{batch.mass - burnt:f} t",
                    share=1 - burnt / batch.mass,
                )
            )

    def _gap(
        self,
        code: GapCode,
        stage: Stage,
        share: EventShare,
        logged: LoggedEvent | LoggedSupply,
        detail: str,
    ) -> None:
        name = logged.supplied.batch if isinstance(logged, LoggedSupply) else logged.event.event
        self._gaps.append(
            Gap(
                code=code,
                stage=stage,
                side=share.side,
                origin=logged.link,
                where=name,
                detail=detail,
                share=share.share,
            )
        )


def _error_of(told: SupplierFootprint, logged: LoggedSupply) -> str:
    """What errs: the document's value, in everything that was bought by it."""
    if told.document is None:
        return f"leaf {logged.link.index}"
    return f"document {told.document.hex()} {told.value:f} {told.u:f}"


def tonne_km(event: BatchEvent, leg: Leg) -> Decimal:
    """Tonne-kilometres of a leg with its empty return, methods.md 10, equation 5."""
    with precise():
        return event.mass_in * leg.km * (1 + leg.empty)


def burnt_per_tonne(fuel: Fuel) -> Decimal:
    """kgCO2 per tonne burnt, methods.md 10, equation 7."""
    over, under = _CARBON
    with precise():
        return fuel.ncv * fuel.carbon * fuel.oxidation * over / under * KG


def _factors(line: EmissionLine, potential: Potential) -> Iterator[UsedFactor]:
    if line.factor is not None:
        yield line.factor
    if potential.row is not None:
        yield UsedFactor(row=potential.row.id, digest=potential.row.digest)
