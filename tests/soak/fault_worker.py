"""A process that commits, seals and anchors on a home, one job a forked child, for fault injection.

``python fault_worker.py FD HOME`` serves jobs over the packet socket FD on copies of HOME. Everything heavy is loaded before
a child is forked, and a child stops itself (SIGSTOP) before it begins, so that a tracer counts the
system calls of the job alone. What a child has done it says over the socket, by ``sendto``, which
no injection touches.
"""

import contextlib
import ctypes
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from support.audit import lineage
from support.builders import Run, key
from support.campaign import enrol
from support.spool_jobs import record

from api.home import Home
from api.settings import Settings, load
from api.wiring import registrations
from api.wiring.chain_side import ChainSide, connected
from api.wiring.intake import identity_of
from chain.embedded.provider import EmbeddedProvider
from trace_node.clock import SystemClock
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey
from trace_node.errors import TraceNodeError
from trace_node.metering.records.digests import record_digest
from trace_node.services.enrol import Enrolment
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.fsck import Fsck
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import Ingest
from trace_node.services.seal import Seal
from trace_node.store.archive import open_archive
from trace_node.store.sql_store import SqlStore, create_store
from trace_node.tlog.note_keys import Sm2NoteSigner, log_verifier

PR_SET_PTRACER = 0x59616D61
DELIVERIES = 3
RECORDS = 7
BASE = Path(sys.argv[2])
Say = Callable[..., None]


class Site:
    """One home, opened as the node opens it, without its HTTP side."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.settings: Settings = load(home=folder)
        self.clock = SystemClock()
        self.log_key = _key("log.pem")
        self.authority = _key("authority.pem")

    @contextlib.contextmanager
    def store(self) -> Iterator[SqlStore]:
        store = create_store(self.settings.database, identity=identity_of(self.settings))
        try:
            yield store
        finally:
            store.close()

    def seal(self, store: SqlStore) -> Seal:
        return Seal(
            store=store,
            archive=open_archive(self.settings.archive),
            signers=[Sm2NoteSigner(name=self.settings.log_origin, signer=self.log_key)],
            clock=self.clock,
        )

    @contextlib.contextmanager
    def chain(self) -> Iterator[ChainSide]:
        """The embedded chain in this process, so that its writes are seen too."""
        url = f"embedded:{self.home.chain_file}"
        with connected(self.settings, self.home, url=url, clock=self.clock, deploy=True) as side:
            yield side

    @contextlib.contextmanager
    def intake(self, store: SqlStore) -> Iterator[Ingest]:
        writer = GroupCommit(store)
        try:
            book = EnrolmentBook(store, clock=self.clock)
            enrolment = Enrolment(
                origin=store.identity.origin,
                authorities=[self.authority.public],
                writer=writer,
                book=book,
            )
            for path in registrations.files(self.home):
                enrolment.enrol(path.read_bytes())
            node_key = _key("node.pem")
            yield Ingest(store=store, writer=writer, signer=node_key, book=book, clock=self.clock)
        finally:
            writer.close()


@cache
def _key(name: str) -> PrivateKey:
    """A key of the home; every copy of it has the same, so that it is decrypted once."""
    passphrase = (BASE / "passphrase").read_text().strip()
    return keys.load(BASE / "keys" / name, passphrase)


def prepare(site: Site, say: Say) -> None:
    """Make the state that faults are injected into: something sealed and anchored, and more."""
    with site.store() as store, site.chain() as side:
        deliver(site, store, say)
        site.seal(store).seal_once()
        check = side.start_check(store, site.home)
        side.anchoring(store, check).anchor_until_final(pause=lambda: time.sleep(0.01))


def commit(site: Site, say: Say) -> None:
    """Open the database, take in three deliveries, close it."""
    stop()
    with site.store() as store:
        deliver(site, store, say)


def seal(site: Site, say: Say) -> None:
    """Take in deliveries unseen, then open archive and database and seal."""
    with site.store() as store:
        deliver(site, store, say)
    stop()
    with site.store() as store:
        for _ in range(2):
            with refused(say):
                made = site.seal(store).seal_once()
                assert made is not None
                say(sealed=made.size, root=made.root.hex())
                break


def anchor(site: Site, say: Say) -> None:
    """Seal deliveries unseen, then anchor the checkpoint: outbox, embedded chain, rows."""
    with site.store() as store:
        deliver(site, store, say)
        site.seal(store).seal_once()
    with site.store() as store, site.chain() as side:
        stop()
        check = side.start_check(store, site.home)
        for _ in range(2):
            with refused(say):
                anchoring = side.anchoring(store, check)
                report = anchoring.anchor_until_final(pause=lambda: time.sleep(0.01))
                assert report.anchor is not None
                say(sealed=report.chain.size, root=report.chain.root.hex())
                say(anchored=report.chain.size, root=report.chain.root.hex())
                break


def spool(site: Site, say: Say) -> None:
    """Open the spool of a collector, record, and deliver."""
    stop()
    record(site.home.folder / "collector", say)


def spool_again(site: Site, say: Say) -> None:
    """Start the collector again, and let it bring everything to its node."""
    record(site.home.folder / "collector", say, puts=1)


def recover(site: Site, say: Say) -> None:
    """Start again as the node does, let it come to rest, and check everything."""
    with site.store() as store, site.chain() as side:
        check = side.start_check(store, site.home)
        check.run()
        sealing = site.seal(store)
        deliver(site, store, say)
        sealing.seal_once()
        side.anchoring(store, check).anchor_until_final(pause=lambda: time.sleep(0.01))
        vkey = Sm2NoteSigner(name=site.settings.log_origin, signer=site.log_key).vkey
        report = Fsck(
            store=store,
            archive=open_archive(site.settings.archive),
            verifiers=[log_verifier(vkey)],
            authorities=[site.authority.public],
            anchored_at=lambda size: side.registry.anchored_at(side.log_id, size),
            derived=True,
        ).run()
        say(fsck=[problem.message for problem in report.problems], not_done=report.not_done)
        provider = side.registry._contract.client._provider
        heads = lineage(
            lambda method, *given: provider.make_request(method, given)["result"],
            "0x" + side.deployment.contract.hex(),
        )
        say(heads=[(size, root.hex()) for size, root in heads], local=store.reader().state().size)


def deliver(site: Site, store: SqlStore, say: Say) -> None:
    """Deliver as a collector does: the same bytes again after an error, until acknowledged."""
    with site.intake(store) as ingest:
        now = datetime.now(UTC)
        run = Run(now=now.replace(microsecond=now.microsecond // 1000 * 1000))
        for _ in range(DELIVERIES):
            records = [run.reading(device="load-1") for _ in range(RECORDS)]
            body = run.deliver(records)
            for _ in range(3):
                with refused(say):
                    done = ingest.submit(body).result(timeout=30)
                    hashes = [record_digest(raw).hex() for raw in records]
                    say(first=done.first_index, hashes=hashes)
                    break


@contextlib.contextmanager
def refused(say: Say) -> Iterator[None]:
    """An error of the product is an answer; any other ends the child and is told as a defect."""
    try:
        yield
    except TraceNodeError as error:
        say(refused=error.reason, message=error.message)


def stop() -> None:
    """Let a tracer attach here."""
    if os.environ.get("TN_FAULT_TRACED"):
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)


JOBS = {
    each.__name__: each for each in (prepare, commit, seal, anchor, spool, spool_again, recover)
}


def serve(wire: socket.socket) -> None:
    """Fork a child for each job, and tell when it stops and how it ends."""
    while raw := wire.recv(65_536):
        asked = json.loads(raw)
        child = os.fork()
        if child == 0:
            os._exit(_work(wire, asked))
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            _say(wire, stopped=child)
            _, status = os.waitpid(child, 0)
        _say(wire, ended=os.waitstatus_to_exitcode(status))


def _work(wire: socket.socket, asked: dict[str, Any]) -> int:
    if asked["traced"]:
        os.environ["TN_FAULT_TRACED"] = "1"
    try:
        JOBS[asked["job"]](Site(Path(asked["folder"])), lambda **said: _say(wire, **said))
    except TraceNodeError as error:
        _say(wire, refused=error.reason, message=error.message)
        return 1
    except BaseException as error:  # noqa: BLE001 - told to the test, which fails
        _say(wire, defect=f"{type(error).__name__}: {error}", at=_place(error))
        return 2
    return 0


def _place(error: BaseException) -> str:
    import traceback  # noqa: PLC0415

    return "".join(traceback.format_exception(error))[-3000:]


def _say(wire: socket.socket, **said: object) -> None:
    wire.send(json.dumps(said).encode())


if __name__ == "__main__":
    for name in ("log.pem", "authority.pem", "node.pem"):
        _key(name)
    enrol(BASE, collector=key("collector").public, devices=["load-1"])
    logging.disable()
    assert EmbeddedProvider  # loaded before a child is forked, and py-evm with it
    serve(socket.socket(fileno=int(sys.argv[1])))
