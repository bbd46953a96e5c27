"""Modbus TCP and RTU through pymodbus: the only adapter to it, and it can only read.

What the adapter adds to the library:

* no retry and no reconnection of the library's own: the poller decides, so a dead device cannot
  hold its line for longer than one time-out;
* after a time-out the connection is closed; on RTU the port then stays closed for a while, because
  a late answer would otherwise be taken for the answer to the next request, for ever, with a valid
  checksum (an RTU answer does not name the address it was asked for);
* the answer must echo transaction, unit, function and length, on the bytes themselves
  (``modbus_echo``), and on TCP one that does not is given up at once;
* the exact bytes of both directions are kept: they are the evidence.
"""

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from collectors.connectors.modbus_echo import (
    TCP_FUNCTION,
    answers_rtu,
    bytes_due,
    can_answer_tcp,
)
from collectors.errors import ReadError
from collectors.source import (
    READING_FUNCTIONS,
    BlockRequest,
    Exchange,
    LinkSettings,
    RegisterTable,
    SerialEndpoint,
)
from trace_node.clock import Clock

_MILLISECOND: Final = 0.001
_MISFIT: Final = "the answer does not fit the request: unit, function, transaction or length differ"

Client = AsyncModbusTcpClient | AsyncModbusSerialClient
Sleep = Callable[[float], Awaitable[None]]


class ModbusSource:
    """A line to Modbus meters.

    Args:
        settings: Where the line is and how to behave on it.
        clock: Takes the times of acquisition.
        sleep: Waits a number of seconds.
    """

    def __init__(
        self, settings: LinkSettings, *, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        endpoint = settings.endpoint
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._rtu = isinstance(endpoint, SerialEndpoint) or endpoint.rtu_frames
        self._client: Client | None = None
        self._fresh = True
        self._quiet_until = 0
        self._sent = b""
        self._received = b""
        self._lost = False
        self._foreign = False
        self._asked: BlockRequest | None = None
        # What the library logs about a failed request is in the error, the record and the metrics.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

    async def read(self, request: BlockRequest) -> Exchange:
        """Ask for one block, opening the line first if it is closed.

        Raises:
            ReadError: No answer, an exception answer, or one that does not fit the request.
        """
        client = self._client or await self._open()
        await self._pause()
        self._sent = self._received = b""
        self._foreign, self._asked = False, request
        started = self._clock.monotonic()
        try:
            answer = await self._ask(client, request)
        except (ModbusException, OSError) as error:
            self._give_up()
            raise self._failure(error) from error
        finally:
            self._asked = None
        at, round_trip_ns = self._clock.now(), self._clock.monotonic() - started
        return Exchange(
            sent=self._sent,
            received=self._received,
            payload=self._checked(answer, request),
            at=at,
            round_trip_ns=round_trip_ns,
        )

    async def close(self) -> None:
        """Close the line; a later ``read`` opens it again."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _give_up(self) -> None:
        """Close the line after a late or wrong answer; on RTU it then stays quiet for a while."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
        if self._rtu:
            self._quiet_until = self._clock.monotonic() + self._settings.quiet_ms * 1_000_000

    async def _open(self) -> Client:
        """Open the line once the quiet time after a failure is over."""
        rest = self._quiet_until - self._clock.monotonic()
        if rest > 0:
            await self._sleep(rest / 1_000_000_000)
        self._lost = False
        client = self._new_client()
        try:
            connected = await client.connect()
        except Exception as error:
            # Serial ports raise termios.error, which is no OSError; every failure means the same.
            raise _no_connection(str(error)) from error
        if not connected:
            raise _no_connection("refused or no answer")
        self._client, self._fresh = client, True
        return client

    def _new_client(self) -> Client:
        endpoint, timeout = self._settings.endpoint, self._settings.timeout_ms * _MILLISECOND
        if isinstance(endpoint, SerialEndpoint):
            return AsyncModbusSerialClient(
                endpoint.path,
                framer=FramerType.RTU,
                baudrate=endpoint.baud_rate,
                bytesize=endpoint.data_bits,
                parity=endpoint.parity,
                stopbits=endpoint.stop_bits,
                timeout=timeout,
                retries=0,
                reconnect_delay=0,
                trace_packet=self._trace,
                trace_connect=self._trace_connect,
            )
        return AsyncModbusTcpClient(
            endpoint.host,
            port=endpoint.port,
            framer=FramerType.RTU if endpoint.rtu_frames else FramerType.SOCKET,
            timeout=timeout,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._trace,
            trace_connect=self._trace_connect,
        )

    async def _pause(self) -> None:
        settings = self._settings
        pause_ms = (
            settings.pause_after_connect_ms if self._fresh else settings.pause_between_requests_ms
        )
        self._fresh = False
        if pause_ms:
            await self._sleep(pause_ms * _MILLISECOND)

    async def _ask(self, client: Client, request: BlockRequest) -> ModbusPDU:
        read = {
            RegisterTable.COIL: client.read_coils,
            RegisterTable.DISCRETE: client.read_discrete_inputs,
            RegisterTable.HOLDING: client.read_holding_registers,
            RegisterTable.INPUT: client.read_input_registers,
        }[request.table]
        return await read(request.address, count=request.count, device_id=request.unit)

    def _trace(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001 - the library's signature
        """Keep the bytes; the last guard against anything that is not a read request."""
        if sending:
            function = data[1] if self._rtu else data[TCP_FUNCTION]
            if function not in READING_FUNCTIONS:
                raise ReadError(
                    "function {function} is not a read request and was not sent",
                    why="not_a_read",
                    function=function,
                )
            self._sent, self._received = data, b""
            return data
        self._received = data  # the library hands over all that came since the request
        request = self._asked
        if request and not self._rtu and not can_answer_tcp(data, sent=self._sent, request=request):
            # The library would wait for another, or raise where nobody waits for it.
            self._foreign = True
            self._fail_pending(_MISFIT)
            return b""
        return data

    def _trace_connect(self, connected: bool) -> None:  # noqa: FBT001 - the library's signature
        self._lost = self._lost or not connected
        if self._lost:
            # The library would let the request run into its time-out.
            self._fail_pending("closed by the other side")

    def _fail_pending(self, why: str) -> None:
        """End the request that waits for an answer, if there is one."""
        if self._asked and self._client:
            pending = self._client.ctx.response_future
            if not pending.done():
                pending.set_exception(ConnectionException(why))

    def _failure(self, error: Exception) -> ReadError:
        if self._foreign:
            why, template = "wrong_echo", _MISFIT
        elif self._lost:
            why, template = "connection", "the connection was lost: {detail}"
        elif self._received:
            why, template = "garbled", "what came is no answer: {detail}"
        else:
            why, template = "timeout", "no answer within the time-out: {detail}"
        return ReadError(
            template, why=why, sent=self._sent, received=self._received, detail=str(error)
        )

    def _checked(self, answer: ModbusPDU, request: BlockRequest) -> bytes:
        """The data bytes of an answer that fits the request.

        Raises:
            ReadError: It is an exception answer, or does not echo the request; then the line is
                closed, because what it says next cannot be trusted either.
        """
        evidence = {"sent": self._sent, "received": self._received}
        if isinstance(answer, ExceptionResponse):
            if self._fits(bytes([answer.function_code, answer.exception_code]), request):
                raise ReadError(
                    "the meter answers with exception {number}",
                    why=f"exception_{answer.exception_code}",
                    number=answer.exception_code,
                    **evidence,
                )
        else:
            payload = _payload(answer, request)
            head = bytes([request.table.function, len(payload) & 0xFF])
            if len(payload) == bytes_due(request) and self._fits(head + payload, request):
                return payload
        self._give_up()
        raise ReadError(_MISFIT, why="wrong_echo", **evidence)

    def _fits(self, body: bytes, request: BlockRequest) -> bool:
        """Whether the bytes that came are ``body`` behind the head the request calls for."""
        if self._rtu:
            return answers_rtu(self._received, body=body, request=request)
        return self._received.endswith(body)  # its head was compared as it came, by ``_trace``


def _payload(answer: ModbusPDU, request: BlockRequest) -> bytes:
    if not request.table.holds_bits:
        return struct.pack(f">{len(answer.registers)}H", *answer.registers)
    packed = bytearray((len(answer.bits) + 7) // 8)
    for place, bit in enumerate(answer.bits):
        packed[place // 8] |= int(bit) << place % 8
    return bytes(packed)


def _no_connection(detail: str) -> ReadError:
    return ReadError("no connection: {detail}", why="connection", detail=detail)
