"""What boards are made of beside statements: positions of the mirror, alerts, usage plans."""

from collections.abc import Sequence
from typing import Protocol

from trace_node.quota.board.alert import Acknowledgement, Alert, AlertDraft, Attempt
from trace_node.quota.board.level import Level
from trace_node.quota.board.plan import UsagePlan
from trace_node.quota.board.position import LedgerPosition, Movement


class Alerts(Protocol):
    """Alerts, their acknowledgements and the attempts to deliver them; nothing is ever deleted."""

    def last_level(self, organisation: str, year: int) -> Level | None:
        """The colour that the newest alert of a year told; None before the first."""

    def add(self, draft: AlertDraft) -> Alert | None:
        """Keep an alert; None where one with its key is there."""

    def find(self, number: int) -> Alert | None:
        """One alert; None when there is none of that number."""

    def newest(
        self, *, organisation: str | None = None, only_open: bool = False, limit: int
    ) -> Sequence[Alert]:
        """The newest alerts, newest first; of one organisation, and those not acknowledged."""

    def open(self, *, limit: int) -> Sequence[Alert]:
        """Alerts that were not acknowledged, oldest first."""

    def acknowledge(self, number: int, acknowledgement: Acknowledgement) -> bool:
        """Keep who acknowledged an alert; False where somebody has."""

    def attempts(self, numbers: Sequence[int]) -> Sequence[Attempt]:
        """Attempts to deliver these alerts, oldest first."""

    def add_attempt(self, attempt: Attempt) -> None:
        """Keep an attempt."""


class UsagePlans(Protocol):
    """Plans for the use of allowances, each version kept."""

    def newest(self, organisation: str, year: int) -> UsagePlan | None:
        """The newest version of a year; None without a plan."""

    def version(self, organisation: str, year: int, version: int) -> UsagePlan | None:
        """One version; None when there is none."""

    def versions(self, organisation: str, year: int) -> Sequence[UsagePlan]:
        """All versions, oldest first."""

    def add(self, plan: UsagePlan) -> None:
        """Keep a version that is not there yet."""


class Positions(Protocol):
    """What the mirror of the ledger says of organisations; every method is one snapshot."""

    def position(self, organisation: int, *, year: int) -> LedgerPosition | None:
        """What it says of an organisation for the year that runs and the one before.

        None where the organisation is not on the ledger, or the mirror has not begun.
        """

    def movements(self, organisation: int) -> tuple[LedgerPosition | None, Sequence[Movement]]:
        """What its executed orders moved, by month, kind and class, from the beginning on."""


class NoPositions:
    """The positions of a node that has joined no ledger."""

    def position(self, organisation: int, *, year: int) -> LedgerPosition | None:
        """None: there is no mirror."""
        del organisation, year
        return None

    def movements(self, organisation: int) -> tuple[LedgerPosition | None, Sequence[Movement]]:
        """Nothing: there is no mirror."""
        del organisation
        return None, ()


class Channel(Protocol):
    """A way to tell somebody of an alert."""

    @property
    def name(self) -> str:
        """``webhook`` or ``email``."""

    @property
    def target(self) -> str:
        """Whom it tells, without any secret."""

    def send(self, alert: Alert, *, attempt: int) -> None:
        """Tell them.

        Raises:
            UnavailableError: It did not arrive; trying again later can help.
            ConfigError: It cannot arrive as it is set up.
        """
