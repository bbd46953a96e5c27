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
_OPEN: Final = (DeliveryState.PENDING.value, DeliveryState.ACKNOWLEDGED.value)
_PRUNABLE: Final = """
SELECT id FROM records AS r WHERE id < ? AND NOT EXISTS (
    SELECT 1 FROM deliveries AS d WHERE d.state = ? AND r.id BETWEEN d.first AND d.last
    AND (d.device IS NULL OR d.device = r.device)
) ORDER BY id LIMIT ?"""


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
        with self.spool.transaction() as connection:
            return connection.execute(
                "UPDATE deliveries SET state = ? WHERE destination = ? AND state = ?"
                " AND next_index <= ?",
                (
                    DeliveryState.FINAL.value,
                    self._name,
                    DeliveryState.ACKNOWLEDGED.value,
                    size,
                ),
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
    """Remove up to 20,000 records that are final at every destination; give their number.

    Raw exchanges are written to ``raw_folder`` first, one file a day, one JSON object a line; a
    crash in between writes some twice, which their digests show.

    Args:
        spool: The spool.
        raw_folder: Folder of the raw files.

    Raises:
        OSError: The raw files cannot be written; nothing was removed.
    """
    connection = spool.connection
    count, last = connection.execute(
        f"SELECT count(*), max(id) FROM ({_PRUNABLE})",  # noqa: S608 - a constant
        (_boundary(spool), DeliveryState.REFUSED.value, PRUNED_AT_ONCE),
    ).fetchone()
    if not count:
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
        connection.execute(
            f"DELETE FROM records WHERE id IN ({_PRUNABLE})",  # noqa: S608 - a constant
            (last + 1, DeliveryState.REFUSED.value, PRUNED_AT_ONCE),
        )
        connection.execute(
            "DELETE FROM deliveries WHERE last <= ? AND state IN (?, ?)",
            (last, DeliveryState.FINAL.value, DeliveryState.SPLIT.value),
        )
        connection.execute(
            "DELETE FROM contexts WHERE id < (SELECT max(id) FROM contexts)"
            " AND id NOT IN (SELECT DISTINCT context FROM records)"
        )
    return int(count)


def forget(spool: Spool, names: Collection[str]) -> None:
    """Stop keeping records for former destinations, as their operator decided."""
    with spool.transaction() as connection:
        for name in names:
            connection.execute("DELETE FROM deliveries WHERE destination = ?", (name,))
            connection.execute("DELETE FROM destinations WHERE name = ?", (name,))


def former(spool: Spool, names: Collection[str]) -> list[str]:
    """Destinations for which records are kept although they are not among ``names`` any more."""
    known = [row[0] for row in spool.connection.execute("SELECT name FROM destinations")]
    return sorted(set(known) - set(names))


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
