"""Take a data file of a collector into the log: by way of the node where it runs, or directly."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.handing_in import post_record
from api.cli.options import load
from api.running import only_one, read_running
from trace_node.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    StateError,
    TraceNodeError,
)

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings
    from collectors.runtime.receipt import Receipt

_REFUSALS = (AccessError, ConflictError, InputError, IntegrityError)


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery that the log has."""

    digest: bytes
    next_index: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """What became of a data file.

    Attributes:
        receipt: What the log has of it.
        records: Number of records in that.
        refused: What was refused, by its place in the file.
    """

    receipt: "Receipt"
    records: int
    refused: tuple[str, ...]


Deliver = Callable[[bytes], Taken]


def take_file(file: Path, home: Path | None) -> TakenFile:
    """Hand every delivery of a data file to the log.

    Raises:
        CollectedDataError: It is no such file, or damaged; nothing was taken.
        StateError: It is for another log.
        UnavailableError: The node runs but does not answer.
        ConfigError: There is no node in the home folder.
    """
    from collectors.runtime.data_file import read_deliveries, read_head
    from collectors.runtime.receipt import Receipt

    settings, files = load(home)
    head = read_head(file)
    if head.origin != settings.log_origin:
        raise StateError(
            "{field}: is for the log {other}, this is {origin}",
            field=str(file),
            other=head.origin,
            origin=settings.log_origin,
            remedy="name this log in the collector's destination, or take it where it belongs",
            code="collected.log",
        )
    taken: dict[bytes, int] = {}
    refused: list[str] = []
    records = 0
    with ExitStack() as stack:
        deliver, final = _way(settings, files, stack)
        for number, body in enumerate(read_deliveries(file), 1):
            try:
                one = deliver(body)
            except _REFUSALS as error:
                refused.append(_told(number, error))
            else:
                taken[one.digest] = one.next_index
                records += one.records
        receipt = Receipt(origin=head.origin, final=final(), deliveries=taken)
    return TakenFile(receipt=receipt, records=records, refused=tuple(refused))


def _told(number: int, error: TraceNodeError) -> str:
    from api.i18n import message_of, of_environment

    return f"{number}: {message_of(error, of_environment())} [{error.reason}]"


def _way(
    settings: "Settings", files: "Home", stack: ExitStack
) -> tuple[Deliver, Callable[[], int]]:
    running = read_running(files)
    if running is not None:
        return _over_http(f"{running.url}/ingest/v1/{settings.log}")
    stack.enter_context(only_one(files))
    return _direct(settings, files, stack)


def _over_http(url: str) -> tuple[Deliver, Callable[[], int]]:
    from trace_node.ids import from_base64url
    from trace_node.metering.records.wire import MEDIA_TYPE

    finals = [0]

    def deliver(body: bytes) -> Taken:
        """Post it as its collector would."""
        said = post_record(f"{url}/deliveries", body, media_type=MEDIA_TYPE)
        index, count, final = (int(str(said[name])) for name in ("next_index", "count", "final"))
        finals[0] = max(finals[0], final)
        digest = from_base64url(str(said["delivery"]), size=32, field="delivery")
        return Taken(digest, index, count)

    return deliver, lambda: finals[0]


def _direct(
    settings: "Settings", files: "Home", stack: ExitStack
) -> tuple[Deliver, Callable[[], int]]:
    from api.wiring.board import library_of
    from api.wiring.intake import identity_of, make_intake
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.services.group_commit import GroupCommit
    from trace_node.store.sql_store import open_store

    clock = SystemClock()
    store = open_store(settings.database, identity=identity_of(settings))
    stack.callback(store.close)
    writer = GroupCommit(store)
    stack.callback(writer.close)
    intake = make_intake(
        settings,
        files,
        store=store,
        writer=writer,
        node_key=keys.load(files.node_key, settings.secret()),
        is_anchored=lambda _head: None,  # no chain is asked while the node rests
        library=library_of(files, clock=clock),
        clock=clock,
    )

    def deliver(body: bytes) -> Taken:
        """Log it here."""
        done = intake.deliver(body).result()
        return Taken(done.delivery, done.next_index, done.count)

    return deliver, lambda: store.reader().progress().final
