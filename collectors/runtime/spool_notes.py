"""What the spool keeps besides records: alarms, and the figures of links over restarts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from collectors.runtime.link_quality import LinkTotals, Outage
from collectors.runtime.spool import Spool

KEPT_OUTAGES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something an operator has to look at.

    Attributes:
        code: What it is.
        subject: What it is about: a destination, a device or the spool.
        raised_ms: When it was first raised, milliseconds since the epoch.
        last_ms: When it was last raised.
        times: How often.
        detail: In words.
    """

    code: str
    subject: str
    raised_ms: int
    last_ms: int
    times: int
    detail: str


class SpoolNotes:
    """Alarms and link figures in the spool's file.

    Args:
        spool: The spool.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def raise_alarm(self, code: str, subject: str, *, detail: str, now_ms: int) -> None:
        """Note that something needs an operator; repeated alarms are counted."""
        with self._spool.transaction() as connection:
            connection.execute(
                "INSERT INTO alarms VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (code, subject) DO UPDATE"
                " SET last_ms = excluded.last_ms, times = times + 1, detail = excluded.detail",
                (code, subject, now_ms, now_ms, detail[:500]),
            )

    def clear_alarm(self, code: str, subject: str) -> None:
        """Note that an alarm is over."""
        with self._spool.transaction() as connection:
            connection.execute("DELETE FROM alarms WHERE code = ? AND subject = ?", (code, subject))

    def alarms(self) -> list[Alarm]:
        """The alarms that stand."""
        rows = self._spool.connection.execute(
            "SELECT code, subject, raised_ms, last_ms, times, detail FROM alarms ORDER BY raised_ms"
        )
        names = ("code", "subject", "raised_ms", "last_ms", "times", "detail")
        return [Alarm(**dict(zip(names, row, strict=True))) for row in rows]

    def link_totals(self) -> dict[str, LinkTotals]:
        """The figures of links from earlier runs."""
        rows = self._spool.connection.execute("SELECT name, totals FROM links")
        return {name: LinkTotals(**json.loads(totals)) for name, totals in rows}

    def save_links(self, totals: Mapping[str, LinkTotals], outages: Iterable[Outage]) -> None:
        """Keep the figures of links, and the outages that ended; the last 10,000 are kept."""
        with self._spool.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO links VALUES (?, ?)",
                [(name, json.dumps(asdict(item))) for name, item in totals.items()],
            )
            connection.executemany(
                "INSERT INTO outages (link, began_ms, ended_ms, reason) VALUES (?, ?, ?, ?)",
                [(item.link, item.began_ms, item.ended_ms, item.reason) for item in outages],
            )
            connection.execute(
                "DELETE FROM outages WHERE id <= (SELECT max(id) FROM outages) - ?", (KEPT_OUTAGES,)
            )

    def outages(self, *, most: int) -> list[Outage]:
        """The last outages that ended, newest first."""
        rows = self._spool.connection.execute(
            "SELECT link, began_ms, ended_ms, reason FROM outages ORDER BY id DESC LIMIT ?", (most,)
        )
        return [
            Outage(link=link, began_ms=began_ms, ended_ms=ended_ms, reason=reason)
            for link, began_ms, ended_ms, reason in rows
        ]
