"""How long the spool keeps what it has: until every destination has it for good.

"For good" is what the destination reports as final: leaves below a size of its log whose anchor
cannot change any more. Raw exchanges then move into a file for each day and stay.
"""

import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from collectors.runtime.drafts import from_ms
from collectors.runtime.spool import Spool
from collectors.runtime.stored_delivery import DeliveryState
from trace_node.ids import to_base64url
from trace_node.tlog.anchor import AnchoredHead

PRUNED_AT_ONCE: Final = 20_000
_PRUNED: Final = "pruned"  # note of the last record that ``prune`` looked at
_OPEN: Final = (DeliveryState.PENDING.value, DeliveryState.ACKNOWLEDGED.value)
_BELOW: Final = "destination = ? AND state = ? AND next_index <= ?"
# Records of a window of ids, but for those that a destination refuses.
_PRUNE: Final = """
WITH kept AS MATERIALIZED (
    SELECT first, last, device FROM deliveries WHERE state = :refused AND last > :after
    AND first <= :last
)
DELETE FROM records WHERE id > :after AND id <= :last AND NOT EXISTS (
    SELECT 1 FROM kept WHERE records.id BETWEEN kept.first AND kept.last
    AND (kept.device IS NULL OR kept.device = records.device)
)"""


class Finality:
    """What one destination has for good, and the newest anchored head it showed.

    Args:
        spool: The spool.
        destination: Name of the destination.
    """

    def __init__(self, spool: Spool, *, destination: str) -> None:
        self.spool = spool
        self._name = destination

    def finalise(self, *, size: int) -> int:
        """Mark what lies below a final size of the log; give the number of deliveries."""
        which = (self._name, DeliveryState.ACKNOWLEDGED.value, size)
        with self.spool.transaction() as connection:
            first = connection.execute(
                f"SELECT min(first) FROM deliveries WHERE {_BELOW}",  # noqa: S608 - a constant
                which,
            ).fetchone()[0]
            if first is not None:
                _look_again(self.spool, first - 1)
            return connection.execute(
                f"UPDATE deliveries SET state = ? WHERE {_BELOW}",  # noqa: S608 - a constant
                (DeliveryState.FINAL.value, *which),
            ).rowcount

    def reclaim(self, *, size: int) -> int:
        """Make pending again what a log of this size no longer holds; give the number.

        A destination that was restored from a backup gets back what it had acknowledged.
        """
        with self.spool.transaction() as connection:
            return connection.execute(
                "UPDATE deliveries SET state = ?, next_index = NULL, not_before_ms = 0"
                " WHERE destination = ? AND state IN (?, ?) AND next_index > ?",
                (
                    DeliveryState.PENDING.value,
                    self._name,
                    DeliveryState.ACKNOWLEDGED.value,
                    DeliveryState.FINAL.value,
                    size,
                ),
            ).rowcount

    def seen_head(self) -> AnchoredHead | None:
        """The newest anchored head of the destination's log that was seen."""
        size, root = self.spool.connection.execute(
            "SELECT head_size, head_root FROM destinations WHERE name = ?", (self._name,)
        ).fetchone()
        return None if size is None else AnchoredHead(size=size, root=root)

    def keep_head(self, head: AnchoredHead) -> None:
        """Note the newest anchored head."""
        with self.spool.transaction() as connection:
            connection.execute(
                "UPDATE destinations SET head_size = ?, head_root = ? WHERE name = ?",
                (head.size, head.root, self._name),
            )


def prune(spool: Spool, *, raw_folder: Path) -> int:
    """Remove records that are final at every destination; give their number.

    Looks at 20,000 records behind the place where the last call ended; what still lies before that
    place is refused by a destination. Raw exchanges are written to ``raw_folder`` first, one file a
    day, one JSON object a line; a crash in between writes some twice, which their digests show.

    Args:
        spool: The spool.
        raw_folder: Folder of the raw files.

    Raises:
        OSError: The raw files cannot be written; nothing was removed.
    """
    connection, after = spool.connection, int(spool.noted(_PRUNED) or 0)
    last = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM records WHERE id > ? AND id < ? ORDER BY id LIMIT ?)",
        (after, _boundary(spool), PRUNED_AT_ONCE),
    ).fetchone()[0]
    if last is None:
        return 0
    _archive(
        connection.execute(
            "SELECT at_ms, digest, nonce, sent, received FROM exchanges WHERE record <= ?"
            " ORDER BY at_ms",
            (last,),
        ),
        raw_folder,
    )
    with spool.transaction():
        connection.execute("DELETE FROM exchanges WHERE record <= ?", (last,))
        refused = DeliveryState.REFUSED.value
        window = {"after": after, "last": last, "refused": refused}
        connection.execute(_PRUNE, window)
        count = connection.execute("SELECT changes()").fetchone()[0]
        connection.execute(
            "DELETE FROM deliveries WHERE last <= ? AND state IN (?, ?)",
            (last, DeliveryState.FINAL.value, DeliveryState.SPLIT.value),
        )
        connection.execute(
            "DELETE FROM contexts WHERE id < coalesce((SELECT context FROM records ORDER BY id"
            " LIMIT 1), (SELECT max(id) FROM contexts))"
        )
        spool.set_note(_PRUNED, str(last))
    return int(count)


def forget(spool: Spool, names: Collection[str]) -> None:
    """Stop keeping records for former destinations, as their operator decided."""
    with spool.transaction() as connection:
        for name in names:
            connection.execute("DELETE FROM deliveries WHERE destination = ?", (name,))
            connection.execute("DELETE FROM destinations WHERE name = ?", (name,))
        if names:
            _look_again(spool, 0)


def former(spool: Spool, names: Collection[str]) -> list[str]:
    """Destinations for which records are kept although they are not among ``names`` any more."""
    known = [row[0] for row in spool.connection.execute("SELECT name FROM destinations")]
    return sorted(set(known) - set(names))


def _look_again(spool: Spool, after: int) -> None:
    """Let ``prune`` look again at what lies behind a record; within a transaction."""
    if after < int(spool.noted(_PRUNED) or 0):
        spool.set_note(_PRUNED, str(after))


def _boundary(spool: Spool) -> int:
    """The first record that some destination does not have for good."""
    rows = spool.connection.execute(
        "SELECT coalesce((SELECT min(first) FROM deliveries AS d WHERE d.destination = t.name"
        " AND d.state IN (?, ?)), t.packed + 1) FROM destinations AS t",
        _OPEN,
    )
    return min((row[0] for row in rows), default=0)


def _archive(rows: Iterable[tuple[int, bytes, bytes, bytes, bytes]], folder: Path) -> None:
    """Append raw exchanges to the files of their days, on the disk before this returns."""
    days: dict[str, list[str]] = {}
    for at_ms, digest, nonce, sent, received in rows:
        at = from_ms(at_ms)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "digest": to_base64url(digest),
            "nonce": to_base64url(nonce),
            "received": received.hex(),
            "sent": sent.hex(),
        }
        days.setdefault(f"{at:%Y-%m-%d}", []).append(json.dumps(line) + "\n")
    if days:
        folder.mkdir(parents=True, exist_ok=True)
    for day, lines in days.items():
        with (folder / f"{day}.jsonl").open("a", encoding="ascii") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
