"""Take in what organisations state for their boards: a signed record becomes a leaf of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from trace_node.clock import Clock
from trace_node.crypto import signed_record
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import AccessError, InputError
from trace_node.ids import Origin
from trace_node.metering.records.emission_statement import EMISSION_STATEMENT, EmissionStatement
from trace_node.metering.records.parse import parse_record
from trace_node.metering.records.quota_basis import QUOTA_BASIS, QuotaBasis
from trace_node.period import SHANGHAI
from trace_node.ports.board import LoggedBasis, LoggedStatement
from trace_node.services.board_case import allocation_to_date
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.enrolled import EnrolmentBook, public_key
from trace_node.services.group_commit import GroupCommit
from trace_node.services.log_tail import Batch
from trace_node.tlog.hasher import SM3

Stated = EmissionStatement | QuotaBasis
FUTURE_TOLERANCE = timedelta(seconds=60)


class StatementError(InputError):
    """The record is no statement, one for another log, or one of the future."""

    code = "board.statement"


class StatementSignerError(AccessError):
    """The statement is not signed by a key that may state this."""

    code = "board.signer"


class StatementIntake:
    """Takes in emission statements and bases of boards (声明入账).

    Args:
        origin: Origin of the log.
        authorities: Keys of the trust root that may state anything.
        writer: The writer of the log.
        book: What is enrolled: a node's key may state what its own organisation emits.
        clock: Bounds how far in the future a statement may be dated.
        library: What a stated output is tried with, so that it fits when it is needed.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        authorities: Sequence[PublicKey],
        writer: GroupCommit,
        book: EnrolmentBook,
        clock: Clock,
        library: BoardLibrary,
    ) -> None:
        self._library = library
        self._origin = origin
        self._authorities = {key.key_id: key for key in authorities}
        self._writer = writer
        self._book = book
        self._clock = clock

    def take(self, raw: bytes) -> int:
        """Log a statement and return its leaf index; the same bytes again give the same index.

        Waits for the commit.

        Args:
            raw: The bytes of an ``emission-statement@1`` or ``quota-basis@1``.

        Raises:
            InputError: Not such a record, a member breaks its rule, or its output fits no method.
            RuleNotFoundError: There is no such method of allocation for the year.
            StatementError: Another record, for another log, or dated in the future.
            StatementSignerError: Signed by a key that may not state this.
            SignatureError: The signature does not verify.
            BusyError: The queue is full.
        """
        stated = self._checked(raw)
        job = StatementJob(raw=raw, stated=stated, digest=SM3.leaf(raw))
        return self._writer.submit(job).result()

    def _checked(self, raw: bytes) -> Stated:
        stated = parse_record(raw)
        if not isinstance(stated, EmissionStatement | QuotaBasis):
            raise StatementError(
                "{field}: must be {statement} or {basis}",
                field="type",
                statement=EMISSION_STATEMENT,
                basis=QUOTA_BASIS,
                remedy="hand in a statement",
            )
        if stated.origin != self._origin:
            raise StatementError(
                "{field}: the statement is for the log {named}, this is {origin}",
                field="log",
                named=stated.origin,
                origin=self._origin,
                remedy="sign a statement for this log",
                code="board.statement.log",
            )
        if stated.stated_at - self._clock.now() > FUTURE_TOLERANCE:
            raise StatementError(
                "{field}: lies in the future",
                field="stated_at",
                remedy="set the clock, then sign the statement again",
                code="board.statement.future",
            )
        signed_record.verify(raw, self._signer(stated))
        if isinstance(stated, QuotaBasis) and stated.output is not None:
            day = self._clock.now().astimezone(SHANGHAI).date()
            allocation_to_date(stated.output, library=self._library, year=stated.year, day=day)
        return stated

    def _signer(self, stated: Stated) -> PublicKey:
        authority = self._authorities.get(stated.signed_by)
        if authority is not None:
            return authority
        key = self._book.renew_if_stale().key(stated.signed_by, usage="node", at=stated.stated_at)
        if key is None or key.organisation != stated.organisation:
            raise StatementSignerError(
                "{field}: the key {key} may not state anything of {organisation}",
                field="signature",
                key=stated.signed_by,
                organisation=stated.organisation,
                remedy="sign with the node key of that organisation, or let an authority sign",
            )
        return public_key(key.point)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementJob:
    """Writes one statement.

    Attributes:
        raw: Its bytes.
        stated: What they say; the signature was verified.
        digest: Its record digest.
    """

    raw: bytes
    stated: Stated
    digest: bytes

    @property
    def weight(self) -> int:
        """One entry."""
        return 1

    def write(self, batch: Batch) -> int:
        """Stage it, unless it is logged already; return its leaf index."""
        known = batch.work.statements.index_of(self.digest)
        if known is not None:
            return known
        is_emission = isinstance(self.stated, EmissionStatement)
        kind = EMISSION_STATEMENT if is_emission else QUOTA_BASIS
        index = batch.append(kind=kind, body=self.raw, leaf_hash=self.digest)
        remember(self.stated, batch, index=index, digest=self.digest)
        return index


def remember(stated: Stated, batch: Batch, *, index: int, digest: bytes) -> None:
    """Write the row of a statement whose entry is staged."""
    batch.flush()  # the row refers to the entry
    if isinstance(stated, EmissionStatement):
        batch.work.statements.add_statement(logged_statement(stated, index=index, digest=digest))
    else:
        batch.work.statements.add_basis(logged_basis(stated, index=index, digest=digest))


def logged_statement(stated: EmissionStatement, *, index: int, digest: bytes) -> LoggedStatement:
    """The row that a logged emission statement makes."""
    return LoggedStatement(
        index=index,
        digest=digest,
        organisation=stated.organisation,
        period=stated.period,
        kind=stated.kind,
        sector=stated.sector,
        tonnes=stated.tonnes,
        stated_at=stated.stated_at,
    )


def logged_basis(stated: QuotaBasis, *, index: int, digest: bytes) -> LoggedBasis:
    """The row that a logged basis makes."""
    return LoggedBasis(
        index=index,
        digest=digest,
        organisation=stated.organisation,
        year=stated.year,
        sector=stated.sector,
        ledger=stated.ledger,
        budget=stated.budget,
        output=stated.output,
        stated_at=stated.stated_at,
    )
