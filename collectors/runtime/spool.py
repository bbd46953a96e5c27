"""The spool (断点续传): records wait here, on the disk, until every destination has them for good.

A record enters with its whole batch in one transaction together with the ends of the device chains,
so a restart goes on exactly where the disk stands. Nothing that is not final at every destination
is ever removed.
"""

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from collectors.errors import SpoolError
from collectors.runtime.drafts import Evidence
from collectors.runtime.spool_schema import disk_errors, open_database
from trace_node.ids import DeviceId, KeyId


class BuiltRecord(NamedTuple):
    """A record with its exact bytes; a tuple, because so many are made.

    Attributes:
        device: Device whose chain it continues.
        seq: Its position in (device, boot).
        digest: Its leaf hash.
        body: Its bytes.
    """

    device: DeviceId
    seq: int
    digest: bytes
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last record of a device's chain.

    Attributes:
        boot: Boot it belongs to.
        seq: Its position.
        digest: Its digest.
        row: Number of the last stored row read from the meter; None for ordinary meters.
    """

    boot: bytes
    seq: int
    digest: bytes
    row: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is written in one transaction.

    Attributes:
        number: Counts batches over the life of the spool; a repeated one is written once.
        boot: Boot of the records.
        context: Digest and bytes of their context record.
        records: The records, in the order of their chains.
        evidence: Raw exchanges they point at.
        rows: Rows of meters that hand out stored rows, by device.
    """

    number: int
    boot: bytes
    context: tuple[bytes, bytes]
    records: Sequence[BuiltRecord]
    evidence: Sequence[Evidence] = ()
    rows: Mapping[DeviceId, int] = field(default_factory=dict)


class Spool:
    """The spool of one collector; used by one thread at a time.

    Args:
        path: The database file; beside it lies a lock, so that two collectors cannot fork a chain.
        collector: Key id of the collector it belongs to.
        replaces: Ids of keys whose place this one takes: a spool of theirs becomes its own.

    Raises:
        SpoolError: In use, damaged, of another collector, or the disk refuses it.
    """

    def __init__(self, path: Path, *, collector: KeyId, replaces: Collection[str] = ()) -> None:
        self.path = path
        with disk_errors(path, OSError, sqlite3.Error):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path.with_name(path.name + ".lock"))
            try:
                self.connection = open_database(path)
                self._claim(collector, replaces)
            except BaseException:
                self._lock.close()
                raise

    def close(self) -> None:
        """Close the file and give the lock back."""
        self.connection.close()
        self._lock.close()

    def reopen(self) -> None:
        """Open the file again after an error of the disk; the lock is kept.

        Raises:
            SpoolError: It is damaged.
        """
        self.connection.close()
        self.connection = open_database(self.path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; on the disk when it ends."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def heads(self) -> dict[DeviceId, ChainHead]:
        """The ends of the device chains on the disk."""
        rows = self.connection.execute("SELECT device, boot, seq, digest, row FROM heads")
        return {
            DeviceId(device): ChainHead(boot=boot, seq=seq, digest=digest, row=row)
            for device, boot, seq, digest, row in rows
        }

    def last_batch(self) -> int:
        """Number of the last batch on the disk; 0 before the first."""
        return int(self._about("batch", "0"))

    def append(self, batch: Batch) -> None:
        """Write a batch; one that is on the disk already, after an error in doubt, is left alone.

        Raises:
            sqlite3.Error: It could not be written; nothing of it was.
        """
        with self.transaction() as connection:
            if self.last_batch() >= batch.number:
                return
            digest, body = batch.context
            connection.execute(
                "INSERT OR IGNORE INTO contexts (digest, body) VALUES (?, ?)", (digest, body)
            )
            context = connection.execute(
                "SELECT id FROM contexts WHERE digest = ?", (digest,)
            ).fetchone()[0]
            connection.executemany(
                "INSERT INTO records (device, context, digest, body) VALUES (?, ?, ?, ?)",
                [(item.device, context, item.digest, item.body) for item in batch.records],
            )
            self._move_heads(batch)
            last = connection.execute("SELECT max(id) FROM records").fetchone()[0]
            connection.executemany(
                "INSERT OR IGNORE INTO exchanges VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (item.digest, last, item.at_ms, item.nonce, item.sent, item.received)
                    for item in batch.evidence
                ],
            )
            self._set_about("batch", str(batch.number))

    def noted(self, key: str) -> str:
        """A note of an earlier run; empty if there is none."""
        return self._about(f"note.{key}", "")

    def note(self, key: str, value: str) -> None:
        """Keep a note for the next run."""
        with self.transaction():
            self.set_note(key, value)

    def set_note(self, key: str, value: str) -> None:
        """Keep a note together with the rest of a transaction."""
        self._set_about(f"note.{key}", value)

    def used_bytes(self) -> int:
        """Bytes in use by the spool, without what was freed and not returned to the disk."""
        pages, free, size = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def free_disk_bytes(self) -> int:
        """Bytes left on the disk of the spool."""
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize

    def _move_heads(self, batch: Batch) -> None:
        ends = {item.device: item for item in batch.records}
        self.connection.executemany(
            "INSERT INTO heads VALUES (?, ?, ?, ?, ?) ON CONFLICT (device) DO UPDATE SET"
            " boot = excluded.boot, seq = excluded.seq, digest = excluded.digest,"
            " row = coalesce(excluded.row, row)",
            [
                (device, batch.boot, item.seq, item.digest, batch.rows.get(device))
                for device, item in ends.items()
            ],
        )

    def _claim(self, collector: KeyId, replaces: Collection[str]) -> None:
        owner = self._about("collector", "")
        if not owner or (owner != collector and owner in replaces):
            with self.transaction():
                self._set_about("collector", collector)
        elif owner != collector:
            self.connection.close()
            raise SpoolError(
                "{field}: the spool belongs to the collector key {owner}",
                field=str(self.path),
                owner=owner,
                remedy="use that key; or, where {key} takes its place, put"
                ' replaces = ["{owner}"] into collector.toml; else name another spool',
                key=collector,
                code="collector.spool.owner",
            )

    def _about(self, key: str, default: str) -> str:
        row = self.connection.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return default if row is None else str(row[0])

    def _set_about(self, key: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))


def _lock(path: Path) -> IO[bytes]:
    """Hold the file's lock until it is closed or the process ends.

    Raises:
        SpoolError: Another process holds it.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise SpoolError(
            "{field}: another collector uses this spool",
            field=str(path),
            remedy="stop the other one; two collectors on one spool would fork the device chains",
            code="collector.spool.in_use",
        ) from error
    return file
