"""The simulated endpoint as Modbus sees it, spoken to byte by byte."""

import asyncio
import struct

import pytest

from collectors.runtime.simulator_server import Reply, SimulatorServer, answer
from collectors.source import RegisterTable
from trace_node.errors import ConfigError


class Echo:
    """Words are their address; units above 10 are silent."""

    def read(self, unit: int, table: RegisterTable, address: int, count: int) -> Reply:
        if unit > 10:
            return Reply(silent=True)
        if table is RegisterTable.INPUT:
            return Reply(exception=4)
        return Reply(words=tuple(range(address, address + count)))


@pytest.mark.parametrize(
    ("pdu", "expected"),
    [
        ("0300050002", "0304" + "00050006"),
        ("0100010009", "0102" + "5501"),  # addresses 1 to 9: the odd ones are set, lowest bit first
        ("0400000001", "8404"),
        ("0600050002", "8601"),
        ("10000000010200ff", "9001"),
        ("2b0e0100", "ab01"),
        ("0300050000", "8303"),
        ("030005007e", "8303"),
        ("03000500", "8303"),
        ("01000007d1", "8103"),
    ],
)
def test_requests_and_answers(pdu: str, expected: str) -> None:
    _, body = answer(Echo(), 1, bytes.fromhex(pdu))
    assert body.hex() == expected


async def exchange(port: int, sent: bytes, *, wait: float = 0.3) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(300), wait)
    except TimeoutError:
        return b"silence"
    finally:
        writer.close()
        await writer.wait_closed()


def frame(unit: int, pdu: str, *, protocol: int = 0) -> bytes:
    body = bytes.fromhex(pdu)
    return struct.pack(">HHHB", 7, protocol, len(body) + 1, unit) + body


def run(sent: bytes) -> bytes:
    async def scenario() -> bytes:
        server = SimulatorServer(Echo())
        await server.start()
        try:
            return await exchange(server.port, sent)
        finally:
            await server.stop()

    return asyncio.run(scenario())


def test_the_answer_carries_transaction_and_unit() -> None:
    assert run(frame(3, "0300050001")).hex() == "0007" + "0000" + "0005" + "03" + "03020005"


def test_two_requests_in_one_packet_are_both_answered() -> None:
    assert len(run(frame(3, "0300050001") * 2)) == 22


def test_an_unknown_unit_is_silent() -> None:
    assert run(frame(11, "0300050001")) == b"silence"


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n\r\n", frame(1, "0300050001", protocol=9), b"\0\1\0\0\xff\xff\1"]
)
def test_what_is_not_modbus_ends_the_connection(sent: bytes) -> None:
    assert run(sent) == b""


def test_a_taken_port_is_named() -> None:
    async def scenario() -> None:
        first = SimulatorServer(Echo())
        await first.start()
        second = SimulatorServer(Echo(), port=first.port)
        with pytest.raises(ConfigError) as caught:
            await second.start()
        assert str(first.port) in caught.value.message
        await second.stop()
        await first.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "meter.example"])  # noqa: S104
def test_only_the_loopback_interface_is_served(host: str) -> None:
    with pytest.raises(ConfigError):
        SimulatorServer(Echo(), host=host)
