"""What a collector does to its disk, small enough to inject a fault at each of its system calls."""

import asyncio
import contextlib
import itertools
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import httpx
from support.audit import sm3
from support.builders import key
from support.fake_node import FakeNode
from support.spool_parts import ORIGIN, builder, open_spool, reading

from collectors.runtime import recorder
from collectors.runtime.destination import Destination, DestinationConfig
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.recorder import Bounds, Recorder, SpoolThread
from collectors.runtime.spool import Spool
from collectors.runtime.spool_schema import disk_errors
from collectors.runtime.upload import Uploader
from trace_node.clock import SystemClock
from trace_node.ids import from_base64url, to_base64url

Say = Callable[..., None]
PUTS = 4
PAUSE_S = 0.01
ROOMY = Bounds(most_bytes=1 << 30, high_percent=80, least_free=0)
DESTINATION = DestinationConfig(
    name="node",
    url="http://127.0.0.1:1/",
    log="plant-a",
    origin=ORIGIN,
    most_count=3,
    linger_ms=1,
    timeout_ms=5_000,
    state_ms=3_600_000,
)


def record(folder: Path, say: Say, *, puts: int = PUTS) -> None:
    """Open a spool, record readings, say how many are durable, and deliver everything."""
    recorder.RETRY_SECONDS = PAUSE_S
    with disk_errors(folder / "spool.db", sqlite3.Error):  # as the command does
        asyncio.run(_record(folder, say, puts=puts))


async def _record(folder: Path, say: Say, *, puts: int) -> None:
    spool, thread = open_spool(folder, key("collector")), SpoolThread()
    try:
        chain = builder(spool, key("collector"))
        writer = Recorder(
            spool, thread=thread, builder=chain, bounds=ROOMY, clock=SystemClock(), delay=0
        )
        writing = asyncio.create_task(writer.run())
        before = len(kept(folder))
        for number in range(1, puts + 1):
            drafts = [reading(second=number), reading("em-2", second=number)]
            await writer.put_durably(drafts, rows={})
            say(durable=before + number * len(drafts))
        writer.stop()
        await writing
        await _deliver(spool, thread, say)
    finally:
        thread.close()
        spool.close()


async def _deliver(spool: Spool, thread: SpoolThread, say: Say) -> None:
    node = FakeNode(key("collector").public)

    def answer(request: httpx.Request) -> httpx.Response:
        known = len(node.by_key)
        status, headers, body = node.handle(request.method, request.url.path, request.content)
        fresh = list(node.by_key.values())[known:]
        say(accepted=[to_base64url(sm3(b"\0" + raw)) for raw in fresh])
        return httpx.Response(status, headers=headers, content=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        uploader = Uploader(
            Destination(DESTINATION, client),
            spool=spool,
            thread=thread,
            signer=key("collector"),
            clock=SystemClock(),
            link=LinkMeter("uplink:node"),
        )
        done = False
        while not done:
            with contextlib.suppress(sqlite3.Error):  # as its supervisor does: begin again
                await asyncio.sleep(min(await uploader.step(), PAUSE_S))
                done = await uploader.drained()


def kept(folder: Path) -> Sequence[bytes]:
    """The digests of the records of a spool, each the hash of its body and linked to the last."""
    with closing(sqlite3.connect(f"file:{folder / 'spool.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT device, digest, body FROM records ORDER BY id").fetchall()
    for digest, body in ((digest, body) for _, digest, body in rows):
        assert sm3(b"\0" + body) == digest
    for device in {device for device, *_ in rows}:
        chain = [(digest, json.loads(body)) for name, digest, body in rows if name == device]
        assert chain[0][1]["prev"] is None
        assert chain[0][1]["seq"] == 0
        for (before, earlier), (_, later) in itertools.pairwise(chain):
            assert from_base64url(later["prev"], size=32, field="prev") == before
            expected = earlier["seq"] + 1 if earlier["boot"] == later["boot"] else 0
            assert later["seq"] == expected
    return [digest for _, digest, _ in rows]
