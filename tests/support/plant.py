"""A log with its writer and services around it, ready to take in deliveries."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from support.builders import NOW, Run, device_registration, key, key_registration

from trace_node.clock import FixedClock
from trace_node.ports.store import Store
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.delivery_write import Acknowledgement
from trace_node.services.enrol import Enrolment
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import Ingest
from trace_node.services.log_statement import StatementLog


@dataclass(frozen=True, kw_only=True)
class Plant:
    """Everything of one log; the collector's and node's keys and one meter are enrolled."""

    store: Store
    writer: GroupCommit
    book: EnrolmentBook
    ingest: Ingest
    enrolment: Enrolment
    clock: FixedClock

    def deliver(self, body: bytes) -> Acknowledgement:
        """Take in a delivery and wait for the commit."""
        return self.ingest.submit(body).result(timeout=30)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Hold the writer back in a commit of its own: what is handed in becomes the next one."""
        run = Run()
        with self.store.unit_of_work() as work:
            work.entries.locked_state()
            taken = self.ingest.submit(run.deliver([run.reading()]))
            while self.writer.depth:
                time.sleep(0.001)
            yield
        taken.result(timeout=30)

    def deliver_records(self, run: Run, count: int) -> Acknowledgement:
        """Take in ``count`` fresh readings of a run."""
        return self.deliver(run.deliver([run.reading() for _ in range(count)]))


@contextmanager
def plant(
    store: Store, *, clock: FixedClock | None = None, enrol: bool = True, **ingest: object
) -> Iterator[Plant]:
    """Open the services of a log over ``store``."""
    clock = clock or FixedClock(NOW)
    writer = GroupCommit(store)
    try:
        book = EnrolmentBook(store, clock=clock)
        enrolment = Enrolment(
            origin=store.identity.origin,
            authorities=[key("authority").public],
            writer=writer,
            book=book,
        )
        if enrol:
            enrolment.enrol(key_registration("collector"))
            enrolment.enrol(key_registration("node", usage="node"))
            enrolment.enrol(device_registration())
        yield Plant(
            store=store,
            writer=writer,
            book=book,
            ingest=Ingest(
                store=store, writer=writer, signer=key("node"), book=book, clock=clock, **ingest
            ),
            enrolment=enrolment,
            clock=clock,
        )
    finally:
        writer.close()


def statement_log(here: Plant) -> StatementLog:
    """The intake of statements of a plant."""
    return StatementLog(
        origin=here.store.identity.origin,
        authorities=[key("authority").public],
        writer=here.writer,
        book=here.book,
        library=_library(),
        clock=here.clock,
    )


@cache
def _library() -> BoardLibrary:
    """The packaged rules; to read them again for each statement is most of what one costs."""
    return BoardLibrary.packaged()
