"""Quality of the links of the collectors on this machine, from the files they write."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from api.services import LinkState
from collectors.errors import FileError
from collectors.runtime.link_quality import LinkReport
from collectors.runtime.status import read_status
from trace_node.period import from_ms


def read_links(files: Sequence[Path]) -> list[LinkState]:
    """The state of every link that a collector reports; a file that is not there yet is skipped.

    Raises:
        FileError: A file is damaged.
    """
    return [state for path in files if path.is_file() for state in _of(path)]


def _of(path: Path) -> Iterator[LinkState]:
    for report in read_status(path).links:
        yield _state(report)


def _state(report: LinkReport) -> LinkState:
    down = report.down_since_ms
    return LinkState(
        name=report.link,
        round_trip_ms=None if report.mean_us is None else report.mean_us // 1000,
        sent=report.requests,
        lost=report.requests - report.answers,
        outages=report.outages,
        down_since=None if down is None else from_ms(down).isoformat(),
    )


__all__ = ["FileError", "read_links"]
