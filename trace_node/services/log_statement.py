"""Log statements: facts of the market that the node or an organisation puts on record.

One path for every type of ``trace_node.quota.records``: what says the same is logged once.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from trace_node.clock import Clock
from trace_node.crypto import signed_record
from trace_node.crypto.signer import Signer
from trace_node.errors import AccessError, InputError
from trace_node.ports.statements import LoggedStatement
from trace_node.quota.records.organisation_binding import OrganisationBinding
from trace_node.quota.records.parse import parse_statement, verify_binding
from trace_node.quota.records.statement import Content, Statement, build_statement
from trace_node.record.fields import SALT_BYTES
from trace_node.services.enrolled import EnrolmentBook, public_key
from trace_node.services.group_commit import GroupCommit
from trace_node.services.log_tail import Batch
from trace_node.tlog.hasher import SM3

NODE_USAGE: Final = "node"
_TOLERANCE: Final = timedelta(seconds=60)
_MILLISECOND_US: Final = 1000


class StatementKeyError(AccessError):
    """The statement is not signed by a key that may state things in this log."""

    code = "statement.key"


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
        writer: The writer of the log.
        book: The enrolled keys.
        clock: Time.
    """

    def __init__(self, *, writer: GroupCommit, book: EnrolmentBook, clock: Clock) -> None:
        self._writer = writer
        self._book = book
        self._clock = clock

    def take(self, raw: bytes) -> LoggedStatement:
        """Log a signed statement; one that says the same as a logged one gives that one back.

        Waits for the commit. A binding is signed by the key in it, all else by a node's key.

        Raises:
            InputError: Not a statement, a member breaks its rule, or it lies in the future.
            StatementKeyError: Signed by a key that was not enrolled as a node's at its time.
            SignatureError: The signature does not verify.
            BusyError: The queue is full.
        """
        statement = parse_statement(raw)
        ahead = statement.stated_at - self._clock.now()
        if ahead > _TOLERANCE:
            raise InputError(
                "{field}: lies {seconds} s in the future",
                field="stated_at",
                seconds=int(ahead.total_seconds()),
                remedy="synchronise the clocks and sign it again",
                code="record.future",
            )
        require_signed(raw, statement, book=self._book)
        job = StatementJob(raw=raw, statement=statement)
        return self._writer.submit(job).result()


def require_signed(raw: bytes, statement: Statement, *, book: EnrolmentBook) -> None:
    """Require a statement to be signed by whoever may make it.

    Raises:
        StatementKeyError: Signed by a key that was not enrolled as a node's at its time.
        SignatureError: The signature does not verify.
    """
    if isinstance(statement.content, OrganisationBinding):
        verify_binding(raw)
        return
    key = book.renew().key(statement.signed_by, usage=NODE_USAGE, at=statement.stated_at)
    if key is None:
        raise StatementKeyError(
            "{field}: {key} was not enrolled as the key of a node at that time",
            field="signature",
            key=statement.signed_by,
            remedy="sign with the node's key, or enrol it: trace-node keys",
        )
    signed_record.verify(raw, public_key(key.point))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementJob:
    """Writes one statement.

    Attributes:
        raw: Its bytes.
        statement: What they say; the signature was verified.
    """

    raw: bytes
    statement: Statement

    @property
    def weight(self) -> int:
        """One entry."""
        return 1

    def write(self, batch: Batch) -> LoggedStatement:
        """Stage it, unless the same is logged already."""
        known = batch.work.market_statements.by_content(self.statement.content_key)
        if known is not None:
            return known
        digest = SM3.leaf(self.raw)
        index = batch.append(kind=self.statement.content.TYPE, body=self.raw, leaf_hash=digest)
        logged = statement_row(self.statement, index=index, digest=digest)
        batch.flush()  # the row refers to the entry
        batch.work.market_statements.add(logged)
        return logged


def statement_row(statement: Statement, *, index: int, digest: bytes) -> LoggedStatement:
    """The row that a logged statement makes."""
    return LoggedStatement(
        index=index,
        digest=digest,
        kind=statement.content.TYPE,
        topic=statement.content.topic,
        content_key=statement.content_key,
    )


TakeStatement = Callable[[bytes], LoggedStatement]
"""Hands a signed statement to the log, in this process or over HTTP."""
