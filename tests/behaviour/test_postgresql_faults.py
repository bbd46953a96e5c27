"""PostgreSQL goes away in the worst moment, and the node needs no hand to go on.

Shows S0-9.3.3-b.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.builders import Run, device_registration, key, key_registration, meter
from support.plant import Plant, plant
from support.postgresql import Server, fresh_database, own_server, shared_server
from support.stores import IDENTITY, ORIGIN

from trace_node.errors import UnavailableError
from trace_node.services.fsck import Fsck
from trace_node.services.ingest_errors import CommitUnknownError
from trace_node.services.project import Projector
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.database import Database
from trace_node.store.sql_store import create_store
from trace_node.tlog.note_keys import Sm2NoteSigner

pytestmark = pytest.mark.postgresql

COMMIT = b"COMMIT\0"  # the end of the driver's message
THREADS = 3
DELIVERIES = 12


class Cutter:
    """Stands between node and server, and breaks a connection off at its next COMMIT.

    Args:
        port: Port of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._cut: str | None = None
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_at_commit(self, when: str) -> None:
        """Break off ``before`` the server gets the next COMMIT, or ``after`` it carried it out."""
        self._cut = when

    def close(self) -> None:
        """Let go of every connection."""
        for each in (self._listener, *self._sockets):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                node, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += [node, server]
            threading.Thread(target=self._forward, args=(node, server), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, node), daemon=True).start()

    def _forward(self, node: socket.socket, server: socket.socket) -> None:
        """Pass on what the node says."""
        with suppress(OSError):  # either side may be gone
            while data := node.recv(1 << 16):
                if data.endswith(COMMIT) and self._cut is not None:
                    self._break_off(node, server, data)
                    return
                server.sendall(data)
        server.close()

    def _break_off(self, node: socket.socket, server: socket.socket, commit: bytes) -> None:
        when, self._cut = self._cut, None
        self.cuts += 1
        node.shutdown(socket.SHUT_RDWR)  # whatever the answer will be, it is lost
        if when == "after":
            server.sendall(commit)
        server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _pump(server: socket.socket, node: socket.socket) -> None:
        """Pass on what the server says."""
        with suppress(OSError):
            while data := server.recv(1 << 16):
                node.sendall(data)
        node.close()


@pytest.fixture
def cutter() -> Iterator[tuple[Cutter, str]]:
    server = shared_server()
    with fresh_database(server) as url:
        front, _, name = url.rpartition("/")
        cutter = Cutter(int(front.rpartition(":")[2]))
        try:
            yield cutter, f"postgresql://postgres@127.0.0.1:{cutter.port}/{name}"
        finally:
            cutter.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_cut_at_commit_loses_and_doubles_nothing(
    cutter: tuple[Cutter, str], when: str
) -> None:
    """After: the commit took effect, and its acknowledgement was lost."""
    front, url = cutter
    store = create_store(url, identity=IDENTITY)
    try:
        with plant(store) as here:
            run = Run()
            first = run.deliver([run.reading() for _ in range(5)])
            assert here.deliver(first).count == 5
            body = run.deliver([run.reading() for _ in range(5)])
            before = here.writer.snapshot.size
            front.cut_at_commit(when)
            with pytest.raises(CommitUnknownError) as refusal:
                here.deliver(body)
            assert front.cuts == 1
            assert refusal.value.reason == "ingest.commit"
            # At once: the server may still be at work on the commit that was cut off.
            assert here.deliver(body) == here.deliver(body)
            assert store.reader().state().size == before + 5 + 2
            assert here.deliver_records(run, 3).count == 3
            assert store.reader().state().size == before + (5 + 2) + (3 + 2)
            assert Fsck(store=store).run().is_sound
    finally:
        store.close()


def test_the_server_restarts_under_load(tmp_path: Path) -> None:
    """Ingest, projection and sealing go on by themselves; what was acknowledged is there."""
    with own_server() as server, fresh_database(server.url) as url:
        store = create_store(url, identity=IDENTITY)
        try:
            with plant(store, enrol=False) as here:
                under_load(here, server, FileArchive(tmp_path / "archive"))
        finally:
            store.close()


def under_load(here: Plant, server: Server, archive: FileArchive) -> None:
    for raw in (
        key_registration("collector"),
        key_registration("node", usage="node"),
        *(device_registration(meter(f"meter-{number}")) for number in range(THREADS)),
    ):
        here.enrolment.enrol(raw)
    signer = Sm2NoteSigner(name=ORIGIN, signer=key("log"))
    seal = Seal(store=here.store, archive=archive, signers=[signer], clock=here.clock)
    projector = Projector(
        store=here.store, writer=here.writer, signer=key("node"), clock=here.clock
    )
    stop = threading.Event()
    background = [
        threading.Thread(target=project_now_and_then, args=(projector, stop), daemon=True),
        threading.Thread(target=seal_now_and_then, args=(seal, stop), daemon=True),
    ]
    acknowledged: list[bytes] = []
    halfway = threading.Barrier(THREADS + 1)
    senders = [
        threading.Thread(
            target=send, args=(here, f"meter-{number}", acknowledged, halfway), daemon=True
        )
        for number in range(THREADS)
    ]
    for thread in (*background, *senders):
        thread.start()
    halfway.wait(timeout=60)
    server.break_off()
    server.start()
    for thread in senders:
        thread.join(timeout=60)
    assert len(acknowledged) == THREADS * DELIVERIES
    while projector.lag().entries:
        assert not stop.wait(0.05)
    stop.set()
    for thread in background:
        thread.join(timeout=60)
    made = seal.seal_once()
    archive.close()
    assert made is not None
    assert made.size == here.store.reader().state().size
    for raw in acknowledged:
        assert here.deliver(raw).delivery_index is not None
    assert here.store.reader().state().size == made.size
    report = Fsck(store=here.store, archive=archive).run()
    assert report.is_sound, report.problems
    assert report.counts["readings"] == THREADS * DELIVERIES * 2


def send(here: Plant, device: str, acknowledged: list[bytes], halfway: threading.Barrier) -> None:
    """Deliver as a collector does: the same bytes again until they are acknowledged."""
    run = Run()
    for number in range(DELIVERIES):
        if number == DELIVERIES // 2:
            halfway.wait(timeout=60)
        body = run.deliver([run.reading(device=device) for _ in range(2)])
        while body not in acknowledged:
            try:
                here.deliver(body)
            except UnavailableError:
                threading.Event().wait(0.05)
            else:
                acknowledged.append(body)


def project_now_and_then(projector: Projector, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        try:
            projector.catch_up()
        except UnavailableError:
            stop.wait(0.1)


def seal_now_and_then(seal: Seal, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        try:
            seal.seal_once()
        except UnavailableError:
            stop.wait(0.1)


def test_a_server_that_falls_silent_is_given_up() -> None:
    """A host that vanished answers nothing, not even that the connection is closed."""
    with fresh_database(shared_server()) as url:
        database = Database(url)
        with database.reading() as connection:
            driver: Any = connection.connection.dbapi_connection
            settings = driver.info.get_parameters()
        database.close()
    assert settings["tcp_user_timeout"] == "30000"
    assert settings["connect_timeout"] == "10"
    assert settings["keepalives_idle"] == "10"
