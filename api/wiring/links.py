"""The collectors on this machine, from the files they write: their links and how they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from api.services import LinkState
from collectors.errors import FileError
from collectors.runtime.link_quality import LinkReport
from collectors.runtime.status import CollectorStatus, read_status
from trace_node.canonical_json import JsonObject
from trace_node.period import from_ms


def read_links(files: Sequence[Path]) -> list[LinkState]:
    """The state of every link that a collector reports; a file that is not there yet is skipped.

    Raises:
        FileError: A file is damaged.
    """
    return [
        _state(report, collector=status.collector)
        for status in _statuses(files)
        for report in status.links
    ]


def read_collectors(files: Sequence[Path]) -> list[JsonObject]:
    """How every collector is, and what an operator has to look at; as ``read_links``.

    Raises:
        FileError: A file is damaged.
    """
    return [_collector(status) for status in _statuses(files)]


def _statuses(files: Sequence[Path]) -> Iterator[CollectorStatus]:
    return (read_status(path) for path in files if path.is_file())


def _collector(status: CollectorStatus) -> JsonObject:
    """What is left out is in the file itself."""
    return {
        "collector": status.collector,
        "at": status.at,
        "running": status.running,
        "clock": status.clock,
        "devices": status.devices,
        "degraded": [*status.degraded],
        "spool": status.spool.level,
        "spool_bytes": status.spool.used_bytes,
        "spool_fault": status.spool.fault,
        "destinations": [
            {
                "name": each.name,
                "undelivered": each.undelivered,
                "waiting": each.waiting,
                "refused": each.records.refused,
                "not_final": each.records.acknowledged,
                "trouble": each.trouble,
            }
            for each in status.destinations
        ],
        "alarms": [
            {
                "code": alarm.code,
                "about": alarm.subject,
                "since": from_ms(alarm.raised_ms).isoformat(),
                "times": alarm.times,
                "detail": alarm.detail,
            }
            for alarm in status.alarms
        ],
    }


def _state(report: LinkReport, *, collector: str) -> LinkState:
    down = report.down_since_ms
    return LinkState(
        collector=collector,
        name=report.link,
        round_trip_us=report.mean_us,
        sent=report.requests,
        lost=report.requests - report.answers,
        outages=report.outages,
        down_since=None if down is None else from_ms(down).isoformat(),
    )


__all__ = ["FileError", "read_collectors", "read_links"]
