"""The Modbus adapter against a device that misbehaves on purpose."""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from support.modbus_responder import (
    CLOSE,
    SILENT,
    Changed,
    Cut,
    Device,
    Except,
    Late,
    Pieces,
    Raw,
    TcpResponder,
    crc16,
    rtu_responder,
)

from collectors.connectors.modbus import ModbusSource
from collectors.errors import ReadError
from collectors.source import (
    BlockRequest,
    LinkSettings,
    RegisterTable,
    SerialEndpoint,
    TcpEndpoint,
)
from trace_node.clock import SystemClock
from trace_node.errors import InputError


def tcp_source(port: int, **options: int) -> ModbusSource:
    settings = LinkSettings(
        endpoint=TcpEndpoint(host="127.0.0.1", port=port), **{"timeout_ms": 400, **options}
    )
    return ModbusSource(settings, clock=SystemClock())


def rtu_source(path: str, *, timeout_ms: int = 200, quiet_ms: int = 500) -> ModbusSource:
    endpoint = SerialEndpoint(path=path, baud_rate=9600, data_bits=8, parity="N", stop_bits=1)
    settings = LinkSettings(endpoint=endpoint, timeout_ms=timeout_ms, quiet_ms=quiet_ms)
    return ModbusSource(settings, clock=SystemClock())


def holding(address: int = 16, count: int = 2, unit: int = 1) -> BlockRequest:
    return BlockRequest(unit=unit, table=RegisterTable.HOLDING, address=address, count=count)


def mangled(mangle: random.Random, frame: bytes) -> bytes:
    """A right answer after something happened to it."""
    place = mangle.randrange(9)
    stray = mangle.randbytes(mangle.randrange(1, 30))
    return mangle.choice(
        [
            frame[:place] + bytes([frame[place] ^ 1 << mangle.randrange(8)]) + frame[place + 1 :],
            frame[: mangle.randrange(1, len(frame))],
            frame[:place] + stray + frame[place:],
            frame + stray,
            frame + frame,
            stray,
            frame[:4] + b"\x00\x03" + frame[6:7] + b"\x83\x02" + frame,
            frame[:place] + frame[place + 1 :],
        ]
    )


async def failure(source: ModbusSource, request: BlockRequest) -> ReadError:
    with pytest.raises(ReadError) as caught:
        await source.read(request)
    return caught.value


class TestTcp:
    @pytest.mark.parametrize("table", list(RegisterTable))
    def test_reads_each_table_with_its_own_function(self, table: RegisterTable) -> None:
        async def scenario() -> None:
            async with TcpResponder(Device()) as responder:
                source = tcp_source(responder.port)
                request = BlockRequest(unit=3, table=table, address=4, count=9)
                exchange = await source.read(request)
                unit, pdu = responder.device.requests[0]
                assert (unit, pdu[0]) == (3, table.function)
                if table.holds_bits:
                    assert exchange.payload == bytes([0b10101010, 0])
                else:
                    assert exchange.payload == b"".join(n.to_bytes(2, "big") for n in range(4, 13))
                assert exchange.sent.endswith(pdu)
                assert exchange.received.endswith(exchange.payload)
                assert exchange.round_trip_ns > 0
                await source.close()

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        ("behaviour", "why"),
        [
            (SILENT, "timeout"),
            (CLOSE, "connection"),
            (Except(2), "exception_2"),
            (Changed(lambda f: f[:8]), "garbled"),
            (Changed(lambda f: f[:6] + b"\x07" + f[7:]), "wrong_echo"),
            (Changed(lambda f: f[:7] + b"\x04" + f[8:]), "wrong_echo"),
            (Changed(lambda f: f[:7] + b"\x63" + f[8:]), "wrong_echo"),
            (Changed(lambda f: b"\x00\x63" + f[2:]), "wrong_echo"),
            (Changed(lambda f: f[:2] + b"\x00\x01" + f[4:]), "wrong_echo"),
            (Changed(lambda f: f[:5] + b"\x05" + f[6:8] + b"\x02" + f[9:11]), "wrong_echo"),
            (Changed(lambda f: f[:5] + b"\x02\x01\x83"), "wrong_echo"),
            (Changed(lambda f: f[:9] + b"\x99\x98" + f[9:]), "wrong_echo"),
            (Changed(lambda f: f + f), "wrong_echo"),
        ],
        ids=[
            *("silence", "closed", "exception", "cut", "unit", "function", "unknown function"),
            *("transaction", "protocol", "length", "no exception", "two bytes more", "twice"),
        ],
    )
    def test_a_failure_is_named_and_the_next_read_is_right(
        self, behaviour: object, why: str
    ) -> None:
        async def scenario() -> None:
            device = Device()
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port)
                device.script.append(behaviour)
                error = await failure(source, holding())
                assert error.why == why
                assert error.sent
                assert (await source.read(holding(address=7))).payload == b"\x00\x07\x00\x08"
                await source.close()

        asyncio.run(scenario())

    def test_a_closed_connection_is_noticed_before_the_time_out(self) -> None:
        async def scenario() -> None:
            device = Device()
            device.script.append(CLOSE)
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port, timeout_ms=5_000)
                loop = asyncio.get_running_loop()
                started = loop.time()
                await failure(source, holding())
                assert loop.time() - started < 2
                await source.close()

        asyncio.run(scenario())

    def test_a_late_answer_is_never_taken_for_a_later_request(self) -> None:
        async def scenario() -> None:
            device = Device()
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port)
                device.script.append(Late(0.6))
                assert (await failure(source, holding(address=1000))).why == "timeout"
                for address in (2000, 3000, 4000):
                    got = (await source.read(holding(address=address, count=1))).payload
                    assert int.from_bytes(got, "big") == address
                await source.close()

        asyncio.run(scenario())

    def test_an_answer_in_pieces_is_put_together(self) -> None:
        async def scenario() -> None:
            device = Device()
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port, timeout_ms=2_000)
                device.script.append(Pieces(0.02))
                exchange = await source.read(holding(address=5))
                assert exchange.payload == b"\x00\x05\x00\x06"
                assert len(exchange.received) == 13
                await source.close()

        asyncio.run(scenario())

    def test_a_connection_that_is_reset_within_an_answer(self) -> None:
        async def scenario() -> None:
            device = Device()
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port, timeout_ms=5_000)
                device.script.append(Cut(10))
                error = await failure(source, holding())
                assert (error.why, len(error.received)) == ("connection", 10)
                assert (await source.read(holding(address=7))).payload == b"\x00\x07\x00\x08"
                await source.close()

        asyncio.run(scenario())

    def test_whatever_comes_is_the_answer_or_an_error(self) -> None:
        """Seeded noise in the head, cuts, doubles, strays: never a wrong value, never a stall."""

        async def scenario(mangle: random.Random) -> None:
            device = Device()
            async with TcpResponder(device) as responder:
                source = tcp_source(responder.port, timeout_ms=40)
                for _ in range(60):
                    device.script.append(Changed(partial(mangled, mangle)))
                    address = mangle.randrange(1_000)
                    right = address.to_bytes(2, "big") + (address + 1).to_bytes(2, "big")
                    with suppress(ReadError):
                        assert (await source.read(holding(address=address))).payload == right
                    source._settings = replace(source._settings, timeout_ms=2_000)
                    assert (await source.read(holding(address=address))).payload == right
                    source._settings = replace(source._settings, timeout_ms=40)
                    await source.close()
                assert not source._lost

        problems: list[dict] = []

        async def watched() -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: problems.append(context))
            await scenario(random.Random(7))

        asyncio.run(watched())
        assert problems == []

    def test_nobody_listens(self) -> None:
        async def scenario() -> None:
            async with TcpResponder(Device()) as responder:
                port = responder.port
            assert (await failure(tcp_source(port), holding())).why == "connection"

        asyncio.run(scenario())

    def test_anything_but_a_read_request_is_not_sent(self) -> None:
        source = tcp_source(1)
        write_single_register = b"\x00\x01\x00\x00\x00\x06\x01\x06\x00\x10\x00\x01"
        with pytest.raises(ReadError) as caught:
            source._trace(True, write_single_register)
        assert caught.value.why == "not_a_read"


class TestRtu:
    def test_reads_over_a_serial_port(self) -> None:
        async def scenario(path: str) -> None:
            source = rtu_source(path)
            exchange = await source.read(holding(address=40, count=3))
            assert exchange.payload == b"\x00\x28\x00\x29\x00\x2a"
            request = b"\x01\x03\x00\x28\x00\x03"
            assert exchange.sent == request + crc16(request)
            assert exchange.received[:3] == b"\x01\x03\x06"
            await source.close()

        with rtu_responder(Device()) as path:
            asyncio.run(scenario(path))

    def test_a_late_answer_is_never_taken_for_a_later_request(self) -> None:
        device = Device()
        device.script.append(Late(0.4))

        async def scenario(path: str) -> None:
            source = rtu_source(path, quiet_ms=1_500)  # ample: the machine may be busy
            assert (await failure(source, holding(address=1000, count=1))).why == "timeout"
            for address in (2000, 3000, 4000):
                got = (await source.read(holding(address=address, count=1))).payload
                assert int.from_bytes(got, "big") == address
            await source.close()

        with rtu_responder(device) as path:
            asyncio.run(scenario(path))

    def test_without_the_quiet_time_the_late_answer_would_be_taken(self) -> None:
        """Shows that the hazard is real and that the cure, not luck, removes it."""
        late = b"\x01\x03\x02" + (1000).to_bytes(2, "big")
        device = Device()
        # The answer to the first request leaves once the second has come, however busy the machine.
        device.script += [Raw(b""), Raw(late + crc16(late))]

        async def scenario(path: str) -> None:
            source = rtu_source(path)
            source._give_up = lambda: None  # type: ignore[method-assign]
            assert (await failure(source, holding(address=1000, count=1))).why == "timeout"
            got = (await source.read(holding(address=2000, count=1))).payload
            assert int.from_bytes(got, "big") == 1000
            await source.close()

        with rtu_responder(device) as path:
            asyncio.run(scenario(path))

    @pytest.mark.parametrize(
        ("behaviour", "why"),
        [
            (Raw(b"\x01\x03\x02\x00\x10\x00\x00"), "garbled"),
            (Except(6), "exception_6"),
            (
                Changed(lambda f: f[:1] + b"\x04" + f[2:-2] + crc16(f[:1] + b"\x04" + f[2:-2])),
                "wrong_echo",
            ),
            (Changed(lambda f: b"\x02" + f[1:-2] + crc16(b"\x02" + f[1:-2])), "garbled"),
            (Changed(lambda f: f[:-3]), "garbled"),
        ],
        ids=["checksum", "busy", "function", "unit", "cut"],
    )
    def test_wrong_answers_are_named(self, behaviour: object, why: str) -> None:
        device = Device()
        device.script.append(behaviour)

        async def scenario(path: str) -> None:
            source = rtu_source(path)
            assert (await failure(source, holding(count=1))).why == why
            assert (await source.read(holding(address=7, count=1))).payload == b"\x00\x07"
            await source.close()

        with rtu_responder(device) as path:
            asyncio.run(scenario(path))

    def test_a_port_that_refuses_its_settings_is_a_failed_connection(self) -> None:
        async def scenario(path: str) -> None:
            endpoint = SerialEndpoint(
                path=path + "-absent", baud_rate=9600, data_bits=8, parity="E", stop_bits=1
            )
            settings = LinkSettings(endpoint=endpoint, timeout_ms=100)
            source = ModbusSource(settings, clock=SystemClock())
            assert (await failure(source, holding())).why == "connection"

        with rtu_responder(Device()) as path:
            asyncio.run(scenario(path))


@pytest.mark.parametrize(
    "numbers",
    [
        {"unit": 256},
        {"unit": -1},
        {"count": 0},
        {"count": 126},
        {"address": -1},
        {"address": 65_535, "count": 2},
    ],
)
def test_requests_out_of_range_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(InputError):
        BlockRequest(**{"unit": 1, "address": 0, "count": 1, **numbers}, table=RegisterTable.INPUT)
