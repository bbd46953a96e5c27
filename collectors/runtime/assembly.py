"""Put the parts of a collector together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from collectors.runtime.chain_builder import ChainBuilder, Identity
from collectors.runtime.clock_state import ClockState
from collectors.runtime.config import LineConfig, PointList
from collectors.runtime.drafts import Draft, whole_ms
from collectors.runtime.line import PolledDevice
from collectors.runtime.link_quality import LinkMeter, LinkTotals
from collectors.runtime.recorder import Level, Recorder, SpoolThread
from collectors.runtime.reporter import Reporter
from collectors.runtime.settings import CollectorSettings
from collectors.runtime.spool import ChainHead, Spool
from collectors.runtime.spool_notes import SpoolNotes
from collectors.source import ReadingSource
from collectors.table import Factory
from trace_node import __version__
from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.ids import DeviceId

SOFTWARE: Final = f"trace-node {__version__}"


@dataclass(slots=True)
class Links:
    """The meters of every link, made when they are first asked for.

    Args:
        totals: Figures of earlier runs.
    """

    totals: dict[str, LinkTotals]
    meters: dict[str, LinkMeter] = field(default_factory=dict)

    def of(self, name: str) -> LinkMeter:
        """The meter of the link ``name``."""
        return self.meters.setdefault(name, LinkMeter(name, self.totals.get(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledLine:
    """A line, its connection and its devices."""

    config: LineConfig
    source: ReadingSource
    devices: Sequence[PolledDevice]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one collector; ``Assembly.parts`` makes them.

    Attributes:
        settings: Settings of the collector.
        points: Its point list.
        signer: Its key.
        clock: Tells the time.
        spool: The spool.
        thread: The spool's thread.
        heads: Ends of the device chains when the collector began.
        links: Every link.
        lines: Every line.
        builder: Builds records.
        recorder: Brings them to the disk.
        reporter: Writes the status.
    """

    settings: CollectorSettings
    points: PointList
    signer: Signer
    clock: Clock
    spool: Spool
    thread: SpoolThread
    heads: dict[DeviceId, ChainHead]
    links: Links
    lines: Sequence[PolledLine]
    builder: ChainBuilder
    recorder: Recorder
    reporter: Reporter

    @property
    def devices(self) -> list[PolledDevice]:
        """The devices of every line."""
        return [device for line in self.lines for device in line.devices]


def events(devices: Sequence[PolledDevice], event: str, detail: JsonObject) -> list[Draft]:
    """The same event in the chain of each of ``devices``."""
    return [device.event(event, detail) for device in devices]


def assemble(
    settings: CollectorSettings,
    points: PointList,
    signer: Signer,
    *,
    clock: Clock,
    factory: Factory,
) -> Parts:
    """Open the spool and put the parts of a collector together.

    Raises:
        SpoolError: The spool is in use, damaged or of another key.
    """
    spool = Spool(settings.spool, collector=signer.public.key_id, replaces=settings.replaces)
    thread, clock_state = SpoolThread(), ClockState(clock)
    links = Links(SpoolNotes(spool).link_totals())
    lines = [
        _line(line, factory=factory, links=links, clock=clock, clock_state=clock_state)
        for line in points.lines
    ]
    devices = [device for line in lines for device in line.devices]
    heads, identity = spool.heads(), _identity(points, signer)
    begun, now = spool.last_batch(), whole_ms(clock.now())
    builder = ChainBuilder(identity, heads=heads, last_batch=begun, now=now, head=None)
    recorder = Recorder(
        spool,
        thread=thread,
        builder=builder,
        bounds=settings.bounds,
        clock=clock,
        delay=settings.commit_delay_ms / 1000,
        on_level=lambda before, after: _level_events(devices, before, after),
    )
    reporter = Reporter(
        path=settings.status,
        identity=identity,
        boot=builder.boot,
        spool=spool,
        bounds=settings.bounds,
        recorder=recorder,
        devices=devices,
        links=links.meters,
        clock=clock,
        clock_state=clock_state,
    )
    return Parts(
        *(settings, points, signer, clock, spool, thread),
        *(heads, links, lines, builder, recorder, reporter),
    )


def _identity(points: PointList, signer: Signer) -> Identity:
    return Identity(
        organisation=points.organisation,
        collector=signer.public.key_id,
        config=points.digest,
        software=SOFTWARE,
    )


def _line(
    line: LineConfig, *, factory: Factory, links: Links, clock: Clock, clock_state: ClockState
) -> PolledLine:
    source = factory(line.link, clock)
    shared = links.of(f"line:{line.name}")
    return PolledLine(
        config=line,
        source=source,
        devices=[
            PolledDevice(
                device,
                source=source,
                links=(shared, links.of(f"device:{device.name}")),
                clock=clock,
                clock_state=clock_state,
            )
            for device in line.devices
        ],
    )


def _level_events(devices: Sequence[PolledDevice], before: Level, after: Level) -> list[Draft]:
    """A spool that runs full, and one that has room again, stand in the chain of every device."""
    if Level.FULL not in {before, after}:
        return []
    event = "spool_full" if after is Level.FULL else "spool_room"
    return events(devices, event, {"level": after.name.lower()})
