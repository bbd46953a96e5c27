"""The collector's own file, ``collector.toml``: where its key, spool, points and nodes are."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.errors import FileError
from collectors.runtime.destination import DestinationConfig
from collectors.runtime.recorder import Bounds
from collectors.runtime.report_rule import ReportMode, ReportRule, read_rule
from collectors.runtime.toml_file import parse_toml, read_bounded
from collectors.runtime.toml_table import Table
from collectors.runtime.urls import split_url
from trace_node.ids import Origin
from trace_node.metering.records.delivery import MAX_COUNT

FORMAT: Final = "collector@1"
CODE: Final = "collector.settings"
PASSPHRASE: Final = "TN_COLLECTOR_PASSPHRASE"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """Settings of a collector.

    Attributes:
        points: Point list.
        key: File of its SM2 key.
        passphrase_file: File with the passphrase; None to take it from the environment.
        spool: Spool file.
        raw_folder: Folder of raw exchanges.
        status: File it writes its status to.
        heartbeat_ms: Longest silence of a device's chain while the collector runs.
        commit_delay_ms: How long drafts wait for company before they are written.
        bounds: How much the spool may take.
        destinations: Where records go.
        forget: Former destinations whose records need not be kept any more.
        replaces: Ids of former keys of this collector, whose spool its key takes over.
    """

    points: Path
    key: Path
    passphrase_file: Path | None
    spool: Path
    raw_folder: Path
    status: Path
    heartbeat_ms: int
    commit_delay_ms: int
    bounds: Bounds
    destinations: tuple[DestinationConfig, ...]
    forget: frozenset[str]
    replaces: frozenset[str] = frozenset()


def load_settings(path: Path) -> CollectorSettings:
    """Read ``collector.toml``, or the file of that name in the folder ``path``.

    Relative paths in it are relative to its folder.

    Raises:
        FileError: Unreadable, not TOML, or a key is missing, wrong or unknown.
    """
    file = path / "collector.toml" if path.is_dir() else path
    raw = read_bounded(file, error=FileError, code=CODE)
    table = parse_toml(raw, name=file.name, error=FileError, code=CODE)
    if table.text("format") != FORMAT:
        raise table.refuse(
            "format", "must be {format}", rule="format", remedy="correct it", format=FORMAT
        )

    def place(key: str, default: str | None) -> Path:
        return file.parent / table.text(key, default=default, most=4_096)

    settings = CollectorSettings(
        points=place("points", "points.toml"),
        key=place("key", "collector.key"),
        passphrase_file=place("passphrase_file", None) if table.has("passphrase_file") else None,
        spool=place("spool", "spool.db"),
        raw_folder=place("raw", "raw"),
        status=place("status", "status.json"),
        heartbeat_ms=table.duration_ms("heartbeat", default="5m", least=1_000, most=300_000),
        commit_delay_ms=table.duration_ms("commit_delay", default="50ms", most=1_000),
        bounds=_read_bounds(table),
        destinations=tuple(_read_destination(item) for item in table.tables("destination")),
        forget=table.texts("forget"),
        replaces=table.texts("replaces"),
    )
    table.asked.add("passphrase_file")
    table.close()
    _require_destinations(table, settings)
    return settings


def passphrase_of(settings: CollectorSettings) -> str:
    """The passphrase of the key file, from its own file or from ``TN_COLLECTOR_PASSPHRASE``.

    Raises:
        FileError: The file cannot be read, or the variable is not set.
    """
    if settings.passphrase_file is not None:
        raw = read_bounded(settings.passphrase_file, error=FileError, code=CODE)
        return raw.decode("utf-8", errors="replace").strip()
    found = os.environ.get(PASSPHRASE, "")
    if not found:
        raise FileError(
            "{field}: the passphrase of the key file is not given",
            field=PASSPHRASE,
            remedy="set the variable, or name a passphrase_file in collector.toml",
            code=f"{CODE}.passphrase",
        )
    return found


def _read_bounds(top: Table) -> Bounds:
    table = top.table("bounds")
    if table is None:
        return Bounds(most_bytes=2 * 1024**3, high_percent=80, least_free=256 * 1024**2)
    bounds = Bounds(
        most_bytes=table.size("size", default="2 GiB"),
        high_percent=table.integer("high_percent", least=10, most=99, default=80),
        least_free=table.size("least_free", default="256 MiB"),
    )
    table.close()
    return bounds


def _read_destination(table: Table) -> DestinationConfig:
    rule = read_rule(table)
    destination = DestinationConfig(
        name=table.name("name"),
        url=_read_url(table, rule),
        log=table.name("log"),
        origin=Origin(table.text("origin")),
        most_count=table.integer("batch", least=1, most=MAX_COUNT, default=1_000),
        linger_ms=table.duration_ms("linger", default="1s", most=600_000),
        timeout_ms=table.duration_ms("timeout", default="30s", least=100, most=600_000),
        state_ms=table.duration_ms("state_interval", default="30s", least=100, most=86_400_000),
        report=rule,
    )
    table.close()
    return destination


def _read_url(table: Table, rule: ReportRule) -> str:
    """The address; none where files are carried."""
    if rule.mode is ReportMode.FILE:
        if table.has("url"):
            raise table.refuse(
                "url",
                'must be left out where report is "file"',
                rule="value",
                remedy="leave it out, or report over the network",
            )
        return ""
    url = table.text("url", most=2_000)
    parts = split_url(url)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc  # a password would stand in status files and logs
        or parts.query
        or parts.fragment
    ):
        raise table.refuse(
            "url",
            "must be http://host:port or https://host:port",
            rule="value",
            remedy='write for example "https://node.example:8000"',
        )
    return url


def _require_destinations(table: Table, settings: CollectorSettings) -> None:
    names = [destination.name for destination in settings.destinations]
    if not names or len(set(names)) < len(names) or settings.forget & set(names):
        raise table.refuse(
            "destination",
            "there must be at least one, each with a name of its own that is not to be forgotten",
            rule="destination",
            remedy="add [[destination]] with name, url, log and origin",
        )
