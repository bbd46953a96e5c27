"""Parts of the HTTP layer by themselves: links, recent values, the desk, waiters, refusals."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.body import declared_length, read_bounded
from api.delivery_desk import DeliveryDesk
from api.interop import CommitWaiters
from api.links import link_code
from api.recent import Recent
from api.refusals import LONGEST_SHOWN, nothing_at, wrong_log, wrong_method
from trace_node.clock import FixedClock
from trace_node.errors import BusyError, InputError, TooLargeError, UnavailableError

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ORIGIN = "trace-node.local/plant-a/sm3"


def test_a_link_is_of_one_secret_one_log_and_one_entry() -> None:
    code = link_code(b"s" * 32, origin=ORIGIN, index=7)
    assert code == link_code(b"s" * 32, origin=ORIGIN, index=7)
    others = {
        link_code(b"t" * 32, origin=ORIGIN, index=7),
        link_code(b"s" * 32, origin="trace-node.local/plant-b/sm3", index=7),
        link_code(b"s" * 32, origin=ORIGIN, index=8),
        link_code(b"s" * 32, origin=ORIGIN, index=71),
    }
    assert code not in others
    assert len(others) == 4


def request(*parts: bytes, **headers: str) -> Request:
    """A request whose body comes in parts."""
    messages = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1}
        for place, part in enumerate(parts)
    ]

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
    }
    made = Request(scope, receive)
    made.state.messages = messages
    return made


def test_a_body_is_read_up_to_its_bound() -> None:
    assert asyncio.run(read_bounded(request(b"ab", b"", b"cd"), 4)) == b"abcd"
    longer = request(b"ab", b"cd", b"e", b"not read any more")
    with pytest.raises(TooLargeError):
        asyncio.run(read_bounded(longer, 4))
    assert len(longer.state.messages) == 1
    declared = request(b"", content_length="5")
    with pytest.raises(TooLargeError):
        asyncio.run(read_bounded(declared, 4))
    assert len(declared.state.messages) == 1


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", 0),
        ("12", 12),
        ("", None),
        ("-1", None),
        ("1e3", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_what_a_body_says_of_its_length(text: str, length: int | None) -> None:
    if text.isascii():
        assert declared_length(request(b"", content_length=text)) == length


def test_a_recent_value_is_read_once_in_a_while() -> None:
    clock, reads = FixedClock(NOW), []

    def read() -> int:
        reads.append(threading.current_thread())
        return len(reads)

    recent = Recent(read, clock=clock, seconds=2)

    async def ask() -> list[int]:
        first = await asyncio.gather(*(recent.get() for _ in range(5)))
        clock.move(seconds=1)
        second = await recent.get()
        clock.move(seconds=1)
        return [*first, second, await recent.get()]

    assert asyncio.run(ask()) == [1, 1, 1, 1, 1, 1, 2]
    assert threading.main_thread() not in reads


def test_a_recent_value_that_cannot_be_read_is_tried_again() -> None:
    answers = [UnavailableError("no answer"), 5]

    def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    recent = Recent(read, clock=FixedClock(NOW))
    with pytest.raises(UnavailableError):
        asyncio.run(recent.get())
    assert asyncio.run(recent.get()) == 5


async def until(held: list, count: int) -> None:
    for _ in range(10_000):
        if len(held) >= count:
            return
        await asyncio.sleep(0.001)
    message = "it was not handed over"
    raise AssertionError(message)


def test_the_desk_holds_no_more_than_its_bound() -> None:
    async def run() -> None:
        held: list[Future[str]] = []

        def deliver(_body: bytes) -> "Future[str]":
            held.append(Future())
            return held[-1]

        desk = DeliveryDesk(deliver, final_size=Recent(int, clock=FixedClock(NOW)), most_bytes=10)
        first = asyncio.ensure_future(desk.take(request(b"sixsix", content_length="6")))
        await until(held, 1)
        with pytest.raises(BusyError) as refused:
            await desk.take(request(b"fivee", content_length="5"))
        assert refused.value.retry_after == 1
        with pytest.raises(BusyError):  # says nothing of its length: what comes is counted
            await desk.take(request(b"fiv", b"ee"))
        held[0].set_result("done")
        assert await first == "done"
        second = asyncio.ensure_future(desk.take(request(b"fivee", content_length="5")))
        await until(held, 2)
        held[1].set_exception(UnavailableError("no"))
        with pytest.raises(UnavailableError):
            await second
        third = asyncio.ensure_future(desk.take(request(b"0123456789", content_length="10")))
        await until(held, 3)
        held[2].set_result("whole room again")
        assert await third == "whole room again"
        desk.close()

    asyncio.run(run())


def test_who_announces_a_long_body_and_sends_none_keeps_nobody_out() -> None:
    async def silent() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> None:
        def deliver(_body: bytes) -> "Future[str]":
            done: Future[str] = Future()
            done.set_result("done")
            return done

        desk = DeliveryDesk(deliver, final_size=Recent(int, clock=FixedClock(NOW)), most_bytes=10)
        announced = request(content_length="10")
        announced._receive = silent
        waiting = asyncio.ensure_future(desk.take(announced))
        await asyncio.sleep(0)
        assert await desk.take(request(b"0123456789", content_length="10")) == "done"
        waiting.cancel()
        desk.close()

    asyncio.run(run())


def test_a_body_that_stands_still_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.body.PART_SECONDS", 0.05)

    async def silent() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    stuck = request()
    stuck._receive = silent
    with pytest.raises(InputError) as refused:
        asyncio.run(read_bounded(stuck, 4))
    assert (refused.value.reason, refused.value.field) == ("input.slow", "body")


def test_a_packed_body_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        asyncio.run(read_bounded(request(b"x", content_encoding="gzip"), 4))
    assert refused.value.reason == "input.encoding"
    assert asyncio.run(read_bounded(request(b"x", content_encoding="identity"), 4)) == b"x"


def test_entries_of_one_turn_go_to_the_writer_together() -> None:
    handed: list[Sequence[bytes]] = []
    futures: list[Future[int]] = []

    def add_together(entries: Sequence[bytes]) -> "Future[int]":
        handed.append(entries)
        futures.append(Future())
        return futures[-1]

    async def run() -> None:
        waiters = CommitWaiters(add_together)
        first = [waiters.submit(b"%d" % number) for number in range(3)]
        await asyncio.sleep(0)
        second = waiters.submit(b"later")
        await asyncio.sleep(0)
        assert handed == [[b"0", b"1", b"2"], [b"later"]]
        first[1].cancel()  # its client went away
        threading.Thread(target=futures[0].set_result, args=(40,)).start()
        assert await first[0] == 40
        assert await first[2] == 42
        threading.Thread(target=futures[1].set_exception, args=(UnavailableError("x"),)).start()
        with pytest.raises(UnavailableError):
            await second

    asyncio.run(run())


def test_entries_that_the_writer_refuses_are_all_refused() -> None:
    def add_together(_entries: Sequence[bytes]) -> "Future[int]":
        raise BusyError("full", retry_after=3)

    async def run() -> list[object]:
        waiters = CommitWaiters(add_together)
        return await asyncio.gather(
            waiters.submit(b"a"), waiters.submit(b"b"), return_exceptions=True
        )

    assert [type(each) for each in asyncio.run(run())] == [BusyError, BusyError]


def test_what_a_caller_sent_is_repeated_only_so_far() -> None:
    long = "x" * 1000
    for error in (nothing_at(long), wrong_log("plant-a", long), wrong_method(long, long)):
        assert long not in error.message
        assert "x" * LONGEST_SHOWN in error.message
