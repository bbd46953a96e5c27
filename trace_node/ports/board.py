"""What boards are made of: statements in the log, positions of the mirror, alerts, usage plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trace_node.ids import OrganisationId
from trace_node.metering.records.quota_basis import StatedOutput
from trace_node.period import Period
from trace_node.quota.board.alert import Acknowledgement, Alert, AlertDraft, Attempt
from trace_node.quota.board.level import Level
from trace_node.quota.board.plan import UsagePlan
from trace_node.quota.board.position import LedgerPosition, Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedStatement:
    """An emission statement in the log.

    Attributes:
        index: Leaf index.
        digest: Its record digest.
        organisation: Whose emission.
        period: Month or year.
        kind: ``verified`` or ``provisional``.
        sector: Number of the covered sector; None outside the ETS.
        tonnes: Tonnes of CO2 equivalent.
        stated_at: When it was stated.
    """

    index: int
    digest: bytes
    organisation: OrganisationId
    period: Period
    kind: str
    sector: int | None
    tonnes: Decimal
    stated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedBasis:
    """A basis of a board in the log.

    Attributes:
        index: Leaf index.
        digest: Its record digest.
        organisation: Whose board.
        year: Obligation year.
        sector: Number of the covered sector; None outside the ETS.
        ledger: Number of the organisation on the ledger; None where it is on none.
        budget: Its own budget in whole tonnes; None without.
        output: Output to date; None without.
        stated_at: When it was stated.
    """

    index: int
    digest: bytes
    organisation: OrganisationId
    year: int
    sector: int | None
    ledger: int | None
    budget: int | None
    output: StatedOutput | None
    stated_at: datetime


class Statements(Protocol):
    """What was stated for boards, each by a leaf; of two for one thing the later one holds."""

    def index_of(self, digest: bytes) -> int | None:
        """Leaf index of the statement or basis with that record digest; None when not logged."""

    def add_statement(self, statement: LoggedStatement) -> None:
        """Remember an emission statement that was logged."""

    def add_basis(self, basis: LoggedBasis) -> None:
        """Remember a basis that was logged."""

    def statements(
        self,
        *,
        organisation: str | None = None,
        years: tuple[int, int] = (0, 9999),
        first: int = 0,
        end: int | None = None,
    ) -> Sequence[LoggedStatement]:
        """Statements of periods in the years from the first to the second, in log order.

        Args:
            organisation: Of one organisation if named.
            years: First and last year.
            first: Least leaf index.
            end: Leaf index behind the last; None for the end of the log.
        """

    def bases(
        self, *, organisation: str | None = None, first: int = 0, end: int | None = None
    ) -> Sequence[LoggedBasis]:
        """Bases in log order; of one organisation if named, and of the same kind of range."""

    def organisations(self) -> Sequence[str]:
        """Names of the organisations that have a basis, sorted."""


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
