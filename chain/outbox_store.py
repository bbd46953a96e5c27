"""The outbox in one SQLite file of its own, durable over ``kill -9`` and power loss.

The file belongs to one chain: nonces mean nothing on another, so a file that was written for one is
refused on another instead of being read wrongly.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chain.errors import ChainConfigError, ChainUnavailableError, OutboxConflictError
from chain.outbox_rows import COLUMNS, SCHEMA, SCHEMA_VERSION, from_row, to_row
from trace_node.ports.outbox import Attempt, AttemptKind, Submission

_BUSY_SECONDS = 10


class SqliteOutboxStore:
    """An ``OutboxStore`` in a file; safe to share between threads and processes.

    Args:
        path: The file; created when it is missing.
        chain_id: Id of the chain the nonces belong to.
        genesis_hash: 32-byte hash of that chain's block 0.

    Raises:
        ChainConfigError: The file was written for another chain (``chain.outbox_other_chain``) or
            by another version of the program (``chain.outbox_version``).
        ChainUnavailableError: The file cannot be opened or is damaged; code ``chain.outbox``.
    """

    def __init__(self, path: Path, *, chain_id: int, genesis_hash: bytes) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._translated():
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._translated():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA foreign_keys = ON")
            with self._transaction():
                self._prepare(chain_id, genesis_hash)
        except BaseException:
            self._connection.close()
            raise

    def find(self, request_id: str) -> Submission | None:
        """See ``OutboxStore``."""
        rows = self._rows("WHERE request_id = ?", request_id)
        return rows[0] if rows else None

    def at_nonce(self, signer: bytes, nonce: int) -> Submission | None:
        """See ``OutboxStore``."""
        rows = self._rows("WHERE signer = ? AND nonce = ?", signer, nonce)
        return rows[0] if rows else None

    def attempts(self, request_id: str) -> Sequence[Attempt]:
        """See ``OutboxStore``."""
        with self._transaction():
            rows = self._connection.execute(
                "SELECT transaction_hash, request_id, kind, raw, sends FROM attempt"
                " WHERE request_id = ? ORDER BY at",
                (request_id,),
            ).fetchall()
        return [
            Attempt(
                transaction_hash=row[0],
                request_id=row[1],
                kind=AttemptKind(row[2]),
                raw=row[3],
                sends=row[4],
            )
            for row in rows
        ]

    def next_nonce(self, signer: bytes) -> int:
        """See ``OutboxStore``."""
        with self._transaction():
            (largest,) = self._connection.execute(
                "SELECT max(nonce) FROM submission WHERE signer = ?", (signer,)
            ).fetchone()
        return 0 if largest is None else int(largest) + 1

    def unfinished(self, signer: bytes) -> Sequence[Submission]:
        """See ``OutboxStore``."""
        return self._rows("WHERE signer = ? AND finished = 0 ORDER BY nonce", signer)

    def add(self, submission: Submission, attempt: Attempt) -> None:
        """See ``OutboxStore``."""
        with self._transaction():
            try:
                self._connection.execute(
                    f"INSERT INTO submission ({COLUMNS}, finished)"  # noqa: S608  constants
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    to_row(submission),
                )
                self._insert_attempt(attempt)
            except sqlite3.IntegrityError as error:
                raise _stored_already(submission.request_id) from error

    def add_attempt(self, attempt: Attempt) -> None:
        """See ``OutboxStore``."""
        with self._transaction():
            try:
                self._insert_attempt(attempt)
            except sqlite3.IntegrityError as error:
                raise _stored_already(attempt.request_id) from error

    def update(self, submission: Submission) -> None:
        """See ``OutboxStore``."""
        with self._transaction():
            self._update(submission)

    def count_send(self, submission: Submission, transaction_hash: bytes) -> None:
        """See ``OutboxStore``."""
        with self._transaction():
            self._update(submission)
            self._connection.execute(
                "UPDATE attempt SET sends = sends + 1 WHERE transaction_hash = ?",
                (transaction_hash,),
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _update(self, submission: Submission) -> None:
        request_id, signer, nonce, *rest = to_row(submission)
        self._connection.execute(
            "UPDATE submission SET state = ?, mined_hash = ?, mined_block = ?,"
            " mined_block_hash = ?, mined_succeeded = ?, contract = ?, reorgs = ?, misses = ?,"
            " refusal = ?, sent_at = ?, finished = ?"
            " WHERE request_id = ? AND signer = ? AND nonce = ?",
            (*rest, request_id, signer, nonce),
        )

    def _insert_attempt(self, attempt: Attempt) -> None:
        self._connection.execute(
            "INSERT INTO attempt (transaction_hash, request_id, kind, raw, sends, at)"
            " VALUES (?, ?, ?, ?, ?,"
            " (SELECT coalesce(max(at), -1) + 1 FROM attempt WHERE request_id = ?))",
            (
                attempt.transaction_hash,
                attempt.request_id,
                attempt.kind.value,
                attempt.raw,
                attempt.sends,
                attempt.request_id,
            ),
        )

    def _rows(self, condition: str, *values: object) -> list[Submission]:
        with self._transaction():
            rows = self._connection.execute(
                f"SELECT {COLUMNS} FROM submission {condition}",  # noqa: S608  constants
                values,
            ).fetchall()
        return [from_row(row) for row in rows]

    def _prepare(self, chain_id: int, genesis_hash: bytes) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._connection.execute(
                "INSERT INTO chain VALUES (1, ?, ?)", (str(chain_id), genesis_hash)
            )
            return
        if version != SCHEMA_VERSION:
            raise ChainConfigError(
                "{field}: the outbox was written by another version of the program",
                field=str(self._path),
                code="chain.outbox_version",
            )
        stored = self._connection.execute("SELECT chain_id, genesis_hash FROM chain").fetchone()
        if stored != (str(chain_id), genesis_hash):
            raise ChainConfigError(
                "{field}: the outbox belongs to chain {found}, the endpoint serves {expected} or"
                " another genesis",
                field=str(self._path),
                found=stored[0],
                expected=chain_id,
                remedy="use the endpoint of that chain, or another outbox file for the new one",
                code="chain.outbox_other_chain",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ChainUnavailableError(
                "{field}: the outbox cannot be used: {detail}",
                field=str(self._path),
                detail=str(error),
                remedy="check the disk and the permissions; restore the file if it is damaged",
                code="chain.outbox",
            ) from error


def _stored_already(request_id: str) -> OutboxConflictError:
    return OutboxConflictError(
        "{field}: request {request} or its nonce is stored already",
        field="request_id",
        request=request_id,
    )
