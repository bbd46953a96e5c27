"""Raise, show and acknowledge alerts of boards."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock
from trace_node.errors import ConfigError, InputError, NotFoundError, StateError
from trace_node.period import SHANGHAI
from trace_node.ports.store import Store, UnitOfWork
from trace_node.quota.board.alert import (
    Acknowledgement,
    Alert,
    Attempt,
    drafts_of,
)
from trace_node.quota.board.errors import BoardConflictError, BoardInputError, BoardUnknownError
from trace_node.quota.board.rules import Thresholds
from trace_node.quota.board.year_board import Board
from trace_node.services.board import QuotaBoards
from trace_node.services.board_rules import BoardLibrary

MAX_BY = 64
MAX_NOTE = 500
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """An alert with the attempts to deliver it.

    Attributes:
        alert: The alert.
        attempts: Oldest first; those that failed too.
    """

    alert: Alert
    attempts: tuple[Attempt, ...]

    def to_json(self) -> JsonObject:
        """What is shown."""
        draft, done = self.alert.draft, self.alert.acknowledgement
        return {
            "acknowledgement": None
            if done is None
            else {"at": done.at.isoformat(), "by": done.by, "note": done.note},
            "attempts": [
                {
                    "at": attempt.at.isoformat(),
                    "channel": attempt.channel,
                    "delivered": attempt.delivered,
                    "detail": attempt.detail,
                    "target": attempt.target,
                }
                for attempt in self.attempts
            ],
            "detail": draft.detail,
            "kind": draft.kind.value,
            "level": draft.level.value,
            "number": self.alert.number,
            "organisation": draft.organisation,
            "raised_at": draft.raised_at.isoformat(),
            "reason": draft.reason,
            "year": draft.year,
        }


class BoardAlerts:
    """Alerts of boards (预警).

    Args:
        store: The database.
        boards: The boards.
        library: Holds the threshold of rising emission.
        clock: Time.
    """

    def __init__(
        self, *, store: Store, boards: QuotaBoards, library: BoardLibrary, clock: Clock
    ) -> None:
        self._store = store
        self._boards = boards
        self._library = library
        self._clock = clock

    def raise_due(self) -> list[Alert]:
        """Look at every board, and keep the alerts that it gives rise to.

        Raises:
            BoardInputError: A board cannot be computed; those of all others were looked at.
        """
        now = self._now()
        raised: list[Alert] = []
        faults: list[str] = []
        for organisation in self._boards.organisations():
            try:
                board = self._boards.board(organisation, now=now)
            except (InputError, NotFoundError, StateError, ConfigError) as error:
                faults.append(f"{organisation}: {error.message}")
                continue
            raised += self._keep(board)
        if faults:
            raise BoardInputError(
                "{count} boards cannot be computed: {detail}",
                field="organisation",
                count=len(faults),
                detail="; ".join(faults)[:500],
                remedy="trace-node board overview shows them",
                code="board.faults",
            )
        return raised

    def _keep(self, board: Board) -> list[Alert]:
        periods = Thresholds.of(
            self._library.on(board.now.astimezone(SHANGHAI).date()), year=board.current.year
        ).periods
        with self._store.unit_of_work() as work:
            told = {}
            for year in (board.earlier.year, board.current.year):
                level = work.alerts.last_level(board.organisation, year)
                if level is not None:
                    told[year] = level
            made = [
                work.alerts.add(draft) for draft in drafts_of(board, told=told, periods=periods)
            ]
        kept = [alert for alert in made if alert is not None]
        for alert in kept:
            logger.warning(
                "board alert",
                extra={
                    "organisation": alert.draft.organisation,
                    "year": alert.draft.year,
                    "level": alert.draft.level.value,
                    "reason": alert.draft.reason,
                },
            )
        return kept

    def newest(
        self, *, organisation: str | None, only_open: bool, limit: int
    ) -> Sequence[ShownAlert]:
        """The newest alerts, newest first, with every attempt to deliver them."""
        with self._store.view() as view:
            found = view.alerts.newest(organisation=organisation, only_open=only_open, limit=limit)
            return _shown(found, view)

    def find(self, number: int) -> ShownAlert:
        """One alert.

        Raises:
            BoardUnknownError: There is none of that number.
        """
        with self._store.view() as view:
            alert = view.alerts.find(number)
            if alert is None:
                raise _no_alert(number)
            return _shown([alert], view)[0]

    def acknowledge(self, number: int, *, by: str, note: str) -> ShownAlert:
        """Take notice of an alert, once and for good: it is delivered no more.

        Args:
            number: Its number.
            by: Who does, 1 to 64 characters.
            note: What they have to say, at most 500 characters; may be empty.

        Raises:
            BoardUnknownError: There is none of that number.
            BoardConflictError: Somebody has already.
            BoardInputError: Name or note break their rule.
        """
        _require_text("by", by, least=1, most=MAX_BY)
        _require_text("note", note, least=0, most=MAX_NOTE)
        with self._store.unit_of_work() as work:
            if work.alerts.find(number) is None:
                raise _no_alert(number)
            entered = Acknowledgement(by=by, at=self._now(), note=note)
            if not work.alerts.acknowledge(number, entered):
                raise BoardConflictError(
                    "alert {number} was acknowledged already",
                    field="number",
                    number=number,
                    remedy="trace-node board alerts shows by whom",
                    code="board.conflict.acknowledged",
                )
        return self.find(number)

    def _now(self) -> datetime:
        return self._clock.now().astimezone(SHANGHAI)


def _shown(alerts: Sequence[Alert], view: UnitOfWork) -> list[ShownAlert]:
    attempts = view.alerts.attempts([alert.number for alert in alerts])
    return [
        ShownAlert(
            alert=alert,
            attempts=tuple(each for each in attempts if each.alert == alert.number),
        )
        for alert in alerts
    ]


def _no_alert(number: int) -> BoardUnknownError:
    return BoardUnknownError(
        "there is no alert {number}",
        field="number",
        number=number,
        remedy="trace-node board alerts lists them",
        code="board.unknown.alert",
    )


def _require_text(field: str, text: str, *, least: int, most: int) -> None:
    if not least <= len(text.strip()) <= most or not text.isprintable():
        raise BoardInputError(
            "{field}: must be {least} to {most} printable characters",
            field=field,
            least=least,
            most=most,
            remedy="say it in one line",
            code="board.input.text",
        )
