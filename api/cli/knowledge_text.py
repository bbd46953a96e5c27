"""The time-of-knowledge table for people: what stands out first, then the rest."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from api.i18n import of_environment, translations
from trace_node.services.knowledge import KnowledgeRow, KnowledgeTable

if TYPE_CHECKING:
    from trace_node.services.verify import Report

MOST_ROWS = 200
LEAST_WIDTH = 140
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def print_knowledge(table: KnowledgeTable, report: "Report") -> None:
    """Print the table on standard output in the language of the environment."""
    say = translations(of_environment()).gettext
    console = Console(highlight=False)
    console.width = max(console.width, LEAST_WIDTH)  # a cut-off time would mislead
    rows = sorted(table.rows, key=lambda row: (not row.is_contradicted, not row.is_late, row.index))
    shown = Table(box=None, pad_edge=False)
    titles = (
        *(say("leaf"), say("device"), say("observed at"), say("collected"), say("received")),
        *(say("witnessed"), say("anchored"), say("block time")),
    )
    for title in titles:
        shown.add_column(title, no_wrap=True)
    for row in rows[:MOST_ROWS]:
        shown.add_row(*_cells(row), style=_style(row))
    console.print(shown)
    if len(rows) > MOST_ROWS:
        console.print(say("{count} more rows: use -o json").format(count=len(rows) - MOST_ROWS))
    console.print(
        say("{late} of {count} were anchored later than {hours} h after their time").format(
            late=len(table.late),
            count=len(table.rows),
            hours=table.late_after // timedelta(hours=1),
        )
    )
    if table.contradicted:
        console.print(
            say(
                "{count} were dated by their collector before an anchor that it had seen, or after"
                " the block that holds them"
            ).format(count=len(table.contradicted)),
            style="bold red",
        )
    verdict = report.verdict
    console.print(
        say("signed: {signed}, anchored: {anchored}").format(
            signed=verdict.signed.value, anchored=verdict.anchored.value
        )
    )


def _style(row: KnowledgeRow) -> str:
    if row.is_contradicted:
        return "bold red"
    return "yellow" if row.is_late else ""


def _cells(row: KnowledgeRow) -> list[str]:
    block = "-" if row.block_time is None else _stamp(row.block_time)
    return [
        str(row.index),
        f"{row.device} {row.meter_register or ''}".strip(),
        _stamp(row.observed_at),
        _lag(row.lag_s(row.collected_at)),
        _lag(row.lag_s(row.received_at)),
        _lag(row.lag_s(row.witnessed_at)),
        _lag(row.lag_s(row.block_time)) + ("" if row.live or row.block_time is None else " ?"),
        block,
    ]


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _lag(seconds: int | None) -> str:
    """A lag in its two largest units."""
    if seconds is None:
        return "-"
    sign, rest = ("-" if seconds < 0 else "+"), abs(seconds)
    days, rest = divmod(rest, _DAY_S)
    hours, rest = divmod(rest, _HOUR_S)
    minutes, rest = divmod(rest, _MINUTE_S)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return sign + " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2])
