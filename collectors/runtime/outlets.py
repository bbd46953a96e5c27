"""What serves a destination, by its rule."""

import asyncio
from collections.abc import Callable

import httpx

from collectors.runtime.assembly import Parts
from collectors.runtime.destination import Destination, DestinationConfig
from collectors.runtime.file_outlet import FileOutlet
from collectors.runtime.outlet import Outlet
from collectors.runtime.report_gate import GatedUploader, ReportGate
from collectors.runtime.report_rule import ReportMode
from collectors.runtime.upload import Uploader
from trace_node.metering.records.context import SeenHead


def outlet_of(
    config: DestinationConfig,
    parts: Parts,
    client: httpx.AsyncClient,
    *,
    on_head: Callable[[SeenHead], None],
) -> Outlet:
    """The outlet of a destination.

    Args:
        config: The destination.
        parts: The collector.
        client: Sends requests.
        on_head: Told the newest anchored head of its log.
    """
    if config.report.mode is ReportMode.FILE:
        return FileOutlet(
            config,
            spool=parts.spool,
            thread=parts.thread,
            signer=parts.signer,
            clock=parts.clock,
        )
    uploader = Uploader(
        Destination(config, client),
        spool=parts.spool,
        thread=parts.thread,
        signer=parts.signer,
        clock=parts.clock,
        link=parts.links.of(f"uplink:{config.name}"),
        on_head=on_head,
    )
    if config.report.mode is ReportMode.ALWAYS:
        return uploader
    gate = ReportGate(config, spool=parts.spool, clock=parts.clock)
    return GatedUploader(uploader, gate, thread=parts.thread, sleep=asyncio.sleep)
