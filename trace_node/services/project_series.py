"""From the valid values of a point to its increments and totals, taken up again after any restart.

The running roll-up of a point lives in memory. A state of it is stored now and then; the values
after it are in the database. So late data costs the values since the last state before them, and a
restart the values since the newest state.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trace_node.errors import InputError
from trace_node.metering.errors import SeriesError
from trace_node.metering.meter import MeterRegister
from trace_node.metering.records.event import parse_event
from trace_node.metering.rollup import RollUp
from trace_node.metering.rollup_state import load_rollup, save_rollup
from trace_node.metering.series import RESTART_EVENTS, Item, Restart, in_order, restart_of
from trace_node.period import LENGTH_MS, PeriodKind, from_ms, start_ms
from trace_node.ports.entries import StoredEntry
from trace_node.ports.projections import Point
from trace_node.ports.series import Grade, SeriesState, StoredIncrement, StoredTotal
from trace_node.ports.store import UnitOfWork

ITEMS_BETWEEN_STATES = 512
MOST_POINTS = 20_000  # running in memory, 4 KiB each
PAGE = 10_000
_ALWAYS = (PeriodKind.HOUR, PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.YEAR)
_FINE = (PeriodKind.SECOND, PeriodKind.MINUTE, PeriodKind.QUARTER_HOUR)
_BEFORE_ALL = -(2**62)
_FAR_AHEAD = datetime(9998, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class SeriesChanges:
    """What is to be written.

    Attributes:
        forgotten: By point, the instant after which everything computed is dropped first; None for
            everything.
        increments: New increments.
        totals: New totals of finished periods.
        states: States to keep.
    """

    forgotten: dict[int, int | None] = field(default_factory=dict)
    increments: list[StoredIncrement] = field(default_factory=list)
    totals: list[StoredTotal] = field(default_factory=list)
    states: list[SeriesState] = field(default_factory=list)

    def add(self, other: "SeriesChanges") -> None:
        """Take in the changes of another point."""
        self.forgotten |= other.forgotten
        self.increments += other.increments
        self.totals += other.totals
        self.states += other.states


@dataclass(slots=True, kw_only=True)
class _Running:
    """A roll-up in memory."""

    rollup: RollUp
    since_state: int = 0


class SeriesProjection:
    """The running roll-ups of all points; not thread-safe."""

    def __init__(self) -> None:
        self._running: OrderedDict[int, _Running] = OrderedDict()

    def forget(self) -> None:
        """Drop what is in memory, because the transaction it belongs to failed."""
        self._running.clear()

    def take(
        self,
        view: UnitOfWork,
        point: Point,
        meter_register: MeterRegister,
        items: Iterable[Item],
        changes: SeriesChanges,
    ) -> None:
        """Take in new items of a point, in any order.

        Args:
            view: The database, which does not hold the new items yet.
            point: Which point.
            meter_register: Its description.
            items: Samples and restarts.
            changes: Is added to.
        """
        fresh = in_order(items)
        if not fresh:
            return
        running = self._running.get(point.point_id)
        resumed = SeriesChanges()
        if running is None or running.rollup.meter_register != meter_register:
            running = _resume(view, point, meter_register, changes=resumed)
        last_ms = running.rollup.last_ms
        if last_ms is not None and fresh[0].at_ms <= last_ms:
            # Late, or a second value of an instant: go back to before it, and compute from there
            # all that the resumption has.
            running = _resume(view, point, meter_register, changes=changes, late=fresh)
        else:
            changes.add(resumed)
            _feed(running, point, fresh, changes)
        self._running[point.point_id] = running
        self._running.move_to_end(point.point_id)
        if len(self._running) > MOST_POINTS:
            self._running.popitem(last=False)


def _resume(
    view: UnitOfWork,
    point: Point,
    meter_register: MeterRegister,
    *,
    changes: SeriesChanges,
    late: Sequence[Item] = (),
) -> _Running:
    """The roll-up after all stored items and ``late`` ones, from a stored state on.

    What it computes again goes to ``changes`` only if it can differ from what is stored.
    """
    before_ms = late[0].at_ms if late else None
    state = view.projections.series_state(point.point_id, before_ms=before_ms)
    kinds = kinds_of(meter_register)
    running = _Running(rollup=RollUp(meter_register, kinds=kinds))
    after_ms, is_changed = None, bool(late)
    if state is None:  # what is stored may be of another description
        is_changed = True
    else:
        try:
            running.rollup = load_rollup(state.state, meter_register=meter_register, kinds=kinds)
            after_ms = state.at_ms
        except SeriesError:  # the meter register is described otherwise now: compute all anew
            is_changed = True
    if is_changed:
        changes.forgotten[point.point_id] = after_ms
    out = changes if is_changed else SeriesChanges()
    for page in _merged(stored_items(view, point, meter_register, after_ms), late):
        _feed(running, point, page, out)
    return running


def kinds_of(meter_register: MeterRegister) -> tuple[PeriodKind, ...]:
    """The kinds of period whose totals are stored: from an hour up, and what its interval fills.

    The totals of shorter ones are computed when they are asked for.
    """
    interval_ms = meter_register.interval_s * 1000
    return (*(kind for kind in _FINE if LENGTH_MS[kind] >= interval_ms), *_ALWAYS)


def stored_items(
    view: UnitOfWork, point: Point, meter_register: MeterRegister, after_ms: int | None
) -> Iterator[Sequence[Item]]:
    """The stored samples and restarts of a point after an instant, page by page in order."""
    reached = _BEFORE_ALL if after_ms is None else after_ms
    restarts = stored_restarts(view, point, meter_register, after_ms)
    while True:
        samples = view.projections.samples(point.point_id, after_ms=reached, limit=PAGE)
        if len(samples) < PAGE:
            yield in_order([*samples, *restarts])
            return
        # The last instant may go on in the next page.
        samples = [item for item in samples if item.at_ms < samples[-1].at_ms]
        reached = samples[-1].at_ms
        yield in_order([*samples, *(item for item in restarts if item.at_ms <= reached)])
        restarts = [item for item in restarts if item.at_ms > reached]


def stored_restarts(
    view: UnitOfWork, point: Point, meter_register: MeterRegister, after_ms: int | None
) -> list[Restart]:
    """The stored events that explain a restart of a counter, after an instant."""
    begin = from_ms(0 if after_ms is None else after_ms + 1)
    found = []
    for event in view.projections.events(point.device, begin=begin, end=_FAR_AHEAD):
        if event.event in RESTART_EVENTS and event.meter_register == point.meter_register:
            entry = view.entries.read(event.index, event.index + 1)[0]
            restart = usable_restart(entry, meter_register)
            if restart is not None:
                found.append(restart)
    return found


def usable_restart(entry: StoredEntry, meter_register: MeterRegister) -> Restart | None:
    """What an event says of a counter; None where that is not usable, which is a finding."""
    try:
        return restart_of(
            parse_event(entry.body), digest=entry.leaf_hash, meter_register=meter_register
        )
    except InputError:
        return None


def _merged(pages: Iterable[Sequence[Item]], late: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Stored pages with late items put in their places."""
    rest = list(late)
    for page in pages:
        if page:
            end = page[-1].at_ms
            yield in_order([*page, *(item for item in rest if item.at_ms <= end)])
            rest = [item for item in rest if item.at_ms > end]
    if rest:
        yield in_order(rest)


def _feed(running: _Running, point: Point, items: Iterable[Item], changes: SeriesChanges) -> None:
    rollup = running.rollup
    scale = rollup.meter_register.scale
    for item in items:
        _keep_state(running, point, item.at_ms, changes)
        finished = rollup.add(item)
        if rollup.step is not None:
            changes.increments.append(
                StoredIncrement(point_id=point.point_id, increment=rollup.step, scale=scale)
            )
        for total in finished:
            changes.totals.append(StoredTotal(point_id=point.point_id, total=total))
        running.since_state += 1


def _keep_state(running: _Running, point: Point, next_ms: int, changes: SeriesChanges) -> None:
    """Keep the state before an item that begins a day, and after many items."""
    last_ms = running.rollup.last_ms
    if last_ms is None:
        return
    grade = Grade.FREQUENT
    if start_ms(last_ms, PeriodKind.DAY) != start_ms(next_ms, PeriodKind.DAY):
        months = {start_ms(at_ms, PeriodKind.MONTH) for at_ms in (last_ms, next_ms)}
        grade = Grade.MONTHLY if len(months) > 1 else Grade.DAILY
    elif running.since_state < ITEMS_BETWEEN_STATES:
        return
    if last_ms < next_ms:
        state = save_rollup(running.rollup)
        changes.states.append(
            SeriesState(point_id=point.point_id, at_ms=last_ms, state=state, grade=grade)
        )
        running.since_state = 0


def computed_anew(
    point: Point, meter_register: MeterRegister, pages: Iterable[Sequence[Item]]
) -> Iterator[tuple[int, SeriesChanges]]:
    """What all items of a point give, from the first one on: by page, with its last instant."""
    running = _Running(rollup=RollUp(meter_register, kinds=kinds_of(meter_register)))
    for page in pages:
        changes = SeriesChanges()
        _feed(running, point, page, changes)
        if page:
            yield page[-1].at_ms, changes
