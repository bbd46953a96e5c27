"""Modbus TCP meters that answer at once: ``python -m modbus_meters COUNT``; ends when stdin closes.

Each listens on a port of its own and holds 30 points: 15 counters (UINT32) and 15 gauges (FLOAT32).
Written without pymodbus, so that answering takes little of the machine. Prints the ports as JSON.
"""

import asyncio
import json
import struct
import sys

POINTS = 30
_REQUEST = struct.Struct(">HHHBBHH")
_HEAD = struct.Struct(">HHHBBB")
_PAYLOAD = struct.Struct(">" + "If" * (POINTS // 2))
_READ_HOLDING = 3


class Meter(asyncio.Protocol):
    """One meter; every answer shows one more on every counter."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._shown = 0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= _REQUEST.size:
            request, self._received = (
                self._received[: _REQUEST.size],
                self._received[_REQUEST.size :],
            )
            self._answer(*_REQUEST.unpack(request))

    def _answer(
        self,
        transaction: int,
        _protocol: int,
        _length: int,
        unit: int,
        function: int,
        address: int,
        count: int,
    ) -> None:
        if function != _READ_HOLDING:
            self._transport.close()
            return
        self._shown += 1
        values = [
            value
            for place in range(POINTS // 2)
            for value in (self._number + place + self._shown, 20.5 + place)
        ]
        payload = _PAYLOAD.pack(*values)[2 * address : 2 * (address + count)]
        head = _HEAD.pack(transaction, 0, len(payload) + 3, unit, function, len(payload))
        self._transport.write(head + payload)


async def main(count: int) -> None:
    """Serve until stdin closes."""
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda number=number: Meter(number), "127.0.0.1", 0)
        for number in range(count)
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
