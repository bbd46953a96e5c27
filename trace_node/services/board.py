"""Boards for those who ask: of one enterprise, and of all of them as the regulator sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock
from trace_node.errors import ConfigError, InputError, NotFoundError, StateError
from trace_node.period import SHANGHAI
from trace_node.ports.board import Positions
from trace_node.ports.store import Store, UnitOfWork
from trace_node.quota.board.advice import Prices
from trace_node.quota.board.case import ApprovedDraft
from trace_node.quota.board.compute import board_of
from trace_node.quota.board.figure import Figure, derived, optional_json
from trace_node.quota.board.year_board import LEGAL_RECORD, Board
from trace_node.services.board_approvals import approved_drafts
from trace_node.services.board_case import CaseMaker
from trace_node.services.board_rules import BoardLibrary


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRow:
    """One enterprise as the regulator sees it (监管总览).

    Attributes:
        organisation: Its name.
        board: Its board; None where it cannot be computed.
        fault: Why not; empty where it can.
    """

    organisation: str
    board: Board | None
    fault: str

    @property
    def overdue(self) -> Figure | None:
        """What is owed after its deadline, of all years, and what is owed back."""
        if self.board is None:
            return None
        debt = self.board.earlier.debt
        parts = [old.open for old in self.board.old_debts]
        if debt is not None:
            parts.append(debt.overdue)
        return derived(sum(part.value for part in parts), *parts) if parts else None

    def to_json(self) -> JsonObject:
        """What is shown."""
        found = self.board
        debt = None if found is None else found.earlier.debt
        balance = None if found is None else found.earlier.balance
        rating = None if found is None else found.rating
        is_short = balance is not None and debt is not None and balance.value < 0
        shortfall = derived(-balance.value, balance) if balance is not None and is_short else None
        return {
            "fault": self.fault,
            "kind": None if found is None else found.earlier.kind.value,
            "obligation": None if debt is None else debt.obligation.to_json(),
            "offset": None if debt is None else debt.offset.to_json(),
            "organisation": self.organisation,
            "outstanding": None if debt is None else debt.outstanding.to_json(),
            "overdue": optional_json(self.overdue),
            "rating": None if rating is None else rating.to_json(),
            "shortfall": optional_json(shortfall),
            "surrendered": None if debt is None else debt.surrendered.to_json(),
            "year": None if found is None else found.earlier.year,
            "year_balance": None if found is None else optional_json(found.current.balance),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All enterprises at one instant.

    Attributes:
        now: The instant.
        rows: The enterprises, by name.
    """

    now: datetime
    rows: tuple[OverviewRow, ...]

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "enterprises": [row.to_json() for row in self.rows],
            "legal_record": LEGAL_RECORD,
            "now": self.now.isoformat(),
        }


class QuotaBoards:
    """Computes boards (碳能看板).

    Args:
        store: The database.
        positions: What the mirror of the ledger says.
        library: Rules and methods.
        clock: Time.
    """

    def __init__(
        self, *, store: Store, positions: Positions, library: BoardLibrary, clock: Clock
    ) -> None:
        self._store = store
        self._library = library
        self._cases = CaseMaker(library=library, positions=positions)
        self._clock = clock

    def board(
        self, organisation: str, *, prices: Prices | None = None, now: datetime | None = None
    ) -> Board:
        """The board of one enterprise.

        Args:
            organisation: Its name.
            prices: Prices that whoever asks puts in.
            now: Instant; None for now.

        Raises:
            BoardUnknownError: No basis of its board is in the log.
            InputError: Its stated output does not fit the method of allocation.
            BoardRulesError: The thresholds contradict themselves.
        """
        with self._store.view() as view:
            found = approved_drafts(view)
            instant = now or self._now()
            return self._board(organisation, found, view=view, prices=prices, now=instant)

    def overview(self, *, now: datetime | None = None) -> Overview:
        """All enterprises; one whose board cannot be computed is shown with the reason."""
        instant = now or self._now()
        with self._store.view() as view:
            names = view.statements.organisations()
            approved = approved_drafts(view)
            rows = tuple(self._row(name, approved, view=view, now=instant) for name in names)
        return Overview(now=instant, rows=rows)

    def organisations(self) -> Sequence[str]:
        """Names of the enterprises that have a board."""
        with self._store.view() as view:
            return view.statements.organisations()

    def _board(
        self,
        organisation: str,
        approved: frozenset[ApprovedDraft],
        *,
        view: UnitOfWork,
        prices: Prices | None,
        now: datetime,
    ) -> Board:
        case = self._cases.case_of(
            organisation, view=view, now=now, approved=approved, prices=prices
        )
        return board_of(case, rules=self._library.on(case.today))

    def _row(
        self,
        organisation: str,
        approved: frozenset[ApprovedDraft],
        *,
        view: UnitOfWork,
        now: datetime,
    ) -> OverviewRow:
        try:
            board = self._board(organisation, approved, view=view, prices=None, now=now)
        except (InputError, NotFoundError, StateError, ConfigError) as error:
            return OverviewRow(organisation=organisation, board=None, fault=error.message)
        return OverviewRow(organisation=organisation, board=board, fault="")

    def _now(self) -> datetime:
        return self._clock.now().astimezone(SHANGHAI)
