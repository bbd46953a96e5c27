"""A Modbus device for tests that can be silent, late, noisy or wrong; written without pymodbus."""

import asyncio
import contextlib
import os
import pty
import socket
import struct
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

SILENT = "silent"
CLOSE = "close"


@dataclass
class Late:
    """Answer rightly, but only after so many seconds."""

    seconds: float


@dataclass
class Pieces:
    """Answer rightly, byte by byte, so many seconds apart."""

    seconds: float


@dataclass
class Cut:
    """Send so many bytes of the right answer and reset the connection."""

    after: int


@dataclass
class Raw:
    """Send these bytes instead of an answer."""

    frame: bytes


@dataclass
class Except:
    """Answer with this Modbus exception code."""

    code: int


@dataclass
class Changed:
    """Answer with the right frame changed by a function over its bytes."""

    change: Callable[[bytes], bytes]


def crc16(frame: bytes) -> bytes:
    register = 0xFFFF
    for byte in frame:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return struct.pack("<H", register)


@dataclass
class Device:
    """Registers that hold their own address by default, and a script for the next answers."""

    values: dict[tuple[int, int, int], int] = field(default_factory=dict)
    script: deque = field(default_factory=deque)
    dead_units: set[int] = field(default_factory=set)
    requests: list[tuple[int, bytes]] = field(default_factory=list)

    def next_behaviour(self, unit: int) -> object:
        if unit in self.dead_units:
            return SILENT
        return self.script.popleft() if self.script else None

    def answer(self, unit: int, pdu: bytes, behaviour: object) -> bytes:
        function, address, count = struct.unpack(">BHH", pdu)
        if isinstance(behaviour, Except):
            return bytes([function | 0x80, behaviour.code])
        words = [
            self.values.get((unit, function, address + place), address + place)
            for place in range(count)
        ]
        if function in {1, 2}:
            packed = bytearray((count + 7) // 8)
            for place, word in enumerate(words):
                packed[place // 8] |= (word & 1) << place % 8
            return bytes([function, len(packed)]) + bytes(packed)
        return bytes([function, 2 * count]) + struct.pack(f">{count}H", *words)


class TcpResponder:
    """Serves a ``Device`` as Modbus TCP on a free port of the loopback interface."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.port = 0
        self.connections = 0
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        try:
            while True:
                head = await reader.readexactly(7)
                transaction, _, length, unit = struct.unpack(">HHHB", head)
                pdu = await reader.readexactly(length - 1)
                self.device.requests.append((unit, pdu))
                behaviour = self.device.next_behaviour(unit)
                if behaviour == SILENT:
                    continue
                if behaviour == CLOSE:
                    break
                if isinstance(behaviour, Late):
                    await asyncio.sleep(behaviour.seconds)
                body = self.device.answer(unit, pdu, behaviour)
                frame = struct.pack(">HHHB", transaction, 0, len(body) + 1, unit) + body
                if isinstance(behaviour, Raw):
                    frame = behaviour.frame
                if isinstance(behaviour, Changed):
                    frame = behaviour.change(frame)
                if isinstance(behaviour, Cut):
                    await self._reset_after(frame[: behaviour.after], writer)
                    break
                for piece in _pieces(frame) if isinstance(behaviour, Pieces) else [frame]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(getattr(behaviour, "seconds", 0))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(asyncio.current_task())
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _reset_after(self, part: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        await asyncio.sleep(0.05)
        linger = struct.pack("ii", 1, 0)  # closing sends RST
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _pieces(frame: bytes) -> list[bytes]:
    return [frame[place : place + 1] for place in range(len(frame))]


class _RtuThread(threading.Thread):
    """Reads requests from the master side of a pseudo terminal and answers them."""

    def __init__(self, master: int, device: Device) -> None:
        super().__init__(daemon=True)
        self.master = master
        self.device = device
        self.stopped = threading.Event()

    def run(self) -> None:
        buffer = b""
        while not self.stopped.is_set():
            try:
                buffer += os.read(self.master, 256)
            except (BlockingIOError, OSError):
                time.sleep(0.002)
                continue
            while len(buffer) >= 8:
                frame, buffer = buffer[:8], buffer[8:]
                if crc16(frame[:6]) != frame[6:]:
                    buffer = b""
                    break
                self.reply(frame)

    def reply(self, frame: bytes) -> None:
        unit, pdu = frame[0], frame[1:6]
        self.device.requests.append((unit, pdu))
        behaviour = self.device.next_behaviour(unit)
        if behaviour == SILENT:
            return
        if isinstance(behaviour, Late):
            time.sleep(behaviour.seconds)
        body = bytes([unit]) + self.device.answer(unit, pdu, behaviour)
        out = body + crc16(body)
        if isinstance(behaviour, Raw):
            out = behaviour.frame
        if isinstance(behaviour, Changed):
            out = behaviour.change(out)
        os.write(self.master, out)


@contextlib.contextmanager
def rtu_responder(device: Device) -> Iterator[str]:
    """Serve ``device`` as Modbus RTU behind a pseudo terminal; gives the path of the port."""
    master, slave = pty.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    os.set_blocking(master, False)
    thread = _RtuThread(master, device)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        thread.stopped.set()
        thread.join()
        os.close(master)
        os.close(slave)
