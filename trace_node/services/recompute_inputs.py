"""The activity data of an emission record again, from the leaves that it names and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from trace_node.accounting.activity.data import (
    ActivityData,
    EvidenceLink,
    Provenance,
    obtained,
)
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.integral import Integration
from trace_node.accounting.boundary.samples import SamplePoint
from trace_node.accounting.boundary.sources import Industry, MeterPoint
from trace_node.accounting.inventory.point_rules import may_estimate, may_lack, question_of
from trace_node.accounting.inventory.sample_data import SampleLeaf, reference_of, sample_data
from trace_node.accounting.laboratory.record import LABORATORY_RECORD, LaboratoryRecord
from trace_node.accounting.methods.method import Method
from trace_node.accounting.records.emission_parts import ActivityItem
from trace_node.accounting.records.gauge_readings import GAUGE_READINGS
from trace_node.accounting.records.signer_trust import SIGNER_TRUST
from trace_node.accounting.standing import Standing
from trace_node.ids import OrganisationId
from trace_node.metering.meter import Meter
from trace_node.period import Period
from trace_node.services.account_inputs import entered, metered
from trace_node.services.account_integral import integral_data, rates_of_leaves
from trace_node.services.account_samples import weights_of
from trace_node.services.gauge_lists import readings_of
from trace_node.services.metered_total import total_of_leaves
from trace_node.services.recompute_leaves import NamedLeaf, body_at, by_meter, differs, speaks_of
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.hasher import TreeHasher


class StatesActivity(Protocol):
    """A record that states activity data: an emission, or a comparison of measurements."""

    @property
    def organisation(self) -> OrganisationId:
        """Whose."""

    @property
    def period(self) -> Period:
        """Of when."""

    @property
    def activity(self) -> tuple[ActivityItem, ...]:
        """The activity data."""


class InputsAgain:
    """Makes each value of a record again (重新取值).

    Args:
        record: The record.
        boundary: The version of the boundary that it names.
        industry: Unit and method.
        method: The method.
        bodies: The leaf at each index that it names.
        hasher: Hash of the log.
    """

    def __init__(
        self,
        record: StatesActivity,
        boundary: Boundary,
        industry: Industry,
        method: Method,
        bodies: Mapping[int, bytes],
        *,
        hasher: TreeHasher,
    ) -> None:
        self._record, self._boundary = record, boundary
        self._industry, self._method = industry, method
        self._bodies, self._hasher = bodies, hasher
        self._items = {each.name: each for each in record.activity}
        self._samples = {each.name: each for each in boundary.laboratory}
        self._entries = {each.name: each for each in boundary.entries}
        self._meters = {each.name: each for each in boundary.meters}

    def obtain(self, name: str) -> ActivityData:
        """The value of a meter, an entry or a laboratory.

        Raises:
            RecomputeError: It does not follow from the leaves; its member is named.
            InputError: A leaf is not what the record takes it for.
        """
        item, point = self._items.get(name), self._samples.get(name)
        if item is None and point is not None:
            return self._lacking(point)
        if item is None:
            raise differs(f"activity.{name}", "nothing", "a value that the boundary needs")
        found = [
            NamedLeaf(EvidenceLink(index, self._hasher.leaf(body)), body)
            for index, body in ((at, body_at(self._bodies, at)) for at in item.leaves)
        ]
        if point is not None:
            return self._sampled(item, point, found)
        return self._plain(name, self._record.period, found, item)

    def nothing(self, name: str) -> ActivityData:
        """A meter, entry or laboratory value that the record does not state."""
        boundary = self._boundary
        kinds = (
            (Provenance.METER, boundary.meters),
            (Provenance.DOCUMENT, boundary.entries),
            (Provenance.LABORATORY, boundary.laboratory),
        )
        provenance, source = next(
            (kind, each.source) for kind, points in kinds for each in points if each.name == name
        )
        return _nothing(name, source, provenance, self._record.period)

    def _lacking(self, point: SamplePoint) -> ActivityData:
        """Without a laboratory value, if the method has one of its own."""
        if not may_lack(self._boundary, self._industry, self._method, point.name):
            raise differs(f"activity.{point.name}", "nothing", "a value that the method needs")
        return obtained(
            None,
            name=point.name,
            source=point.source,
            provenance=Provenance.LABORATORY,
            reference=reference_of(point),
            period=self._record.period,
            links=(),
        )

    def _sampled(
        self, item: ActivityItem, point: SamplePoint, found: list[NamedLeaf]
    ) -> ActivityData:
        trusts = {each.link.index: each.link for each in found if each.kind == SIGNER_TRUST}
        samples = [each for each in found if each.kind == LABORATORY_RECORD]
        others = [each for each in found if each.kind not in {SIGNER_TRUST, LABORATORY_RECORD}]

        def obtain(names: Iterable[str], part: Period) -> list[ActivityData]:
            """The quantities that weigh, each from the leaves that speak of it."""
            return [
                self._plain(name, part, others, None)
                for name in names
                if name not in {each.name for each in self._boundary.rules}
            ]

        weights, links = weights_of(point, self._boundary, self._record.period, obtain=obtain)
        settled = item.standing is Standing.FINAL
        again = sample_data(
            point,
            question_of(self._boundary, self._industry, self._method, point, settled=settled),
            self._record.period,
            [self._sample(each, point) for each in samples],
            weights=weights,
            weighed_by=links,
        )
        return _with_links(again, trusts.values())

    def _sample(self, leaf: NamedLeaf, point: SamplePoint) -> SampleLeaf:
        record = parse_statement(leaf.body).content
        assert isinstance(record, LaboratoryRecord)  # noqa: S101 (its type says so)
        whose = (record.organisation, record.substance)
        if whose != (self._record.organisation, point.substance):
            raise differs(f"activity.{point.name}.leaves", " ".join(whose), "another substance")
        return SampleLeaf(record=record, link=leaf.link)

    def _plain(
        self, name: str, period: Period, found: list[NamedLeaf], item: ActivityItem | None
    ) -> ActivityData:
        """A meter or an entry; of one that only weighs the record holds no item of its own."""
        entry = self._entries.get(name)
        if entry is not None:
            spoken = [each for each in found if item is not None or speaks_of(each, name, period)]
            if item is not None and len(spoken) != 1:
                raise differs(f"activity.{name}.leaves", str(len(spoken)), "1")
            if not spoken:
                return _nothing(name, entry.source, Provenance.DOCUMENT, period)
            return entered(spoken[-1].body, entry, spoken[-1].link)
        point = self._meters[name]
        meter, described, records = by_meter(name, point, found, alone=item is not None)
        meter_register = meter.meter_register(point.meter_register)
        links = (described, *(each.link for each in records))
        if point.integrate is not None:
            standing = None if item is None else item.standing
            records = self._listed(point, records)
            return self._integrated(
                point, point.integrate, meter, period, records, links=links, standing=standing
            )
        total = total_of_leaves(
            [each.body for each in records if each.kind != GAUGE_READINGS],
            meter_register,
            period,
            device=point.device,
        )
        if total is None or total.total is None:
            return metered(point, period, None, meter_register, links, Standing.MISSING)
        standing = Standing.FINAL if item is None else item.standing
        return metered(point, period, total, meter_register, links, standing)

    def _listed(self, point: MeterPoint, records: list[NamedLeaf]) -> list[NamedLeaf]:
        """The readings themselves, where lists of this gauge stand for them."""
        found = []
        for each in records:
            listed = readings_of(each.body)
            if listed is None:
                found.append(each)
                continue
            whose = (listed.organisation, listed.device, listed.meter_register)
            if whose != (self._record.organisation, point.device, point.meter_register):
                raise differs(f"activity.{point.name}.leaves", " ".join(whose), "another gauge")
            found += [
                NamedLeaf(EvidenceLink(at, self._hasher.leaf(body)), body)
                for at, body in ((at, body_at(self._bodies, at)) for at in listed.readings)
            ]
        return found

    def _integrated(
        self,
        point: MeterPoint,
        rule: Integration,
        meter: Meter,
        period: Period,
        records: list[NamedLeaf],
        *,
        links: tuple[EvidenceLink, ...],
        standing: Standing | None,
    ) -> ActivityData:
        meter_register = meter.meter_register(point.meter_register)
        samples = rates_of_leaves(
            [each.body for each in records], meter_register, device=point.device
        )
        name = point.name
        return integral_data(
            point,
            rule,
            meter_register,
            period,
            samples,
            links=links,
            running=standing is Standing.PROVISIONAL,
            may_fill=may_estimate(self._boundary, self._industry, self._method, name),
        )


def _nothing(name: str, source: str, provenance: Provenance, period: Period) -> ActivityData:
    return obtained(
        None,
        name=name,
        source=source,
        provenance=provenance,
        reference="-",
        period=period,
        links=(),
    )


def _with_links(data: ActivityData, more: Iterable[EvidenceLink]) -> ActivityData:
    return replace(data, links=tuple(sorted({*data.links, *more})))
