"""What the writer of the log does with statements: one of them, or those of a form together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY
from trace_node.accounting.laboratory.record import LABORATORY_RECORD
from trace_node.accounting.records.signer_trust import SIGNER_TRUST, SignerTrust
from trace_node.accounting.statements import is_managed
from trace_node.errors import AccessError, InputError, TooLargeError
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Statement, content_key
from trace_node.services.accounting_intake import require_in_order
from trace_node.services.certificates import require_certificates_once
from trace_node.services.emission_order import require_successor
from trace_node.services.footprint_intake import require_lineage
from trace_node.services.log_tail import Batch
from trace_node.services.statement_rows import remember
from trace_node.tlog.hasher import SM3

MAX_TOGETHER: Final = 20_000
"""Statements in one commit: as many as a form has rows."""
_INDEPENDENT: Final = frozenset({ACTIVITY_ENTRY, LABORATORY_RECORD})
_NODE_REMEDY: Final = (
    "sign with an enrolled key of a node of that organisation, or let an authority sign"
)
_MANAGED_REMEDY: Final = "let an authority sign, or a publisher that an authority trusts"


class StatementKeyError(AccessError):
    """The statement is not signed by a key that may state this."""

    code = "statement.key"


def key_error(statement: Statement) -> StatementKeyError:
    """The refusal of a statement for its key."""
    return StatementKeyError(
        "{field}: the key {key} may not state this: {kind} {topic}",
        field="signature",
        key=statement.signed_by,
        kind=statement.content.TYPE,
        topic=statement.content.topic,
        remedy=_MANAGED_REMEDY if is_managed(statement.content) else _NODE_REMEDY,
    )


def require_few(raws: Sequence[bytes]) -> Sequence[bytes]:
    """At most as many statements as may come together, before one of them is parsed.

    Raises:
        TooLargeError: They are more.
    """
    if len(raws) > MAX_TOGETHER:
        raise TooLargeError(
            "{field}: {count} statements, at most {bound} come together",
            field="statements",
            count=len(raws),
            bound=MAX_TOGETHER,
            remedy="hand them in as several forms",
            code="together.too_many",
        )
    return raws


def require_independent(statements: Iterable[Statement]) -> None:
    """Require that what one says is no condition for another, before a signature is verified.

    Each can then be held against the log before the first of them is staged.

    Raises:
        InputError: One is of a type that does not come out of a form, or two are of one topic.
    """
    topics = set[tuple[str, str]]()
    for statement in statements:
        content = statement.content
        topic = (content.TYPE, content.topic)
        if content.TYPE not in _INDEPENDENT:
            raise InputError(
                "{field}: {kind} does not come together with others",
                field="statements",
                kind=content.TYPE,
                remedy="hand it in by itself",
                code="together.kind",
            )
        if topic in topics:
            raise InputError(
                "{field}: {kind} {topic} is there twice",
                field="statements",
                kind=content.TYPE,
                topic=content.topic,
                remedy="leave one of them out",
                code="together.topic",
            )
        topics.add(topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementJob:
    """Writes one statement.

    Attributes:
        raw: Its bytes.
        statement: What they say; the signature was verified.
        trust: What the log said of the signer as publisher or laboratory when that was done.
    """

    raw: bytes
    statement: Statement
    trust: SignerTrust | None = None

    @property
    def weight(self) -> int:
        """One entry."""
        return 1

    def write(self, batch: Batch) -> LoggedStatement:
        """Stage it, unless it is logged or says nothing new.

        Raises:
            ConflictError: It does not follow what the log holds of its topic.
            StatementKeyError: The trust in its signer was taken back meanwhile.
        """
        known = self.known(batch)
        if known is not None:
            return known
        self.require_order(batch)
        return self.stage(batch)

    def known(self, batch: Batch) -> LoggedStatement | None:
        """Those very bytes, or the newest of the topic if that says the same.

        What was said before that and is said again takes back what was said in between.
        """
        content, statements = self.statement.content, batch.work.statements
        same = statements.by_digest(SM3.leaf(self.raw))
        if same is not None:
            return same
        newest = statements.newest(content.TYPE, content.topic)
        says_it = newest is not None and newest.content_key == self.statement.content_key
        return newest if says_it else None

    def require_order(self, batch: Batch) -> None:
        """Require it to follow what the log holds; nothing is staged.

        Raises:
            ConflictError: It does not.
            StatementKeyError: The trust in its signer was taken back meanwhile.
        """
        content, work = self.statement.content, batch.work
        batch.flush()  # what is asked for may have come with this commit
        self._require_still_trusted(batch)
        require_in_order(content, work)
        require_lineage(content, work)
        newest = work.statements.newest(content.TYPE, content.topic)
        require_successor(content, newest, work)
        require_certificates_once(content, work)

    def stage(self, batch: Batch) -> LoggedStatement:
        """Stage it with the rows by which it is found."""
        digest = SM3.leaf(self.raw)
        index = batch.append(kind=self.statement.content.TYPE, body=self.raw, leaf_hash=digest)
        return remember(self.statement, batch, index=index, digest=digest)

    def _require_still_trusted(self, batch: Batch) -> None:
        if self.trust is None:
            return
        newest = batch.work.statements.newest(SIGNER_TRUST, self.trust.topic)
        if newest is None or newest.content_key != content_key(self.trust):
            raise key_error(self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsJob:
    """Writes several statements in one commit: all of them or none.

    Attributes:
        jobs: One for each; they are independent.
    """

    jobs: Sequence[StatementJob]

    @property
    def weight(self) -> int:
        """An entry each."""
        return len(self.jobs)

    def write(self, batch: Batch) -> Sequence[LoggedStatement]:
        """Stage those that are new, once every one of them was found to be in order.

        Raises:
            ConflictError: One does not follow what the log holds; nothing is staged.
            StatementKeyError: The trust in a signer was taken back meanwhile.
        """
        found = [job.known(batch) for job in self.jobs]
        for job, known in zip(self.jobs, found, strict=True):
            if known is None:
                job.require_order(batch)
        return tuple(
            job.stage(batch) if known is None else known
            for job, known in zip(self.jobs, found, strict=True)
        )
