"""Increments and totals against the readings: computed again from the first one, and compared."""

from collections.abc import Iterable, Sequence

from trace_node.metering.meter import MeterRegister
from trace_node.ports.projections import Point
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_report import MOST_PROBLEMS, Findings, Progress
from trace_node.services.fsck_rows import read_rows
from trace_node.services.project_series import SeriesChanges, computed_anew, stored_items

_BEFORE_ALL = -(2**62)
_AFTER_ALL = 2**62


class SeriesCheck:
    """Compares the increments and totals of every point.

    A point is looked at in one view, so that a node at work does not disturb: it writes readings
    and what they give in one transaction.

    Args:
        store: The database.
        found: Where problems go.
        progress: Is told how many points are done.
    """

    def __init__(self, store: Store, *, found: Findings, progress: Progress) -> None:
        self._store = store
        self._found = found
        self._progress = progress

    def run(self, *, size: int) -> None:
        """Check the points of a log of ``size`` entries."""
        points: Sequence[Point] = ()
        with read_rows(self._store, 0, size, self._found) as view:
            points = view.projections.points()
        for done, point in enumerate(points, 1):
            if self._found.is_full:
                return
            with read_rows(self._store, 0, size, self._found) as view:
                self._check(point, view)
            self._progress(done, len(points))

    def _check(self, point: Point, view: UnitOfWork) -> None:
        """Blame rows that no description of the point, present or earlier, leads to.

        A series is computed by the description that held when its newest item came.
        """
        blamed: list[tuple[str, str]] | None = None
        for described in _descriptions(point, view):
            pages = stored_items(view, point, described, None)
            wrong = _wrong_rows(point, computed_anew(point, described, pages), view)
            if not wrong:
                self._found.count("points")
                return
            blamed = blamed or wrong
        self._found.count("points")
        if blamed is None:  # nothing described it, so nothing was computed
            blamed = _wrong_rows(point, (), view)
        name = f"{point.device}, {point.meter_register} in {point.unit}"
        for table, key in blamed:
            self._found.add_derived(table, f"{key} of {name}")


def _descriptions(point: Point, view: UnitOfWork) -> list[MeterRegister]:
    """The descriptions of a point's meter register in its unit, the newest first."""
    enrolled = sorted(
        view.enrolments.meters(device=point.device),
        key=lambda item: (item.meter.valid_from, item.index),
        reverse=True,
    )
    described = [
        meter_register
        for item in enrolled
        for meter_register in item.meter.meter_registers
        if (meter_register.name, meter_register.unit) == (point.meter_register, point.unit)
    ]
    return list(dict.fromkeys(described))


def _wrong_rows(
    point: Point, computed: Iterable[tuple[int, SeriesChanges]], view: UnitOfWork
) -> list[tuple[str, str]]:
    """Table and key of the rows that are not what was computed; not all where there are many."""
    wrong: list[tuple[str, str]] = []
    after_ms = _BEFORE_ALL
    for reached_ms, changes in computed:
        wrong += _wrong_between(point, changes, view, after_ms=after_ms, until_ms=reached_ms)
        after_ms = reached_ms
        if len(wrong) >= MOST_PROBLEMS:
            return wrong
    return wrong + _wrong_between(
        point, SeriesChanges(), view, after_ms=after_ms, until_ms=_AFTER_ALL
    )


def _wrong_between(
    point: Point, changes: SeriesChanges, view: UnitOfWork, *, after_ms: int, until_ms: int
) -> list[tuple[str, str]]:
    place = {"point_id": point.point_id, "after_ms": after_ms, "until_ms": until_ms}
    ends = view.projections.wrong_increments(changes.increments, **place)
    begins = view.projections.wrong_totals(changes.totals, **place)
    return [
        *(("increments", f"to_ms {end}") for end in ends),
        *(("period_totals", f"{kind} begin_ms {begin}") for kind, begin in begins),
    ]
