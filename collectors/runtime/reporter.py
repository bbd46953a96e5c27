"""Write down how the collector is: link figures into the spool, the status into its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.runtime.chain_builder import Identity
from collectors.runtime.clock_state import ClockState
from collectors.runtime.drafts import to_ms
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.outlet import Outlet
from collectors.runtime.recorder import Bounds, Recorder
from collectors.runtime.spool import Spool
from collectors.runtime.spool_notes import SpoolNotes
from collectors.runtime.status import (
    CollectorStatus,
    DestinationStatus,
    SpoolStatus,
    write_status,
)
from trace_node.clock import Clock

SHOWN_OUTAGES: Final = 100
SHOWN_REFUSALS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Looks at the parts of a collector.

    Attributes:
        path: The status file.
        identity: Who collects.
        boot: Present boot.
        spool: The spool.
        bounds: Its bounds.
        recorder: The recorder.
        devices: The devices.
        links: Every link.
        clock: Tells the time.
        clock_state: State of that clock.
    """

    path: Path
    identity: Identity
    boot: bytes
    spool: Spool
    bounds: Bounds
    recorder: Recorder
    devices: Sequence[PolledDevice]
    links: Mapping[str, LinkMeter]
    clock: Clock
    clock_state: ClockState

    def write(self, uploaders: Sequence[Outlet], *, running: bool) -> None:
        """Save link figures and replace the status file; called in the spool's thread.

        Raises:
            sqlite3.Error: The spool cannot be written.
            OSError: The status file cannot be written.
        """
        notes = SpoolNotes(self.spool)
        notes.save_links(
            {name: link.totals() for name, link in self.links.items()},
            [outage for link in self.links.values() for outage in link.take_outages()],
        )
        write_status(self.path, self._status(notes, uploaders, running=running))

    def _status(
        self, notes: SpoolNotes, uploaders: Sequence[Outlet], *, running: bool
    ) -> CollectorStatus:
        now = self.clock.now()
        return CollectorStatus(
            at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            collector=self.identity.collector,
            organisation=self.identity.organisation,
            boot=self.boot.hex(),
            software=self.identity.software,
            running=running,
            clock=self.clock_state(),
            devices=len(self.devices),
            degraded=[item.config.name for item in self.devices if item.health.degraded],
            spool=SpoolStatus(
                level=self.recorder.level.name.lower(),
                used_bytes=self.spool.used_bytes(),
                most_bytes=self.bounds.most_bytes,
                free_disk_bytes=self.spool.free_disk_bytes(),
                fault=self.recorder.fault,
            ),
            destinations=destinations(uploaders),
            links=[link.report(now_ms=to_ms(now)) for link in self.links.values()],
            outages=notes.outages(most=SHOWN_OUTAGES),
            alarms=notes.alarms(),
        )


def destinations(uploaders: Sequence[Outlet]) -> list[DestinationStatus]:
    """How far each destination is; called in the spool's thread."""
    return [
        DestinationStatus(
            name=uploader.config.name,
            url=uploader.config.url,
            log=uploader.config.log,
            records=uploader.outbox.counts(),
            standstill=uploader.standstill.detail if uploader.standstill else "",
            refusals=uploader.outbox.refusals()[:SHOWN_REFUSALS],
            waiting=uploader.waiting,
        )
        for uploader in uploaders
    ]
