"""Serve simulated meters as Modbus TCP; written without the library that the collector uses.

The server can do what a real line does and a friendly library does not: stay silent, answer late.
It answers functions 1 to 4 and nothing else, and listens on the loopback interface only.
"""

import asyncio
import contextlib
import ipaddress
import logging
import struct
from dataclasses import dataclass
from typing import Final, Protocol

from collectors.source import RegisterTable
from trace_node.errors import ConfigError

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3
_HEADER: Final = 7
_MOST_PDU: Final = 253
_READ_PDU: Final = 5
_TABLES: Final = {table.function: table for table in RegisterTable}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a simulated meter says.

    Attributes:
        words: One number an address, 0 or 1 in tables of bits; empty for an exception.
        exception: Modbus exception code; 0 for none.
        delay_s: Seconds to wait before answering.
        silent: Whether it does not answer at all.
    """

    words: tuple[int, ...] = ()
    exception: int = 0
    delay_s: float = 0
    silent: bool = False


class Bank(Protocol):
    """The meters behind one endpoint."""

    def read(self, unit: int, table: RegisterTable, address: int, count: int) -> Reply:
        """Answer a read request; an unknown unit is silent, as on a real line."""


class SimulatorServer:
    """One Modbus TCP endpoint.

    Args:
        bank: The meters.
        host: Loopback address.
        port: Port; 0 lets the system choose.

    Raises:
        ConfigError: ``host`` is not a loopback address.
    """

    def __init__(self, bank: Bank, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if host != "localhost" and not _is_loopback(host):
            raise ConfigError(
                "{field}: simulated meters listen on the loopback interface only, not on {host}",
                field="controller",
                host=host,
                remedy='write "tcp://127.0.0.1:port"',
            )
        self._bank = bank
        self._host = host
        self._asked_port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port it listens on; 0 before ``start``."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            ConfigError: The port is taken or may not be used.
        """
        try:
            self._server = await asyncio.start_server(self._accept, self._host, self._asked_port)
        except OSError as error:
            raise ConfigError(
                "{field}: cannot listen on port {port}: {detail}",
                field="controller",
                port=self._asked_port,
                detail=error.strerror or str(error),
                remedy="choose another port, or stop the program that uses it",
            ) from error

    async def stop(self) -> None:
        """Close the endpoint and every connection."""
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            # Cancelled by ``stop`` only; the streams of Python 3.11 report a cancelled handler.
            logger.debug("simulator_connection_ended")
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            transaction, protocol, length, unit = struct.unpack(
                ">HHHB", await reader.readexactly(_HEADER)
            )
            if protocol or not 1 < length <= _MOST_PDU + 1:
                return  # not Modbus: a real meter closes too
            pdu = await reader.readexactly(length - 1)
            reply, body = answer(self._bank, unit, pdu)
            if reply.delay_s:
                await asyncio.sleep(reply.delay_s)
            if not reply.silent:
                writer.write(struct.pack(">HHHB", transaction, 0, len(body) + 1, unit) + body)
                await writer.drain()


def answer(bank: Bank, unit: int, pdu: bytes) -> tuple[Reply, bytes]:
    """The reply to a request and its bytes."""
    function = pdu[0]
    table = _TABLES.get(function)
    if table is None:
        return _refusal(function, ILLEGAL_FUNCTION)
    if len(pdu) != _READ_PDU:
        return _refusal(function, ILLEGAL_VALUE)
    address, count = struct.unpack(">HH", pdu[1:])
    if not 1 <= count <= table.most:
        return _refusal(function, ILLEGAL_VALUE)
    reply = bank.read(unit, table, address, count)
    if reply.exception:
        return reply, bytes([function | 0x80, reply.exception])
    data = _pack(reply.words, bits=table.holds_bits)
    return reply, bytes([function, len(data)]) + data


def _refusal(function: int, code: int) -> tuple[Reply, bytes]:
    return Reply(exception=code), bytes([function | 0x80, code])


def _pack(words: tuple[int, ...], *, bits: bool) -> bytes:
    if not bits:
        return struct.pack(f">{len(words)}H", *words)
    packed = bytearray((len(words) + 7) // 8)
    for place, word in enumerate(words):
        packed[place // 8] |= (word & 1) << place % 8
    return bytes(packed)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
