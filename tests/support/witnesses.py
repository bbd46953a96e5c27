"""Witnesses for tests: real ones over HTTP, ones that answer what they are told, racing processes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.servers import serving

from api.witness_app import create_witness_app
from api.witness_client import HttpWitness
from trace_node.clock import Clock
from trace_node.crypto import bls
from trace_node.ids import Origin
from trace_node.ports.witness import WitnessAnswer
from trace_node.store.witness_file import WitnessFile
from trace_node.tlog.cosignature import Cosigner, bls_cosigner
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import NoteVerifier
from trace_node.tlog.witness_state import WitnessedHead, WitnessedLog

RACED = Origin("trace-node.test/plant/sm3")
Scripted = Callable[[bytes], Response]


class CountedWitness:
    """A client of a witness that remembers what was asked and answered.

    Args:
        url: Where the witness is.
        timeout: Seconds for an exchange.
    """

    def __init__(self, url: str, *, timeout: float = 5) -> None:
        self._client = HttpWitness(url, timeout=timeout)
        self.name = self._client.name
        self.asked: list[bytes] = []
        self.statuses: list[int] = []

    def add_checkpoint(self, request: bytes, *, time: int) -> WitnessAnswer:
        self.asked.append(request)
        answer = self._client.add_checkpoint(request, time=time)
        self.statuses.append(answer.status)
        return answer


class RealWitness:
    """A witness with its record and keys, and a client of it.

    Args:
        folder: Where its record is; made when missing.
        name: Its name.
        cosigners: Its keys; a BLS12-381 key when ``None``.
        log: The key of the log that it watches.
        clock: Its clock.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        log: NoteVerifier,
        clock: Clock,
        cosigners: list[Cosigner] | None = None,
    ) -> None:
        path = folder / f"{name}.db"
        self.cosigners = cosigners or [bls_cosigner(name=name, private=bls.generate())]
        self.store = WitnessFile(path) if path.exists() else WitnessFile.create(path)
        self.app = create_witness_app(
            logs={Origin(log.name): WitnessedLog(verifiers=[log], hasher=SM3)},
            store=self.store,
            cosigners=self.cosigners,
            clock=clock,
        )

    @property
    def vkey(self) -> str:
        return self.cosigners[0].key.vkey

    @contextmanager
    def client(self) -> Iterator[CountedWitness]:
        """Serve it while the block lasts."""
        with serving(self.app) as url:
            yield CountedWitness(url)


@contextmanager
def scripted(script: Scripted, *, timeout: float = 5) -> Iterator[CountedWitness]:
    """Something that answers every request by a function of its body."""

    async def answer(request: Request) -> Response:
        return script(await request.body())

    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    with serving(Starlette(routes=routes)) as url:
        yield CountedWitness(url, timeout=timeout)


@contextmanager
def silent(*, timeout: float) -> Iterator[CountedWitness]:
    """Something that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield CountedWitness(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=timeout)


def race_for_growth(path: Path, text: str, rounds: int, gate: Any, wins: Any) -> None:
    """In a process of its own: try to let the record grow by one, and report how often it did."""
    file = WitnessFile(path)
    gate.wait()
    won = 0
    for _ in range(rounds):
        seen = file.head(RACED)
        size = 1 if seen is None else seen.size + 1
        new = WitnessedHead(size=size, root=text.encode() * 32, checkpoint=text.encode())
        won += file.compare_and_set(RACED, expected=seen, new=new)
    file.close()
    wins.put(won)
