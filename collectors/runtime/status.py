"""The collector's status as a file that others can read while it runs, and after it stopped.

``trace-node status``, the node's page and its metrics show what is in it. The file is replaced as a
whole, so a reader never sees half of one.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from collectors.errors import FileError
from collectors.runtime.link_quality import LinkReport, Outage
from collectors.runtime.spool_notes import Alarm
from collectors.runtime.stored_delivery import OutboxCounts, Refusal

FORMAT: Final = "collector-status@1"
MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolStatus:
    """How the spool is.

    Attributes:
        level: ``open``, ``high`` or ``full``.
        used_bytes: Bytes in use.
        most_bytes: Their bound.
        free_disk_bytes: Bytes left on its disk.
        fault: What the disk said at the last failed write; empty if the last one went well.
    """

    level: str
    used_bytes: int
    most_bytes: int
    free_disk_bytes: int
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationStatus:
    """How far a destination is.

    Attributes:
        name: Its name.
        url: Its address.
        log: Name of its log.
        records: Records on their way to it.
        standstill: Why it takes nothing at present; empty while it does.
        refusals: What it refuses, by device and answer.
        waiting: For what its records wait by its rule, such as ``by hand``; empty where they are
            delivered at once, and while they are reported.
    """

    name: str
    url: str
    log: str
    records: OutboxCounts
    standstill: str
    refusals: Sequence[Refusal]
    waiting: str = ""

    @property
    def undelivered(self) -> int:
        """Records it does not have."""
        return self.records.unpacked + self.records.pending + self.records.refused

    @property
    def trouble(self) -> str:
        """What stands in the way of those, in one line; empty if nothing does."""
        refused = [f"{item.device}: {item.records} ({item.answer})" for item in self.refusals]
        return "; ".join([*filter(None, [self.standstill]), *refused])


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorStatus:
    """What a collector says of itself.

    Attributes:
        at: When, RFC 3339 in UTC.
        collector: Its key id.
        organisation: Organisation of its meters.
        boot: Its present boot, hexadecimal.
        software: Its software.
        running: Whether it runs; False in the last status of a stopped one.
        clock: State of its clock.
        devices: Number of devices polled.
        degraded: Devices that do not answer and are only probed.
        spool: How the spool is.
        destinations: How far the destinations are.
        links: Quality of every link: lines, devices, uplinks.
        outages: The last outages that ended, newest first.
        alarms: What an operator has to look at.
    """

    at: str
    collector: str
    organisation: str
    boot: str
    software: str
    running: bool
    clock: str
    devices: int
    degraded: Sequence[str]
    spool: SpoolStatus
    destinations: Sequence[DestinationStatus]
    links: Sequence[LinkReport]
    outages: Sequence[Outage]
    alarms: Sequence[Alarm]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatusFile:
    """The file: the format's name and the status."""

    format: Literal["collector-status@1"]
    status: CollectorStatus


def write_status(path: Path, status: CollectorStatus) -> None:
    """Replace the status file.

    Raises:
        OSError: It cannot be written.
    """
    text = json.dumps({"format": FORMAT, "status": asdict(status)}, indent=1, ensure_ascii=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(text + "\n", encoding="ascii")
    os.replace(draft, path)  # noqa: PTH105 - the atomic one


def read_status(path: Path) -> CollectorStatus:
    """Read the status file of a collector.

    Raises:
        FileError: It is not there, too large, or not a status of this version.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only readers need it

    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
        return TypeAdapter(_StatusFile).validate_json(raw).status
    except (OSError, ValidationError) as error:
        detail = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            detail = f"{'.'.join(map(str, first['loc']))} {first['msg']}".strip()
        raise FileError(
            "{field}: no status of a collector of this version: {detail}",
            field=str(path),
            detail=detail,
            remedy="start the collector, or name its status file",
            code="collector.status",
        ) from error
