"""Log statements: facts of the market and of accounting that somebody puts on record.

One path for every type of ``services.statement_types``. What says the same as the newest statement
of its topic is not logged again.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from trace_node.accounting.records.signer_trust import SignerTrust
from trace_node.clock import Clock
from trace_node.crypto import signed_record
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import InputError
from trace_node.ids import Origin
from trace_node.period import SHANGHAI
from trace_node.ports.statements import LoggedStatement
from trace_node.quota.records.quota_basis import QuotaBasis
from trace_node.quota.records.signers import log_of
from trace_node.record.fields import SALT_BYTES
from trace_node.record.statement import Content, Statement, build_statement
from trace_node.services.accounting_intake import require_fitting
from trace_node.services.board_case import allocation_to_date
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.group_commit import GroupCommit
from trace_node.services.hand_over import require_receiver
from trace_node.services.statement_job import (
    StatementJob,
    StatementsJob,
    key_error,
    require_few,
    require_independent,
)
from trace_node.services.statement_signers import NODE_USAGE, statement_key
from trace_node.services.statement_types import parse_statement

_TOLERANCE: Final = timedelta(seconds=60)
_MILLISECOND_US: Final = 1000


def signed_statement(content: Content, *, signer: Signer, clock: Clock) -> bytes:
    """The exact bytes of a statement of now, with a fresh salt.

    Raises:
        RecordError: A member breaks its rule.
        TooLargeError: It would be longer than 65,535 bytes.
    """
    now = clock.now()
    whole = now.replace(microsecond=now.microsecond // _MILLISECOND_US * _MILLISECOND_US)
    salt = secrets.token_bytes(SALT_BYTES)
    return build_statement(content, salt=salt, stated_at=whole, signer=signer)


class StatementLog:
    """Takes in statements (声明入链).

    Args:
        origin: Origin of the log.
        authorities: Keys of the trust root that may state anything but a binding.
        writer: The writer of the log.
        book: What is enrolled: the keys of nodes, and whose they are.
        library: What a stated output is tried with, so that it fits when it is needed.
        clock: Bounds how far in the future a statement may be dated.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        authorities: Sequence[PublicKey],
        writer: GroupCommit,
        book: EnrolmentBook,
        library: BoardLibrary,
        clock: Clock,
    ) -> None:
        self._origin = origin
        self._authorities = {key.key_id: key for key in authorities}
        self._writer = writer
        self._book = book
        self._library = library
        self._clock = clock

    def take(self, raw: bytes) -> LoggedStatement:
        """Log a signed statement; bytes that are logged, or that say nothing new, give that one.

        Waits for the commit. A binding is signed by the key in it, all else by the key of a node or
        an authority; what an organisation emits and its board rests on, by a node of its own.

        Raises:
            InputError: Not a statement, a member breaks its rule, it is for another log or lies in
                the future, or its output fits no method.
            RuleNotFoundError: There is no such method of allocation for the year.
            StatementKeyError: Signed by a key that may not state this.
            SignatureError: The signature does not verify.
            ConflictError: It does not follow what the log holds of its topic.
            BusyError: The queue is full.
        """
        return self._writer.submit(self._examined(raw, parse_statement(raw))).result()

    def take_together(self, raws: Sequence[bytes]) -> Sequence[LoggedStatement]:
        """Log signed statements in one commit: all of them, or none.

        For what comes out of a form: entries and laboratory records, each of a topic of its own.

        Raises:
            InputError: See ``take``; or they are too many, or of another type (``together.kind``),
                or two are of one topic (``together.topic``).
            StatementKeyError: One is signed by a key that may not state it.
            SignatureError: A signature does not verify.
            ConflictError: One does not follow what the log holds of its topic.
            BusyError: The queue is full.
        """
        statements = [parse_statement(raw) for raw in require_few(raws)]
        require_independent(statements)
        job = StatementsJob(jobs=tuple(map(self._examined, raws, statements)))
        return self._writer.submit(job).result() if job.jobs else ()

    def _examined(self, raw: bytes, statement: Statement) -> StatementJob:
        """Everything that is asked of a statement before the writer sees it."""
        self._require_log(statement)
        self._require_past(statement)
        trust = self._book.trust_for(statement)
        self._require_signed(raw, statement, trust)
        self._require_fitting(statement.content)
        require_receiver(statement, self._book.current)
        return StatementJob(raw=raw, statement=statement, trust=trust)

    def _require_log(self, statement: Statement) -> None:
        named = log_of(statement.content)
        if named is not None and named != self._origin:
            raise InputError(
                "{field}: the statement is for the log {named}, this is {origin}",
                field="log",
                named=named,
                origin=self._origin,
                remedy="sign a statement for this log",
                code="statement.log",
            )

    def _require_past(self, statement: Statement) -> None:
        ahead = statement.stated_at - self._clock.now()
        if ahead > _TOLERANCE:
            raise InputError(
                "{field}: lies {seconds} s in the future",
                field="stated_at",
                seconds=int(ahead.total_seconds()),
                remedy="synchronise the clocks and sign it again",
                code="record.future",
            )

    def _require_signed(self, raw: bytes, statement: Statement, trust: SignerTrust | None) -> None:
        enrolled = self._book.renew_if_stale()
        node = enrolled.key(statement.signed_by, usage=NODE_USAGE, at=statement.stated_at)
        key = statement_key(statement, authorities=self._authorities, node=node, trust=trust)
        if key is None:
            raise key_error(statement)
        signed_record.verify(raw, key)

    def _require_fitting(self, content: Content) -> None:
        """An output that no method can compute would stop the board that rests on it."""
        require_fitting(content)
        if isinstance(content, QuotaBasis) and content.output is not None:
            day = self._clock.now().astimezone(SHANGHAI).date()
            allocation_to_date(content.output, library=self._library, year=content.year, day=day)
