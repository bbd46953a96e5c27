"""Totals of a meter register by period, for whoever asks (时段合计; rule Q5; 002 §8.2.1).

Totals of periods that are over are stored where they were projected; that of the period which still
runs is carried on from the stored roll-up. Kinds shorter than the meter register is read are not
stored: they are worked out from the readings when they are asked for, by the same rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from trace_node.errors import InputError, NotFoundError
from trace_node.ids import RegisterId
from trace_node.metering.errors import SeriesError
from trace_node.metering.meter import MeterRegister, meter_at
from trace_node.metering.open_period import OpenPeriod
from trace_node.metering.period_total import GAP, PeriodTotal
from trace_node.metering.rollup import RollUp
from trace_node.metering.rollup_state import load_rollup
from trace_node.metering.series import Item
from trace_node.period import PeriodKind, end_ms, from_ms, period_of, to_ms
from trace_node.ports.log_reader import LogReader
from trace_node.ports.projections import Point
from trace_node.services.point_series import PointSeries
from trace_node.services.project_series import kinds_of

MOST_PERIODS = 10_000
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsRequest:
    """Which periods of which meter register.

    Attributes:
        device: Name of the device.
        meter_register: Name of the meter register.
        kind: Kind of the periods.
        begin: An instant of the first period.
        end: First instant after the last, or one inside it.
        now: The node's clock: the description that holds now is the one that counts.
    """

    device: str
    meter_register: str
    kind: PeriodKind
    begin: datetime
    end: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The answer.

    Attributes:
        meter_register: The description that was used.
        totals: One for each period, in order; also for those in which nothing was measured.
    """

    meter_register: MeterRegister
    totals: tuple[PeriodTotal, ...]


def period_totals(request: TotalsRequest, *, reader: LogReader) -> Totals:
    """Give the totals of some periods.

    Args:
        request: Which.
        reader: The log.

    Raises:
        InputError: The range is empty or holds too many periods or readings, or the number of
            decimals changes within it; or it lies outside the years of periods.
        NotFoundError: No such meter register is registered.
    """
    if request.begin >= request.end:
        raise InputError(
            "{field}: must be after from",
            field="to",
            code="totals.range",
            remedy="name the first instant after the last period",
        )
    meter_register = _description(request, reader=reader)
    bounds = _bounds(request)
    found: dict[int, PeriodTotal] = {}
    known_until: int | None = None
    point = _point(request, meter_register, reader=reader)
    if point is not None:
        question = _Question(point, meter_register, request.kind, bounds, reader=reader)
        found, known_until = question.answer()
    return Totals(
        meter_register=meter_register,
        totals=tuple(
            found.get(begin_ms)
            or _unmeasured(request.kind, begin_ms, meter_register, known_until=known_until)
            for begin_ms in bounds[:-1]
        ),
    )


class _Question:
    """What is known of some periods of one point: totals by their starts, and until when."""

    def __init__(
        self,
        point: Point,
        meter_register: MeterRegister,
        kind: PeriodKind,
        bounds: list[int],
        *,
        reader: LogReader,
    ) -> None:
        self._point = point
        self._meter_register = meter_register
        self._kind = kind
        self._begin, self._end = from_ms(bounds[0]), from_ms(bounds[-1])
        self._count = len(bounds)
        self._reader = reader
        self._series = PointSeries(point, meter_register, reader=reader)

    def answer(self) -> tuple[dict[int, PeriodTotal], int | None]:
        if self._kind in kinds_of(self._meter_register):
            try:
                return self._stored()
            except SeriesError:
                pass  # the description changed since the state was stored: work it out anew
        return self._computed()

    def _stored(self) -> tuple[dict[int, PeriodTotal], int | None]:
        # The running period first: one that ends meanwhile is then found among the stored ones too.
        running = self._carried_on()
        totals = self._reader.totals(
            self._point.point_id, self._kind, begin=self._begin, end=self._end, limit=self._count
        )
        return by_start(running.provisional(), self._kind) | by_start(
            totals, self._kind
        ), running.last_ms

    def _carried_on(self) -> RollUp:
        """The roll-up of the point, from its newest stored state on."""
        kinds = kinds_of(self._meter_register)
        state = self._reader.series_state(self._point.point_id)
        if state is None:
            return _fed(RollUp(self._meter_register, kinds=kinds), self._series.after(0))
        running = load_rollup(state.state, meter_register=self._meter_register, kinds=kinds)
        return _fed(running, self._series.after(state.at_ms))

    def _computed(self) -> tuple[dict[int, PeriodTotal], int | None]:
        running = RollUp(self._meter_register, kinds=[self._kind])
        finished: list[PeriodTotal] = []
        for item in self._series.around(self._begin, self._end):
            finished += running.add(item)
        found = by_start(finished, self._kind) | by_start(running.provisional(), self._kind)
        return found, running.last_ms


def by_start(totals: Iterable[PeriodTotal], kind: PeriodKind) -> dict[int, PeriodTotal]:
    """Totals of one kind by the starts of their periods, milliseconds since the epoch."""
    return {to_ms(each.period.start): each for each in totals if each.period.kind is kind}


def _fed(running: RollUp, items: Iterable[Item]) -> RollUp:
    for item in items:
        running.add(item)
    return running


def _description(request: TotalsRequest, *, reader: LogReader) -> MeterRegister:
    """The description of the meter register that holds now."""
    meters = tuple(enrolled.meter for enrolled in reader.enrolled_meters(device=request.device))
    meter = meter_at(meters, at=request.now)
    name = RegisterId(request.meter_register)
    if meter is None or name not in {item.name for item in meter.meter_registers}:
        raise NotFoundError(
            "{field}: {device} has no meter register {name}",
            field="device" if meter is None else "meter_register",
            device=request.device,
            name=name,
            remedy="ask for Points to see the meters of this log",
            code="totals.unknown_meter_register",
        )
    return meter.meter_register(name)


def _point(
    request: TotalsRequest, meter_register: MeterRegister, *, reader: LogReader
) -> Point | None:
    """The point of the readings in the unit of the description; None before the first reading."""
    return next(
        (
            point
            for point in reader.points(device=request.device)
            if (point.meter_register, point.unit) == (meter_register.name, meter_register.unit)
        ),
        None,
    )


def _bounds(request: TotalsRequest) -> list[int]:
    """The boundaries of the periods that hold an instant of the range."""
    first = period_of(request.begin, request.kind)
    last = period_of(request.end - _MILLISECOND, request.kind)
    last_ms = to_ms(last.start)
    bounds = [to_ms(first.start)]
    while bounds[-1] <= last_ms:
        bounds.append(end_ms(bounds[-1], request.kind))
        if len(bounds) > MOST_PERIODS + 1:
            raise InputError(
                "{field}: more than {bound} periods",
                field="to",
                bound=MOST_PERIODS,
                remedy="ask for fewer at a time, or for longer periods",
                code="totals.periods",
            )
    return bounds


def _unmeasured(
    kind: PeriodKind, begin_ms: int, meter_register: MeterRegister, *, known_until: int | None
) -> PeriodTotal:
    """A period in which nothing was measured."""
    until = end_ms(begin_ms, kind)
    period = OpenPeriod(begin_ms=begin_ms, until_ms=until, opening=None, flags={GAP})
    is_complete = known_until is not None and until <= known_until
    return period.total(kind, meter_register, closing=None, is_complete=is_complete)
