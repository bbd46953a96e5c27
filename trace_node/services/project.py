"""What is derived after the commit: chain findings, valid readings, increments, totals.

A projection follows the log in its order behind a cursor. What it derives from a range, and the
cursor's move over it, are one transaction; so it can be killed anywhere and goes on. Findings are
signed and stored in that transaction and logged by the writer after it, each exactly once.
"""

import time
from collections.abc import Iterable

from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.metering.device_chain import FindingDraft
from trace_node.period import LENGTH_MS, PeriodKind, to_ms
from trace_node.ports.entries import PendingFinding
from trace_node.ports.projections import Lag, Point
from trace_node.ports.series import Grade
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.finding_log import FindingJob, finding_key, signed_finding
from trace_node.services.group_commit import GroupCommit
from trace_node.services.precedence import Precedence
from trace_node.services.project_chain import ChainMemory, ChainProjection
from trace_node.services.project_series import SeriesChanges, SeriesProjection
from trace_node.services.project_values import ValuePass

NAME = "readings"
PIECE = 1000  # entries a transaction: the writer waits for no longer than that takes
MOST_AT_ONCE = 100_000
FINDINGS_AT_A_TIME = 256
REST = 9  # times as long as a piece took, while deliveries are in hand: a tenth is left to it
_KEEP_FREQUENT_MS = LENGTH_MS[PeriodKind.DAY]
_KEEP_DAILY_MS = 45 * LENGTH_MS[PeriodKind.DAY]


class Projector:
    """Follows one log (投影). One process, one thread at a time.

    Args:
        store: The database of the log.
        writer: Logs the findings.
        signer: The node's key, which signs findings.
        clock: The node's clock.
        book: What is enrolled; a new one of the store if none is given.
        precedence: Tells of the deliveries it gives way to; of none if it is not given.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: GroupCommit,
        signer: Signer,
        clock: Clock,
        book: EnrolmentBook | None = None,
        precedence: Precedence | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._book = book or EnrolmentBook(store, clock=clock)
        self._signer = signer
        self._clock = clock
        self._series = SeriesProjection()
        self._chains = ChainMemory()
        self._reached = 0
        self._points: dict[tuple[str, str, str], Point] = {}
        self._precedence = precedence or Precedence()
        self._rested_at = 0.0
        self._closing = False

    def lag(self) -> Lag:
        """How far it is behind the log."""
        with self._store.view() as view:
            next_index = view.projections.cursor(NAME)
            return Lag(name=NAME, next_index=next_index, size=view.entries.state().size)

    def project_once(self, *, piece: int = PIECE, most: int = MOST_AT_ONCE) -> int:
        """Project what is committed, and log the findings that wait.

        Args:
            piece: Entries a transaction.
            most: Entries after which it returns although the log has more.

        Returns:
            How many entries were projected; 0 when the log has no more.

        Raises:
            UnavailableError: The database does not answer, or the writer is busy; call again.
            StateError: Another process runs the projection.
        """
        done = 0
        while done < most:
            try:
                count = self._project(piece)
            except BaseException:
                self._forget()
                raise
            self._log_findings()
            if not count:
                break
            done += count
        return done

    def catch_up(self) -> None:
        """Project piece by piece until less than a piece is left, or until ``close``.

        While deliveries are in hand it rests ``REST`` times as long as each piece took, so that a
        tenth of the time stays for it however many come.

        Raises:
            UnavailableError: See ``project_once``.
            StateError: Likewise.
        """
        while True:
            self._precedence.give_way(until=self._rested_at)
            if self._closing:
                return
            began = time.monotonic()
            done = self.project_once(piece=PIECE, most=PIECE)
            ended = time.monotonic()
            self._rested_at = ended + REST * (ended - began)
            if done < PIECE:
                return

    def close(self) -> None:
        """Let ``catch_up`` end after its present piece."""
        self._closing = True
        self._precedence.release()

    def _project(self, piece: int) -> int:
        with self._store.view() as view:
            first = view.projections.cursor(NAME)
            end = min(first + piece, view.entries.state().size)
            if first == end:
                return 0
            if first != self._reached:  # another process has gone on, or the database was restored
                self._forget()
            values = ValuePass(
                enrolled=self._book.renew_if_stale(),
                find_point=self._point,
                now_ms=to_ms(self._clock.now()),
            )
            chain = ChainProjection(view, self._chains)
            drafts: list[FindingDraft] = []
            for entry in view.entries.read(first, end):
                if entry.stream_id is not None:
                    drafts += chain.check(entry, values.take(entry))
            changes = SeriesChanges()
            for point_id, items in values.items.items():
                point, described = values.points[point_id]
                self._series.take(view, point, described, items, changes)
            drafts += values.drafts
            found = self._signed(drafts)
        with self._store.unit_of_work() as work:
            work.projections.move_cursor(NAME, before=first, after=end)
            work.projections.set_chain(states=chain.states, tails=chain.tails)
            _write_values(work, values)
            _write_series(work, changes)
            for finding in found:
                work.evidence.add_finding(finding)
        self._points_changed(values)
        self._chains.committed(chain)
        self._reached = end
        return end - first

    def _forget(self) -> None:
        """Drop what is in memory; it may not be what the database holds."""
        self._series.forget()
        self._chains.forget()
        self._points.clear()

    def _signed(self, drafts: Iterable[FindingDraft]) -> list[PendingFinding]:
        now = self._clock.now()
        found_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return [
            PendingFinding(
                key=finding_key(draft),
                code=draft.finding,
                device=draft.device,
                body=signed_finding(draft, found_at=found_at, signer=self._signer),
            )
            for draft in drafts
        ]

    def _log_findings(self) -> None:
        while True:
            with self._store.view() as view:
                pending = view.evidence.pending_findings(limit=FINDINGS_AT_A_TIME)
            waiting = [self._writer.submit(FindingJob(finding=finding)) for finding in pending]
            for done in waiting:
                done.result()
            if len(pending) < FINDINGS_AT_A_TIME:
                return

    def _point(self, device: str, meter_register: str, unit: str) -> Point:
        name = (device, meter_register, unit)
        point = self._points.get(name)
        if point is None:
            with self._store.unit_of_work() as work:
                point = work.projections.point(
                    device=device, meter_register=meter_register, unit=unit
                )
            self._points[name] = point
        return point

    def _points_changed(self, values: ValuePass) -> None:
        """Read points anew whose readings left or entered their range."""
        changed = set(values.out_of_range)
        self._points = {
            name: point for name, point in self._points.items() if point.point_id not in changed
        }


def _write_values(work: UnitOfWork, values: ValuePass) -> None:
    work.projections.add_readings(values.readings)
    work.projections.add_events(values.events)
    for point_id, since in values.out_of_range.items():
        work.projections.set_out_of_range(point_id, since=since)


def _write_series(work: UnitOfWork, changes: SeriesChanges) -> None:
    for point_id, after_ms in changes.forgotten.items():
        work.projections.forget_series(point_id, after_ms=after_ms)
    work.projections.add_series(
        increments=changes.increments, totals=changes.totals, states=changes.states
    )
    newest = {state.point_id: state for state in changes.states if state.grade > Grade.FREQUENT}
    for point_id, state in newest.items():
        work.projections.thin_states(
            point_id,
            frequent_ms=state.at_ms - _KEEP_FREQUENT_MS,
            daily_ms=state.at_ms - _KEEP_DAILY_MS,
        )
