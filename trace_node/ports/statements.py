"""Statements in the log as services see them, and what boards read of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.quota.records.quota_basis import StatedOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedStatement:
    """A statement in the log and how it is found again.

    Attributes:
        index: Leaf index.
        digest: 32-byte record digest.
        kind: Type of the record, such as ``draft-approval@1``.
        topic: What it is about.
        content_key: 32-byte digest of what it says, without salt, time and signature.
    """

    index: int
    digest: bytes
    kind: str
    topic: str
    content_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEmission:
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


Figures = LoggedEmission | LoggedBasis
"""What a board reads of a statement."""


class Statements(Protocol):
    """The statements of the log, each by its leaf; of two on one topic the later one holds."""

    def add(self, statement: LoggedStatement, *, figures: Figures | None = None) -> None:
        """Remember a statement that was logged, with what a board reads of it."""

    def by_digest(self, digest: bytes) -> LoggedStatement | None:
        """The statement with that record digest; None when it is not logged."""

    def newest(self, kind: str, topic: str, *, before: int | None = None) -> LoggedStatement | None:
        """The last statement of a kind on a topic, before a leaf if named; None without one."""

    def at(self, index: int) -> LoggedStatement | None:
        """The statement at a leaf index; None when another record is there."""

    def find(
        self,
        kind: str,
        *,
        topic: str | None = None,
        after: int = -1,
        limit: int,
        organisation: str | None = None,
    ) -> Sequence[LoggedStatement]:
        """Statements of a kind in log order, behind leaf ``after``; on one topic if named.

        Args:
            kind: Type of record.
            topic: What they are about; None for all.
            after: Behind this leaf.
            limit: At most so many.
            organisation: Of this one only, for kinds whose topics begin with it; None for all.
        """

    def first_of_others(
        self, organisation: str, kinds: Collection[str], *, first: int, end: int
    ) -> int | None:
        """Leaf of the first statement of these kinds that is not of an organisation; None without.

        Args:
            organisation: Whose are passed over.
            kinds: Types whose topics begin with the organisation.
            first: Least leaf index.
            end: Leaf index behind the last.
        """

    def emissions(
        self,
        *,
        organisation: str | None = None,
        years: tuple[int, int] = (0, 9999),
        first: int = 0,
        end: int | None = None,
    ) -> Sequence[LoggedEmission]:
        """Emission of periods in the years from the first to the second, in log order.

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
