"""What a witness cosigned, in one SQLite file of its own: small, atomic and durable.

The witness must never forget what it promised, so every write is one transaction with
``synchronous=FULL``; several processes may share the file.
"""

import sqlite3
import threading
from pathlib import Path

from trace_node.errors import IntegrityError, UnavailableError
from trace_node.ids import Origin
from trace_node.tlog.witness_state import WitnessedHead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS head (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  checkpoint BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS conflict (
  number INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  seen INTEGER NOT NULL,
  cosigned BLOB NOT NULL,
  offered BLOB NOT NULL,
  UNIQUE (cosigned, offered)
) STRICT;
"""


class WitnessFile:
    """The heads a witness cosigned and the forks it was shown (见证记录).

    Args:
        path: The file; created when missing.

    Raises:
        UnavailableError: The file cannot be opened.
        IntegrityError: It is no such file, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._guarded():
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=10
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def head(self, origin: Origin) -> WitnessedHead | None:
        """The largest checkpoint of that log that was cosigned."""
        with self._lock, self._guarded():
            row = self._connection.execute(
                "SELECT size, root, checkpoint FROM head WHERE origin = ?", (origin,)
            ).fetchone()
        return WitnessedHead(size=row[0], root=row[1], checkpoint=row[2]) if row else None

    def compare_and_set(
        self, origin: Origin, *, expected: WitnessedHead | None, new: WitnessedHead
    ) -> bool:
        """Replace ``expected`` by ``new`` if it is still stored; durable on return."""
        values = (new.size, new.root, new.checkpoint)
        with self._lock, self._guarded():
            if expected is None:
                done = self._connection.execute(
                    "INSERT INTO head (size, root, checkpoint, origin) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (*values, origin),
                )
            else:
                done = self._connection.execute(
                    "UPDATE head SET size = ?, root = ?, checkpoint = ?"
                    " WHERE origin = ? AND size = ? AND root = ?",
                    (*values, origin, expected.size, expected.root),
                )
        return done.rowcount == 1

    def keep_conflict(self, origin: Origin, *, cosigned: bytes, offered: bytes, time: int) -> None:
        """Keep two checkpoints that exclude each other; a pair already kept changes nothing."""
        with self._lock, self._guarded():
            self._connection.execute(
                "INSERT INTO conflict (origin, seen, cosigned, offered) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (origin, time, cosigned, offered),
            )

    def conflicts(self) -> list[tuple[str, int, bytes, bytes]]:
        """Every kept pair: origin, seconds since the epoch, cosigned, offered."""
        with self._lock, self._guarded():
            return self._connection.execute(
                "SELECT origin, seen, cosigned, offered FROM conflict ORDER BY number"
            ).fetchall()

    def _guarded(self) -> "_Guard":
        return _Guard(self._path)


class _Guard:
    """Turns errors of SQLite into ours, with the file's name and what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, sqlite3.OperationalError):
            raise UnavailableError(
                "the witness file {path} cannot be used: {detail}",
                field="store",
                code="unavailable.witness_file",
                path=str(self._path),
                detail=str(error),
                remedy="check that the disk has room and the file can be written",
            ) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise IntegrityError(
                "the witness file {path} is damaged: {detail}",
                field="store",
                code="integrity.witness_file",
                path=str(self._path),
                detail=str(error),
                remedy="restore it from a backup; never start with an empty one in its place",
            ) from error
