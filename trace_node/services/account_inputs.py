"""The activity data of a period, from the log: totals of meters and entries of people."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Provenance,
    converted_by,
    obtained,
)
from trace_node.accounting.activity.entry import ACTIVITY_ENTRY, ActivityEntry
from trace_node.accounting.activity.for_methods import for_methods
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.integral import Integration
from trace_node.accounting.boundary.sources import EntryPoint, Industry, MeterPoint
from trace_node.accounting.inventory.assemble import points_needed
from trace_node.accounting.inventory.point_rules import may_estimate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.standing import Standing
from trace_node.metering.meter import MeterRegister
from trace_node.metering.period_total import PeriodTotal
from trace_node.period import Period
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point
from trace_node.ports.registry import EnrolledMeter
from trace_node.ports.store import Store
from trace_node.services.account_integral import integral_data, rates_in_log
from trace_node.services.account_meters import description_for
from trace_node.services.account_samples import obtain_sample, sample_leaves
from trace_node.services.metered_total import witnesses_of
from trace_node.services.period_totals import TotalsRequest, period_totals
from trace_node.services.statement_types import parse_statement
from trace_node.units import Quantity, unit

MULTIPLIER: Final = "multiplier of the meter register"


class AccountInputs:
    """Finds the values of meters, entries and laboratories.

    Args:
        store: The log.
        boundary: The boundary.
        now: The node's clock. The description of a meter that holds at the end of a period counts,
            or now where the period still runs; of a meter that was registered later, that of now.
    """

    def __init__(self, store: Store, boundary: Boundary, *, now: datetime) -> None:
        self._store, self._boundary, self._now = store, boundary, now
        self._reader: LogReader = store.reader()
        self._samples = sample_leaves(store, boundary)

    def obtain(
        self,
        industry: Industry,
        method: Method,
        period: Period,
        *,
        beside: frozenset[str] = frozenset(),
    ) -> list[ActivityData]:
        """The values of a unit and method in a period, but for virtual points; missing ones say so.

        Args:
            industry: Unit and method.
            method: The method.
            period: The period.
            beside: Names of points that the method does not take, such as those of a mass balance.

        Raises:
            BoundaryError: A meter is not registered in this log, or a gauge has too many readings.
            StateError: A total does not follow from its leaves.
            LaboratoryError: A laboratory value cannot be had.
        """
        boundary = self._boundary
        names = points_needed(boundary, industry) | beside

        def obtain(wanted: Iterable[str], part: Period) -> list[ActivityData]:
            """The values of meters and entries; a gauge is filled where the method allows it."""
            return self._plain(wanted, part, may_fill=may_fill)

        def may_fill(name: str) -> bool:
            """Whether the method lets an estimated value of a point in."""
            return may_estimate(boundary, industry, method, name)

        sampled = [
            obtain_sample(
                each,
                boundary=boundary,
                industry=industry,
                method=method,
                period=period,
                leaves=self._samples,
                now=self._now,
                obtain=obtain,
            )
            for each in boundary.laboratory
            if each.name in names
        ]
        return [*obtain(names, period), *sampled]

    def stated(self, names: Iterable[str], period: Period) -> list[ActivityData]:
        """The values of meters and entries among some names; nothing is filled.

        Raises:
            BoundaryError: A meter is not registered in this log, or a gauge has too many readings.
            StateError: A total does not follow from its leaves.
        """
        return self._plain(names, period, may_fill=lambda _name: False)

    def _plain(
        self, names: Iterable[str], period: Period, *, may_fill: Callable[[str], bool]
    ) -> list[ActivityData]:
        boundary, wanted = self._boundary, set(names)
        found = []
        for point in boundary.meters:
            if point.name not in wanted:
                continue
            if point.integrate is None:
                found.append(self._metered(point, period))
            else:
                filled = may_fill(point.name)
                found.append(self._integrated(point, point.integrate, period, may_fill=filled))
        entries = [each for each in boundary.entries if each.name in wanted]
        return [*found, *(self._entered(boundary, each, period) for each in entries)]

    def _integrated(
        self, point: MeterPoint, rule: Integration, period: Period, *, may_fill: bool
    ) -> ActivityData:
        described = self._description(point, period)
        meter_register = described.meter.meter_register(point.meter_register)
        place = self._place(point, meter_register)
        rates = rates_in_log(
            place, period, organisation=self._boundary.organisation, store=self._store
        )
        own = EvidenceLink(described.index, described.digest)
        return integral_data(
            point,
            rule,
            meter_register,
            period,
            rates.samples,
            links=(own, *rates.links),
            running=self._now < period.end,
            may_fill=may_fill,
        )

    def _metered(self, point: MeterPoint, period: Period) -> ActivityData:
        request = TotalsRequest(
            device=point.device,
            meter_register=point.meter_register,
            kind=period.kind,
            begin=period.start,
            end=period.end,
            now=self._description(point, period).meter.valid_from,
        )
        found = period_totals(request, reader=self._reader)
        (total,) = found.totals
        if total.total is None:
            return metered(point, period, None, found.meter_register, (), Standing.MISSING)
        links = self._links(point, total, found.meter_register, period)
        return metered(point, period, total, found.meter_register, links, standing_of(total))

    def _links(
        self, point: MeterPoint, total: PeriodTotal, meter_register: MeterRegister, period: Period
    ) -> tuple[EvidenceLink, ...]:
        place = self._place(point, meter_register)
        assert place is not None  # noqa: S101 (it has a total)
        found = witnesses_of(total, place, meter_register, reader=self._reader)
        described = self._description(point, period)
        entries = (self._reader.entry(index) for index in found.leaves)
        return (
            EvidenceLink(described.index, described.digest),
            *(EvidenceLink(entry.index, entry.leaf_hash) for entry in entries),
        )

    def _description(self, point: MeterPoint, period: Period) -> EnrolledMeter:
        return description_for(point, period, reader=self._reader, now=self._now)

    def _place(self, point: MeterPoint, meter_register: MeterRegister) -> Point | None:
        return next(
            (
                each
                for each in self._reader.points(device=point.device)
                if (each.meter_register, each.unit) == (meter_register.name, meter_register.unit)
            ),
            None,
        )

    def _entered(self, boundary: Boundary, point: EntryPoint, period: Period) -> ActivityData:
        topic = f"{boundary.organisation} {point.name} {period.name}"
        with self._store.view() as view:
            logged = view.statements.newest(ACTIVITY_ENTRY, topic)
            body = b"" if logged is None else view.entries.bodies(logged.index, logged.index + 1)[0]
        if logged is None:
            return obtained(
                None,
                name=point.name,
                source=point.source,
                provenance=Provenance.DOCUMENT,
                reference="-",
                period=period,
                links=(),
            )
        return entered(body, point, EvidenceLink(logged.index, logged.digest))


def metered(  # noqa: PLR0917 (parts of one value)
    point: MeterPoint,
    period: Period,
    total: PeriodTotal | None,
    meter_register: MeterRegister,
    links: tuple[EvidenceLink, ...],
    standing: Standing,
) -> ActivityData:
    """The activity data that a total of a meter register is, multiplied, in a unit of methods."""
    value = None if total is None else total.total
    data = obtained(
        None if value is None else Quantity(value, unit(meter_register.unit)),
        name=point.name,
        source=point.source,
        provenance=Provenance.METER,
        reference=f"{point.device}/{point.meter_register}",
        period=period,
        links=links,
        standing=standing,
    )
    if meter_register.multiplier != 1 and data.converted is not None:
        data = converted_by(
            data,
            factor=meter_register.multiplier,
            unit=data.converted.unit,
            conversion=f"{MULTIPLIER}: {meter_register.multiplier:f}",
        )
    return for_methods(data, quantity=meter_register.quantity)


def entered(body: bytes, point: EntryPoint, link: EvidenceLink) -> ActivityData:
    """The activity data that an entry states.

    Raises:
        BoundaryError: It is an entry of another source.
    """
    content = parse_statement(body).content
    if not isinstance(content, ActivityEntry) or content.source != point.source:
        raise BoundaryError(
            "{field}: leaf {index} is no entry of {name} for the source {source}",
            field="entries",
            index=link.index,
            name=point.name,
            source=point.source,
            remedy="log an entry that names the source of the boundary",
            code="boundary.entry",
        )
    return for_methods(content.data(link), quantity="")


def standing_of(total: PeriodTotal) -> Standing:
    """Final where the period is over and enough of it was measured."""
    is_final = total.is_complete and total.is_valid is not False
    return Standing.FINAL if is_final else Standing.PROVISIONAL
