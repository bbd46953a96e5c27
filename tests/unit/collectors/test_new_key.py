"""A collector gets a new key: the spool goes over to it, and it signs anew what is not delivered."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.collector_setup import make_folder
from support.fake_node import FakeNode
from support.spool_parts import ORIGIN, append, builder, new_key, open_spool, reading, signing

from api.cli.readings_export import write_export
from collectors.errors import SpoolError
from collectors.runtime.destination import Destination, DestinationConfig
from collectors.runtime.file_outlet import FileOutlet
from collectors.runtime.link_quality import LinkMeter
from collectors.runtime.new_key import sign_anew
from collectors.runtime.outbox import Outbox
from collectors.runtime.recorder import SpoolThread
from collectors.runtime.settings import load_settings
from collectors.runtime.spool import Spool
from collectors.runtime.upload import Uploader
from trace_node.clock import SystemClock
from trace_node.errors import StateError
from trace_node.metering.records.delivery import parse_delivery

OLD, NEW = new_key(), new_key()
MOST = {"most_count": 3, "most_bytes": 1 << 20}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A spool of the old key: one delivery acknowledged, one refused, one pending, and a rest."""
    spool = open_spool(tmp_path, OLD)
    append(spool, builder(spool, OLD), [reading(value=f"{n}.00") for n in range(10)])
    outbox = Outbox(spool, destination="node", origin=ORIGIN)
    for _ in range(3):
        outbox.pack(signing(OLD), **MOST)
    first = outbox.due(now_ms=0)
    assert first is not None
    outbox.acknowledged(first, next_index=5, status=200, answer=b"{}")
    second = outbox.due(now_ms=0)
    assert second is not None
    outbox.refused(second, status=403, answer=b"{}", not_before_ms=10**12)
    spool.close()
    return tmp_path


def spool_of(folder: Path, *, replaces: tuple[str, ...] = ()) -> Spool:
    return Spool(folder / "spool.db", collector=NEW.public.key_id, replaces=replaces)


def test_a_spool_goes_over_only_to_a_key_that_says_whose_place_it_takes(folder: Path) -> None:
    for replaces in ((), ("0" * 32,)):
        with pytest.raises(SpoolError) as caught:
            spool_of(folder, replaces=replaces)
        assert caught.value.reason == "collector.spool.owner"
        assert OLD.public.key_id in caught.value.remedy
    spool_of(folder, replaces=(OLD.public.key_id,)).close()
    spool_of(folder).close()  # it is the new key's now
    with pytest.raises(SpoolError):
        open_spool(folder, OLD)


def test_a_delivery_is_signed_anew_once_and_its_records_stay(folder: Path) -> None:
    spool = spool_of(folder, replaces=(OLD.public.key_id,))
    try:
        outbox = Outbox(spool, destination="node", origin=ORIGIN)
        before = [row[0] for row in spool.connection.execute("SELECT body FROM records")]
        waiting = outbox.due(now_ms=0)
        assert waiting is not None
        anew = sign_anew(waiting, outbox, signing(NEW), collector=NEW.public.key_id)
        old, new = parse_delivery(waiting.body), parse_delivery(anew.body)
        assert (old.collector, new.collector) == (OLD.public.key_id, NEW.public.key_id)
        assert (old.root, old.context, old.count) == (new.root, new.context, new.count)
        assert outbox.due(now_ms=0) == anew
        assert sign_anew(anew, outbox, signing(NEW), collector=NEW.public.key_id) is anew
        assert [row[0] for row in spool.connection.execute("SELECT body FROM records")] == before
    finally:
        spool.close()


def test_everything_arrives_under_the_new_key(folder: Path) -> None:
    spool, thread = spool_of(folder, replaces=(OLD.public.key_id,)), SpoolThread()
    node = FakeNode(NEW.public)

    async def answer(request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        status, headers, said = node.handle(request.method, request.url.path, body)
        return httpx.Response(status, headers=headers, content=said)

    async def scenario() -> None:
        config = DestinationConfig(
            name="node",
            url="http://node.test/",
            log="plant-a",
            origin=ORIGIN,
            most_count=3,
            linger_ms=0,
            timeout_ms=5_000,
            state_ms=3_600_000,
        )
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            uploader = Uploader(
                Destination(config, client),
                spool=spool,
                thread=thread,
                signer=NEW,
                clock=SystemClock(),
                link=LinkMeter("uplink:node"),
            )
            for _ in range(12):
                await uploader.step()
            assert await uploader.drained()

    try:
        asyncio.run(scenario())
        counts = Outbox(spool, destination="node", origin=ORIGIN).counts()
        assert (counts.unpacked, counts.pending, counts.refused) == (0, 0, 0)
    finally:
        thread.close()
        spool.close()


def test_what_waits_for_a_file_is_signed_anew_too(folder: Path) -> None:
    spool, thread = spool_of(folder, replaces=(OLD.public.key_id,)), SpoolThread()
    config = DestinationConfig(
        name="node",
        url="http://node.test/",
        log="plant-a",
        origin=ORIGIN,
        most_count=3,
        linger_ms=0,
        timeout_ms=5_000,
        state_ms=3_600_000,
    )
    outlet = FileOutlet(config, spool=spool, thread=thread, signer=NEW, clock=SystemClock())
    try:
        assert {parse_delivery(each.body).collector for each in outlet.outbox.pending()} == {
            OLD.public.key_id
        }
        asyncio.run(outlet.step())
        waiting = outlet.outbox.pending()
        assert len(waiting) == 2
        assert {parse_delivery(each.body).collector for each in waiting} == {NEW.public.key_id}
    finally:
        thread.close()
        spool.close()


def test_a_data_file_is_not_made_of_what_the_new_key_has_not_signed(folder: Path) -> None:
    make_folder(folder, points="", node_url="http://node.test/")
    settings = load_settings(folder)
    with pytest.raises(StateError) as caught:
        write_export(settings, settings.destinations[0], folder / "out")
    assert caught.value.reason == "collected.key"
    assert not (folder / "out").exists()
