"""What a witness cosigned, in one SQLite file of its own: small, atomic and durable.

The witness must never forget what it promised, so every write is one transaction with
``synchronous=FULL``; several processes may share the file. A file that is missing is never made
anew in silence: under the same keys it would let a log show another history.
"""

import sqlite3
import threading
from pathlib import Path

from trace_node.errors import ConfigError, IntegrityError, UnavailableError
from trace_node.ids import Origin
from trace_node.tlog.witness_state import WitnessedHead

MAX_CONFLICTS = 100  # kept for each log; one pair proves all, and a forked log could sign for ever
_NEW_KEYS = (
    "bring back this very file, not an older copy; if it is lost, make a new witness with new keys,"
    " because the old keys promised what only this file knew"
)
_SCHEMA = """
CREATE TABLE head (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  checkpoint BLOB NOT NULL
) STRICT;
CREATE TABLE conflict (
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
        path: The file that ``create`` made.

    Raises:
        ConfigError: There is no such file.
        UnavailableError: The file cannot be opened.
        IntegrityError: It is another file, or damaged.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ConfigError(
                "{path}: the record of what this witness cosigned is missing",
                field="home",
                code="config.witness_file",
                path=str(path),
                remedy=_NEW_KEYS,
            )
        self._path = path
        self._lock = threading.Lock()
        with self._guarded():
            self._connection = _connect(path)
            kept = self._connection.execute("SELECT name FROM sqlite_schema").fetchall()
            if not {("head",), ("conflict",)} <= set(kept):
                self._connection.close()
                raise sqlite3.DatabaseError("it holds no record of a witness")

    @classmethod
    def create(cls, path: Path) -> "WitnessFile":
        """Make and open the empty record of a new witness.

        Raises:
            ConfigError: The file exists.
            UnavailableError: It cannot be written.
        """
        if path.exists():
            raise ConfigError(
                "{path}: exists already and is not overwritten",
                field="home",
                code="config.witness_file",
                path=str(path),
                remedy="choose another folder for the new witness",
            )
        with _Guard(path):
            connection = _connect(path)
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            connection.close()
        return cls(path)

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
        """Keep two checkpoints that exclude each other; a pair already kept changes nothing.

        Of each log the first ``MAX_CONFLICTS`` pairs are kept.
        """
        with self._lock, self._guarded():
            self._connection.execute(
                "INSERT INTO conflict (origin, seen, cosigned, offered) SELECT ?, ?, ?, ?"
                " WHERE (SELECT count(*) FROM conflict WHERE origin = ?) < ?"
                " ON CONFLICT DO NOTHING",
                (origin, time, cosigned, offered, origin, MAX_CONFLICTS),
            )

    def conflicts(self) -> list[tuple[str, int, bytes, bytes]]:
        """Every kept pair: origin, seconds since the epoch, cosigned, offered."""
        with self._lock, self._guarded():
            return self._connection.execute(
                "SELECT origin, seen, cosigned, offered FROM conflict ORDER BY number"
            ).fetchall()

    def _guarded(self) -> "_Guard":
        return _Guard(self._path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


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
                remedy=_NEW_KEYS,
            ) from error
