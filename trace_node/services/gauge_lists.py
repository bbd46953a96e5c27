"""Lists of a gauge's readings by day: made before a figure needs them, and read where one does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.sources import MeterPoint
from trace_node.accounting.records.gauge_readings import GAUGE_READINGS, GaugeReadings
from trace_node.canonical_json import decode_object
from trace_node.ids import OrganisationId
from trace_node.period import Period, PeriodKind, period_of
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point, StoredReading
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store, UnitOfWork
from trace_node.record.statement import Content
from trace_node.services.statement_types import parse_statement

MOST_READINGS: Final = 3_900  # leaves that one emission record may name of one point
MOST_LISTED: Final = 45_000  # a month of minutes
_MARK: Final = f'"type":"{GAUGE_READINGS}"'.encode()  # one spelling; spares reading other leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeList:
    """A list on record.

    Attributes:
        link: Its leaf.
        readings: The leaves that it names.
    """

    link: EvidenceLink
    readings: frozenset[int]


def listed_in_log(
    organisation: OrganisationId, place: Point, used: Sequence[StoredReading], *, view: UnitOfWork
) -> tuple[GaugeList, ...]:
    """The newest list of each day of some readings that names exactly those of that day."""
    found = []
    for day, readings in _by_day(used).items():
        topic = _list_of(organisation, place, day, readings).topic
        newest = view.statements.newest(GAUGE_READINGS, topic)
        if newest is None:
            continue
        (body,) = view.entries.bodies(newest.index, newest.index + 1)
        content = parse_statement(body).content
        if content == _list_of(organisation, place, day, readings):
            link = EvidenceLink(newest.index, newest.digest)
            found.append(GaugeList(link=link, readings=frozenset(each.index for each in readings)))
    return tuple(found)


def list_gauges(
    boundary: Boundary,
    names: Iterable[str],
    period: Period,
    *,
    store: Store,
    log: Callable[[Content], LoggedStatement],
) -> None:
    """Log the readings of each day of the gauges that have too many for one record.

    A day whose list is on record and still holds is not listed again.
    """
    wanted = set(names)
    for point in boundary.meters:
        if point.integrate is None or point.name not in wanted:
            continue
        for place in _places(point, store.reader()):
            used = valid_readings(place, period, reader=store.reader())
            if len(used) > MOST_READINGS:
                _list_days(boundary.organisation, place, used, store=store, log=log)


def valid_readings(place: Point, period: Period, *, reader: LogReader) -> list[StoredReading]:
    """The valid readings of a point in a period.

    Raises:
        BoundaryError: There are more readings than a figure can rest on, invalid ones among them.
    """
    found = reader.readings(
        place.point_id, begin=period.start, end=period.end, limit=MOST_LISTED + 1
    )
    if len(found) > MOST_LISTED:  # what is behind the bound would be left out unseen
        raise too_many(
            place,
            period,
            bound=MOST_LISTED,
            remedy="account for days or hours, which an inventory adds; or read a counter",
        )
    return [each for each in found if each.is_valid and each.value is not None]


def too_many(place: Point, period: Period, *, bound: int, remedy: str) -> BoundaryError:
    """The refusal of more readings of a gauge than a figure can rest on."""
    return BoundaryError(
        "{field}: {device} {meter_register} has more than {bound} readings in {period}",
        field="meters",
        device=place.device,
        meter_register=place.meter_register,
        bound=bound,
        period=period.name,
        remedy=remedy,
        code="account.readings",
    )


def with_listed(bodies: Mapping[int, bytes]) -> frozenset[int]:
    """The indexes of some leaves, and those of the readings that lists among them name."""
    named = set(bodies)
    for body in bodies.values():
        listed = readings_of(body)
        if listed is not None:
            named.update(listed.readings)
    return frozenset(named)


def readings_of(body: bytes) -> GaugeReadings | None:
    """The list that a leaf is; None of another."""
    if _MARK not in body or decode_object(body).get("type") != GAUGE_READINGS:
        return None
    content = parse_statement(body).content
    assert isinstance(content, GaugeReadings)  # noqa: S101 (by its type)
    return content


def _places(point: MeterPoint, reader: LogReader) -> Iterable[Point]:
    return (
        each
        for each in reader.points(device=point.device)
        if each.meter_register == point.meter_register
    )


def _list_days(
    organisation: OrganisationId,
    place: Point,
    used: Sequence[StoredReading],
    *,
    store: Store,
    log: Callable[[Content], LoggedStatement],
) -> None:
    with store.view() as view:
        known = listed_in_log(organisation, place, used, view=view)
    named = {index for each in known for index in each.readings}
    for day, readings in _by_day(used).items():
        if len(readings) <= MOST_READINGS and not {each.index for each in readings} <= named:
            log(_list_of(organisation, place, day, readings))


def _by_day(used: Sequence[StoredReading]) -> dict[Period, list[StoredReading]]:
    ordered = sorted(used, key=lambda one: one.observed_at)
    return {
        day: list(group)
        for day, group in groupby(ordered, lambda one: period_of(one.observed_at, PeriodKind.DAY))
    }


def _list_of(
    organisation: OrganisationId, place: Point, day: Period, readings: Iterable[StoredReading]
) -> GaugeReadings:
    return GaugeReadings(
        organisation=organisation,
        device=place.device,
        meter_register=place.meter_register,
        period=day,
        readings=tuple(sorted(each.index for each in readings)),
    )
